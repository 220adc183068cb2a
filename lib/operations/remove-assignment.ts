import type { OperationResult } from "@/lib/domain/operation-error";
import { action } from "@/lib/domain/permissions";
import { endActivations } from "@/lib/operations/end-activations";
import { closesLastWayIn } from "@/lib/operations/guard-last-owner";
import { findAccess, loadRoleAtResource, lockAccess } from "@/lib/operations/load-subject";
import { notFound, Refusal, runOperation } from "@/lib/operations/refusal";
import { requirePermission } from "@/lib/operations/require-permission";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

export interface RemoveAssignmentInput {
  readonly assignmentType: "Eligible" | "Active";
  /** The eligibility's, the direct assignment's or the activation's id. */
  readonly id: string;
  readonly justification: string | null;
}

/**
 * Ends an eligibility, with every activation that rests on it, or an active assignment of either type
 * (`AdminRemove`), at once. The last permanent active Owner at the root stays (design section 2, rule 11).
 */
export function removeAssignment(
  database: Database,
  caller: Caller,
  input: RemoveAssignmentInput,
): Promise<OperationResult<{ requestId: string }>> {
  const active = input.assignmentType === "Active";
  const attempt = {
    kind: active ? ("ActiveAssignmentRemoved" as const) : ("EligibleAssignmentRemoved" as const),
    caller,
    ...(active ? { assignmentId: input.id } : { eligibilityId: input.id }),
    justification: input.justification,
  };
  return runOperation(database, attempt, async (transaction) => {
    const found = await findAccess(transaction, input.assignmentType, input.id);
    const subject =
      found && (await loadRoleAtResource(transaction, found.roleDefinitionId, found.resourceId));
    if (!found || !subject) throw new Refusal(notFound, attempt);
    const { role, resource } = subject;
    const entry = {
      ...attempt,
      role,
      resource,
      target: { id: found.principalId, displayName: found.principalName },
    };
    const permission = active ? action.writeAssignment : action.writeEligibility;
    await requirePermission(transaction, caller, permission, resource, entry);

    const closes =
      active && (await closesLastWayIn(transaction, found, resource, null, await databaseNow(transaction)));
    const access = await lockAccess(transaction, found, await databaseNow(transaction));
    if (!access) {
      throw new Refusal({ code: "RoleAssignmentDoesNotExist", message: "This assignment has ended." }, entry);
    }
    if (closes) {
      throw new Refusal(
        { code: "LastOwner", message: "The last permanent active Owner at the root cannot be removed." },
        entry,
      );
    }
    const now = await databaseNow(transaction);
    const begun = access.startsAt <= now;
    const data = { endsAt: begun ? now : access.startsAt, removedAt: now };
    let endedActivations = 0;
    if (active) await transaction.assignment.update({ where: { id: access.id }, data });
    else {
      await transaction.eligibility.update({ where: { id: access.id }, data });
      endedActivations = await endActivations(transaction, access.id, now, now);
    }
    const request = await transaction.request.create({
      data: {
        requestType: "AdminRemove",
        status: "Revoked",
        requestorId: caller.userId,
        principalId: access.principalId,
        roleDefinitionId: role.id,
        resourceId: resource.id,
        ...(active ? { assignmentId: access.id } : { eligibilityId: access.id }),
        justification: input.justification,
        completedAt: now,
      },
      select: { id: true },
    });
    await recordAuditEvent(transaction, {
      ...entry,
      outcome: "Success",
      requestId: request.id,
      details: {
        startsAt: access.startsAt.toISOString(),
        plannedEnd: access.endsAt?.toISOString() ?? null,
        endedActivations,
      },
    });
    return { requestId: request.id };
  });
}
