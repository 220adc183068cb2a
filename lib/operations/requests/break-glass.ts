import { spendProof } from "@/lib/authority/spend-proof";
import type { OperationResult, RuleFailure } from "@/lib/domain/gate/operation-error";
import { factorFailures } from "@/lib/domain/gate/policy-rules";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { alreadyAssigned, notEligible } from "@/lib/domain/requests/activation-refusal";
import { breakGlassFailures, longestBreakGlass } from "@/lib/domain/requests/break-glass";
import type { RequestStatus } from "@/lib/domain/requests/request-state";
import { extendsActivation } from "@/lib/domain/requests/request-subject";
import { activationTakesResistant } from "@/lib/domain/roles/factors-asked";
import type { RoleSettings } from "@/lib/domain/roles/role-settings";
import { isInEffect } from "@/lib/domain/time/schedule";
import { resourceContains } from "@/lib/operations/gate/existing-access";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { refuseConflicts } from "@/lib/operations/gate/refuse-conflicts";
import {
  messageAfterApproval,
  policyFailures,
  scheduleNow,
} from "@/lib/operations/requests/approved-failures";
import { requestEventFacts } from "@/lib/operations/requests/close-request";
import { writeApproved } from "@/lib/operations/requests/grant-approved";
import { refuseTooManyActivations } from "@/lib/operations/requests/limit-requests";
import type { LoadedRequest } from "@/lib/operations/requests/load-request";
import {
  findActivationRequest,
  givenBy,
  lockActivationRequest,
  memberHasRoleDuring,
} from "@/lib/operations/requests/open-request";
import { type AuditEntry, recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";

export interface BreakGlassInput {
  readonly requestId: string;
  readonly durationMinutes: number;
  /** Why it cannot wait for an approver. */
  readonly justification: string | null;
  readonly proofId: string | null;
}

/** A request that its member approved in an emergency. */
export interface EmergencyActivation {
  readonly requestId: string;
  readonly assignmentId: string;
  readonly startsAt: Date;
  readonly endsAt: Date;
}

/** The operation that a member's proof is bound to. */
export function breakGlassOperation({
  requestId,
  durationMinutes,
  justification,
}: Pick<BreakGlassInput, "requestId" | "durationMinutes" | "justification">): ProtectedOperation {
  return { kind: "BreakGlass", requestId, durationMinutes, justification };
}

/**
 * Approves the caller's own waiting request in an emergency and activates the role from now, where the settings in
 * force allow it. It is the only exception to rule 7 (docs/decisions/break-glass.md). It always requires a proof for
 * this very request, duration and reason. Everything else is judged as for any activation. A review stays open until
 * somebody else closes it. After a refusal the request still waits for its approvers, and the proof is unspent.
 */
export function breakGlass(
  database: Database,
  caller: Caller,
  input: BreakGlassInput,
): Promise<OperationResult<EmergencyActivation>> {
  const attempt = {
    kind: "BreakGlassUsed" as const,
    caller,
    target: { id: caller.userId, displayName: caller.displayName },
    justification: input.justification,
    details: { ownRequestId: input.requestId, durationMinutes: input.durationMinutes },
  };
  return runOperation(database, attempt, async (transaction) => {
    const found = await findActivationRequest(transaction, input.requestId);
    // Another person's request is treated as unknown.
    if (found?.request.principalId !== caller.userId || found.request.requestorId !== caller.userId)
      throw new Refusal(notFound, attempt);
    const { role, resource } = found;
    const entry = { ...attempt, ...requestEventFacts(found.request), role, resource };

    const locked = await lockActivationRequest(transaction, found);
    const { request, status, settings, eligibility, activation, reached, now } = locked;
    if (status !== "PendingApproval")
      throw new Refusal({ code: "RequestNotPending", message: whyNot(status) }, entry);
    if (
      !eligibility ||
      !reached ||
      !isInEffect(eligibility, now) ||
      !(await resourceContains(transaction, eligibility.resourceId, resource.id))
    ) {
      throw new Refusal(notEligible, entry);
    }
    await refuseUnreviewed(transaction, request, entry);
    await refuseTooManyActivations(transaction, caller.userId, entry);

    const extension = extendsActivation(request);
    const asked = request.durationMinutes ?? 0;
    const facts = { extendsActivation: extension, startsAt: request.startsAt, durationMinutes: asked };
    const own = breakGlassFailures(settings, facts, input.durationMinutes, now);
    // An extension, or a request with a later start, has another schedule.
    if (extension || (request.startsAt !== null && request.startsAt > now))
      throw new Refusal({ code: "RoleAssignmentRequestPolicyValidationFailed", failures: own }, entry);

    // A refused duration must not affect the rest, which is judged by the requested duration.
    const fits = own.every(({ field }) => field !== "duration");
    const emergency = {
      request: { ...request, durationMinutes: fits ? input.durationMinutes : asked },
      ...{ settings, eligibility, activation, now },
    };
    const schedule = scheduleNow(emergency);
    if (await memberHasRoleDuring(transaction, request, schedule)) throw new Refusal(alreadyAssigned, entry);
    await refuseConflicts(transaction, caller.userId, { given: [givenBy(request, schedule)] }, entry);

    const proof = await spendProof(transaction, caller, input.proofId, breakGlassOperation(input));
    const longest = longestBreakGlass(settings, asked);
    const judged = { ...emergency, settings: withCap(settings, longest) };
    const others = await policyFailures(transaction, judged, schedule, "Passkey");
    const failures = [
      ...own,
      // The failed cap already says how long it may be.
      ...others.filter(({ rule }) => rule !== "ExpirationRule").map(askAgain),
      ...(blank(input.justification) ? [reasonFailure] : []),
      ...factorFailures(proof?.method ?? null, activationTakesResistant(settings)),
    ];
    if (proof === null || failures.length > 0)
      throw new Refusal({ code: "RoleAssignmentRequestPolicyValidationFailed", failures }, entry);

    await recordAuditEvent(transaction, {
      ...entry,
      outcome: "Success",
      proof,
      details: {
        durationMinutes: input.durationMinutes,
        requestedMinutes: asked,
        maximumMinutes: longest,
        startsAt: schedule.startsAt.toISOString(),
        endsAt: schedule.endsAt.toISOString(),
      },
    });
    const { assignmentId } = await writeApproved(transaction, {
      ...{ request, settings, eligibility, activation, now, role, resource, schedule, proof },
      how: "BreakGlass",
      entry: {
        ...entry,
        kind: "RoleActivated",
        justification: request.justification,
        details: { breakGlass: true, emergencyReason: input.justification },
      },
    });
    await openReview(transaction, request, assignmentId, input.justification ?? "", entry);
    return { requestId: request.id, assignmentId, ...schedule };
  });
}

function blank(text: string | null): boolean {
  return text === null || text.trim() === "";
}

const reasonFailure: RuleFailure = {
  rule: "JustificationRule",
  field: "justification",
  message: "Say why this cannot wait for an approver.",
};

const underReview = {
  code: "BreakGlassUnderReview",
  message:
    "Your last emergency activation of this role still waits for its review. Ask an approver or an administrator to close it first.",
} as const;

/** Nobody uses break-glass for a role again, at any resource, before the review of the last time is closed. */
async function refuseUnreviewed(
  transaction: Transaction,
  { principalId, roleDefinitionId }: LoadedRequest,
  entry: Omit<AuditEntry, "outcome">,
): Promise<void> {
  const open = await transaction.breakGlassReview.findFirst({
    where: { memberId: principalId, roleDefinitionId, closedAt: null },
    select: { requestId: true },
  });
  if (open) throw new Refusal(underReview, entry);
}

/** Two at once, for two resources, meet at the unique index, and the second inserts nothing. */
async function openReview(
  transaction: Transaction,
  { id, principalId, roleDefinitionId, resourceId }: LoadedRequest,
  assignmentId: string,
  reason: string,
  entry: Omit<AuditEntry, "outcome">,
): Promise<void> {
  const { count } = await transaction.breakGlassReview.createMany({
    data: [{ requestId: id, memberId: principalId, roleDefinitionId, resourceId, assignmentId, reason }],
    skipDuplicates: true,
  });
  if (count === 0) throw new Refusal(underReview, entry);
}

/** The settings as they judge an emergency: the cap limits its length, and a code is always required. */
function withCap(settings: RoleSettings, longest: number | null): RoleSettings {
  return {
    ...settings,
    activationRequiresMfa: true,
    activationMaximumMinutes: longest ?? settings.activationMaximumMinutes,
  };
}

/** A request cannot be changed. If the settings became stricter, the member must ask again. */
function askAgain(failure: RuleFailure): RuleFailure {
  if (failure.field === "duration") return failure;
  const message = messageAfterApproval(failure);
  return { ...failure, message: `${message} Cancel this request and ask again.` };
}

/** Why a request of the caller does not wait for approval. */
function whyNot(status: RequestStatus): string {
  switch (status) {
    case "PendingProvisioning":
      return "This request is already approved and waits for your verification code.";
    case "Provisioned":
    case "ScheduleCreated":
      return "This request has already been carried out.";
    case "Denied":
      return "An approver has denied this request. A denied request cannot be approved in an emergency.";
    case "TimedOut":
      return "This request has timed out. Ask again if you still need it.";
    default:
      return "This request no longer waits for approval. Ask again if you still need it.";
  }
}
