import {
  type FoundOfKind,
  foundBy,
  knownAlert,
  newestThenLongestUnseen,
  type SeenAt,
  settings,
  threshold,
} from "@/lib/authority/alerts/alert-finding";
import { usualIfExceeded } from "@/lib/domain/alerts/usual-number";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

/** Access of one account is counted up to this number. */
const accessCounted = 1_000;
const inEffect = (alias: string) => {
  const row = Prisma.raw(alias);
  return Prisma.sql`${row}.starts_at <= postern_now() AND (${row}.ends_at IS NULL OR ${row}.ends_at > postern_now())`;
};
const assigned = Prisma.sql`a.assignment_type = 'Assigned' AND ${inEffect("a")}`;

interface StaleRow extends SeenAt {
  readonly resourceId: string;
  readonly principalId: string;
  readonly days: number;
  readonly seen: string;
  readonly eligible: number;
  readonly active: number;
}

/**
 * Enabled people who have access, directly or through a group, and have not signed in for a long time.
 * For those who never signed in, the time counts from when they were created. Their last session is
 * always kept. People who did not sign in are found first. Their groups come next, and only then
 * whether any of these has access, one probe each, so that nobody else's access is read.
 */
export async function staleAccounts(transaction: Transaction, atOnce: number): Promise<FoundOfKind> {
  const kind = "StaleAccount";
  const rows = await transaction.$queryRaw<StaleRow[]>`
    WITH RECURSIVE idle AS MATERIALIZED (
      SELECT r.id AS resource_id, p.id, known.seen_at, coalesce(last.at, p.created_at) AS since, last.at AS signed_in
      FROM principals p
      JOIN resources r ON r.parent_id IS NULL ${settings(kind)}
      LEFT JOIN LATERAL (
        SELECT x.last_seen_at AS at FROM sessions x WHERE x.user_id = p.id AND NOT x.awaits_factor ORDER BY x.last_seen_at DESC LIMIT 1
      ) last ON true
      ${knownAlert(kind, Prisma.sql`p.id`)}
      WHERE coalesce(s.enabled, true) AND p.type = 'User' AND p.disabled_at IS NULL
        AND coalesce(last.at, p.created_at) < postern_now() - make_interval(days => ${threshold(kind)})
    ), reached (person_id, id) AS (
      SELECT id, id FROM idle
      UNION
      SELECT reached.person_id, m.group_id FROM reached JOIN group_members m ON m.member_id = reached.id
      JOIN principals g ON g.id = m.group_id AND g.disabled_at IS NULL
    ), holding AS MATERIALIZED (
      SELECT x.id FROM (SELECT DISTINCT id FROM reached) x CROSS JOIN LATERAL (
        (SELECT FROM eligibilities e WHERE e.principal_id = x.id AND ${inEffect("e")} LIMIT 1)
        UNION ALL
        (SELECT FROM assignments a WHERE a.principal_id = x.id AND ${assigned} LIMIT 1)
        LIMIT 1) held
    ), page AS MATERIALIZED (
      SELECT idle.* FROM idle
      WHERE idle.id IN (SELECT reached.person_id FROM reached JOIN holding ON holding.id = reached.id)
      ORDER BY idle.seen_at NULLS FIRST, idle.id LIMIT ${atOnce}
    )
    SELECT page.resource_id AS "resourceId", page.id AS "principalId", page.seen_at AS "seenAt",
      extract(day FROM postern_now() - page.since)::int AS days,
      CASE WHEN page.signed_in IS NULL THEN 'Never' ELSE 'Before' END AS seen,
      (SELECT count(*)::int FROM (
        SELECT FROM principal_and_groups(page.id) AS g (id) JOIN eligibilities e ON e.principal_id = g.id
        WHERE ${inEffect("e")} LIMIT ${accessCounted}) x) AS eligible,
      (SELECT count(*)::int FROM (
        SELECT FROM principal_and_groups(page.id) AS g (id) JOIN assignments a ON a.principal_id = g.id
        WHERE ${assigned} LIMIT ${accessCounted}) x) AS active
    FROM page ORDER BY page.seen_at NULLS FIRST, page.id`;
  return foundBy(kind, rows, atOnce, ({ resourceId, principalId, days, seen, eligible, active }) => ({
    resourceId,
    principalId,
    subject: principalId,
    details: { days, seen, eligible, active },
  }));
}

interface OftenRow extends SeenAt {
  readonly resourceId: string;
  readonly principalId: string;
  readonly count: number;
  readonly extended: number;
  readonly ownWeeks: number[];
}

/**
 * People who activated or extended roles far more often in the last seven days than before, and than
 * others do (`usualIfExceeded`). The log's index of kinds gives the seven days. The weeks before are
 * read only for people who reach the threshold.
 */
export async function activatesOften(transaction: Transaction, atOnce: number): Promise<FoundOfKind> {
  const kind = "ActivatesOften";
  const counted = (alias: string) =>
    Prisma.sql`${Prisma.raw(alias)}.kind IN ('RoleActivated', 'ActivationExtended') AND ${Prisma.raw(alias)}.outcome = 'Success'`;
  const week = await transaction.$queryRaw<{ id: string; count: number; extended: number }[]>`
    SELECT e.target_id AS id, count(*)::int AS count,
      count(*) FILTER (WHERE e.kind = 'ActivationExtended')::int AS extended
    FROM audit_events e
    WHERE ${counted("e")} AND e.occurred_at > postern_now() - interval '7 days' AND e.target_id IS NOT NULL
    GROUP BY e.target_id`;
  const rows = await transaction.$queryRaw<OftenRow[]>`
    SELECT r.id AS "resourceId", w.id AS "principalId", w.count, w.extended, known.seen_at AS "seenAt",
      ARRAY (SELECT (
          SELECT count(*)::int FROM audit_events e
          WHERE e.target_id = w.id AND ${counted("e")}
            AND e.occurred_at <= postern_now() - k * interval '7 days'
            AND e.occurred_at > postern_now() - (k + 1) * interval '7 days')
        FROM generate_series(1, 8) AS k) AS "ownWeeks"
    FROM jsonb_to_recordset(${JSON.stringify(week)}::jsonb) AS w (id uuid, count integer, extended integer)
    JOIN principals p ON p.id = w.id
    JOIN resources r ON r.parent_id IS NULL ${settings(kind)} ${knownAlert(kind, Prisma.sql`w.id`)}
    WHERE coalesce(s.enabled, true) AND w.count >= ${threshold(kind)}
    ORDER BY ${newestThenLongestUnseen}, w.id LIMIT ${atOnce}`;
  const found = foundBy(kind, rows, atOnce, ({ resourceId, principalId, count, extended }) => ({
    resourceId,
    principalId,
    subject: principalId,
    details: { count, extended },
  }));
  const findings = found.findings.flatMap((finding, index) => {
    const row = rows[index];
    const others = week.filter(({ id }) => id !== row?.principalId).map((each) => each.count);
    const usual = row ? usualIfExceeded(row.count, row.ownWeeks, others) : null;
    return usual === null ? [] : [{ ...finding, details: { ...finding.details, usual } }];
  });
  return { ...found, findings };
}
