import { waitingForDecision } from "@/lib/authority/request-basis";
import type { AccessState } from "@/lib/domain/assignments/access-filter";
import type { DayCount, StandingPoint } from "@/lib/domain/figures/access-figures";
import type { PrincipalType } from "@/lib/domain/people/principal";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { planOnce } from "@/lib/platform/prepared-statements";
import { accessByHours, hoursOfAccess, kindOf } from "@/lib/platform/sql/access-hours";
import { type Readable, rowsUncounted, topsOf } from "@/lib/queries/assignments/readable-access";

export interface HeldCount {
  readonly roleDefinitionId: string;
  readonly roleName: string;
  readonly state: AccessState;
  readonly count: number;
}

/** Days of the reader. Today is the last one. */
export interface DaysOfReader {
  /** `2026-03-02` and so on. */
  readonly names: readonly string[];
  /** The moment at which each begins, and the one at which the last one ends. */
  readonly starts: readonly Date[];
}

/** How much of a state a kind of principal holds now, and held a week ago. */
export interface KindCount {
  readonly kind: PrincipalType;
  readonly state: AccessState;
  readonly count: number;
  readonly weekAgo: number;
}

/** How much was assigned to a kind of principal in thirty days, and in the thirty days before. */
export interface MadeCount {
  readonly kind: PrincipalType;
  readonly count: number;
  readonly before: number;
}

/** The counts of a place. */
export interface CountedAccess {
  readonly days: readonly string[];
  readonly activations: readonly DayCount[];
  readonly held: readonly HeldCount[];
  readonly kinds: readonly KindCount[];
  readonly made: readonly MadeCount[];
  readonly endingSoon: number;
  readonly pendingRequests: number;
  readonly standing: readonly StandingPoint[];
}

/**
 * Counts several things in one statement, so that totals, changes and rows are those of one moment:
 * what is in effect now by role and state, and by kind of holder; activations by day of the reader;
 * what is new in thirty days; what ends within fourteen days or waits for a decision; and what was in
 * effect at each of several moments a week apart, the last of which is now.
 *
 * What is in effect at a moment is what has begun by then minus what has ended by then. Both are
 * computed from hours. A place that is counted ahead has its totals and the changes they do not contain
 * yet; any other has the rows themselves. Only the hour that contains the moment is read row by row.
 * This makes each figure exact to the microsecond (docs/rules.md, rule 5;
 * docs/decisions/counted-ahead.md).
 */
