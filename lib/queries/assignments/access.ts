import type { AccessFilter } from "@/lib/domain/assignments/access-filter";
import type { Caller, Reader } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { type ConfirmingIssuers, noIssuers } from "@/lib/platform/sql/factors-in-force";
import { databaseNow, readOnce } from "@/lib/platform/transaction";
import { peopleConditions, tablesOf } from "@/lib/queries/assignments/access-conditions";
import {
  type AccessRow,
  type Asked,
  type Bounds,
  bounds,
  firstOf,
  type PlacedRow,
} from "@/lib/queries/assignments/access-search";
import { type CountedPage, counted, type Total, totalOf } from "@/lib/queries/assignments/access-total";
import { readableAt } from "@/lib/queries/assignments/readable-access";
import { endKey, idKey, type SortKey } from "@/lib/queries/keyset";
import { firstPage, type Page, type PagePlace, type Reading, readPage } from "@/lib/queries/pages";

export interface AccessPage extends Page<AccessRow> {
  readonly now: Date;
  readonly total: Total;
  /** The names of the filter's resource and role, if the caller may read there. */
  readonly resourceName: string | null;
  readonly roleName: string | null;
}

/**
 * The access of a filter that the caller may read, in its order, fifty a page. Null if there is nothing to read. For
 * most filters, the first rows contain a page. Only for rare ones everything is searched, by the best index.
 */
export function listAccess(
  database: Database,
  caller: Caller,
  filter: AccessFilter,
  at: PagePlace,
  issuers: ConfirmingIssuers,
  limits: Partial<Bounds> = {},
): Promise<AccessPage | null> {
  return readOnce(database, async (transaction) => {
    const page = await accessPage(transaction, caller, filter, at, issuers, limits);
    if (!page) return null;
    const [names] = await transaction.$queryRaw<{ resourceName: string | null; roleName: string | null }[]>`
      SELECT (SELECT display_name FROM resources WHERE id = ${filter.resourceId}::uuid) AS "resourceName",
        (SELECT role_name FROM role_definitions WHERE id = ${filter.roleDefinitionId}::uuid) AS "roleName"`;
    const { count, ...shown } = page;
    return {
      ...shown,
      now: await databaseNow(transaction),
      total: await count(),
      resourceName: names?.resourceName ?? null,
      roleName: names?.roleName ?? null,
    };
  });
}

/**
 * The first rows of a filter's access that the caller may read, in its order, without counting the
 * others. Not for filters by second factor, since it does not know the identity providers.
 */
export function firstOfAccess(
  database: Database,
  caller: Caller,
  filter: AccessFilter,
  most: number,
): Promise<AccessRow[]> {
  return readOnce(database, async (transaction) => {
    const page = await accessPage(transaction, caller, filter, firstPage, noIssuers, { size: most });
    return page ? [...page.rows] : [];
  });
}

/** A page of access; null if there is nothing to read. */
export async function accessPage(
  transaction: Transaction,
  caller: Reader,
  filter: AccessFilter,
  at: PagePlace,
  issuers: ConfirmingIssuers,
  limits: Partial<Bounds> = {},
): Promise<CountedPage<PlacedRow> | null> {
  const within = { ...bounds, ...limits };
  const readable = await readableAt(transaction, caller, filter, within.few);
  if (!readable) return null;
  const about = await peopleConditions(transaction, filter, issuers);
  const keys = keysOf(filter.order);
  const asking = (reading: Reading): Asked => ({ filter, readable, about, keys, reading, bounds: within });
  const page = await readPage({ keys, order: filter.order, size: within.size }, at, async (reading) => {
    const rows: PlacedRow[] = [];
    for (const table of tablesOf(filter.state))
      rows.push(...(await firstOf(transaction, asking(reading), table)));
    rows.sort((one, other) => compared(one, other) * (reading.descending ? -1 : 1));
    return rows;
  });
  return counted(page, () => totalOf(transaction, { filter, readable, about }));
}

function keysOf({ by }: AccessFilter["order"]): readonly SortKey[] {
  const id = idKey(Prisma.sql`x.id`);
  return by === "end" ? [endKey(Prisma.sql`x.ends_at`), id] : [id];
}

/** Compares two rows as the database does. If the list is ordered by end, compares ends and then ids. */
function compared(one: PlacedRow, other: PlacedRow): number {
  if (one.endMicroseconds !== other.endMicroseconds) {
    if (one.endMicroseconds === null) return 1;
    if (other.endMicroseconds === null) return -1;
    return one.endMicroseconds < other.endMicroseconds ? -1 : 1;
  }
  return one.id < other.id ? -1 : 1;
}
