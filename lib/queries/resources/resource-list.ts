import { idsAbove } from "@/lib/domain/resources/resource-path";
import type { ListOrder } from "@/lib/domain/text/list-order";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { planOnce } from "@/lib/platform/prepared-statements";
import { pathWithin } from "@/lib/platform/sql/path-below";
import { readOnce } from "@/lib/platform/transaction";
import { idKey, keyColumns, orderBy, placeColumn, textKey } from "@/lib/queries/keyset";
import { everyWord } from "@/lib/queries/name-rank";
import { type Page, type PagePlace, readPage } from "@/lib/queries/pages";
import {
  bestResources,
  nameAndScope,
  type ResourceRow,
  resourcesPageSize,
} from "@/lib/queries/resources/best-resources";
import { matchesAnywhere, trigramLength } from "@/lib/queries/resources/find-resources";
import { atOrBelow } from "@/lib/queries/resources/paths";

const pageSize = resourcesPageSize;

/** Up to how many resources a list counts. */
export const countedResources = 1_000;

export interface ResourceListPage extends Page<ResourceRow> {
  /** Counted up to 1,000. */
  readonly total: number;
  /** The types of visible resources, for the filter. */
  readonly types: readonly string[];
}

/** The columns by which the list can be sorted: those with an index on resources. */
export const resourceColumns = ["name", "type", "scope"] as const;
export type ResourceOrder = ListOrder<(typeof resourceColumns)[number]>;

export interface ResourceFilter {
  readonly search: string;
  readonly type: string;
  /** Null: for a search the best match first, otherwise by name. */
  readonly order: ResourceOrder | null;
}

const name = textKey(Prisma.sql`lower(r.display_name)`);
const id = idKey(Prisma.sql`r.id`);
const keysOf = {
  name: [name, id],
  type: [textKey(Prisma.sql`r.resource_type`), name, id],
  scope: [textKey(Prisma.sql`lower(r.scope)`), id],
};

/** How many resources are read in the order of the list before the visible ones are sorted separately. */
const lookedAtFirst = 1_000;

/**
 * The visible resources in the requested order, fifty a page: of a type, and with words in their name
 * or scope. `first` is how many are read in the order of the list before all visible ones.
 */
export function listResources(
  database: Database,
  caller: Caller,
  filter: ResourceFilter,
  at: PagePlace,
  first = lookedAtFirst,
): Promise<ResourceListPage> {
  return readOnce(database, async (transaction) => {
    const reached = await transaction.$queryRaw<{ path: string }[]>`
      SELECT ${planOnce} path FROM reached_paths(${caller.userId}::uuid, postern_now()) AS x (path) ORDER BY path`;
    const paths = reached.map(({ path }) => path);
    // Paths are ids joined by dots, so a path without a dot is the root's. Then everything is visible.
    const everything = paths.some((path) => !path.includes("."));
    const reach = everything ? null : { paths, ids: idsAbove(paths) };
    const wanted = [
      // A part of the tree contains nothing that is retired.
      ...(everything ? [Prisma.sql`r.retirement_id IS NULL`] : []),
      ...(filter.type ? [Prisma.sql`r.resource_type = ${filter.type}`] : []),
      ...(filter.search ? [everyWord(nameAndScope, filter.search)] : []),
    ];
    const best =
      filter.order === null && filter.search
        ? await bestResources(transaction, caller, filter.search, wanted, reach && visible(reach), at)
        : null;
    const page = best ?? (await inOrder(transaction, filter, wanted, reach, at, first));
    const types = await typesSeen(transaction, reach, Math.ceil(first / 5));
    return { ...page, total: await totalOf(transaction, page, wanted, reach), types };
  });
}