export async function countedAccess(
  transaction: Transaction,
  readable: Readable,
  { days, points }: { readonly days: DaysOfReader; readonly points: number },
): Promise<CountedAccess> {
  const starts = Prisma.sql`${[...days.starts]}::timestamptz[]`;
  // A literal: for an unknown number the planner expects a thousand, and plans again each time.
  const count = Prisma.raw(String(Math.trunc(points)));
  const rows = await transaction.$queryRaw<CountedAccess[]>`
    ${planOnce} WITH ${topsOf(readable)}, points AS MATERIALIZED (
      SELECT point, at, hour_of(at) AS hour FROM (
        SELECT point, postern_now() - make_interval(hours => 168 * (${count} - 1 - point)) AS at
        FROM generate_series(0, ${count} - 1) AS s (point)) p
    ), clock AS MATERIALIZED (
      SELECT now, hour_of(now) AS hour, soon, hour_of(soon) AS soon_hour, since, hour_of(since) AS since_hour,
        before, hour_of(before) AS before_hour
      FROM (SELECT postern_now() AS now, postern_now() + interval '14 days' AS soon,
        postern_now() - interval '30 days' AS since, postern_now() - interval '60 days' AS before) c
    ), by_hour AS MATERIALIZED (
      SELECT x.role_definition_id, x.state, x.kind, x.hour, sum(x.started) AS started, sum(x.ended) AS ended,
        sum(x.created) AS created
      FROM (
        SELECT t.role_definition_id, t.state, t.kind, t.hour, t.started, t.ended, t.created
        FROM tops JOIN access_totals t ON t.resource_id = tops.id AND t.below = ${readable.reach !== "one"}
        WHERE tops.counted AND t.hour <= (SELECT soon FROM clock)
        UNION ALL
        SELECT c.role_definition_id, c.state, c.kind, e.hour, e.started, e.ended, e.created
        FROM (
          SELECT role_definition_id, state, kind, starts_hour, ends_hour, created_hour, number FROM access_changes a
          WHERE ${inCounted(readable, Prisma.sql`a.resource_id`)}
          UNION ALL ${accessByHours((table) => rowsUncounted(readable, table))}
        ) c CROSS JOIN LATERAL ${hoursOfAccess("c", "e")} WHERE e.hour <= (SELECT soon FROM clock)
      ) x GROUP BY 1, 2, 3, 4
    ), at_points AS MATERIALIZED (
      SELECT p.point, y.role_definition_id, y.state, ${kindOf(Prisma.sql`y.principal_id`)} AS kind,
        count(*) FILTER (WHERE y.began) AS began, count(*) FILTER (WHERE NOT y.began) AS ended
      FROM points p CROSS JOIN LATERAL (${begunAndEnded(readable)}) y GROUP BY 1, 2, 3, 4
    ), standing AS (
      SELECT width_bucket(h.hour, (SELECT array_agg(hour ORDER BY point) FROM points)) AS point,
        h.role_definition_id, h.state, h.kind, sum(h.started - h.ended) AS number
      FROM by_hour h GROUP BY 1, 2, 3, 4
    ), held AS (
      SELECT x.role_definition_id, x.state, sum(x.number)::int AS count FROM (
        SELECT role_definition_id, state, number FROM standing WHERE point < ${count}
        UNION ALL
        SELECT role_definition_id, state, began - ended FROM at_points WHERE point = ${count} - 1) x
      GROUP BY 1, 2 HAVING sum(x.number) <> 0
    ), held_by AS (
      SELECT kind, state, sum(number) FILTER (WHERE now)::int AS count,
        sum(number) FILTER (WHERE week_ago)::int AS week_ago
      FROM (
        SELECT kind, state, point < ${count} AS now, point < ${count} - 1 AS week_ago, number FROM standing
        UNION ALL
        SELECT kind, state, point = ${count} - 1, point = ${count} - 2, began - ended FROM at_points) x
      GROUP BY 1, 2
    ), made_for AS (${createdByKind(readable)})
    SELECT
      to_json(${[...days.names]}::text[]) AS days,
      coalesce((SELECT json_agg(json_build_object('roleDefinitionId', d.id, 'roleName', d.role_name, 'state', h.state,
          'count', h.count)) FROM held h JOIN role_definitions d ON d.id = h.role_definition_id), '[]') AS held,
      coalesce((SELECT json_agg(json_build_object('day', x.day, 'roleDefinitionId', d.id, 'roleName', d.role_name,
          'count', x.count) ORDER BY x.day, lower(d.role_name), d.id)
        FROM (SELECT (${[...days.names]}::text[])[z.day] AS day, z.role_definition_id, sum(z.number)::int AS count
          FROM (
            SELECT width_bucket(h.hour, ${starts}) AS day, h.role_definition_id, h.started AS number
            FROM by_hour h WHERE h.state = 'Activated'
            UNION ALL ${withinHours(readable, starts)}) z
          WHERE z.day BETWEEN 1 AND ${days.names.length}::int
          GROUP BY 1, 2 HAVING sum(z.number) <> 0) x
        JOIN role_definitions d ON d.id = x.role_definition_id), '[]') AS activations,
      coalesce((SELECT json_agg(json_build_object('kind', kind, 'state', state, 'count', coalesce(count, 0),
          'weekAgo', coalesce(week_ago, 0))) FROM held_by), '[]') AS kinds,
      coalesce((SELECT json_agg(json_build_object('kind', kind, 'count', since, 'before', before)) FROM made_for), '[]')
        AS made,
      ((SELECT coalesce(sum(h.ended), 0) FROM by_hour h, clock c
          WHERE h.state <> 'Activated' AND h.hour >= c.hour AND h.hour < c.soon_hour)
        + (SELECT count(*) FROM clock c CROSS JOIN LATERAL (
          ${standingRows(readable, Prisma.sql`y.ends_at >= c.soon_hour AND y.ends_at <= c.soon`)}) y)
        - (SELECT coalesce(sum(ended), 0) FROM at_points WHERE point = ${count} - 1 AND state <> 'Activated')
        - (SELECT count(*) FROM clock c CROSS JOIN LATERAL (
          ${standingRows(readable, Prisma.sql`y.starts_at > c.now AND y.starts_at <= c.soon AND y.ends_at <= c.soon`)}) y))::int
        AS "endingSoon",
      (SELECT count(*)::int FROM ${waitingForDecision} WHERE ${readable.of(Prisma.sql`q.resource_id`)})
        AS "pendingRequests",
      (SELECT json_agg(json_build_object('at', p.at, 'eligible', ${standingAt("Eligible")},
        'assigned', ${standingAt("Assigned")}, 'activated', ${standingAt("Activated")}) ORDER BY p.point) FROM points p) AS standing`;
  const [counted] = rows;
  if (!counted) throw new Error("nothing was counted");
  return { ...counted, standing: counted.standing.map((each) => ({ ...each, at: new Date(each.at) })) };
}

