import {
  type AlertFinding,
  type FoundOfKind,
  foundBy,
  knownAlert,
  newestThenLongestUnseen,
  reachOf,
  type SeenAt,
  settings,
  threshold,
} from "@/lib/authority/alerts/alert-finding";
import { unusualReasons } from "@/lib/domain/alerts/unusual-activation";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

/** People whose codes were refused too often within a day. */
export async function failedStepUps(transaction: Transaction, atOnce: number): Promise<FoundOfKind> {
  const kind = "RepeatedFailedStepUps";
  const rows = await transaction.$queryRaw<
    ({ resourceId: string; principalId: string; count: number; addresses: string[] } & SeenAt)[]
  >`
    SELECT r.id AS "resourceId", x.actor_id AS "principalId", x.count, x.addresses, known.seen_at AS "seenAt"
    FROM (
      SELECT actor_id, count(*)::int AS count, (array_agg(DISTINCT ip_address))[1:5] AS addresses
      FROM audit_events
      WHERE kind = 'StepUpFailed' AND occurred_at > postern_now() - interval '1 day' AND actor_id IS NOT NULL
      GROUP BY actor_id) x
    JOIN principals p ON p.id = x.actor_id
    JOIN resources r ON r.parent_id IS NULL ${settings(kind)} ${knownAlert(kind, Prisma.sql`x.actor_id`)}
    WHERE coalesce(s.enabled, true) AND x.count >= ${threshold(kind)}
    ORDER BY ${newestThenLongestUnseen}, x.actor_id LIMIT ${atOnce}`;
  return foundBy(kind, rows, atOnce, ({ count, addresses, seenAt: _, ...rest }) => ({
    ...rest,
    subject: rest.principalId,
    details: { count, addresses },
  }));
}

interface ActivationRow extends SeenAt {
  readonly eventId: string;
  readonly sequence: bigint;
  /** Long enough ago that no event with a smaller sequence can still be uncommitted. */
  readonly settled: boolean;
  /** The event extends a running activation. */
  readonly extended: boolean;
  readonly resourceId: string;
  readonly principalId: string;
  readonly roleDefinitionId: string;
  readonly assignmentId: string;
  readonly hour: number;
  readonly address: string;
  readonly addressKnown: boolean;
  readonly hours: number[] | null;
  readonly needed: number;
}

/** How many activations one scan judges for each finding that it may handle. */
const judgedForEach = 5;

/**
 * Compares the activations of the last seven days with those of the ninety days before each, by the
 * clock of the organisation's time zone. Members' extensions of them are compared by address alone. The
 * result for one activation changes only with the settings, so it is stored (`alert_scans`). A scan
 * judges new activations, oldest first, and the open alerts again, those seen longest ago first.
 */
export async function unusualActivations(transaction: Transaction, atOnce: number): Promise<FoundOfKind> {
  const kind = "UnusualActivation";
  const [scan] = await transaction.$queryRaw<{ judgedThrough: bigint; timeZone: string }[]>`
    SELECT c.judged_through AS "judgedThrough", i.time_zone AS "timeZone"
    FROM alert_scans c, installation i WHERE c.kind = ${kind}::alert_kind FOR UPDATE OF c`;
  if (!scan) throw new Error("there is no record of what was judged");
  const { timeZone } = scan;
  const known = await activations(
    transaction,
    timeZone,
    Prisma.sql`known.id IS NOT NULL ORDER BY ${newestThenLongestUnseen}, e.id LIMIT ${atOnce}`,
  );
  const fresh = await activations(
    transaction,
    timeZone,
    // An activation that has ended, and whose alert was resolved by that, is not reported again.
    Prisma.sql`known.id IS NULL AND e.sequence > ${scan.judgedThrough} AND NOT (a.removed_at IS NOT NULL AND EXISTS (
        SELECT FROM alerts resolved WHERE resolved.kind = 'UnusualActivation' AND resolved.resource_id = r.id
          AND resolved.subject = e.id::text))
      ORDER BY e.sequence LIMIT ${atOnce * judgedForEach}`,
  );
  const findings: AlertFinding[] = known.flatMap((row) => judge(row, timeZone));
  let taken = 0;
  let judgedThrough = scan.judgedThrough;
  let behind = false;
  for (const row of fresh) {
    const found = judge(row, timeZone);
    if (taken + found.length > atOnce) break;
    taken += found.length;
    findings.push(...found);
    behind ||= !row.settled;
    if (!behind) judgedThrough = row.sequence;
  }
  await transaction.$executeRaw`
    UPDATE alert_scans SET judged_through = ${judgedThrough} WHERE kind = ${kind}::alert_kind`;
  return { kind, findings, reach: reachOf(known, atOnce) };
}

