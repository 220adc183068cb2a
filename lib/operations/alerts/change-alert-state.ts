import { alertDescriptions } from "@/lib/domain/alerts/alerts";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { action } from "@/lib/domain/roles/permissions";
import { alertEvent } from "@/lib/operations/alerts/scan-alerts";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { requirePermission } from "@/lib/operations/gate/require-permission";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

/** An administrator's change of an open alert. */
export type AlertStateChange =
  | { readonly verdict: "Dismiss"; readonly reason: string }
  | { readonly verdict: "Reopen" }
  /** The cause was corrected just now, but the next scan would still find it. */
  | { readonly verdict: "Resolve" };

const kinds = { Dismiss: "AlertDismissed", Reopen: "AlertReopened", Resolve: "AlertResolved" } as const;

/**
 * Dismisses an alert with a reason, reopens a dismissed one, or resolves it. It requires the right to
 * write alerts at its resource. A resolved alert no longer changes.
 */
export function changeAlertState(
  database: Database,
  caller: Caller,
  input: { readonly alertId: string } & AlertStateChange,
): Promise<OperationResult<{ alertId: string }>> {
  const reason = input.verdict === "Dismiss" ? input.reason.trim() : null;
  const attempt = { kind: kinds[input.verdict], caller, justification: reason };
  return runOperation(database, attempt, async (transaction) => {
    const [locked] = await transaction.$queryRaw<{ id: string }[]>`
      SELECT id FROM alerts WHERE id = ${input.alertId}::uuid FOR UPDATE`;
    const alert =
      locked &&
      (await transaction.alert.findUnique({
        where: { id: locked.id },
        include: { resource: true, roleDefinition: true, principal: true },
      }));
    if (!alert) throw new Refusal(notFound, attempt);
    const entry = { ...alertEvent(attempt.kind, alert), ...attempt };
    await requirePermission(transaction, caller, action.writeAlerts, alert.resource, entry);
    if (input.verdict === "Dismiss" && alertDescriptions[alert.kind].lasts) {
      const message = "This alert cannot be dismissed. It ends when what it reports is settled.";
      throw new Refusal({ code: "Conflict", message }, entry);
    }
    const open = alert.resolvedAt === null;
    const fits = input.verdict === "Reopen" ? alert.dismissedAt !== null : alert.dismissedAt === null;
    if (!open || (!fits && input.verdict !== "Resolve")) {
      throw new Refusal(
        { code: "Conflict", message: "Somebody else has already handled this alert. Reload the list." },
        entry,
      );
    }
    const now = await databaseNow(transaction);
    await transaction.alert.update({
      where: { id: alert.id },
      data:
        input.verdict === "Resolve"
          ? { resolvedAt: now }
          : input.verdict === "Dismiss"
            ? { dismissedAt: now, dismissedById: caller.userId, dismissalReason: reason }
            : { dismissedAt: null, dismissedById: null, dismissalReason: null },
    });
    await recordAuditEvent(transaction, { ...entry, outcome: "Success" });
    return { alertId: alert.id };
  });
}
