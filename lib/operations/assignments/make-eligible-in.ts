import { readyToActivate } from "@/lib/authority/ready-to-activate";
import { recheckBeforeOwnLoss } from "@/lib/authority/rights-until-commit";
import {
  eligibleUntil,
  obstacles,
  type Readiness,
  readinessVersion,
  type ShownEligibility,
} from "@/lib/domain/assignments/make-eligible";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { statusAfter } from "@/lib/domain/requests/request-state";
import { action } from "@/lib/domain/roles/permissions";
import { judgingSettings } from "@/lib/domain/roles/role-settings";
import { isInEffect } from "@/lib/domain/time/schedule";
import {
  judgeMadeEligible,
  lockEligibilities,
  refuseOtherPreview,
  refuseServicePrincipal,
} from "@/lib/operations/assignments/judge-made-eligible";
import { removesLastOwner } from "@/lib/operations/gate/guard-last-owner";
import { lockAccess } from "@/lib/operations/gate/load-access";
import { openAssignment } from "@/lib/operations/gate/open-assignment";
import type { Prove } from "@/lib/operations/gate/prove";
import { Refusal } from "@/lib/operations/gate/refusal";
import { refuseBreakGlassLoss } from "@/lib/operations/gate/refuse-break-glass";
import { refuseDisabled } from "@/lib/operations/gate/refuse-disabled";
import { refuseStale } from "@/lib/operations/gate/refuse-stale";
import { requirePermission } from "@/lib/operations/gate/require-permission";
import { lockActivationSettings, lockAssignmentSettings } from "@/lib/operations/gate/settings-in-force";
import { revokeOrphaned } from "@/lib/operations/requests/revoke-orphaned-requests";
import { cancelScheduledRequests, cancelWaitingRequests } from "@/lib/operations/requests/waiting-request";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import type { ConfirmingIssuers } from "@/lib/platform/sql/factors-in-force";
import { databaseNow } from "@/lib/platform/transaction";

export interface AssignmentToMakeEligible {
  /** The direct assignment's id. */
  readonly id: string;
  /** Null in a preview, which shows it. */
  readonly shown: ShownEligibility | null;
  readonly justification: string | null;
}

export interface MadeEligible {
  readonly requestId: string;
  readonly shown: ShownEligibility;
  /** From when the member may activate the role instead. */
  readonly startsAt: Date;
  readonly readiness: Readiness;
}

/** The log entry of an assignment that is not made eligible. */
export function makeEligibleAttempt(caller: Caller, { id, justification }: AssignmentToMakeEligible) {
  return {
    kind: "EligibleAssignmentReplacedActive" as const,
    caller,
    assignmentId: id,
    justification,
  };
}

/**
 * Turns one direct assignment into an eligibility, within the transaction of a batch. Its member loses standing
 * access and may activate the role instead, from now or from its later start, and no longer than they held it. If
 * they may activate it already, the assignment is only removed. Throws a `Refusal` if either change would be refused
 * by itself (docs/rules.md, rules 1, 8 and 11), or if something is no longer as it was shown (rule 14).
 */
