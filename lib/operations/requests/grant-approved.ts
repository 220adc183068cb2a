import type { SpentProof } from "@/lib/authority/spend-proof";
import { requestRemindsAt } from "@/lib/domain/notifications/deadline-reminder";
import { principalRecord } from "@/lib/domain/people/principal-identity";
import { codeDeadline } from "@/lib/domain/requests/approval";
import { type RequestEvent, statusAfter } from "@/lib/domain/requests/request-state";
import { extendsActivation } from "@/lib/domain/requests/request-subject";
import { asksFreshCode } from "@/lib/domain/roles/factors-asked";
import { judgingSettings, type RoleSettings, stagesInForce } from "@/lib/domain/roles/role-settings";
import type { HeldAccess } from "@/lib/operations/gate/load-access";
import { moveEnd } from "@/lib/operations/gate/move-end";
import { type ApprovedRequest, failuresNow, scheduleNow } from "@/lib/operations/requests/approved-failures";
import { closeRequest, requestEventFacts } from "@/lib/operations/requests/close-request";
import type { DecidedRequest, LoadedRequest } from "@/lib/operations/requests/load-request";
import { type AuditEntry, recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";

/**
 * Activates the role of an approved request, from now or from the later start that was requested. The wait does not
 * count against the duration. For a request to extend, it moves the activation's end to the requested one. If the
 * settings require a new code after approval, the request waits for it instead, and `provisionRequest` continues. All
 * rules are checked again under the settings in force now. If one is not met, the request fails with every reason.
 */
export async function grantApproved(
  transaction: Transaction,
  caller: Caller,
  approved: ApprovedRequest,
): Promise<DecidedRequest> {
  const { request, role, resource, settings, eligibility, activation, now } = approved;
  const schedule = scheduleNow(approved);
  const about = {
    ...requestEventFacts(request),
    role,
    resource,
    // The member activates, though the approver acts. So no address or device of the approver is
    // logged.
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
    ...{ request, role, resource, settings, eligibility, activation, now, schedule, proof },
    entry: {
      ...about,
      kind: extendsActivation(request) ? "ActivationExtended" : "RoleActivated",
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
  const expiresAt = codeDeadline(stagesInForce(settings), now, request.activationEndsAt);
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
  /** The proof from when it was requested, or the one given after approval. */
  readonly proof: SpentProof | null;
  /** Activated by the last approval, or by its member in an emergency. */
  readonly how?: "Approve" | "BreakGlass";
  readonly entry: Omit<AuditEntry, "outcome">;
}

/**
 * Writes the activation of a locked, approved request, or moves the end of the one it extends. Ends the
 * request and logs it.
 */
export async function writeApproved(
  transaction: Transaction,
  {
    request,
    role,
    resource,
    settings,
    eligibility,
    activation,
    now,
    schedule,
    proof,
    how = "Approve",
    entry,
  }: ActivationToWrite,
): Promise<{ assignmentId: string; status: "Provisioned" | "ScheduleCreated" }> {
  if (activation) {
    const presentEnd = activation.endsAt ?? now;
    await endRequest(
      transaction,
      request,
      { assignmentId: activation.id, endsAt: schedule.endsAt },
      settings,
      proof,
      now,
    );
    const policy = judgingSettings(settings);
    await moveEnd(transaction, activation.id, { presentEnd, endsAt: schedule.endsAt, policy, proof, entry });
    return { assignmentId: activation.id, status: "Provisioned" };
  }
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
  const result = { assignmentId: assignment.id, ...schedule };
  await endRequest(transaction, request, result, settings, proof, now, how);
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

/** Ends an approved request with its result. */
async function endRequest(
  transaction: Transaction,
  request: LoadedRequest,
  result: { readonly assignmentId: string; readonly startsAt?: Date; readonly endsAt: Date },
  settings: RoleSettings,
  proof: SpentProof | null,
  now: Date,
  how: "Approve" | "BreakGlass" = "Approve",
): Promise<void> {
  const last: RequestEvent =
    result.startsAt !== undefined && result.startsAt > now ? "Schedule" : "Provision";
  await transaction.request.update({
    where: { id: request.id },
    data: {
      status:
        request.status === "PendingProvisioning"
          ? statusAfter(request.status, last)
          : statusAfter(request.status, how, last),
      ...result,
      policy: judgingSettings(settings),
      proofId: proof?.id ?? null,
      completedAt: now,
    },
  });
  await transaction.requestApproval.update({ where: { requestId: request.id }, data: { closedAt: now } });
}

async function proofOf(transaction: Transaction, request: LoadedRequest) {
  if (request.proofId === null) return null;
  return transaction.stepUpProof.findUnique({
    where: { id: request.proofId },
    select: { id: true, method: true, spentAt: true },
  });
}
