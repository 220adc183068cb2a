import type {
  AccessFigures,
  DayCount,
  MfaCoverage,
  RoleCount,
  StandingPoint,
} from "@/lib/domain/access-figures";
import { type AccessFilter, type AccessState, allAccess } from "@/lib/domain/access-filter";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { waitsForDecision } from "@/lib/platform/decision-authority";
import { Prisma } from "@/lib/platform/generated/client";
import { inTransaction } from "@/lib/platform/transaction";
import { access, accessConditions, inEffect } from "@/lib/queries/access";
import { type Place, type Readable, readableAt } from "@/lib/queries/readable-access";

/** Counts a place's access; null when the caller may read no assignments there. `days` is how far activations go back. */
export function accessFigures(
  database: Database,
  caller: Caller,
  place: Place,
  days: number,
): Promise<AccessFigures | null> {
  return inTransaction(database, async (transaction) => {
    const readable = await readableAt(transaction, caller, place);
    if (!readable) return null;
    const dates = await lastDays(transaction, days);
    const here = readable.at(Prisma.sql`x.resource_id`);
    const held = await heldNow(transaction, here);
    const inState = (state: AccessState) => held.filter((row) => row.state === state);
    return {
      days: dates,
      activations: await activationsByDay(transaction, here, dates[0] ?? null, dates.at(-1) ?? null),
      states: {
        Eligible: sum(inState("Eligible"), "count"),
        Assigned: sum(inState("Assigned"), "count"),
        Activated: sum(inState("Activated"), "count"),
      },
      roles: await rolesByCount(transaction, held),
      newAssignments: await count(transaction, here, { when: "any", createdWithinDays: 30 }),
      endingSoon: sum([...inState("Eligible"), ...inState("Assigned")], "endingSoon"),
      pendingRequests: await pendingRequests(transaction, readable),
    };
  });
}

async function lastDays(transaction: Transaction, days: number): Promise<string[]> {
  const rows = await transaction.$queryRaw<{ day: string }[]>`
    SELECT to_char((postern_now() AT TIME ZONE 'UTC')::date - back, 'YYYY-MM-DD') AS day
    FROM generate_series(${days - 1}::int, 0, -1) AS s (back)`;
  return rows.map(({ day }) => day);
}

function activationsByDay(
  transaction: Transaction,
  here: Prisma.Sql,
  from: string | null,
  to: string | null,
): Promise<DayCount[]> {
  const filter: AccessFilter = { ...allAccess, state: "Activated", when: "any", from, to };
  return transaction.$queryRaw<DayCount[]>`
    SELECT x.day, x.role_definition_id AS "roleDefinitionId", d.role_name AS "roleName", x.count FROM (
      SELECT to_char(x.starts_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, x.role_definition_id, count(*)::int AS count
      FROM ${access} WHERE ${Prisma.join(accessConditions(filter), " AND ")} AND ${here}
      GROUP BY 1, 2) x
    JOIN role_definitions d ON d.id = x.role_definition_id
    ORDER BY x.day, lower(d.role_name), d.id LIMIT 20000`;
}

interface HeldCount {
  readonly roleDefinitionId: string;
  readonly state: AccessState;
  readonly count: number;
  readonly endingSoon: number;
}

function sum(rows: readonly HeldCount[], figure: "count" | "endingSoon"): number {
  return rows.reduce((all, row) => all + row[figure], 0);
}

/** What is in effect now, by role and state: one pass for every figure that rests on it. */
function heldNow(transaction: Transaction, here: Prisma.Sql): Promise<HeldCount[]> {
  return transaction.$queryRaw<HeldCount[]>`
    SELECT x.role_definition_id AS "roleDefinitionId", x.state, count(*)::int AS count,
      (count(*) FILTER (WHERE x.ends_at <= postern_now() + make_interval(days => 14)))::int AS "endingSoon"
    FROM ${access} WHERE ${inEffect} AND ${here} GROUP BY 1, 2 LIMIT 20000`;
}

async function rolesByCount(transaction: Transaction, held: readonly HeldCount[]): Promise<RoleCount[]> {
  const counts = new Map<string, { eligible: number; active: number }>();
  for (const { roleDefinitionId, state, count: number } of held) {
    const { eligible, active } = counts.get(roleDefinitionId) ?? { eligible: 0, active: 0 };
    counts.set(
      roleDefinitionId,
      state === "Eligible" ? { eligible: eligible + number, active } : { eligible, active: active + number },
    );
  }
  const most = [...counts]
    .sort(([a, x], [b, y]) => y.eligible + y.active - x.eligible - x.active || (a < b ? -1 : 1))
    .slice(0, 10);
  const names = await transaction.roleDefinition.findMany({
    where: { id: { in: most.map(([id]) => id) } },
    select: { id: true, roleName: true },
    take: 10,
  });
  const nameOf = new Map(names.map((role) => [role.id, role.roleName]));
  return most.map(([id, figures]) => ({ id, roleName: nameOf.get(id) ?? "", ...figures }));
}

