import { pathsAllowing } from "@/lib/authority/authority";
import { undoUntil } from "@/lib/domain/resources/retire";
import { action } from "@/lib/domain/roles/permissions";
import { containing } from "@/lib/domain/search/like-pattern";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { readOnce } from "@/lib/platform/transaction";
import { idKey, momentKey, orderBy, placeColumn } from "@/lib/queries/keyset";
import { type Page, type PagePlace, readPage } from "@/lib/queries/pages";
import { atOrBelow } from "@/lib/queries/resources/paths";

const pageSize = 50;

export interface RetiredRow {
  readonly id: string;
  readonly displayName: string;
  readonly resourceType: string;
  readonly scope: string;
  readonly parentId: string;
  readonly parentName: string;
  readonly resources: number;
  readonly retiredAt: Date;
  readonly retiredById: string;
  readonly retiredByName: string;
  readonly justification: string;
  /** Until when it can be undone; null if that is over. */
  readonly undoUntil: Date | null;
}

const keys = [momentKey(Prisma.sql`t.retired_at`), idKey(Prisma.sql`t.id`)];
const order = { by: "retired", descending: true };

type Stored = Omit<RetiredRow, "undoUntil"> & { readonly past: boolean };

const columns = Prisma.sql`t.id, r.display_name AS "displayName", r.resource_type AS "resourceType", t.scope,
  p.id AS "parentId", p.display_name AS "parentName", t.resources, t.retired_at AS "retiredAt",
  u.id AS "retiredById", u.display_name AS "retiredByName", t.justification,
  t.retired_at + interval '30 days' <= postern_now() AS past`;
const tables = Prisma.sql`retirements t JOIN resources r ON r.id = t.resource_id
  JOIN resources p ON p.id = t.parent_id JOIN principals u ON u.id = t.retired_by_id`;

/**
 * Retired resources that lay where the caller may write resources now. Everything lay below the root,
 * even below a resource that is retired itself.
 */
function within(tops: readonly string[]): Prisma.Sql {
  return tops.some((path) => !path.includes(".")) ? Prisma.sql`TRUE` : placedBelow(tops);
}

/** Below, not at: restoring a resource requires the right at the one above it. */
function placedBelow(tops: readonly string[]): Prisma.Sql {
  return atOrBelow(tops, Prisma.sql`left(t.path, -33)`);
}

const read = <Row extends Stored>({ past, ...row }: Row): Omit<Row, "past"> & RetiredRow => ({
  ...row,
  undoUntil: past ? null : undoUntil(row.retiredAt),
});

/**
 * The retired resources for which the caller may write resources at the one above, the last retired
 * first. Null for callers who may do so nowhere.
 */
export function listRetired(
  database: Database,
  caller: Caller,
  search: string,
  at: PagePlace,
): Promise<Page<RetiredRow> | null> {
  return readOnce(database, async (transaction) => {
    const tops = await pathsAllowing(transaction, caller.userId, action.writeResources);
    if (tops.length === 0) return null;
    const found = search === "" ? Prisma.sql`TRUE` : matching(search);
    return readPage({ keys, order, size: pageSize }, at, async ({ descending, beyond }) => {
      const rows = await transaction.$queryRaw<(Stored & { place: string })[]>`
        SELECT ${columns}, ${placeColumn(keys, order)} FROM ${tables}
        WHERE t.undone_at IS NULL AND ${within(tops)} AND ${found} AND ${beyond}
        ORDER BY ${orderBy(keys, descending)} LIMIT ${pageSize + 1}`;
      return rows.map(read);
    });
  });
}

/** One of them; null if the caller may not know of it. */
export function retiredResource(database: Database, caller: Caller, id: string): Promise<RetiredRow | null> {
  return readOnce(database, async (transaction) => {
    const tops = await pathsAllowing(transaction, caller.userId, action.writeResources);
    const [row] = await transaction.$queryRaw<Stored[]>`
      SELECT ${columns} FROM ${tables} WHERE t.id = ${id}::uuid AND t.undone_at IS NULL AND ${within(tops)}`;
    return row ? read(row) : null;
  });
}

function matching(search: string): Prisma.Sql {
  return Prisma.sql`(r.display_name || ' ' || t.scope) ILIKE ${containing(search)}`;
}
