/**
 * A code as an app shows it, however it was typed or pasted. Digits of another width or script are
 * converted. Spaces, hyphens and invisible marks are removed.
 */
export function codeOf(typed: string): string {
  return typed
    .normalize("NFKC")
    .replaceAll(/[\u0660-\u0669\u06f0-\u06f9]/g, (digit) => String(digit.charCodeAt(0) & 15))
    .replaceAll(/[\s\p{Pd}\u2212\p{Cf}\p{Default_Ignorable_Code_Point}]/gu, "");
}

/** Whether a text has the shape of an authenticator app's code. */
export function isAppCode(code: string): boolean {
  return /^[0-9]{6}$/.test(code);
}