function activations(
  transaction: Transaction,
  timeZone: string,
  which: Prisma.Sql,
): Promise<ActivationRow[]> {
  const kind = "UnusualActivation";
  const hourOf = (time: Prisma.Sql) =>
    Prisma.sql`extract(hour FROM ${time} AT TIME ZONE ${timeZone}::text)::int`;
  return transaction.$queryRaw<ActivationRow[]>`
    WITH page AS MATERIALIZED (
      SELECT e.id, e.sequence, e.occurred_at, e.kind = 'ActivationExtended' AS extended, e.actor_id, e.role_definition_id, e.assignment_id, e.ip_address,
        r.id AS resource_id, known.seen_at, ${threshold(kind)} AS needed
      FROM audit_events e JOIN assignments a ON a.id = e.assignment_id
      JOIN resources r ON r.id = e.resource_id ${settings(kind)} ${knownAlert(kind, Prisma.sql`e.id`)}
      WHERE coalesce(s.enabled, true) AND e.outcome = 'Success'
        AND (e.kind = 'RoleActivated' OR e.kind = 'ActivationExtended' AND e.actor_id = e.target_id)
        AND e.occurred_at > postern_now() - interval '7 days' AND ${which}
    )
    SELECT e.id AS "eventId", e.sequence, e.occurred_at < postern_now() - interval '5 minutes' AS settled,
      e.resource_id AS "resourceId", e.extended, e.actor_id AS "principalId", e.role_definition_id AS "roleDefinitionId",
      e.assignment_id AS "assignmentId", e.seen_at AS "seenAt",
      ${hourOf(Prisma.sql`e.occurred_at`)} AS hour, coalesce(e.ip_address, '') AS address,
      EXISTS (
        SELECT FROM audit_events same WHERE same.actor_id = e.actor_id AND same.ip_address = e.ip_address
          AND same.kind IN ('RoleActivated', 'ActivationExtended') AND same.outcome = 'Success' AND same.occurred_at < e.occurred_at
          AND same.occurred_at > e.occurred_at - interval '90 days') AS "addressKnown",
      (SELECT array_agg(${hourOf(Prisma.sql`o.occurred_at`)}) FROM (
        SELECT occurred_at FROM audit_events earlier
        WHERE earlier.actor_id = e.actor_id AND earlier.kind = 'RoleActivated' AND earlier.outcome = 'Success'
          AND earlier.occurred_at < e.occurred_at AND earlier.occurred_at > e.occurred_at - interval '90 days'
        ORDER BY occurred_at DESC LIMIT 200) o) AS hours,
      e.needed
    FROM page e ORDER BY e.seen_at NULLS FIRST, e.sequence`;
}

function judge(row: ActivationRow, timeZone: string): AlertFinding[] {
  const { eventId, resourceId, principalId, roleDefinitionId, assignmentId, hours, needed } = row;
  const reasons = unusualReasons({ ...row, timeZone }, hours ?? [], needed);
  if (reasons.length === 0) return [];
  const about = { resourceId, principalId, roleDefinitionId, assignmentId };
  return [
    {
      ...{ kind: "UnusualActivation", ...about, subject: eventId },
      details: { reasons: reasons.join(" and "), ...(row.extended ? { how: "Extended" } : {}) },
    },
  ];
}
