import { alertDescriptions } from "@/lib/domain/alerts";
import type { OperationResult } from "@/lib/domain/operation-error";
import { action } from "@/lib/domain/permissions";
import { lockPolicies } from "@/lib/operations/lock-policy";
import { notFound } from "@/lib/operations/refusal";
import { removeAssignment } from "@/lib/operations/remove-assignment";
import { settleAlert } from "@/lib/operations/settle-alert";
import { updateRoleSettings } from "@/lib/operations/update-role-settings";
import { may } from "@/lib/platform/authority";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";

/**
 * Does what the one button of an alert promises, through the ordinary operation for it and with all of its rules, then
 * resolves the alert. A fix that is no longer needed is told as what that operation says of it.
 */
export async function fixAlert(
  database: Database,
  caller: Caller,
  input: { readonly alertId: string },
): Promise<OperationResult<{ done: string }>> {
  const alert = await inTransaction(database, async (transaction) => {
    const found = await transaction.alert.findUnique({ where: { id: input.alertId } });
    const mayWrite =
      found !== null && (await may(transaction, caller.userId, action.writeAlerts, found.resourceId));
    return mayWrite && found.resolvedAt === null ? found : null;
  });
  const fix = alert && alertDescriptions[alert.kind].fix;
  if (!alert || !fix) return { ok: false, error: notFound };
  const justification = `Alert: ${alertDescriptions[alert.kind].title}`;
  const settled = async (result: OperationResult<object>): Promise<OperationResult<{ done: string }>> => {
    if (!result.ok) return result;
    const resolution = await settleAlert(database, caller, { alertId: alert.id, verdict: "Resolve" });
    return resolution.ok ? { ok: true, done: fix.label } : resolution;
  };
  if (alert.kind === "ActivationWithoutMfa" && alert.roleDefinitionId !== null) {
    const { resourceId, roleDefinitionId } = alert;
    const policies = await inTransaction(database, (transaction) =>
      lockPolicies(transaction, roleDefinitionId, [resourceId], "read"),
    );
    const policy = policies.get(resourceId);
    if (!policy) return { ok: false, error: notFound };
    return settled(
      await updateRoleSettings(database, caller, {
        roleDefinitionId,
        resourceId,
        expectedVersion: policy.version,
        settings: { ...policy.settings, activationRequiresMfa: true },
        proofId: null,
      }),
    );
  }
  const id = alert.assignmentId ?? alert.eligibilityId;
  if (id === null) return { ok: false, error: notFound };
  const assignmentType = alert.assignmentId === null ? "Eligible" : "Active";
  return settled(await removeAssignment(database, caller, { assignmentType, id, justification }));
}
