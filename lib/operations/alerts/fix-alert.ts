import { z } from "zod";
import { may } from "@/lib/authority/authority";
import { alertDescriptions } from "@/lib/domain/alerts/alerts";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { action } from "@/lib/domain/roles/permissions";
import { changeAlertState } from "@/lib/operations/alerts/change-alert-state";
import { removeAssignment } from "@/lib/operations/assignments/remove-assignment";
import {
  type AssignmentRemoval,
  removalAttempt,
  removeAssignmentIn,
} from "@/lib/operations/assignments/remove-assignment-in";
import { lockPolicy } from "@/lib/operations/gate/lock-policy";
import { openAssignment } from "@/lib/operations/gate/open-assignment";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { removeGroupMember } from "@/lib/operations/people/remove-group-member";
import { updateRoleSettings } from "@/lib/operations/roles/update-role-settings";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";

/**
 * Does what the button of an alert promises, by the ordinary operation and its rules, and then resolves
 * the alert. Things may have changed since the scan. If the cause has ended, it only resolves the
 * alert. An eligibility that was activated since stays.
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
    const alreadyEnded = !result.ok && result.error.code === "RoleAssignmentDoesNotExist";
    if (!result.ok && !alreadyEnded) return result;
    const resolution = await changeAlertState(database, caller, { alertId: alert.id, verdict: "Resolve" });
    return resolution.ok ? { ok: true, done: alreadyEnded ? "It had already ended" : fix.label } : resolution;
  };
  if (alert.kind === "ActivationWithoutMfa" && alert.roleDefinitionId !== null) {
    const { resourceId, roleDefinitionId } = alert;
    const policy = await inTransaction(database, (transaction) =>
      lockPolicy(transaction, roleDefinitionId, resourceId, "read"),
    );
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
  const membership = membershipShape.safeParse(alert.details);
  if (alert.kind === "OutlastsGiver" && membership.success && alert.principalId !== null) {
    const input = { groupId: membership.data.groupId, memberId: alert.principalId, justification };
    return settled(await removeGroupMember(database, caller, input));
  }
  const id = alert.assignmentId ?? alert.eligibilityId;
  if (id === null) return { ok: false, error: notFound };
  const assignmentType = alert.assignmentId === null ? ("Eligible" as const) : ("Active" as const);
  const removal = { assignmentType, id, justification };
  if (alert.kind !== "EligibleNeverActivates")
    return settled(await removeAssignment(database, caller, removal));
  const { days } = unusedFor.parse(alert.details);
  return settled(await removeUnused(database, caller, removal, days));
}

/** The group that somebody was added to, as the scan found it. */
const membershipShape = z.object({ groupId: z.uuid() });

/** How many days the eligibility was unused when the scan judged it. */
const unusedFor = z.object({ days: z.number().int() });

/** Removes an eligibility unless somebody has activated it within this many days, perhaps after the scan. */
function removeUnused(
  database: Database,
  caller: Caller,
  input: AssignmentRemoval,
  days: number,
): Promise<OperationResult<{ requestId: string }>> {
  const attempt = removalAttempt(caller, input);
  return runOperation(database, attempt, async (transaction) => {
    // The role comes first in the order of locks.
    await openAssignment(transaction, caller, attempt, input);
    // Activations take this lock too, so none begins between this check and the removal.
    await transaction.$queryRaw`SELECT id FROM eligibilities WHERE id = ${input.id}::uuid FOR UPDATE`;
    const [used] = await transaction.$queryRaw<{ id: string }[]>`
      SELECT id FROM assignments WHERE eligibility_id = ${input.id}::uuid
        AND starts_at > postern_now() - make_interval(days => ${days}::int) AND ends_at > starts_at LIMIT 1`;
    if (used) {
      const message = "The role was activated after this alert was raised. Nothing was removed.";
      throw new Refusal({ code: "Conflict", message }, attempt);
    }
    return removeAssignmentIn(transaction, caller, input);
  });
}