/** A page in the order of a column, which an index reads. */
function inOrder(
  transaction: Transaction,
  filter: ResourceFilter,
  wanted: readonly Prisma.Sql[],
  reach: Reach | null,
  at: PagePlace,
  first: number,
): Promise<Page<ResourceRow>> {
  const by = filter.order ?? { by: "name" as const, descending: false };
  const keys = keysOf[by.by];
  const all = (conditions: readonly Prisma.Sql[]) => Prisma.join([Prisma.sql`TRUE`, ...conditions], " AND ");
  return readPage({ keys, order: by, size: pageSize }, at, async ({ descending, beyond }) => {
    const order = orderBy(keys, descending);
    const read = (from: Prisma.Sql, inner = order, before = Prisma.empty) =>
      transaction.$queryRaw<(ResourceRow & { place: string })[]>`
        ${before} SELECT r.id, r.display_name AS "displayName", r.resource_type AS "resourceType", r.scope,
          p.display_name AS "parentName", ${placeColumn(keys, by)}
        FROM (SELECT r.id FROM ${from} ORDER BY ${inner} LIMIT ${pageSize + 1}) shown
        JOIN resources r ON r.id = shown.id
        LEFT JOIN resources p ON p.id = r.parent_id
        ORDER BY ${order}`;
    if (!reach) return read(Prisma.sql`resources r WHERE ${all([beyond, ...wanted])}`);
    const ordered = keyColumns(keys, descending);
    const ofType = filter.type ? Prisma.sql`r.resource_type = ${filter.type}` : Prisma.sql`TRUE`;
    const near = await read(
      Prisma.sql`(
          SELECT r.*, ${ordered.columns} FROM resources r WHERE ${beyond} AND ${ofType}
          ORDER BY ${order} LIMIT ${first}) r
        WHERE ${visible(reach)} AND ${all(wanted)}`,
      ordered.order,
    );
    if (near.length > pageSize) return near;
    const rare = filter.search.length >= trigramLength ? everyWord(nameAndScope, filter.search) : null;
    // The index on paths holds these; the scope is read only if it is needed.
    const columns =
      filter.search || by.by === "scope"
        ? Prisma.sql`r.id, r.display_name, r.resource_type, r.scope`
        : Prisma.sql`r.id, r.display_name, r.resource_type`;
    const seen = seenBelow(reach, all([beyond, ...wanted]), rare, columns);
    return read(Prisma.sql`seen r`, order, seen);
  });
}

/** How many resources there are in all. If the list has only one page, nothing needs to be counted. */
async function totalOf(
  transaction: Transaction,
  page: Page<ResourceRow>,
  wanted: readonly Prisma.Sql[],
  reach: Reach | null,
): Promise<number> {
  if (page.previous === null && page.next === null) return page.rows.length;
  const conditions = Prisma.join([Prisma.sql`TRUE`, ...wanted], " AND ");
  const most = countedResources + 1;
  const seen = reach
    ? Prisma.sql`(SELECT FROM unnest(${[...reach.paths]}::text[]) AS h (path) CROSS JOIN LATERAL (
        SELECT FROM resources r WHERE ${pathWithin("r.path", "h.path")} AND ${conditions} LIMIT ${most}) below
        LIMIT ${most})
      UNION ALL (SELECT FROM resources r WHERE r.id = ANY (${[...reach.ids]}::uuid[]) AND ${conditions})`
    : Prisma.sql`SELECT FROM resources r WHERE ${conditions}`;
  const [counted] = await transaction.$queryRaw<{ total: number }[]>`
    SELECT count(*)::int AS total FROM (SELECT FROM (${seen}) found LIMIT ${most}) counted`;
  return counted?.total ?? 0;
}

/** The topmost paths at which somebody holds or may activate a role, and the ids on the way to them. */
interface Reach {
  readonly paths: readonly string[];
  readonly ids: readonly string[];
}

/** Whether the resource `r` lies at, below or on the way to one of some paths. */
function visible({ paths, ids }: Reach): Prisma.Sql {
  return Prisma.sql`(${atOrBelow(paths)} OR r.id = ANY (${[...ids]}::uuid[]))`;
}