export async function makeEligibleIn(
  transaction: Transaction,
  caller: Caller,
  input: AssignmentToMakeEligible,
  prove: Prove,
  operation: ProtectedOperation,
  issuers: ConfirmingIssuers,
): Promise<MadeEligible> {
  const opened = await openAssignment(transaction, caller, makeEligibleAttempt(caller, input), {
    assignmentType: "Active",
    id: input.id,
  });
  const { found, role, resource, entry } = opened;
  await requirePermission(transaction, caller, action.writeEligibility, resource, entry);
  if (found.assignmentType !== "Assigned") {
    const message = "This is an activation: its member is eligible already, and it ends by itself.";
    throw new Refusal({ code: "Conflict", message }, entry);
  }
  await refuseDisabled(transaction, found.principalId, entry);
  await refuseServicePrincipal(transaction, found.principalId, entry);

  const settings = await lockAssignmentSettings(transaction, role.id, resource);
  const activation = await lockActivationSettings(transaction, role.id, resource.id, resource);
  const lastOwner = await removesLastOwner(
    transaction,
    found,
    resource,
    null,
    await databaseNow(transaction),
  );
  const others = await lockEligibilities(transaction, found);
  const access = await lockAccess(transaction, found);
  if (!access)
    throw new Refusal({ code: "RoleAssignmentDoesNotExist", message: "This assignment has ended." }, entry);
  if (input.shown) await refuseStale(transaction, caller, access, input.shown, entry);
  if (lastOwner) {
    throw new Refusal(
      { code: "LastOwner", message: "The last permanent active Owner at the root must stay active." },
      entry,
    );
  }
  await refuseBreakGlassLoss(transaction, entry.target, "access", entry);

  const now = await databaseNow(transaction);
  const begun = access.startsAt <= now;
  const startsAt = begun ? now : access.startsAt;
  const kept = others.find((each) => isInEffect(each, startsAt)) ?? null;
  const readiness = await readyToActivate(transaction, access.principalId, activation, issuers);
  const shown = {
    startsAt: access.startsAt,
    endsAt: access.endsAt,
    eligibleUntil: kept
      ? kept.endsAt
      : input.shown
        ? input.shown.eligibleUntil
        : eligibleUntil(access, startsAt, settings.eligibleMaximumDays),
    keptId: kept?.id ?? null,
    readiness: readinessVersion(readiness),
  };
  if (input.shown) refuseOtherPreview(input.shown, shown, readiness, entry);
  const after = { startsAt: kept?.startsAt ?? startsAt, endsAt: shown.eligibleUntil };
  const given = kept
    ? { proof: null, stepUp: [] }
    : await judgeMadeEligible(
        transaction,
        { access, others, after, settings, justification: input.justification, now },
        (passkeyOnly) => prove(operation, passkeyOnly),
        entry,
      );

  await recheckBeforeOwnLoss(transaction, caller.userId, [access.principalId]);
  await transaction.assignment.update({
    where: { id: access.id },
    data: { endsAt: startsAt, removedAt: now },
  });
  const made = kept
    ? null
    : await transaction.eligibility.create({
        data: {
          principalId: access.principalId,
          roleDefinitionId: access.roleDefinitionId,
          resourceId: access.resourceId,
          ...after,
        },
        select: { id: true },
      });
  await cancelWaitingRequests(transaction, caller, access, { target: entry.target, role, resource }, now);
  const revokedRequests = await revokeOrphaned(transaction, caller, { assignmentId: access.id });
  if (!begun) await cancelScheduledRequests(transaction, access, now);
  const request = await transaction.request.create({
    data: {
      requestType: "AdminUpdate",
      status: statusAfter("New", "Accept", begun ? "Provision" : "Schedule"),
      requestorId: caller.userId,
      principalId: access.principalId,
      roleDefinitionId: role.id,
      resourceId: resource.id,
      assignmentId: access.id,
      resultingEligibilityId: made?.id,
      ...after,
      justification: input.justification,
      policy: judgingSettings(settings),
      proofId: given.proof?.id,
      completedAt: now,
    },
    select: { id: true },
  });
  await recordAuditEvent(transaction, {
    ...entry,
    outcome: "Success",
    eligibilityId: made?.id ?? null,
    requestId: request.id,
    proof: given.proof,
    details: {
      startsAt: after.startsAt.toISOString(),
      endsAt: after.endsAt?.toISOString() ?? null,
      plannedEnd: access.endsAt?.toISOString() ?? null,
      ...(kept ? { keptEligibility: kept.id } : {}),
      ...(obstacles(readiness).length > 0 ? { obstacles: obstacles(readiness) } : {}),
      ...(given.stepUp.length > 0 ? { stepUp: given.stepUp } : {}),
      revokedRequests,
      policy: judgingSettings(settings),
    },
  });
  return { requestId: request.id, shown, startsAt: after.startsAt, readiness };
}