async function count(
  transaction: Transaction,
  here: Prisma.Sql,
  filter: Partial<AccessFilter>,
): Promise<number> {
  const conditions = accessConditions({ ...allAccess, ...filter });
  const [row] = await transaction.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM ${access} WHERE ${Prisma.join(conditions, " AND ")} AND ${here}`;
  return row?.count ?? 0;
}

async function pendingRequests(transaction: Transaction, readable: Readable): Promise<number> {
  const [row] = await transaction.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM requests q
    WHERE ${waitsForDecision} AND ${readable.at(Prisma.sql`q.resource_id`)}`;
  return row?.count ?? 0;
}

/** What the organisation-wide dashboard tells beyond the figures of a place; null without anything to read. */
export function organisationFigures(
  database: Database,
  caller: Caller,
): Promise<{ mfa: MfaCoverage; standing: readonly StandingPoint[] } | null> {
  return inTransaction(database, async (transaction) => {
    const readable = await readableAt(transaction, caller, { resourceId: null, below: true });
    if (!readable) return null;
    const here = readable.at(Prisma.sql`x.resource_id`);
    return {
      mfa: await mfaCoverage(transaction, here),
      standing: await standingOverTime(transaction, here),
    };
  });
}

async function mfaCoverage(transaction: Transaction, here: Prisma.Sql): Promise<MfaCoverage> {
  const [people] = await transaction.$queryRaw<{ people: number; withFactor: number }[]>`
    WITH RECURSIVE holders (id) AS (
      SELECT DISTINCT x.principal_id FROM ${access} WHERE ${inEffect} AND ${here}
      UNION
      SELECT m.member_id FROM holders h
      JOIN principals g ON g.id = h.id AND g.disabled_at IS NULL
      JOIN group_members m ON m.group_id = h.id
    )
    SELECT count(*)::int AS people, count(f.id)::int AS "withFactor"
    FROM holders h JOIN principals u ON u.id = h.id AND u.type = 'User' AND u.disabled_at IS NULL
    LEFT JOIN totp_factors f ON f.user_id = u.id AND f.confirmed_at IS NOT NULL AND f.removed_at IS NULL`;
  const [settings] = await transaction.$queryRaw<{ settings: number; withMfa: number }[]>`
    SELECT count(*)::int AS settings, (count(*) FILTER (WHERE coalesce(m.activation_requires_mfa, true)))::int AS "withMfa"
    FROM (SELECT DISTINCT x.role_definition_id, x.resource_id FROM ${access}
      WHERE x.state = 'Eligible' AND ${inEffect} AND ${here}) used
    LEFT JOIN role_management_policies m
      ON m.role_definition_id = used.role_definition_id AND m.resource_id = used.resource_id`;
  return {
    people: people?.people ?? 0,
    peopleWithFactor: people?.withFactor ?? 0,
    settings: settings?.settings ?? 0,
    settingsWithMfa: settings?.withMfa ?? 0,
  };
}

const standingPoints = 14;

/**
 * How much was in effect at each of fourteen moments a week apart, the last one now, from the ranges themselves. Each
 * row counts from the first moment at or after its start up to the one before its end, so one pass does for all.
 */
function standingOverTime(transaction: Transaction, here: Prisma.Sql): Promise<StandingPoint[]> {
  const first = Prisma.sql`(postern_now() - make_interval(hours => 168 * (${standingPoints}::int - 1)))`;
  const point = (moment: Prisma.Sql) =>
    Prisma.sql`greatest(0, ceil(date_part('epoch', ${moment} - ${first}) / 604800))::int`;
  return transaction.$queryRaw<StandingPoint[]>`
    WITH spans AS MATERIALIZED (
      SELECT x.state, ${point(Prisma.sql`x.starts_at`)} AS begins,
        CASE WHEN x.ends_at <= postern_now() THEN ${point(Prisma.sql`x.ends_at`)} END AS ends, count(*) AS number
      FROM ${access}
      WHERE x.state <> 'Activated' AND x.starts_at <= postern_now()
        AND (x.ends_at IS NULL OR x.ends_at > ${first}) AND ${here}
      GROUP BY 1, 2, 3
    )
    SELECT postern_now() - make_interval(hours => 168 * (${standingPoints}::int - 1 - p.point)) AS at,
      coalesce(sum(s.number) FILTER (WHERE s.state = 'Eligible'), 0)::int AS eligible,
      coalesce(sum(s.number) FILTER (WHERE s.state = 'Assigned'), 0)::int AS assigned
    FROM generate_series(0, ${standingPoints}::int - 1) AS p (point)
    LEFT JOIN spans s ON s.begins <= p.point AND (s.ends IS NULL OR s.ends > p.point)
    GROUP BY p.point ORDER BY p.point`;
}
