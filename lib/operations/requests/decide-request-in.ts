import { decidableBy } from "@/lib/authority/decision-authority";
import {
  mustReachUntilCommit,
  permissionsUntilCommit,
  reachesUntilCommit,
} from "@/lib/authority/rights-until-commit";
import { approvedOtherStage } from "@/lib/authority/stage-approvals";
import type { OperationError, RuleFailure } from "@/lib/domain/gate/operation-error";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { principalRecord } from "@/lib/domain/people/principal-identity";
import { type RequestStatus, statusAfter } from "@/lib/domain/requests/request-state";
import { namedApprovers } from "@/lib/domain/roles/approval-settings";
import { isolated } from "@/lib/domain/text/visible-text";
import { notAsked, type Prove } from "@/lib/operations/gate/prove";
import { notFound, Refusal } from "@/lib/operations/gate/refusal";
import { advanceApproval } from "@/lib/operations/requests/advance-approval";
import { applyNewStages } from "@/lib/operations/requests/apply-new-stages";
import { closeRequest, requestEventFacts } from "@/lib/operations/requests/close-request";
import { grantApproved } from "@/lib/operations/requests/grant-approved";
import type { DecidedRequest, LoadedRequest, RequestApproval } from "@/lib/operations/requests/load-request";
import { findActivationRequest, lockActivationRequest } from "@/lib/operations/requests/open-request";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

export interface DecideRequestInput {
  readonly requestId: string;
  readonly decision: "Approve" | "Deny";
  readonly justification: string | null;
}

/** The operation that the proof of a decision is bound to. */
export function decideRequestsOperation(
  decision: "Approve" | "Deny",
  requestIds: readonly string[],
): ProtectedOperation {
  return { kind: "DecideRequests", decision, requestIds: [...new Set(requestIds)] };
}

/** The log entry of a decision that is refused before the request is known. */
export function decisionAttempt(caller: Caller, input: DecideRequestInput) {
  return {
    kind: input.decision === "Approve" ? ("RequestApproved" as const) : ("RequestDenied" as const),
    caller,
    justification: input.justification,
    details: { decidedRequestId: input.requestId },
  };
}

/**
 * Decides one waiting request within a transaction, as somebody who may decide its open stage now. The
 * settings in force judge it, and edits of them wait. The last approval activates the role at once, or
 * the request fails with every reason. Throws a `Refusal` if the caller may not decide, or not this
 * way. Calls `prove` for a proof of `operation` only if the settings require one.
 */
export async function decideRequestIn(
  transaction: Transaction,
  caller: Caller,
  input: DecideRequestInput,
  prove: Prove,
  operation: ProtectedOperation,
): Promise<DecidedRequest> {
  const attempt = decisionAttempt(caller, input);
  const found = await findActivationRequest(transaction, input.requestId);
  if (!found) throw new Refusal(notFound, attempt);
  const { role, resource } = found;
  const entry = { ...attempt, ...requestEventFacts(found.request), role, resource };

  const { settings, eligibility, activation, now, status, ...rest } = await lockActivationRequest(
    transaction,
    found,
  );
  const locked = rest.request;
  const approval =
    locked.approval && status === "PendingApproval"
      ? await applyNewStages(transaction, locked, locked.approval, settings, now)
      : locked.approval;
  if (!approval) throw new Error("a request that waited for approval has none");
  const right = status === "PendingApproval" ? await rightTo(transaction, caller, locked.id) : null;
  if (right === null) {
    const error = await whyNot(transaction, caller, locked, approval, status);
    throw new Refusal(error, error === notFound ? attempt : entry);
  }

  await keepRight(transaction, caller, locked, approval, resource.id, right.asAdministrator);
  const { proof, provedBy } = approval.requiresStepUp ? await prove(operation, false) : notAsked;
  const failures = decisionFailures(input, approval, provedBy !== null);
  if (failures.length > 0) {
    throw new Refusal({ code: "RoleAssignmentRequestPolicyValidationFailed", failures }, entry);
  }
  // An approver cannot approve twice. If a lapsed approval counts again, the stage has enough approvals but still
  // needs one approver to confirm.
  const approvedBefore = approval.givenBy.includes(caller.userId);
  if (approvedBefore && input.decision === "Deny") {
    throw new Refusal({ code: "AuthorizationFailed", message: "You have approved this request." }, entry);
  }
  if (!approvedBefore)
    await transaction.requestDecision.create({
      data: {
        requestId: locked.id,
        stage: approval.stage,
        round: approval.round,
        decision: input.decision,
        deciderId: caller.userId,
        asAdministrator: right.asAdministrator,
        justification: input.justification ?? "",
        proofId: proof?.id,
      },
    });
  const decided = {
    ...entry,
    outcome: "Success" as const,
    proof,
    details: {
      stage: approval.stage + 1,
      stages: approval.stages.length,
      asAdministrator: right.asAdministrator,
    },
  };
  if (input.decision === "Deny") {
    await closeRequest(transaction, locked, "Deny", { completedAt: now });
    await recordAuditEvent(transaction, decided);
    return { requestId: locked.id, status: "Denied", reasons: [] };
  }
  if (await advanceApproval(transaction, locked, approval, decided, now)) {
    return { requestId: locked.id, status: statusAfter(locked.status, "ApproveStage"), reasons: [] };
  }
  await recordAuditEvent(transaction, decided);
  return grantApproved(transaction, caller, {
    ...{ request: locked, role, resource, settings, eligibility, activation, now },
  });
}

