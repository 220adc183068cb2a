import type { AccessFilter, AccessState } from "@/lib/domain/figures/access-filter";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { identityColumn } from "@/lib/platform/principal-identity";
import type { AccessTable } from "@/lib/platform/sql/access-hours";
import { readOnce } from "@/lib/platform/transaction";
import {
  accessConditions,
  ofState,
  type PeopleConditions,
  peopleConditions,
  stateIn,
  tablesOf,
} from "@/lib/queries/assignments/access-conditions";
import {
  fewPlaces,
  fewResources,
  placesOf,
  type Readable,
  readableAt,
  rowsIn,
  topsOf,
} from "@/lib/queries/assignments/readable-access";
import {
  afterPlace,
  endKey,
  idKey,
  keyColumns,
  orderBy,
  placeColumn,
  type SortKey,
} from "@/lib/queries/keyset";

export const accessPageSize = 50;

export interface AccessRow {
  readonly id: string;
  readonly state: AccessState;
  readonly member: PrincipalIdentity;
  readonly roleDefinitionId: string;
  readonly roleName: string;
  readonly resourceId: string;
  readonly resourceName: string;
  readonly startsAt: Date;
  readonly endsAt: Date | null;
}

export interface AccessPage {
  readonly rows: readonly AccessRow[];
  readonly next: string | null;
  /** The names of the filter's resource and role, if the caller may read there. */
  readonly resourceName: string | null;
  readonly roleName: string | null;
}

/**
 * How a list is found if more than a `few` resources may be read. First, eligibilities at the `places` that have any,
 * if they are no more than that. Then among the `first` rows of each table in its order. Then among the `candidates`
 * that meet the filter, if they are no more than that. Then among all rows.
 */
const bounds = { first: 500, places: fewPlaces, candidates: 20_000, few: fewResources };

/**
 * The access of a filter that the caller may read, in its order, fifty a page; null if there is nothing to read. Most
 * filters find a page among the first rows. Only rare ones are searched for everywhere, by the best index. `after` is
 * the `next` of the previous page.
 */
export function listAccess(
  database: Database,
  caller: Caller,
  filter: AccessFilter,
  after: string,
  limits = bounds,
): Promise<AccessPage | null> {
  return readOnce(database, async (transaction) => {
    const readable = await readableAt(transaction, caller, filter, limits.few);
    if (!readable) return null;
    const about = await peopleConditions(transaction, filter);
    const keys = keysOf(filter.order);
    const asked = { filter, readable, about, keys, beyond: afterPlace(keys, filter.order, after) };
    const rows: PlacedRow[] = [];
    for (const table of tablesOf(filter.state))
      rows.push(...(await firstOf(transaction, asked, table, limits)));
    rows.sort((one, other) => compared(one, other) * (filter.order.descending ? -1 : 1));
    const [names] = await transaction.$queryRaw<{ resourceName: string | null; roleName: string | null }[]>`
      SELECT (SELECT display_name FROM resources WHERE id = ${filter.resourceId}::uuid) AS "resourceName",
        (SELECT role_name FROM role_definitions WHERE id = ${filter.roleDefinitionId}::uuid) AS "roleName"`;
    const shown = rows.slice(0, accessPageSize);
    return {
      rows: shown,
      next: rows.length > accessPageSize ? (shown.at(-1)?.place ?? null) : null,
      resourceName: names?.resourceName ?? null,
      roleName: names?.roleName ?? null,
    };
  });
}

interface PlacedRow extends AccessRow {
  readonly place: string;
  /** The end in microseconds since 1970; null if permanent. */
  readonly endMicroseconds: bigint | null;
}

function keysOf({ by }: AccessFilter["order"]): readonly SortKey[] {
  const id = idKey(Prisma.sql`x.id`);
  return by === "end" ? [endKey(Prisma.sql`x.ends_at`), id] : [id];
}

/** Compares two rows as the database does, by end and id if the list is ordered by end. */
function compared(one: PlacedRow, other: PlacedRow): number {
  if (one.endMicroseconds !== other.endMicroseconds) {
    if (one.endMicroseconds === null) return 1;
    if (other.endMicroseconds === null) return -1;
    return one.endMicroseconds < other.endMicroseconds ? -1 : 1;
  }
  return one.id < other.id ? -1 : 1;
}

interface Asked {
  readonly filter: AccessFilter;
  readonly readable: Readable;
  readonly about: PeopleConditions;
  readonly keys: readonly SortKey[];
  /** After the previous page. */
  readonly beyond: Prisma.Sql;
}

