/**
 * The pages that come before everything else that was found: those whose name is what was typed, or begins with it
 * where nothing else does. Enter then opens the page, and not a role that only contains the word.
 */
export function leadingPages<Page extends { readonly label: string }>(
  pages: readonly Page[],
  found: readonly { readonly label: string }[],
  typed: string,
): Page[] {
  const text = typed.trim().toLowerCase();
  if (text === "") return [];
  const labels = found.map(({ label }) => label.replaceAll(isolates, "").toLowerCase());
  const rivals = labels.some((label) => label.startsWith(text));
  return pages.filter(({ label }) => {
    const name = label.toLowerCase();
    return name === text ? !labels.includes(text) : !rivals && name.startsWith(text);
  });
}

/** The marks that isolate a name in a sentence. */
const isolates = /[\u2066-\u2069]/g;
