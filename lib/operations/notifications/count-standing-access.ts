import type { DigestStanding } from "@/lib/domain/notifications/weekly-digest";
import { outermost } from "@/lib/domain/resources/resource-path";
import { addDays } from "@/lib/domain/time/schedule";
import type { Transaction } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

/**
 * How much standing access there is at and below each set of paths, now and at the previous digest
 * before that of `monday`, or a week ago if there is none. Assignments are read once, and counted for
 * each requested resource above them.
 */
export async function countStandingAccess(
  transaction: Transaction,
  scopes: ReadonlyMap<string, ReadonlySet<string>>,
  monday: Date,
): Promise<Map<string, DigestStanding>> {
  const tops = new Map([...scopes].map(([scope, paths]) => [scope, outermost([...paths])]));
  const paths = [...new Set([...tops.values()].flat())];
  if (paths.length === 0) return new Map();
  const [last] = await transaction.$queryRaw<{ at: Date | null }[]>`
    SELECT max(made_at) AS at FROM weekly_digests WHERE week_start < ${monday}::date`;
  const since = last?.at ?? addDays(await databaseNow(transaction), -7);
  const rows = await transaction.$queryRaw<
    { path: string; resourceId: string; now: number; before: number }[]
  >`
    WITH places AS MATERIALIZED (SELECT id, path FROM resources WHERE path = ANY (${paths}::text[])),
    held AS MATERIALIZED (
      SELECT x.resource_id,
        count(*) FILTER (WHERE x.starts_at <= postern_now()
          AND (x.ends_at IS NULL OR x.ends_at > postern_now())) AS now,
        count(*) FILTER (WHERE x.starts_at <= ${since} AND (x.ends_at IS NULL OR x.ends_at > ${since})) AS before
      FROM assignments x
      WHERE x.assignment_type = 'Assigned' AND x.starts_at <= postern_now()
        AND (x.ends_at IS NULL OR x.ends_at > ${since})
      GROUP BY x.resource_id
    ), counted AS (
      SELECT above.id, sum(held.now)::int AS now, sum(held.before)::int AS before
      FROM held JOIN resources r ON r.id = held.resource_id
      CROSS JOIN LATERAL unnest(path_ids(r.path)) AS above (id)
      WHERE above.id IN (SELECT id FROM places)
      GROUP BY above.id)
    SELECT p.path, p.id AS "resourceId", coalesce(c.now, 0) AS now, coalesce(c.before, 0) AS before
    FROM places p LEFT JOIN counted c ON c.id = p.id`;
  const counted = new Map(rows.map((row) => [row.path, row]));
  const found = new Map<string, DigestStanding>();
  for (const [scope, its] of tops) {
    const each = its.flatMap((path) => counted.get(path) ?? []);
    const [most] = each.toSorted((left, right) => right.now - left.now);
    if (most)
      found.set(scope, {
        since,
        now: each.reduce((sum, { now }) => sum + now, 0),
        before: each.reduce((sum, { before }) => sum + before, 0),
        // A list covers one place: the one with the most standing access.
        resourceId: most.resourceId,
      });
  }
  return found;
}