/** Whether a row belongs to what is counted ahead, used if there are few rows to check. */
export function inCounted({ reach }: Readable, resourceId: Prisma.Sql): Prisma.Sql {
  switch (reach) {
    case "one":
      return Prisma.sql`${resourceId} = (SELECT id FROM tops WHERE counted)`;
    case "everything":
      return Prisma.sql`EXISTS (SELECT FROM tops WHERE counted)`;
    case "few":
    case "many":
      return Prisma.sql`(SELECT path_ids(r.path) FROM resources r WHERE r.id = ${resourceId})
        && ARRAY(SELECT id FROM tops WHERE counted)`;
  }
}

const neverTakenBack = Prisma.sql`(y.ends_at IS NULL OR y.ends_at > y.starts_at)`;

/**
 * What began in the hour in which a day begins, but after its beginning. It belongs to this day, and
 * the hours count it for the day before. Empty if days begin on a full hour of UTC.
 */
function withinHours(readable: Readable, starts: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`SELECT b.day + side.day, y.role_definition_id, side.number
    FROM unnest(${starts}) WITH ORDINALITY AS b (at, day)
    JOIN assignments y ON y.starts_at >= b.at AND y.starts_at < hour_of(b.at) + interval '1 hour'
      AND y.assignment_type = 'Activated' AND ${neverTakenBack} AND ${readable.of(Prisma.sql`y.resource_id`)}
    CROSS JOIN (VALUES (0, 1), (-1, -1)) AS side (day, number)
    WHERE hour_of(b.at) <> b.at`;
}

/** What began or ended between the beginning of a point's hour and the point. */
export function begunAndEnded(readable: Pick<Readable, "of">): Prisma.Sql {
  const rows = (table: "eligibilities" | "assignments", state: Prisma.Sql, moment: "starts_at" | "ends_at") =>
    Prisma.sql`SELECT y.principal_id, y.role_definition_id, ${state} AS state, ${moment === "starts_at"}::boolean AS began
      FROM ${Prisma.raw(table)} y WHERE y.${Prisma.raw(moment)} >= p.hour AND y.${Prisma.raw(moment)} <= p.at
        AND ${neverTakenBack} AND ${readable.of(Prisma.sql`y.resource_id`)}`;
  const assigned = Prisma.sql`y.assignment_type::text`;
  const eligible = Prisma.sql`'Eligible'`;
  return Prisma.join(
    [
      rows("eligibilities", eligible, "starts_at"),
      rows("eligibilities", eligible, "ends_at"),
      rows("assignments", assigned, "starts_at"),
      rows("assignments", assigned, "ends_at"),
    ],
    " UNION ALL ",
  );
}

/** Eligibilities and direct assignments of the place for which a condition on `y` holds. */
function standingRows(readable: Readable, condition: Prisma.Sql): Prisma.Sql {
  const where = Prisma.sql`${condition} AND ${neverTakenBack} AND ${readable.of(Prisma.sql`y.resource_id`)}`;
  return Prisma.sql`SELECT y.principal_id FROM eligibilities y WHERE ${where}
    UNION ALL SELECT y.principal_id FROM assignments y WHERE y.assignment_type = 'Assigned' AND ${where}`;
}

/**
 * How many eligibilities and direct assignments were created since a moment of `clock`, and in the same
 * time before it, by kind.
 */
function createdByKind(readable: Readable): Prisma.Sql {
  const within = (moment: "since" | "before") => {
    const [at, hour] = [Prisma.raw(`c.${moment}`), Prisma.raw(`c.${moment}_hour`)];
    return standingRows(readable, Prisma.sql`y.created_at >= ${hour} AND y.created_at <= ${at}`);
  };
  const less = (moment: "since" | "before", since: number, all: number) => Prisma.sql`
    SELECT ${kindOf(Prisma.sql`y.principal_id`)}, ${Prisma.raw(`${since}, ${all}`)}
    FROM clock c CROSS JOIN LATERAL (${within(moment)}) y`;
  return Prisma.sql`SELECT kind, sum(since)::int AS since, sum(all_of_it - since)::int AS before FROM (
      SELECT h.kind, CASE WHEN h.hour >= c.since_hour THEN h.created ELSE 0 END AS since, h.created AS all_of_it
      FROM by_hour h, clock c WHERE h.state <> 'Activated' AND h.hour >= c.before_hour
      UNION ALL ${less("since", -1, 0)}
      UNION ALL ${less("before", 0, -1)}) x
    GROUP BY 1`;
}

/** How much of a state was in effect at the point `p`. */
function standingAt(state: AccessState): Prisma.Sql {
  return Prisma.sql`coalesce((SELECT sum(s.number) FROM standing s WHERE s.point <= p.point AND s.state = ${state}), 0)
    + coalesce((SELECT sum(e.began - e.ended) FROM at_points e WHERE e.point = p.point AND e.state = ${state}), 0)`;
}
