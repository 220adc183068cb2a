import { statusAfter } from "@/lib/domain/requests/request-state";
import { lockAccess } from "@/lib/operations/gate/load-access";
import { findAssignment } from "@/lib/operations/gate/open-assignment";
import { notFound, Refusal } from "@/lib/operations/gate/refusal";
import { refuseDisabled } from "@/lib/operations/gate/refuse-disabled";
import { revokeOrphaned } from "@/lib/operations/requests/revoke-orphaned-requests";
import { type AuditEntry, recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

export interface DeactivatedRole {
  readonly requestId: string;
}

/** The log entry of an attempt to deactivate, before the activation is found. */
export function deactivationAttempt(caller: Caller, assignmentId: string) {
  return {
    kind: "RoleDeactivated" as const,
    caller,
    target: { id: caller.userId, displayName: caller.displayName },
    assignmentId,
  } satisfies Omit<AuditEntry, "outcome">;
}

/** Ends one activation of the caller's own, in the transaction of `deactivateRole` or `deactivateRoles`. */
export async function deactivateRoleIn(
  transaction: Transaction,
  caller: Caller,
  assignmentId: string,
): Promise<DeactivatedRole> {
  const attempt = deactivationAttempt(caller, assignmentId);
  const activation = { assignmentType: "Active" as const, id: assignmentId };
  const { found, entry } = await findAssignment(transaction, attempt, activation);
  if (found.principalId !== caller.userId || found.assignmentType !== "Activated") {
    throw new Refusal(notFound, attempt);
  }
  await refuseDisabled(transaction, caller.userId, attempt);
  const access = await lockAccess(transaction, found);
  if (!access) {
    throw new Refusal(
      { code: "RoleAssignmentDoesNotExist", message: "This role is no longer active." },
      entry,
    );
  }
  const now = await databaseNow(transaction);
  const canceled = access.startsAt > now;
  await transaction.assignment.update({
    where: { id: access.id },
    data: { endsAt: canceled ? access.startsAt : now, removedAt: now },
  });
  if (canceled) {
    await transaction.request.updateMany({
      where: { assignmentId: access.id, requestType: "SelfActivate", status: "ScheduleCreated" },
      data: { status: statusAfter("ScheduleCreated", "Cancel"), completedAt: now },
    });
  }
  // A request to extend it has nothing left to extend.
  await revokeOrphaned(transaction, caller, { assignmentId: access.id });
  const request = await transaction.request.create({
    data: {
      requestType: "SelfDeactivate",
      status: statusAfter("New", "Accept", "Withdraw"),
      requestorId: caller.userId,
      principalId: caller.userId,
      roleDefinitionId: access.roleDefinitionId,
      resourceId: access.resourceId,
      eligibilityId: access.eligibilityId,
      assignmentId: access.id,
      completedAt: now,
    },
    select: { id: true },
  });
  await recordAuditEvent(transaction, {
    ...entry,
    outcome: "Success",
    requestId: request.id,
    eligibilityId: access.eligibilityId,
    details: {
      startsAt: access.startsAt.toISOString(),
      plannedEnd: access.endsAt?.toISOString() ?? null,
      canceled,
    },
  });
  return { requestId: request.id };
}
