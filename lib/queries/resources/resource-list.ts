import { idsAbove } from "@/lib/domain/resources/resource-path";
import { containing } from "@/lib/domain/search/like-pattern";
import type { ListOrder } from "@/lib/domain/text/list-order";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { planOnce } from "@/lib/platform/prepared-statements";
import { pathWithin } from "@/lib/platform/sql/path-below";
import { readOnce } from "@/lib/platform/transaction";
import { afterPlace, idKey, keyColumns, orderBy, placeColumn, textKey } from "@/lib/queries/keyset";
import { matchesAnywhere, trigramLength } from "@/lib/queries/resources/find-resources";
import { atOrBelow } from "@/lib/queries/resources/paths";

const pageSize = 50;

export interface ResourceRow {
  readonly id: string;
  readonly displayName: string;
  readonly resourceType: string;
  readonly scope: string;
  readonly parentName: string | null;
}

export interface ResourceListPage {
  readonly rows: readonly ResourceRow[];
  /** The start of the next page; null on the last. */
  readonly next: string | null;
  /** The types of visible resources, for the filter. */
  readonly types: readonly string[];
}

/** The columns by which the list can be sorted: those with an index on resources. */
export const resourceColumns = ["name", "type", "scope"] as const;
export type ResourceOrder = ListOrder<(typeof resourceColumns)[number]>;

const name = textKey(Prisma.sql`lower(r.display_name)`);
const id = idKey(Prisma.sql`r.id`);
const keysOf = {
  name: [name, id],
  type: [textKey(Prisma.sql`r.resource_type`), name, id],
  scope: [textKey(Prisma.sql`lower(r.scope)`), id],
};

/** How many resources are read in the order of the list before the visible ones are sorted by themselves. */
const lookedAtFirst = 1_000;

/**
 * The visible resources in the wanted order, fifty a page: of a type, and with words in their name or scope. `after`
 * is the `next` of the previous page. `first` is how many are read in the order of the list before all visible ones.
 */
export function listResources(
  database: Database,
  caller: Caller,
  filter: { search: string; type: string; order: ResourceOrder; after: string },
  first = lookedAtFirst,
): Promise<ResourceListPage> {
  return readOnce(database, async (transaction) => {
    const reached = await transaction.$queryRaw<{ path: string }[]>`
      SELECT ${planOnce} path FROM reached_paths(${caller.userId}::uuid, postern_now()) AS x (path) ORDER BY path`;
    const paths = reached.map(({ path }) => path);
    // Paths are ids joined by dots, so one without a dot is the root's: everything is visible then.
    const everything = paths.some((path) => !path.includes("."));
    const reach = { paths, ids: idsAbove(paths) };
    const keys = keysOf[filter.order.by];
    const ahead = [afterPlace(keys, filter.order, filter.after)];
    if (filter.type) ahead.push(Prisma.sql`r.resource_type = ${filter.type}`);
    const pattern = containing(filter.search);
    const matching = Prisma.sql`(r.display_name || ' ' || r.scope) ILIKE ${pattern}`;
    const wanted = Prisma.join(filter.search ? [...ahead, matching] : ahead, " AND ");
    const order = orderBy(keys, filter.order.descending);
    const inOrder = (from: Prisma.Sql, by = order) => Prisma.sql`
      SELECT r.id, r.display_name AS "displayName", r.resource_type AS "resourceType", r.scope,
        p.display_name AS "parentName", ${placeColumn(keys, filter.order)}
      FROM (SELECT r.id FROM ${from} ORDER BY ${by} LIMIT ${pageSize + 1}) shown
      JOIN resources r ON r.id = shown.id
      LEFT JOIN resources p ON p.id = r.parent_id
      ORDER BY ${order}`;
    const read = (statement: Prisma.Sql) =>
      transaction.$queryRaw<(ResourceRow & { place: string })[]>(statement);
    const ordered = keyColumns(keys, filter.order.descending);
    const near = everything
      ? await read(inOrder(Prisma.sql`resources r WHERE ${wanted}`))
      : await read(
          inOrder(
            Prisma.sql`(
              SELECT r.*, ${ordered.columns} FROM resources r WHERE ${Prisma.join(ahead, " AND ")}
              ORDER BY ${order} LIMIT ${first}) r
            WHERE ${visible(reach)} AND ${filter.search ? matching : Prisma.sql`TRUE`}`,
            ordered.order,
          ),
        );
    const rare = filter.search.length >= trigramLength ? matching : null;
    // The index on paths holds these; the scope is read only if it is needed.
    const columns =
      filter.search || filter.order.by === "scope"
        ? Prisma.sql`r.id, r.display_name, r.resource_type, r.scope`
        : Prisma.sql`r.id, r.display_name, r.resource_type`;
    const rows =
      everything || near.length > pageSize
        ? near
        : await read(Prisma.sql`${seenBelow(reach, wanted, rare, columns)} ${inOrder(Prisma.sql`seen r`)}`);
    const types = await typesSeen(transaction, everything ? null : reach, Math.ceil(first / 5));
    const shown = rows.slice(0, pageSize);
    return {
      rows: shown,
      next: rows.length > pageSize ? (shown.at(-1)?.place ?? null) : null,
      types,
    };
  });
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
 * The resources at, below and on the way to some paths that meet the conditions, as `seen`. Each path is one range of
 * the index on paths, and no other index is asked for each of them. Rare words are searched for by their own index
 * first, and the matches checked for visibility. Only then are they sorted.
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
 * The types of all resources, or of those at, below and above some paths. For each type, `first` resources are
 * checked for a visible one, then some visible resources, before all of them are.
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
