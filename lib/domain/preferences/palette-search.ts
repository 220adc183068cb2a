import { searched } from "@/lib/domain/search/like-pattern";
import { longestSearch } from "@/lib/domain/text/limits";

/** "activate ROLE on SCOPE", as far as it has been typed. */
export interface TypedActivation {
  readonly role: readonly string[];
  readonly scope: readonly string[];
}

/** A parsed search of the command palette. */
export interface PaletteSearch {
  /** The words in lower case. All of them must occur. At most six, also for a scope. */
  readonly words: readonly string[];
  /**
   * What an activation may mean. There is one reading for each "on" that may separate the role from the
   * scope, since names contain that word too, and one without a scope. Null for any other search.
   */
  readonly activation: readonly TypedActivation[] | null;
}

/** How many words "on" are tried. Further ones are read as part of the scope. */
const mostReadings = 8;

function wordsOf(text: string, most = 6): string[] {
  return searched(text.toLowerCase()).split(/\s+/).filter(Boolean).slice(0, most);
}

/** Parses what was typed. NUL is removed, since PostgreSQL does not store it. */
export function parsePaletteSearch(typed: string): PaletteSearch {
  const text = typed.slice(0, longestSearch).replaceAll("\0", "").trim();
  const asked = /^activate(?:\s+(?<rest>.*))?$/is.exec(text);
  return { words: wordsOf(text), activation: asked && readings(asked.groups?.rest ?? "") };
}

function readings(rest: string): TypedActivation[] {
  const parted = [...rest.matchAll(/(?<=^|\s)on(?=\s|$)/gi)].slice(0, mostReadings).map(({ index }) => ({
    role: wordsOf(rest.slice(0, index), Infinity),
    scope: wordsOf(rest.slice(index + 2)),
  }));
  return [{ role: wordsOf(rest, Infinity), scope: [] }, ...parted];
}
