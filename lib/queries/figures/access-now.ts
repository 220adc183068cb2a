import { waitingForDecision } from "@/lib/authority/request-basis";
import type { AccessState } from "@/lib/domain/assignments/access-filter";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { planOnce } from "@/lib/platform/prepared-statements";
import { hoursOfAccess } from "@/lib/platform/sql/access-hours";
import { readOnce } from "@/lib/platform/transaction";
import { type Place, readableAt, rowsUncounted, topsOf } from "@/lib/queries/assignments/readable-access";
import { begunAndEnded, inCounted } from "@/lib/queries/figures/counted-access";
import { manyUncounted, mostUncounted } from "@/lib/queries/figures/still-counting";

/**
 * How much access is active at this moment, and how many requests wait for a decision. Access is null
 * while it is counted for the first time.
 */
export interface AccessNow extends Readonly<Record<Exclude<AccessState, "Eligible">, number | null>> {
  readonly pendingRequests: number;
}

/**
 * The counts of this moment only, as in `accessFigures`, without the days and weeks of a dashboard. So rows that are not
 * counted ahead are counted as they are, without the hours in which they began and ended. Null if the caller may not
 * read assignments there. A place that is `stillCounting` has only the number of waiting requests.
 */
export function accessNow(
  database: Database,
  caller: Caller,
  place: Place,
  most = mostUncounted,
): Promise<AccessNow | null> {
  return readOnce(database, async (transaction) => {
    const readable = await readableAt(transaction, caller, place);
    if (!readable) return null;
    const inState = (state: AccessState) =>
      Prisma.sql`CASE WHEN NOT (SELECT many FROM still)
        THEN coalesce((SELECT number FROM held WHERE state = ${state}), 0)::int END`;
    const [counted] = await transaction.$queryRaw<AccessNow[]>`
      ${planOnce} WITH ${topsOf(readable)}, clock AS MATERIALIZED (
        SELECT at, hour_of(at) AS hour FROM (SELECT postern_now() AS at) c
      ), still AS MATERIALIZED (SELECT ${manyUncounted(readable, most)} AS many
      ), held AS MATERIALIZED (
        SELECT x.state, sum(x.number) AS number FROM (
          SELECT t.state, t.started - t.ended AS number
          FROM tops JOIN access_totals t ON t.resource_id = tops.id AND t.below = ${readable.reach !== "one"}
          WHERE tops.counted AND t.state <> 'Eligible' AND t.hour < (SELECT hour FROM clock)
          UNION ALL
          SELECT c.state, e.started - e.ended
          FROM access_changes c CROSS JOIN LATERAL ${hoursOfAccess("c", "e")}
          WHERE ${inCounted(readable, Prisma.sql`c.resource_id`)}
            AND c.state <> 'Eligible' AND e.hour < (SELECT hour FROM clock)
          UNION ALL
          SELECT y.state, CASE WHEN y.began THEN 1 ELSE -1 END
          FROM clock p CROSS JOIN LATERAL (${begunAndEnded({ of: (column) => inCounted(readable, column) })}) y
          UNION ALL
          SELECT u.state, u.number FROM (
            SELECT x.assignment_type::text AS state, count(*) AS number FROM ${rowsUncounted(readable, "assignments")}
              AND x.starts_at <= (SELECT at FROM clock) AND (x.ends_at IS NULL OR x.ends_at > (SELECT at FROM clock))
            GROUP BY 1) u) x
        WHERE NOT (SELECT many FROM still) GROUP BY 1
      )
      SELECT ${inState("Activated")} AS "Activated", ${inState("Assigned")} AS "Assigned",
        (SELECT count(*)::int FROM ${waitingForDecision} WHERE ${readable.of(Prisma.sql`q.resource_id`)})
          AS "pendingRequests"`;
    if (!counted) throw new Error("nothing was counted");
    return counted;
  });
}
