import { searched } from "@/lib/domain/search/like-pattern";
import { longestSearch } from "@/lib/domain/text/limits";

/** "ROLE on SCOPE", as far as it has been typed. */
export interface TypedRole {
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
  readonly activation: readonly TypedRole[] | null;
  /** What "ROLE on SCOPE" may mean in any other search, with one reading for each "on". */
  readonly placed: readonly TypedRole[];
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
  return {
    words: wordsOf(text),
    activation: asked && readings(asked.groups?.rest ?? ""),
    placed: asked ? [] : readings(text).filter(({ role, scope }) => role.length > 0 && scope.length > 0),
  };
}

function readings(rest: string): TypedRole[] {
  const parted = [...rest.matchAll(/(?<=^|\s)on(?=\s|$)/gi)].slice(0, mostReadings).map(({ index }) => ({
    role: wordsOf(rest.slice(0, index), Infinity),
    scope: wordsOf(rest.slice(index + 2)),
  }));
  return [{ role: wordsOf(rest, Infinity), scope: [] }, ...parted];
}
