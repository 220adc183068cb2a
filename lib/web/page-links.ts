/** The links below a page of a list: to the first page, the previous and the next. Null if there is none. */
export interface PageLinks {
  readonly first: string | null;
  readonly previous: string | null;
  readonly next: string | null;
}

/** The links of a list that is all on one page. */
export const onePage: PageLinks = { first: null, previous: null, next: null };

/** The pages that an address remembers, and the longest cursor that it accepts. */
const most = 12;
const longest = 300;

type Values = string | string[] | undefined;

/**
 * The links of a list that continues after a cursor. Such a list only knows the next page. The way back is in
 * the address, as the cursors of the previous pages (`afterTrail` for `after`). Without them, as in a link from
 * a mail, the previous page is the first.
 */
export function pageLinks(list: {
  /** The parameters of the address, as they came. */
  readonly query: Readonly<Record<string, Values>>;
  /** The name of the cursor's parameter. */
  readonly cursor: string;
  /** The address of the page after a cursor; of the first page for null. */
  readonly address: (cursor: string | null) => string;
  /** The cursor of the next page. Null on the last. */
  readonly next: string | null;
}): PageLinks {
  const { query, cursor, address, next } = list;
  const trailName = `${cursor}Trail`;
  const texts = (values: Values) => [values ?? []].flat().filter((text) => text && text.length <= longest);
  const here = texts(query[cursor])[0] ?? null;
  const trail = texts(query[trailName]).slice(-most);
  const page = (to: string, behind: readonly string[]) => {
    const path = address(to);
    const pairs = new URLSearchParams(behind.slice(-most).map((each) => [trailName, each]));
    return pairs.size > 0 ? `${path}${path.includes("?") ? "&" : "?"}${pairs}` : path;
  };
  const before = trail.at(-1);
  const previous = before ? page(before, trail.slice(0, -1)) : address(null);
  return {
    first: here && before ? address(null) : null,
    previous: here ? previous : null,
    next: next ? page(next, here ? [...trail, here] : []) : null,
  };
}
