import { extensionTimeFailures, minutesUntil } from "@/lib/domain/gate/activation-extension";
import { activationFormFailures } from "@/lib/domain/gate/policy-rules";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { notEligible } from "@/lib/domain/requests/activation-refusal";
import { statusAfter } from "@/lib/domain/requests/request-state";
import { activationTakesResistant } from "@/lib/domain/roles/factors-asked";
import { judgingSettings, stagesInForce } from "@/lib/domain/roles/role-settings";
import { isInEffect } from "@/lib/domain/time/schedule";
import { nextStart, resourceContains } from "@/lib/operations/gate/existing-access";
import { findAccess, lockAccess } from "@/lib/operations/gate/load-access";
import { lockReach } from "@/lib/operations/gate/lock-reach";
import { moveEnd } from "@/lib/operations/gate/move-end";
import { findAssignment } from "@/lib/operations/gate/open-assignment";
import { notAsked, type Prove } from "@/lib/operations/gate/prove";
import { notFound, Refusal } from "@/lib/operations/gate/refusal";
import { refuseConflicts } from "@/lib/operations/gate/refuse-conflicts";
import { refuseStale } from "@/lib/operations/gate/refuse-stale";
import { lockActivationSettings } from "@/lib/operations/gate/settings-in-force";
import { refuseTooManyActivations } from "@/lib/operations/requests/limit-requests";
import { askToExtend, stillWaiting } from "@/lib/operations/requests/submit-for-approval";
import type { AuditEntry } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";

/** A running activation of the caller's own to extend, and why. */
export interface ActivationExtension {
  readonly assignmentId: string;
  /** The end that the member was shown. */
  readonly expectedEnd: Date;
  readonly endsAt: Date;
  readonly justification: string | null;
  readonly ticketNumber: string | null;
  readonly ticketSystem: string | null;
}

/** The result: the activation ends later, or the request waits for approval while the activation runs. */
export type ExtendedActivation =
  | { readonly status: "Provisioned"; readonly requestId: string; readonly endsAt: Date }
  | { readonly status: "PendingApproval"; readonly requestId: string; readonly expiresAt: Date };

/** The log entry of an attempt to extend, before the activation is found. */
export function extensionAttempt(caller: Caller, input: ActivationExtension) {
  return {
    kind: "ActivationExtended" as const,
    caller,
    target: { id: caller.userId, displayName: caller.displayName },
    assignmentId: input.assignmentId,
    justification: input.justification,
    ticketNumber: input.ticketNumber,
    ticketSystem: input.ticketSystem,
    details: { requestedEnd: input.endsAt.toISOString() },
  } satisfies Omit<AuditEntry, "outcome">;
}

/**
 * Moves the end of one running activation of the caller's own. Everything that an activation must meet is judged
 * again, from now to the new end (docs/decisions/extend-activations.md). If the settings require approval, it writes
 * only the request, with its proof spent, and the activation runs to its present end meanwhile.
 */
