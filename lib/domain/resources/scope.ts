/**
 * A scope as it is stored and looked up, however it was typed or written to a file: in one composition (NFC), without
 * space around it and without slashes at its end. Only `/` is the root; several slashes alone are not a scope.
 */
export function normalisedScope(text: string): string {
  const scope = text.normalize("NFC").trim();
  return /^\/+$/.test(scope) ? scope : withoutSlashes(scope);
}

/** Not a regular expression, since a long run of slashes elsewhere would cost quadratic time. */
function withoutSlashes(text: string): string {
  let end = text.length;
  while (text[end - 1] === "/") end -= 1;
  return text.slice(0, end);
}