/** The first page of one table: among its first rows in the order, or else wherever it is. */
async function firstOf(
  transaction: Transaction,
  asked: Asked,
  table: AccessTable,
  { first, places, candidates }: typeof bounds,
): Promise<PlacedRow[]> {
  const { readable } = asked;
  const read = (rows: Prisma.Sql) => transaction.$queryRaw<PlacedRow[]>(described(asked, rows, table));
  if (readable.reach === "one" || readable.reach === "few") return read(anywhere(asked, table));
  // Eligibilities lie at few resources, high up, and most readers may read none of them.
  const held =
    readable.reach === "many" && table === "eligibilities"
      ? await placesOf(transaction, readable, table, places)
      : null;
  if (held?.length === 0) return [];
  const near = await read(amongFirst(asked, table, first));
  if (near.length > accessPageSize) return near;
  if (readable.reach === "everything") return read(anywhere(asked, table));
  const within = held ? Prisma.sql`x.resource_id = ANY (${[...held]}::uuid[])` : Prisma.sql`TRUE`;
  const [found] = await transaction.$queryRaw<{ all: boolean; ids: string[] }[]>(
    amongCandidates(asked, table, within, candidates),
  );
  if (!found?.all) return read(anywhere(asked, table));
  return found.ids.length === 0
    ? []
    : read(Prisma.sql`SELECT * FROM ${Prisma.raw(table)} WHERE id = ANY (${found.ids}::uuid[])`);
}

/** The first page among the first rows. Each row is checked for whether it may be read. */
function amongFirst(asked: Asked, table: AccessTable, first: number): Prisma.Sql {
  const { filter, readable, about, keys, beyond } = asked;
  const conditions = [
    ...accessConditions(filter, table),
    ...about.narrow,
    readable.of(Prisma.sql`x.resource_id`),
    ...about.byRow,
  ];
  const order = orderBy(keys, filter.order.descending);
  const inOrder = keyColumns(keys, filter.order.descending);
  return Prisma.sql`SELECT x.* FROM (
      SELECT x.*, ${inOrder.columns} FROM ${Prisma.raw(table)} x
      WHERE ${beyond} AND ${ahead(filter, table)} ORDER BY ${order} LIMIT ${first}) x
    WHERE ${Prisma.join(conditions, " AND ")} ORDER BY ${inOrder.order} LIMIT ${accessPageSize + 1}`;
}

/** What the index of the list's order leaves out: rows of another type, or that have ended. */
function ahead(filter: AccessFilter, table: AccessTable): Prisma.Sql {
  if (filter.order.by === "newest") return ofState(filter, table);
  return filter.when === "now"
    ? Prisma.sql`coalesce(x.ends_at, 'infinity'::timestamptz) > postern_now()`
    : Prisma.sql`TRUE`;
}

/** The first page of everything that meets the filter, if that is not too much. Each resource is checked once. */
function amongCandidates(
  asked: Asked,
  table: AccessTable,
  within: Prisma.Sql,
  candidates: number,
): Prisma.Sql {
  const { filter, readable, about, keys, beyond } = asked;
  const mayBeRead = Prisma.sql`(x.resource_id IN (SELECT id FROM places)) IS TRUE`;
  return Prisma.sql`WITH candidates AS MATERIALIZED (
      SELECT x.id, x.principal_id, x.role_definition_id, x.resource_id, x.ends_at FROM ${Prisma.raw(table)} x
      WHERE ${Prisma.join([...accessConditions(filter, table), ...about.narrow, beyond, within], " AND ")}
      LIMIT ${candidates + 1}
    ), counted AS MATERIALIZED (SELECT count(*) <= ${candidates} AS all FROM candidates
    ), places AS MATERIALIZED (
      SELECT c.resource_id AS id
      FROM (SELECT DISTINCT resource_id FROM candidates WHERE (SELECT "all" FROM counted) OFFSET 0) c
      WHERE ${readable.of(Prisma.sql`c.resource_id`)})
    SELECT counted.all, ARRAY(
      SELECT x.id FROM candidates x WHERE ${Prisma.join([mayBeRead, ...about.byRow], " AND ")}
      ORDER BY ${orderBy(keys, filter.order.descending)} LIMIT ${accessPageSize + 1}) AS ids
    FROM counted`;
}

/** The first page, anywhere in the table. */
function anywhere({ filter, readable, about, keys, beyond }: Asked, table: AccessTable): Prisma.Sql {
  const conditions = [...accessConditions(filter, table), ...about.narrow, ...about.byRow, beyond];
  return Prisma.sql`WITH ${topsOf(readable)}
    SELECT x.* FROM ${rowsIn(readable, table)} AND ${Prisma.join(conditions, " AND ")}
    ORDER BY ${orderBy(keys, filter.order.descending)} LIMIT ${accessPageSize + 1}`;
}

/** Rows `x` of a table with their state and names. */
function described({ filter, keys }: Asked, rows: Prisma.Sql, table: AccessTable): Prisma.Sql {
  const end = filter.order.by === "end" ? Prisma.sql`x.ends_at` : Prisma.sql`NULL::timestamptz`;
  return Prisma.sql`
    SELECT x.id, ${stateIn(table)} AS state, ${identityColumn("p")} AS member,
      d.id AS "roleDefinitionId", d.role_name AS "roleName", r.id AS "resourceId", r.display_name AS "resourceName",
      x.starts_at AS "startsAt", x.ends_at AS "endsAt",
      (extract(epoch FROM ${end}) * 1000000)::bigint AS "endMicroseconds", ${placeColumn(keys, filter.order)}
    FROM (${rows}) x
    JOIN principals p ON p.id = x.principal_id
    JOIN role_definitions d ON d.id = x.role_definition_id
    JOIN resources r ON r.id = x.resource_id`;
}