/**
 * Declares what must hold until the commit: the caller is an approver or administers the resource, and
 * does not gain from the request (docs/rules.md, rule 7).
 */
async function keepRight(
  transaction: Transaction,
  caller: Caller,
  request: LoadedRequest,
  approval: RequestApproval,
  resourceId: string,
  asAdministrator: boolean,
): Promise<void> {
  await reachesUntilCommit(transaction, caller.userId, request.principalId);
  if (asAdministrator) await permissionsUntilCommit(transaction, caller.userId, [resourceId]);
  else mustReachUntilCommit(transaction, caller.userId, [...approval.approverIds, ...approval.escalationIds]);
}

/**
 * Whether the caller may decide this locked request now, and if so, as an approver or as an
 * administrator.
 */
async function rightTo(transaction: Transaction, caller: Caller, requestId: string) {
  const among = Prisma.sql`SELECT ${requestId}::uuid`;
  const decidable = await decidableBy(transaction, caller.userId, { after: null, limit: 1, among });
  const [right] = await transaction.$queryRaw<{ asAdministrator: boolean }[]>`
    SELECT d.as_administrator AS "asAdministrator" FROM (${decidable}) d`;
  return right ?? null;
}

/**
 * The answer to somebody who may not decide. Only somebody who may know of the request learns more than
 * that it is unknown.
 */
async function whyNot(
  transaction: Transaction,
  caller: Caller,
  request: LoadedRequest,
  approval: RequestApproval,
  status: RequestStatus,
): Promise<OperationError> {
  const [row] = await transaction.$queryRaw<
    { reach: string[]; decided: boolean; changed: boolean; gaveOther: boolean }[]
  >`
    SELECT changed_who_decides(${caller.userId}::uuid, ${request.id}::uuid) AS changed,
      array(SELECT principal_and_groups(${caller.userId}::uuid))::text[] AS reach,
      EXISTS (SELECT FROM request_decisions
        WHERE request_id = ${request.id}::uuid AND decider_id = ${caller.userId}::uuid) AS decided,
      EXISTS (SELECT FROM request_approvals a
        WHERE a.request_id = ${request.id}::uuid AND ${caller.userId}::uuid IN ${approvedOtherStage("a")}) AS "gaveOther"`;
  const reach = new Set(row?.reach);
  const own = request.requestorId === caller.userId || reach.has(request.principalId);
  if (own) {
    const message =
      "You cannot decide on your own request, nor on one that gives you access through a group.";
    return { code: "OwnRequest", message };
  }
  if (status === "PendingApproval" && row?.gaveOther) {
    const message = "You approved another stage of this request. Each stage needs a different approver.";
    return { code: "AuthorizationFailed", message };
  }
  const named = namedApprovers(approval.stages).some((id) => reach.has(id));
  if (!named && row?.changed && status === "PendingApproval") {
    const message = "You changed who decides on this request. Another administrator must decide.";
    return { code: "AuthorizationFailed", message };
  }
  if (!named && !row?.decided) return notFound;
  return status === "PendingApproval"
    ? { code: "AuthorizationFailed", message: "This request does not wait for your decision now." }
    : { code: "RequestNotPending", message: await whatHappened(transaction, request.id, status) };
}

/** Why a request no longer waits for a decision, for somebody who may know of it. */
async function whatHappened(
  transaction: Transaction,
  requestId: string,
  status: RequestStatus,
): Promise<string> {
  const last = await transaction.requestDecision.findFirst({
    where: { requestId },
    orderBy: { id: "desc" },
    select: { decision: true, decider: { select: { displayName: true, email: true } } },
  });
  const by = last && isolated(principalRecord(last.decider));
  const over = "This request no longer waits for a decision";
  switch (status) {
    case "Denied":
      return by ? `${over}: ${by} denied it.` : `${over}.`;
    case "Canceled":
      return `${over}: it was canceled.`;
    case "TimedOut":
      return `${over}: it has timed out.`;
    case "Revoked":
      return `${over}: it was revoked, since the access behind it has ended.`;
    default:
      return by ? `${over}: ${by} approved it.` : `${over}.`;
  }
}

function decisionFailures(
  input: DecideRequestInput,
  approval: RequestApproval,
  proved: boolean,
): RuleFailure[] {
  const failures: RuleFailure[] = [];
  if (input.justification === null || input.justification.trim() === "") {
    failures.push({ rule: "JustificationRule", field: "justification", message: "Give a reason." });
  }
  if (approval.requiresStepUp && !proved) {
    failures.push({
      rule: "MfaRule",
      field: "code",
      message: "Verify your identity with a second factor.",
    });
  }
  return failures;
}
