import type { ResourceFacts } from "@/lib/authority/authority";
import { reaches } from "@/lib/authority/rights-until-commit";
import type { SpentProof } from "@/lib/authority/spend-proof";
import { activationSchedule } from "@/lib/domain/gate/activation-time";
import type { RuleFailure } from "@/lib/domain/gate/operation-error";
import { activationFailures } from "@/lib/domain/gate/policy-rules";
import { requestRemindsAt } from "@/lib/domain/notifications/deadline-reminder";
import { principalRecord } from "@/lib/domain/people/principal-identity";
import { codeDeadline } from "@/lib/domain/requests/approval";
import { type RequestEvent, statusAfter } from "@/lib/domain/requests/request-state";
import {
  asksFreshCode,
  judgingSettings,
  type RoleSettings,
  stagesInForce,
} from "@/lib/domain/roles/role-settings";
import { isInEffect, type Schedule } from "@/lib/domain/time/schedule";
import { resourceContains } from "@/lib/operations/gate/existing-access";
import type { HeldAccess, RoleFacts } from "@/lib/operations/gate/load-access";
import { closeRequest, requestEventFacts } from "@/lib/operations/requests/close-request";
import type { DecidedRequest, LoadedRequest } from "@/lib/operations/requests/load-request";
import { memberHasRoleDuring } from "@/lib/operations/requests/open-request";
import { type AuditEntry, recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";

/** A request with its last approval. Everything that judges it is locked. */
export interface ApprovedRequest {
  readonly request: LoadedRequest;
  readonly role: RoleFacts;
  readonly resource: ResourceFacts;
  readonly settings: RoleSettings;
  /** Null when it has ended. */
  readonly eligibility: HeldAccess | null;
  readonly now: Date;
}

/**
 * Activates the role of an approved request, from now or from the later start that was asked for: the wait does not
 * count against the duration. If the settings require a new code after approval, the request waits for it instead,
 * and `provisionRequest` continues. All rules are checked again under the settings in force now. If one is not met,
 * the request fails with every reason.
 */
export async function grantApproved(
  transaction: Transaction,
  caller: Caller,
  approved: ApprovedRequest,
): Promise<DecidedRequest> {
  const { request, role, resource, settings, eligibility, now } = approved;
  const startsAt = request.startsAt !== null && request.startsAt > now ? request.startsAt : now;
  const schedule = activationSchedule(startsAt, request.durationMinutes ?? 0, eligibility);
  const about = {
    ...requestEventFacts(request),
    role,
    resource,
    // The member activates, though the approver acts: no address or device of the approver is logged.
    caller: {
      userId: request.principalId,
      displayName: request.principalName,
      correlationId: caller.correlationId,
    },
    justification: request.justification,
  };
  const failures = await failuresNow(transaction, approved, schedule);
  if (failures.length > 0 || eligibility === null) {
    const reasons = failures.map((failure) => failure.message);
    await closeRequest(transaction, request, "Fail", { completedAt: now, failureReasons: reasons });
    await recordAuditEvent(transaction, {
      ...about,
      kind: "RequestFailed",
      outcome: "Failure",
      failedRules: [...new Set(failures.map((failure) => failure.rule))],
      details: { reasons, policy: judgingSettings(settings) },
    });
    return { requestId: request.id, status: "Failed", reasons };
  }

  if (asksFreshCode(settings)) return awaitCode(transaction, caller, approved);

  const proof = await proofOf(transaction, request);
  const { status } = await writeApproved(transaction, {
    ...{ request, role, resource, settings, eligibility, now, schedule, proof },
    entry: {
      ...about,
      kind: "RoleActivated",
      details: {
        approvedBy: principalRecord(caller),
        // The member's proof is as old as the wait, so its time is logged.
        ...(proof?.spentAt ? { provedAt: proof.spentAt.toISOString() } : {}),
      },
    },
  });
  return { requestId: request.id, status, reasons: [] };
}

/**
 * Leaves an approved request waiting for its member's code. The event notifies the member. Nothing is activated yet.
 */
async function awaitCode(
  transaction: Transaction,
  caller: Caller,
  { request, role, resource, settings, now }: ApprovedRequest,
): Promise<DecidedRequest> {
  const expiresAt = codeDeadline(stagesInForce(settings), now);
  const status = statusAfter(request.status, "Approve");
  await transaction.request.update({
    where: { id: request.id },
    data: { status, policy: judgingSettings(settings) },
  });
  await transaction.requestApproval.update({
    where: { requestId: request.id },
    data: { expiresAt, remindsAt: requestRemindsAt(now, expiresAt), remindedAt: null },
  });
  await recordAuditEvent(transaction, {
    ...requestEventFacts(request),
    role,
    resource,
    caller,
    kind: "ActivationAwaitsCode",
    outcome: "Success",
    justification: request.justification,
    details: {
      expiresAt: expiresAt.toISOString(),
      durationMinutes: request.durationMinutes,
      requestedStart: request.startsAt?.toISOString() ?? null,
      approvedBy: principalRecord(caller),
      policy: judgingSettings(settings),
    },
  });
  return { requestId: request.id, status, reasons: [] };
}

/** An approved activation that meets all rules. */
export interface ActivationToWrite extends Omit<ApprovedRequest, "eligibility"> {
  readonly eligibility: HeldAccess;
  readonly schedule: { readonly startsAt: Date; readonly endsAt: Date };
  /** The proof from when it was asked for, or the one given after approval. */
  readonly proof: SpentProof | null;
  readonly entry: Omit<AuditEntry, "outcome">;
}

/** Writes the activation of a locked, approved request, ends the request, and logs it. */
export async function writeApproved(
  transaction: Transaction,
  { request, role, resource, settings, eligibility, now, schedule, proof, entry }: ActivationToWrite,
): Promise<{ assignmentId: string; status: "Provisioned" | "ScheduleCreated" }> {
  const assignment = await transaction.assignment.create({
    data: {
      principalId: request.principalId,
      roleDefinitionId: role.id,
      resourceId: resource.id,
      assignmentType: "Activated",
      eligibilityId: eligibility.id,
      ...schedule,
    },
    select: { id: true },
  });
  const scheduled = schedule.startsAt > now;
  const last: RequestEvent = scheduled ? "Schedule" : "Provision";
  await transaction.request.update({
    where: { id: request.id },
    data: {
      status:
        request.status === "PendingProvisioning"
          ? statusAfter(request.status, last)
          : statusAfter(request.status, "Approve", last),
      assignmentId: assignment.id,
      ...schedule,
      policy: judgingSettings(settings),
      proofId: proof?.id ?? null,
      completedAt: now,
    },
  });
  await transaction.requestApproval.update({ where: { requestId: request.id }, data: { closedAt: now } });
  await recordAuditEvent(transaction, {
    ...entry,
    outcome: "Success",
    assignmentId: assignment.id,
    proof,
    details: {
      ...entry.details,
      startsAt: schedule.startsAt.toISOString(),
      endsAt: schedule.endsAt.toISOString(),
      policy: judgingSettings(settings),
    },
  });
  return { assignmentId: assignment.id, status: scheduled ? "ScheduleCreated" : "Provisioned" };
}

async function failuresNow(
  transaction: Transaction,
  { request, resource, settings, eligibility, now }: ApprovedRequest,
  schedule: Schedule,
): Promise<RuleFailure[]> {
  const failures: RuleFailure[] = [];
  if (
    eligibility === null ||
    !isInEffect(eligibility, now) ||
    !(await reaches(transaction, request.principalId, eligibility.principalId)) ||
    !(await resourceContains(transaction, eligibility.resourceId, resource.id))
  ) {
    failures.push({
      rule: "EligibilityRule",
      field: "eligibility",
      message: "The member is no longer eligible for this role at this scope.",
    });
  }
  failures.push(
    ...activationFailures(settings, {
      schedule,
      durationMinutes: request.durationMinutes ?? 0,
      eligibility: eligibility ?? schedule,
      justification: request.justification,
      ticketNumber: request.ticketNumber,
      ticketSystem: request.ticketSystem,
      proved: request.proofId !== null,
    }).map((failure) => ({ ...failure, message: messagesAfterApproval[failure.rule] ?? failure.message })),
  );
  if (await memberHasRoleDuring(transaction, request, schedule)) {
    failures.push({
      rule: "OverlapRule",
      field: "startsAt",
      message: "The member already has this role at this scope for that time.",
    });
  }
  return failures;
}

/** The message of a rule that became stricter while the request waited. */
export const messagesAfterApproval: Partial<Record<RuleFailure["rule"], string>> = {
  MfaRule: "The role settings now require Multi-Factor Authentication, which the request was made without.",
  ExpirationRule: "The role settings no longer allow this duration.",
  JustificationRule: "The role settings now require a justification, which the request was made without.",
  TicketingRule: "The role settings now require ticket information, which the request was made without.",
  EligibilityRule: "The member's eligibility does not cover this whole time.",
};

async function proofOf(transaction: Transaction, request: LoadedRequest) {
  if (request.proofId === null) return null;
  return transaction.stepUpProof.findUnique({
    where: { id: request.proofId },
    select: { id: true, method: true, spentAt: true },
  });
}
