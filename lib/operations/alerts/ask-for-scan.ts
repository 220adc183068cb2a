import { scanIsUnderWay, scanPauseSeconds } from "@/lib/domain/alerts/alert-scan";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { action } from "@/lib/domain/roles/permissions";
import { addMinutes } from "@/lib/domain/time/schedule";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { requirePermission } from "@/lib/operations/gate/require-permission";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

/**
 * Requests a scan of the whole organisation, which the worker begins within a second. It requires the right to write
 * alerts at a resource. Refused while a scan is requested or under way, and shortly after anybody requested one.
 */
export function askForScan(
  database: Database,
  caller: Caller,
  input: { readonly resourceId: string },
): Promise<OperationResult<{ asked: true }>> {
  const attempt = { kind: "AlertScanRequested" as const, caller };
  return runOperation(database, attempt, async (transaction) => {
    const resource = await transaction.resource.findUnique({ where: { id: input.resourceId } });
    if (!resource) throw new Refusal(notFound, attempt);
    const entry = { ...attempt, resource };
    await requirePermission(transaction, caller, action.writeAlerts, resource, entry);
    // If several ask at the same time, the first one counts.
    await transaction.$queryRaw`SELECT id FROM alert_scan_state FOR UPDATE`;
    const state = await transaction.alertScanState.findUniqueOrThrow({ where: { id: 1 } });
    const now = await databaseNow(transaction);
    const refuse = (message: string) => new Refusal({ code: "Conflict", message }, entry);
    if (scanIsUnderWay(state, now)) throw refuse("A scan is already under way. Its result is shown soon.");
    if (state.askedAt !== null && addMinutes(state.askedAt, scanPauseSeconds / 60) > now)
      throw refuse("A scan was asked for less than a minute ago. Wait a moment, then scan again.");
    await transaction.alertScanState.update({ where: { id: 1 }, data: { wanted: true, askedAt: now } });
    await recordAuditEvent(transaction, { ...entry, outcome: "Success" });
    return { asked: true as const };
  });
}
