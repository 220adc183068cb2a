import { type AlertKind, alertDescriptions } from "@/lib/domain/alerts/alerts";
import { findAlerts } from "@/lib/operations/alerts/find-alerts";
import { type AuditEntry, recordAuditEvents } from "@/lib/platform/audit-log";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { advisoryLocks } from "@/lib/platform/sql/advisory-locks";
import type { ConfirmingIssuers } from "@/lib/platform/sql/factors-in-force";
import { databaseNow, inTransaction, readOnce } from "@/lib/platform/transaction";

/** How many findings of one kind a scan handles. */
export const maximumFindings = 1_000;

/** What a scan changed. */
export interface ScanResult {
  readonly raised: number;
  readonly resolved: number;
}

/**
 * Finds everything that deserves an alert, raises new alerts, and resolves those that no longer apply,
 * each with its event. Any number of workers may call it at any time. The same finding is always one
 * alert, and a dismissed alert stays dismissed while its cause lasts. At most `atOnce` findings of a
 * kind are handled, new ones first and then those seen longest ago. The next scan continues.
 */
export async function scanAlerts(
  database: Database,
  atOnce = maximumFindings,
  issuers: ConfirmingIssuers = { any: [], phishingResistant: [] },
): Promise<ScanResult> {
  await inTransaction(
    database,
    (transaction) => transaction.$executeRaw`UPDATE alert_scan_state SET started_at = postern_now()`,
  );
  return inTransaction(database, async (transaction) => {
    await transaction.$executeRaw`SELECT pg_advisory_xact_lock(${advisoryLocks.alertScan}::bigint)`;
    const [asked] = await transaction.$queryRaw<{ at: string | null }[]>`
      SELECT asked_at::text AS at FROM alert_scan_state`;
    const found = await findAlerts(transaction, atOnce, issuers);
    const now = await databaseNow(transaction);
    const rows = found.flatMap(({ findings }) =>
      findings.map((finding) => ({ severity: alertDescriptions[finding.kind].severity, ...finding })),
    );
    const conditions = found.map(({ kind, reach }) => {
      const before = reach === "everything" ? now : reach.seenBefore;
      return Prisma.sql`(kind = ${kind}::alert_kind AND seen_at < ${before})`;
    });
    const raised = await transaction.$queryRaw<{ id: string }[]>`
      WITH found AS (
        SELECT * FROM jsonb_to_recordset(${JSON.stringify(rows)}::jsonb) AS f (
          kind alert_kind, severity alert_severity, "resourceId" uuid, subject text, "roleDefinitionId" uuid, "principalId" uuid,
          "eligibilityId" uuid, "assignmentId" uuid, details jsonb)
      ), seen AS (
        UPDATE alerts a SET seen_at = ${now}, details = f.details, severity = f.severity FROM found f
        WHERE a.kind = f.kind AND a.resource_id = f."resourceId" AND a.subject = f.subject AND a.resolved_at IS NULL
        RETURNING a.kind, a.resource_id, a.subject
      )
      INSERT INTO alerts (kind, severity, resource_id, subject, role_definition_id, principal_id, eligibility_id, assignment_id,
        details, raised_at, seen_at)
      SELECT f.kind, f.severity, f."resourceId", f.subject, f."roleDefinitionId", f."principalId", f."eligibilityId",
        f."assignmentId", f.details, ${now}, ${now}
      FROM found f
      WHERE NOT EXISTS (
        SELECT FROM seen s WHERE s.kind = f.kind AND s.resource_id = f."resourceId" AND s.subject = f.subject)
      RETURNING id`;
    const resolved = await transaction.$queryRaw<{ id: string }[]>`
      UPDATE alerts SET resolved_at = ${now}
      WHERE resolved_at IS NULL AND (${Prisma.join(conditions, " OR ")})
      RETURNING id`;
    await recordAlertEvents(transaction, "AlertRaised", raised);
    await recordAlertEvents(transaction, "AlertResolved", resolved);
    // Anyone who requested a scan after this one began to look gets another one.
    await transaction.$executeRaw`
      UPDATE alert_scan_state SET finished_at = ${now},
        wanted = wanted AND asked_at::text IS DISTINCT FROM ${asked?.at ?? null}`;
    return { raised: raised.length, resolved: resolved.length };
  });
}

async function recordAlertEvents(
  transaction: Transaction,
  kind: "AlertRaised" | "AlertResolved",
  alerts: readonly { id: string }[],
): Promise<void> {
  if (alerts.length === 0) return;
  const rows = await transaction.alert.findMany({
    where: { id: { in: alerts.map((alert) => alert.id) } },
    include: { resource: true, roleDefinition: true, principal: true },
    orderBy: { id: "asc" },
    take: alerts.length,
  });
  await recordAuditEvents(
    transaction,
    rows.map((alert) => alertEvent(kind, alert)),
  );
}

/** Whether somebody has requested a scan. */
export async function scanIsDue(database: Database): Promise<boolean> {
  const [state] = await readOnce(
    database,
    (client) => client.$queryRaw<{ wanted: boolean }[]>`SELECT wanted FROM alert_scan_state`,
  );
  return state?.wanted ?? false;
}

type AlertRow = Prisma.AlertGetPayload<{
  include: { resource: true; roleDefinition: true; principal: true };
}>;

/** The log entry of an alert. */
export function alertEvent(
  kind: "AlertRaised" | "AlertResolved" | "AlertDismissed" | "AlertReopened",
  alert: AlertRow,
): AuditEntry {
  return {
    kind,
    outcome: "Success",
    resource: alert.resource,
    ...(alert.roleDefinition ? { role: alert.roleDefinition } : {}),
    ...(alert.principal ? { target: alert.principal } : {}),
    eligibilityId: alert.eligibilityId,
    assignmentId: alert.assignmentId,
    details: {
      alertId: alert.id,
      alert: alertDescriptions[alert.kind satisfies AlertKind].title,
      severity: alert.severity,
    },
  };
}
