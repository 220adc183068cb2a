import type { AccessFilter, AccessState } from "@/lib/domain/assignments/access-filter";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { identityColumn } from "@/lib/platform/principal-identity";
import type { AccessTable } from "@/lib/platform/sql/access-hours";
import {
  accessConditions,
  ofState,
  type PeopleConditions,
  stateIn,
  untilWhen,
} from "@/lib/queries/assignments/access-conditions";
import {
  fewPlaces,
  fewResources,
  placesOf,
  type Readable,
  rowsIn,
  topsOf,
} from "@/lib/queries/assignments/readable-access";
import { keyColumns, orderBy, placeColumn, type SortKey } from "@/lib/queries/keyset";
import type { Reading } from "@/lib/queries/pages";

export const accessPageSize = 50;

export interface AccessRow {
  readonly id: string;
  readonly state: AccessState;
  readonly member: PrincipalIdentity;
  readonly roleDefinitionId: string;
  readonly roleName: string;
  readonly resourceId: string;
  readonly resourceName: string;
  readonly scope: string;
  readonly startsAt: Date;
  readonly endsAt: Date | null;
  /** It was removed or deactivated, and did not end by time. */
  readonly removed: boolean;
}

export interface PlacedRow extends AccessRow {
  readonly place: string;
  /** The end in microseconds since 1970; null if permanent. */
  readonly endMicroseconds: bigint | null;
}

/**
 * How a list is found if more than a `few` resources may be read. The steps are: eligibilities at the `places` that
 * have any, if there are no more places than that; the `first` rows of each table in its order; the `candidates` that
 * meet the filter, if there are no more than that; all rows. A page has `size` rows.
 */
export const bounds = {
  first: 500,
  places: fewPlaces,
  candidates: 20_000,
  few: fewResources,
  size: accessPageSize,
};
export type Bounds = typeof bounds;

export interface Asked {
  readonly filter: AccessFilter;
  readonly readable: Readable;
  readonly about: PeopleConditions;
  readonly keys: readonly SortKey[];
  readonly reading: Reading;
  readonly bounds: Bounds;
}

/** The first page of one table: among its first rows in the order, otherwise from anywhere in it. */
export async function firstOf(
  transaction: Transaction,
  asked: Asked,
  table: AccessTable,
): Promise<PlacedRow[]> {
  const { readable } = asked;
  const { places, candidates, size } = asked.bounds;
  const read = (rows: Prisma.Sql) => transaction.$queryRaw<PlacedRow[]>(described(asked, rows, table));
  if (readable.reach === "one" || readable.reach === "few") return read(anywhere(asked, table));
  // Eligibilities lie at few resources, high up, and most readers may read none of them.
  const held =
    readable.reach === "many" && table === "eligibilities"
      ? await placesOf(transaction, readable, table, places)
      : null;
  if (held?.length === 0) return [];
  const near = await read(amongFirst(asked, table));
  if (near.length > size) return near;
  // If the filter names few people or roles, rows are found by these, and not by reading on in the
  // order of the list.
  if (readable.reach === "everything" && asked.about.narrow.length === 0) return read(anywhere(asked, table));
  const within = held ? Prisma.sql`x.resource_id = ANY (${[...held]}::uuid[])` : Prisma.sql`TRUE`;
  const [found] = await transaction.$queryRaw<{ all: boolean; ids: string[] }[]>(
    amongCandidates(asked, table, within, candidates),
  );
  if (!found?.all) return read(anywhere(asked, table));
  return found.ids.length === 0
    ? []
    : read(Prisma.sql`SELECT * FROM ${Prisma.raw(table)} WHERE id = ANY (${found.ids}::uuid[])`);
}