export async function extendActivationIn(
  transaction: Transaction,
  caller: Caller,
  input: ActivationExtension,
  prove: Prove,
  operation: ProtectedOperation,
): Promise<ExtendedActivation> {
  const attempt = extensionAttempt(caller, input);
  const own = { assignmentType: "Active" as const, id: input.assignmentId };
  const { found, role, resource, entry: known } = await findAssignment(transaction, attempt, own);
  const eligible =
    found.eligibilityId === null ? null : await findAccess(transaction, "Eligible", found.eligibilityId);
  if (found.principalId !== caller.userId || found.assignmentType !== "Activated" || !eligible)
    throw new Refusal(notFound, attempt);
  const entry = { ...known, eligibilityId: eligible.id };

  // What does not depend on an answer is sent together, and runs in this order.
  const [settings, eligibility, access, { reached, now }] = await Promise.all([
    lockActivationSettings(transaction, role.id, eligible.resourceId, resource),
    lockAccess(transaction, eligible),
    lockAccess(transaction, found),
    lockReach(transaction, caller.userId, eligible.principalId),
  ]);
  const presentEnd = access?.endsAt ?? null;
  if (!access || presentEnd === null || !isInEffect(access, now)) {
    const message = "This role is no longer active. Activate it again if you still need it.";
    throw new Refusal({ code: "RoleAssignmentDoesNotExist", message }, entry);
  }
  if (
    !eligibility ||
    !reached ||
    !isInEffect(eligibility, now) ||
    !(await resourceContains(transaction, eligibility.resourceId, resource.id))
  ) {
    throw new Refusal(notEligible, entry);
  }
  await refuseStale(transaction, caller, access, { ...access, endsAt: input.expectedEnd }, entry);
  await refuseWhileOneWaits(transaction, access.id, entry, now);

  const added = { startsAt: presentEnd, endsAt: input.endsAt };
  const given = [
    { principalId: caller.userId, roleDefinitionId: role.id, resourceId: resource.id, schedule: added },
  ];
  if (input.endsAt > presentEnd) await refuseConflicts(transaction, caller.userId, { given }, entry);

  const { proof, provedBy } = settings.activationRequiresMfa
    ? await prove(operation, activationTakesResistant(settings))
    : notAsked;
  const limits = {
    presentEnd,
    eligibleUntil: eligibility.endsAt,
    nextStart: await nextStart(transaction, access),
  };
  const failures = [
    ...extensionTimeFailures(settings, limits, input.endsAt, now),
    ...activationFormFailures(settings, { ...input, provedBy }),
  ];
  if (failures.length > 0)
    throw new Refusal({ code: "RoleAssignmentRequestPolicyValidationFailed", failures }, entry);

  const asked = {
    ...input,
    ...{ principalId: caller.userId, role, resource, eligibilityId: eligibility.id, settings, proof },
    startsAt: null,
    durationMinutes: minutesUntil(now, input.endsAt),
    presentEnd,
  };
  if (stagesInForce(settings).length > 0)
    return { status: "PendingApproval", ...(await askToExtend(transaction, asked, entry, now)) };

  await refuseTooManyActivations(transaction, caller.userId, entry);
  const request = await transaction.request.create({
    data: {
      requestType: "SelfExtend",
      status: statusAfter("New", "Accept", "Provision"),
      requestorId: caller.userId,
      principalId: caller.userId,
      roleDefinitionId: role.id,
      resourceId: resource.id,
      eligibilityId: eligibility.id,
      assignmentId: access.id,
      endsAt: input.endsAt,
      durationMinutes: asked.durationMinutes,
      justification: input.justification,
      ticketNumber: input.ticketNumber,
      ticketSystem: input.ticketSystem,
      policy: judgingSettings(settings),
      proofId: proof?.id,
      completedAt: now,
    },
    select: { id: true },
  });
  await moveEnd(transaction, access.id, {
    ...{ presentEnd, endsAt: input.endsAt, policy: judgingSettings(settings), proof },
    entry: { ...entry, requestId: request.id },
  });
  return { status: "Provisioned", requestId: request.id, endsAt: input.endsAt };
}

/** While a request to extend waits, only that request can extend its activation. */
async function refuseWhileOneWaits(
  transaction: Transaction,
  assignmentId: string,
  entry: Omit<AuditEntry, "outcome"> & Required<Pick<AuditEntry, "role" | "resource">>,
  now: Date,
): Promise<void> {
  const which = { assignmentId, requestType: "SelfExtend", durationMinutes: { not: null } } as const;
  const waiting = await stillWaiting(transaction, which, entry, now);
  if (waiting === null) return;
  const message =
    waiting === "PendingProvisioning"
      ? "Your request to extend this role is approved and waits for your verification code."
      : "You have already asked to extend this role. The request waits for approval: cancel it to ask for another end.";
  throw new Refusal({ code: "RoleAssignmentRequestExists", message }, entry);
}
