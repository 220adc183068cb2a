import { reaches } from "@/lib/authority/rights-until-commit";
import {
  extensionWindowDays,
  renewalOffer,
  renewalRequestFailures,
  renewalWindowDays,
} from "@/lib/domain/assignments/renewal";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { statusAfter } from "@/lib/domain/requests/request-state";
import { judgingSettings } from "@/lib/domain/roles/role-settings";
import { scheduleFault } from "@/lib/domain/time/schedule";
import { lockRow } from "@/lib/operations/gate/load-access";
import { lockReach } from "@/lib/operations/gate/lock-reach";
import { findAssignment } from "@/lib/operations/gate/open-assignment";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { lockAssignmentSettings } from "@/lib/operations/gate/settings-in-force";
import { refuseTooManyRequests } from "@/lib/operations/requests/limit-requests";
import { isRequestWaiting, subjectOf } from "@/lib/operations/requests/waiting-request";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

export interface ExtensionOrRenewalRequest {
  readonly assignmentType: "Eligible" | "Active";
  /** The eligibility's or the direct assignment's id: the caller's own, or one of a group they are in. */
  readonly id: string;
  /** The end that the member proposes; administrators may choose another. */
  readonly endsAt: Date;
  readonly justification: string | null;
}

const words = {
  Extend: {
    kind: "ExtensionRequested",
    requestType: "SelfExtend",
    closed: `It can be extended in the last ${extensionWindowDays} days before it ends.`,
  },
  Renew: {
    kind: "RenewalRequested",
    requestType: "SelfRenew",
    closed: `It can be renewed for ${renewalWindowDays} days after it expired.`,
  },
} as const;

/**
 * A member's request to extend or renew, which waits until an administrator of the resource decides.
 * Refused outside its window, beyond the maximum of the role settings, without a reason, or while
 * another request for the same access waits.
 */
export function requestExtensionOrRenewal(
  database: Database,
  caller: Caller,
  offer: "Extend" | "Renew",
  input: ExtensionOrRenewalRequest,
): Promise<OperationResult<{ requestId: string }>> {
  const { kind, requestType, closed } = words[offer];
  const attempt = {
    kind,
    caller,
    ...(input.assignmentType === "Active" ? { assignmentId: input.id } : { eligibilityId: input.id }),
    justification: input.justification,
    details: { requestedEnd: input.endsAt.toISOString() },
  };
  return runOperation(database, attempt, async (transaction) => {
    const { found, role, resource, entry } = await findAssignment(transaction, attempt, input);
    if (!(await reaches(transaction, caller.userId, found.principalId))) throw new Refusal(notFound, attempt);
    const settings = await lockAssignmentSettings(transaction, role.id, resource);
    const access = await lockRow(transaction, found);
    const { reached, now } = await lockReach(transaction, caller.userId, access.principalId);
    if (!reached) throw new Refusal(notFound, entry);
    const assignmentType = access.assignmentType ?? "Eligible";
    const offered = renewalOffer({ ...access, assignmentType, removed: access.removedAt !== null }, now);
    if (offered !== offer) throw new Refusal({ code: "RoleAssignmentDoesNotExist", message: closed }, entry);
    if (await isRequestWaiting(transaction, access)) {
      const message = "A request for this assignment is already waiting for a decision.";
      throw new Refusal({ code: "RoleAssignmentRequestExists", message }, entry);
    }
    if (offer === "Renew" && (await hasSuccessor(transaction, access))) {
      const message = "You already have this role here again, now or later. There is nothing to renew.";
      throw new Refusal({ code: "RoleAssignmentExists", message }, entry);
    }
    const schedule = { startsAt: now, endsAt: input.endsAt };
    const fault =
      scheduleFault(schedule, now) ??
      (offer === "Extend" && access.endsAt !== null && input.endsAt <= access.endsAt
        ? { field: "endsAt" as const, message: "Choose an end later than the current one." }
        : null);
    if (fault) throw new Refusal({ code: "InvalidRoleAssignmentRequestSchedule", ...fault }, entry);
    const failures = renewalRequestFailures(settings, {
      assignmentType: input.assignmentType,
      schedule,
      justification: input.justification,
    });
    if (failures.length > 0)
      throw new Refusal({ code: "RoleAssignmentRequestPolicyValidationFailed", failures }, entry);

    await refuseTooManyRequests(transaction, caller.userId, entry);
    const request = await transaction.request.create({
      data: {
        requestType,
        status: statusAfter("New", "AskForApproval"),
        requestorId: caller.userId,
        principalId: access.principalId,
        roleDefinitionId: role.id,
        resourceId: resource.id,
        ...subjectOf(access),
        endsAt: input.endsAt,
        justification: input.justification,
        policy: judgingSettings(settings),
      },
      select: { id: true },
    });
    await recordAuditEvent(transaction, {
      ...entry,
      outcome: "Success",
      requestId: request.id,
      details: {
        requestedEnd: input.endsAt.toISOString(),
        presentEnd: access.endsAt?.toISOString() ?? null,
        assignmentType: input.assignmentType,
      },
    });
    return { requestId: request.id };
  });
}

/** Whether the same principal has the same access again, now or later. */
async function hasSuccessor(
  transaction: Transaction,
  access: {
    id: string;
    principalId: string;
    roleDefinitionId: string;
    resourceId: string;
    assignmentType: string | null;
    endsAt: Date | null;
  },
): Promise<boolean> {
  const { id, principalId, roleDefinitionId, resourceId } = access;
  const now = await databaseNow(transaction);
  const where = {
    id: { not: id },
    principalId,
    roleDefinitionId,
    resourceId,
    OR: [{ endsAt: null }, { endsAt: { gt: now } }],
  };
  const count =
    access.assignmentType === null
      ? await transaction.eligibility.count({ where: { ...where, removedAt: null } })
      : await transaction.assignment.count({
          where: { ...where, removedAt: null, assignmentType: "Assigned" },
        });
  return count > 0;
}
