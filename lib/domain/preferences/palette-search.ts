/** What somebody types into the command palette, understood. */
export interface PaletteSearch {
  /** The words, lower case, each of which must occur; at most six. */
  readonly words: readonly string[];
  /** "activate ROLE on SCOPE", as far as it is typed; null when it does not begin so. */
  readonly activation: { readonly role: readonly string[]; readonly scope: readonly string[] } | null;
}

function wordsOf(text: string): string[] {
  return text.toLowerCase().split(/\s+/).filter(Boolean).slice(0, 6);
}

/** Takes apart what was typed; PostgreSQL knows no NUL in text, so it is left out. */
export function parsePaletteSearch(typed: string): PaletteSearch {
  const text = typed.slice(0, 200).replaceAll("\0", "").trim();
  const activation = /^activate(?:\s+(?<role>.*?))?(?:\s+on(?:\s+(?<scope>.*))?)?$/i.exec(text);
  return {
    words: wordsOf(text),
    activation: activation && {
      role: wordsOf(activation.groups?.role ?? ""),
      scope: wordsOf(activation.groups?.scope ?? ""),
    },
  };
}