/** The first page among the first rows. For each row it is checked whether it may be read. */
function amongFirst(asked: Asked, table: AccessTable): Prisma.Sql {
  const { filter, readable, about, keys, reading, bounds } = asked;
  const conditions = [
    ...accessConditions(filter, table),
    ...about.narrow,
    readable.of(Prisma.sql`x.resource_id`),
    ...about.byRow,
  ];
  const order = orderBy(keys, reading.descending);
  const inOrder = keyColumns(keys, reading.descending);
  return Prisma.sql`SELECT x.* FROM (
      SELECT x.*, ${inOrder.columns} FROM ${Prisma.raw(table)} x
      WHERE ${reading.beyond} AND ${ahead(filter, table)} ORDER BY ${order} LIMIT ${bounds.first}) x
    WHERE ${Prisma.join(conditions, " AND ")} ORDER BY ${inOrder.order} LIMIT ${bounds.size + 1}`;
}

/** Rows that the index of the list's order leaves out: those of another type, or that have ended. */
function ahead(filter: AccessFilter, table: AccessTable): Prisma.Sql {
  return filter.order.by === "newest" ? ofState(filter, table) : untilWhen(filter);
}

/**
 * The first page of everything that meets the filter, if that is not too much. Each resource is checked
 * once.
 */
function amongCandidates(
  asked: Asked,
  table: AccessTable,
  within: Prisma.Sql,
  candidates: number,
): Prisma.Sql {
  const { filter, readable, about, keys, reading, bounds } = asked;
  const mayBeRead = Prisma.sql`(x.resource_id IN (SELECT id FROM places)) IS TRUE`;
  return Prisma.sql`WITH candidates AS MATERIALIZED (
      SELECT x.id, x.principal_id, x.role_definition_id, x.resource_id, x.ends_at FROM ${Prisma.raw(table)} x
      WHERE ${Prisma.join([...accessConditions(filter, table), ...about.narrow, reading.beyond, within], " AND ")}
      LIMIT ${candidates + 1}
    ), counted AS MATERIALIZED (SELECT count(*) <= ${candidates} AS all FROM candidates
    ), places AS MATERIALIZED (
      SELECT c.resource_id AS id
      FROM (SELECT DISTINCT resource_id FROM candidates WHERE (SELECT "all" FROM counted) OFFSET 0) c
      WHERE ${readable.of(Prisma.sql`c.resource_id`)})
    SELECT counted.all, ARRAY(
      SELECT x.id FROM candidates x WHERE ${Prisma.join([mayBeRead, ...about.byRow], " AND ")}
      ORDER BY ${orderBy(keys, reading.descending)} LIMIT ${bounds.size + 1}) AS ids
    FROM counted`;
}

/** The first page, anywhere in the table. */
function anywhere({ filter, readable, about, keys, reading, bounds }: Asked, table: AccessTable): Prisma.Sql {
  const conditions = [...accessConditions(filter, table), ...about.narrow, ...about.byRow, reading.beyond];
  return Prisma.sql`WITH ${topsOf(readable)}
    SELECT x.* FROM ${rowsIn(readable, table)} AND ${Prisma.join(conditions, " AND ")}
    ORDER BY ${orderBy(keys, reading.descending)} LIMIT ${bounds.size + 1}`;
}

/** Rows `x` of a table with their state and names. */
function described({ filter, keys }: Asked, rows: Prisma.Sql, table: AccessTable): Prisma.Sql {
  const end = filter.order.by === "end" ? Prisma.sql`x.ends_at` : Prisma.sql`NULL::timestamptz`;
  return Prisma.sql`
    SELECT x.id, ${stateIn(table)} AS state, ${identityColumn("p")} AS member,
      d.id AS "roleDefinitionId", d.role_name AS "roleName", r.id AS "resourceId", r.display_name AS "resourceName",
      r.scope, x.removed_at IS NOT NULL AS removed, x.starts_at AS "startsAt", x.ends_at AS "endsAt",
      (extract(epoch FROM ${end}) * 1000000)::bigint AS "endMicroseconds", ${placeColumn(keys, filter.order)}
    FROM (${rows}) x
    JOIN principals p ON p.id = x.principal_id
    JOIN role_definitions d ON d.id = x.role_definition_id
    JOIN resources r ON r.id = x.resource_id`;
}
