import type { ListOrder } from "@/lib/domain/text/list-order";
import type { Prisma } from "@/lib/platform/generated/client";
import { afterPlace, placeValues, type SortKey } from "@/lib/queries/keyset";

/** The position of a page of a list: after a row, before a row, or at the start if both are empty. */
export interface PagePlace {
  /** The `next` of the page before it. */
  readonly after: string;
  /** The `previous` of the page after it. */
  readonly before: string;
}

export const firstPage: PagePlace = { after: "", before: "" };

/** How the rows of a page are read: in the order of the list, or backwards from a row. */
export interface Reading {
  readonly descending: boolean;
  /** The condition that rows lie on the page or beyond it. */
  readonly beyond: Prisma.Sql;
}

export interface Page<Row> {
  readonly rows: readonly Row[];
  readonly previous: string | null;
  readonly next: string | null;
}

export const noPage = { rows: [], previous: null, next: null } as const satisfies Page<never>;

/**
 * Reads a page. `read` returns one row more than the page has, if there are that many, each with its
 * `place`. A page that would begin less than one page from the start becomes the first page.
 */
export async function readPage<Row extends { readonly place: string }>(
  list: { readonly keys: readonly SortKey[]; readonly order: ListOrder<string>; readonly size: number },
  at: PagePlace,
  read: (reading: Reading) => Promise<readonly Row[]>,
): Promise<Page<Row>> {
  const { keys, order, size } = list;
  if (placeValues(keys, order, at.before)) {
    const rows = await read({
      descending: !order.descending,
      beyond: afterPlace(keys, order, at.before, "before"),
    });
    if (rows.length <= size) return readPage(list, firstPage, read);
    const shown = rows.slice(0, size).reverse();
    return { rows: shown, previous: shown[0]?.place ?? null, next: shown.at(-1)?.place ?? null };
  }
  const rows = await read({
    descending: order.descending,
    beyond: afterPlace(keys, order, at.after),
  });
  const shown = rows.slice(0, size);
  return {
    rows: shown,
    previous: placeValues(keys, order, at.after) ? (shown[0]?.place ?? null) : null,
    next: rows.length > size ? (shown.at(-1)?.place ?? null) : null,
  };
}
