import { searched } from "@/lib/domain/like-pattern";

/** A parsed search of the command palette. */
export interface PaletteSearch {
  /** The words in lower case. All of them must occur; at most six. */
  readonly words: readonly string[];
  /** "activate ROLE on SCOPE", as far as it is typed; null for any other search. */
  readonly activation: { readonly role: readonly string[]; readonly scope: readonly string[] } | null;
}

function wordsOf(text: string): string[] {
  return searched(text.toLowerCase()).split(/\s+/).filter(Boolean).slice(0, 6);
}

/** Parses what was typed. NUL is removed, since PostgreSQL does not store it. */
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
