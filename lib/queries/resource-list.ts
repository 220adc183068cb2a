import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { inTransaction } from "@/lib/platform/transaction";
import { cursorOf } from "@/lib/queries/resource-tree";

const pageSize = 50;

export interface ResourceRow {
  readonly id: string;
  readonly displayName: string;
  readonly resourceType: string;
  readonly scope: string;
  readonly parentName: string | null;
  readonly key: string;
}

export interface ResourceListPage {
  readonly rows: readonly ResourceRow[];
  /** Where the next page begins; null on the last. */
  readonly next: string | null;
  /** The types among what the caller may know of, for the filter. */
  readonly types: readonly string[];
}

/**
 * The resources that the caller may know of, by name, fifty a page: those of a type, and those whose name or scope
 * contains some words.
 */
export function listResources(
  database: Database,
  caller: Caller,
  filter: { search: string; type: string; after: string | null },
): Promise<ResourceListPage> {
  return inTransaction(database, async (transaction) => {
    const reached = await transaction.$queryRaw<{ path: string }[]>`
      SELECT path FROM reached_paths(${caller.userId}::uuid, postern_now()) AS x (path) ORDER BY path`;
    const paths = reached.map(({ path }) => path);
    // Paths are chains of ids joined by dots, so that one without a dot is the root: everything is seen then.
    const everything = paths.some((path) => !path.includes("."));
    // What a caller without the root may see is gathered first, each path being one range of the index on paths: only
    // then is it filtered and put in order.
    const reach = everything
      ? Prisma.empty
      : Prisma.sql`WITH reached AS MATERIALIZED (SELECT path FROM unnest(${paths}::text[]) AS h (path)),
          seen AS MATERIALIZED (
            SELECT below.* FROM reached h CROSS JOIN LATERAL (
              SELECT * FROM resources r WHERE r.path >= h.path AND r.path < h.path || '/' OFFSET 0) below
            UNION ALL
            SELECT above.* FROM resources above WHERE above.id IN (
              SELECT i.id FROM reached h CROSS JOIN LATERAL unnest(path_ids(h.path)) AS i (id)
              WHERE i.id <> right(h.path, 32)::uuid))`;
    const seen = everything ? Prisma.sql`resources` : Prisma.sql`seen`;
    const conditions = [Prisma.sql`TRUE`];
    if (filter.after !== null) {
      const [name, id] = cursorOf(filter.after);
      conditions.push(Prisma.sql`(lower(r.display_name), r.id) > (${name}, ${id}::uuid)`);
    }
    if (filter.type) conditions.push(Prisma.sql`r.resource_type = ${filter.type}`);
    if (filter.search) {
      const pattern = `%${filter.search.replaceAll(/[\\%_]/g, "\\$&")}%`;
      conditions.push(Prisma.sql`(r.display_name || ' ' || r.scope) ILIKE ${pattern}`);
    }
    const rows = await transaction.$queryRaw<ResourceRow[]>`${reach}
      SELECT page.*, p.display_name AS "parentName" FROM (
        SELECT r.id, r.parent_id, r.display_name AS "displayName", r.resource_type AS "resourceType", r.scope,
          lower(r.display_name) || ' ' || r.id AS key, lower(r.display_name) AS name
        FROM ${seen} r WHERE ${Prisma.join(conditions, " AND ")}
        ORDER BY lower(r.display_name), r.id LIMIT ${pageSize + 1}) page
      LEFT JOIN resources p ON p.id = page.parent_id
      ORDER BY page.name, page.id`;
    const types = await transaction.$queryRaw<{ type: string }[]>`${reach}
      SELECT type FROM ${everything ? Prisma.sql`resource_types()` : Prisma.sql`(SELECT DISTINCT resource_type FROM ${seen} r)`}
        AS t (type) ORDER BY type LIMIT 500`;
    const shown = rows.slice(0, pageSize);
    return {
      rows: shown,
      next: rows.length > pageSize ? (shown.at(-1)?.key ?? null) : null,
      types: types.map(({ type }) => type),
    };
  });
}
