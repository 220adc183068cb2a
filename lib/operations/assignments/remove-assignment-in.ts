import { recheckBeforeOwnLoss } from "@/lib/authority/rights-until-commit";
import { statusAfter } from "@/lib/domain/requests/request-state";
import { endActivations } from "@/lib/operations/gate/end-activations";
import { removesLastOwner } from "@/lib/operations/gate/guard-last-owner";
import { lockAccess } from "@/lib/operations/gate/load-access";
import { openAssignment } from "@/lib/operations/gate/open-assignment";
import { Refusal } from "@/lib/operations/gate/refusal";
import { refuseBreakGlassLoss } from "@/lib/operations/gate/refuse-break-glass";
import { revokeOrphaned } from "@/lib/operations/requests/revoke-orphaned-requests";
import { cancelScheduledRequests, cancelWaitingRequests } from "@/lib/operations/requests/waiting-request";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Actor } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import type { Prisma } from "@/lib/platform/generated/client";
import { databaseNow } from "@/lib/platform/transaction";

export interface AssignmentRemoval {
  readonly assignmentType: "Eligible" | "Active";
  /** The eligibility's, the direct assignment's or the activation's id. */
  readonly id: string;
  readonly justification: string | null;
  /** Further details for the log. */
  readonly details?: Prisma.InputJsonObject;
}

/** The log entry of a removal that is refused before the assignment is known. */
export function removalAttempt(actor: Actor, input: AssignmentRemoval) {
  const active = input.assignmentType === "Active";
  return {
    kind: active ? ("ActiveAssignmentRemoved" as const) : ("EligibleAssignmentRemoved" as const),
    caller: actor,
    ...(active ? { assignmentId: input.id } : { eligibilityId: input.id }),
    justification: input.justification,
    ...(input.details ? { details: input.details } : {}),
  };
}

/**
 * Removes an eligibility, with every activation of it, or an active assignment of either type, within the caller's
 * transaction. Throws a `Refusal` if the actor has no right to, if it has ended, or if it is the last Owner
 * (docs/rules.md, rule 11).
 */
export async function removeAssignmentIn(
  transaction: Transaction,
  actor: Actor,
  input: AssignmentRemoval,
): Promise<{ requestId: string; endedActivations: number }> {
  const active = input.assignmentType === "Active";
  const attempt = removalAttempt(actor, input);
  const { found, role, resource, entry } = await openAssignment(transaction, actor, attempt, input);
  const lastOwner =
    active && (await removesLastOwner(transaction, found, resource, null, await databaseNow(transaction)));
  const access = await lockAccess(transaction, found);
  if (!access) {
    throw new Refusal({ code: "RoleAssignmentDoesNotExist", message: "This assignment has ended." }, entry);
  }
  if (lastOwner) {
    throw new Refusal(
      { code: "LastOwner", message: "The last permanent active Owner at the root cannot be removed." },
      entry,
    );
  }
  await refuseBreakGlassLoss(transaction, entry.target, "access", entry);
  await recheckBeforeOwnLoss(transaction, actor.userId, [access.principalId]);
  const now = await databaseNow(transaction);
  const begun = access.startsAt <= now;
  const data = { endsAt: begun ? now : access.startsAt, removedAt: now };
  let endedActivations = 0;
  if (active) await transaction.assignment.update({ where: { id: access.id }, data });
  else {
    await transaction.eligibility.update({ where: { id: access.id }, data });
    endedActivations = await endActivations(transaction, actor, access.id, now, now);
  }
  await cancelWaitingRequests(transaction, actor, access, { target: entry.target, role, resource }, now);
  const about = active ? { assignmentId: access.id } : { eligibilityId: access.id };
  const revokedRequests = await revokeOrphaned(transaction, actor, about);
  if (!begun) await cancelScheduledRequests(transaction, access, now);
  const request = await transaction.request.create({
    data: {
      requestType: "AdminRemove",
      status: statusAfter("New", "Accept", "Withdraw"),
      requestorId: actor.userId,
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
      ...attempt.details,
      startsAt: access.startsAt.toISOString(),
      plannedEnd: access.endsAt?.toISOString() ?? null,
      endedActivations,
      revokedRequests,
    },
  });
  return { requestId: request.id, endedActivations };
}
