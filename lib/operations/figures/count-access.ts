import { standingPoints } from "@/lib/domain/figures/access-figures";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { accessByHours, hoursOfAccess } from "@/lib/platform/sql/access-hours";
import { pathWithin } from "@/lib/platform/sql/path-below";
import { inTransaction } from "@/lib/platform/transaction";

/** A resource with fewer eligibilities and assignments than this is counted fast enough row by row. */
const worthCounting = 500;
const batch = 20_000;

/**
 * Counts the access at large resources in advance (docs/decisions/counted-ahead.md): adds changes to their totals,
 * and starts totals for resources that have grown large. Figures are right without it, only slower. Returns how many
 * totals it started and changes it added. `minimumRows` is the size from which a resource is large.
 */
export async function countAccess(database: Database, minimumRows = worthCounting): Promise<number> {
  let done = 0;
  for (;;) {
    const folded = await inTransaction(database, foldChanges);
    done += folded;
    if (folded < batch) break;
  }
  await inTransaction(database, putTogetherLongPast);
  for (const place of await inTransaction(database, (transaction) => grownLarge(transaction, minimumRows))) {
    done += await inTransaction(database, (transaction) => beginCounting(transaction, place));
  }
  return done;
}

/** Adds what `counted` (a place, an hour, a role, a state, a kind and three numbers) says to the totals. */
const addToTotals = Prisma.sql`
  INSERT INTO access_totals AS t
    (resource_id, below, hour, role_definition_id, state, kind, started, ended, created)
  SELECT * FROM counted WHERE (started, ended, created) <> (0, 0, 0)
  ON CONFLICT (resource_id, below, hour, role_definition_id, state, kind) DO UPDATE
  SET started = t.started + excluded.started, ended = t.ended + excluded.ended, created = t.created + excluded.created`;

/** One statement moves the changes, so each reader sees them once: as changes or in the totals. */
async function foldChanges(transaction: Transaction): Promise<number> {
  await transaction.$executeRaw`SELECT lock_access_totals()`;
  const [row] = await transaction.$queryRaw<{ folded: number }[]>`
    WITH taken AS (
      DELETE FROM access_changes WHERE id IN (SELECT id FROM access_changes ORDER BY id LIMIT ${batch}) RETURNING *
    ), counted AS (
      SELECT p.resource_id, p.below, e.hour, c.role_definition_id, c.state, c.kind, sum(e.started)::int AS started,
        sum(e.ended)::int AS ended, sum(e.created)::int AS created
      FROM taken c JOIN resources r ON r.id = c.resource_id
      JOIN access_places p ON p.resource_id = ANY (path_ids(r.path)) AND (p.below OR p.resource_id = r.id)
      CROSS JOIN LATERAL ${hoursOfAccess("c", "e")} WHERE e.hour IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6
    ), added AS (${addToTotals})
    SELECT count(*)::int AS folded FROM taken`;
  return row?.folded ?? 0;
}

/** No figure asks for an hour so long ago. */
async function putTogetherLongPast(transaction: Transaction): Promise<void> {
  await transaction.$executeRaw`SELECT lock_access_totals()`;
  await transaction.$executeRaw`
    WITH past AS (
      DELETE FROM access_totals WHERE hour > '-infinity'
        AND hour < postern_now() - make_interval(days => ${7 * standingPoints}::int) RETURNING *
    ), counted AS (
      SELECT resource_id, below, timestamptz '-infinity', role_definition_id, state, kind,
        sum(started)::int AS started, sum(ended)::int AS ended, sum(created)::int AS created
      FROM past GROUP BY 1, 2, 3, 4, 5, 6
    ) ${addToTotals}`;
}

interface Place {
  readonly resourceId: string;
  readonly below: boolean;
  readonly rows: number;
}

/** From this many rows on, whole tables are joined. For fewer, those of a place are looked up. */
const wholeTables = 50_000;

/** Places that are large and not counted yet, the largest first. */
function grownLarge(transaction: Transaction, minimumRows: number): Promise<Place[]> {
  return transaction.$queryRaw<Place[]>`
    WITH own AS MATERIALIZED (
      SELECT x.resource_id, sum(x.number) AS number FROM (
        SELECT resource_id, count(*) AS number FROM eligibilities GROUP BY 1
        UNION ALL
        SELECT resource_id, count(*) FROM assignments GROUP BY 1) x
      GROUP BY 1
    ), sized AS (
      SELECT resource_id, false AS below, number FROM own
      UNION ALL
      SELECT above.id, true, sum(own.number) FROM own JOIN resources r ON r.id = own.resource_id
      CROSS JOIN LATERAL unnest(path_ids(r.path)) AS above (id) GROUP BY 1
    )
    SELECT s.resource_id AS "resourceId", s.below, s.number::int AS rows FROM sized s
    WHERE s.number >= ${minimumRows} AND NOT EXISTS (
      SELECT FROM access_places p WHERE p.resource_id = s.resource_id AND p.below = s.below)
    ORDER BY s.number DESC LIMIT 2000`;
}

/**
 * Counts a resource from its rows, minus the changes that are still to be added. One statement reads
 * both. The lock keeps others from adding those changes meanwhile.
 */
async function beginCounting(transaction: Transaction, { resourceId, below, rows }: Place): Promise<number> {
  await transaction.$executeRaw`SELECT lock_access_totals()`;
  const taken = await transaction.$executeRaw`
    INSERT INTO access_places (resource_id, below) VALUES (${resourceId}::uuid, ${below}) ON CONFLICT DO NOTHING`;
  if (taken === 0) return 0;
  const within = (column: Prisma.Sql) =>
    below
      ? Prisma.sql`${column} IN (SELECT inside.id FROM resources top
          JOIN resources inside ON ${pathWithin("inside.path", "top.path")}
          WHERE top.id = ${resourceId}::uuid)`
      : Prisma.sql`${column} = ${resourceId}::uuid`;
  // The planner expects few rows below a path, and would look each of them up by itself.
  if (rows >= wholeTables) await transaction.$executeRaw`SELECT set_config('enable_nestloop', 'off', true)`;
  await transaction.$executeRaw`
    WITH counted AS (
      SELECT ${resourceId}::uuid AS resource_id, ${below}::boolean AS below, e.hour, c.role_definition_id, c.state,
        c.kind, sum(e.started)::int AS started, sum(e.ended)::int AS ended, sum(e.created)::int AS created
      FROM (
        ${accessByHours(
          (table) => Prisma.sql`${Prisma.raw(table)} x JOIN principals holder ON holder.id = x.principal_id
            WHERE ${within(Prisma.sql`x.resource_id`)}`,
          Prisma.sql`holder.type`,
        )}
        UNION ALL
        SELECT role_definition_id, state, kind, starts_hour, ends_hour, created_hour, -number FROM access_changes
        WHERE ${within(Prisma.sql`resource_id`)}
      ) c CROSS JOIN LATERAL ${hoursOfAccess("c", "e")} WHERE e.hour IS NOT NULL GROUP BY 1, 2, 3, 4, 5, 6
    ) ${addToTotals}`;
  return 1;
}