/**
 * The resources at, below and on the way to some paths that meet the conditions, as `seen`. Each path
 * is one range of the index on paths, and no other index is used for each of them. Rare words are found
 * by their own index first, and the matches are checked for visibility. Only then are they sorted.
 */
function seenBelow(
  reach: Reach,
  conditions: Prisma.Sql,
  rare: Prisma.Sql | null,
  columns: Prisma.Sql,
): Prisma.Sql {
  return Prisma.sql`
    WITH anywhere AS MATERIALIZED (
      SELECT ${columns}, r.path FROM resources r WHERE ${rare ?? Prisma.sql`FALSE`} LIMIT ${matchesAnywhere + 1}),
    rare AS MATERIALIZED (SELECT ${rare !== null} AND count(*) <= ${matchesAnywhere} AS yes FROM anywhere),
    reached AS MATERIALIZED (
      SELECT path FROM unnest(${[...reach.paths]}::text[]) AS h (path) WHERE NOT (SELECT yes FROM rare)),
    seen AS MATERIALIZED (
      SELECT ${columns} FROM anywhere r WHERE (SELECT yes FROM rare) AND ${conditions} AND ${visible(reach)}
      UNION ALL
      SELECT below.* FROM reached h CROSS JOIN LATERAL (
        SELECT ${columns} FROM (
          SELECT ${columns} FROM resources r WHERE ${pathWithin("r.path", "h.path")} OFFSET 0) r
        WHERE ${conditions}) below
      UNION ALL
      SELECT ${columns} FROM resources r WHERE ${conditions} AND r.id IN (
        SELECT i.id FROM reached h CROSS JOIN LATERAL unnest(path_ids(h.path)) AS i (id)
        WHERE i.id <> right(h.path, 32)::uuid))`;
}

/**
 * The types of all resources, or of those at, below and above some paths. For each type, the `first`
 * resources are searched for a visible one, then some visible resources, then all of them.
 */
async function typesSeen(transaction: Transaction, reach: Reach | null, first: number): Promise<string[]> {
  const all = Prisma.sql`SELECT type FROM resource_types() AS t (type) ORDER BY type LIMIT 500`;
  const read = async (statement: Prisma.Sql) =>
    (await transaction.$queryRaw<{ type: string }[]>(statement)).map(({ type }) => type);
  if (reach === null) return read(all);
  const types = await transaction.$queryRaw<{ type: string; seen: boolean; all: boolean }[]>`
    SELECT t.type, bool_or(${visible(reach)}) AS seen, count(*) < ${first} AS all
    FROM (${all}) t CROSS JOIN LATERAL (
      SELECT r.id, r.path FROM resources r WHERE r.resource_type = t.type
      ORDER BY lower(r.display_name), r.id LIMIT ${first}) r
    GROUP BY t.type ORDER BY t.type`;
  const unknown = types.filter(({ seen, all: known }) => !seen && !known).map(({ type }) => type);
  const near = unknown.length > 0 ? new Set(await read(typesBelow(reach, firstBelow))) : new Set();
  if (unknown.some((type) => !near.has(type))) return read(typesBelow(reach, null));
  return types.filter(({ type, seen }) => seen || near.has(type)).map(({ type }) => type);
}

/** How many resources below are read for types before all of them are. */
const firstBelow = 1_000;

/** The types of the resources at, below and above some paths, as far as the index on paths knows. */
function typesBelow({ paths, ids }: Reach, limit: number | null): Prisma.Sql {
  return Prisma.sql`
    SELECT type FROM (
      SELECT DISTINCT resource_type AS type FROM (
        SELECT below.resource_type FROM unnest(${[...paths]}::text[]) AS h (path)
        CROSS JOIN LATERAL (
          SELECT r.resource_type FROM resources r WHERE ${pathWithin("r.path", "h.path")} OFFSET 0) below
        LIMIT ${limit}::bigint) below
      UNION
      SELECT r.resource_type FROM resources r WHERE r.id = ANY (${[...ids]}::uuid[])
    ) t ORDER BY type LIMIT 500`;
}
