import { spendProof } from "@/lib/authority/spend-proof";
import { approvalsOfOpenStages } from "@/lib/authority/stage-approvals";
import type { OperationResult, RuleFailure } from "@/lib/domain/gate/operation-error";
import { factorFailures } from "@/lib/domain/gate/policy-rules";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { principalRecord, principalText } from "@/lib/domain/people/principal-identity";
import { alreadyAssigned, notEligible } from "@/lib/domain/requests/activation-refusal";
import type { RequestStatus } from "@/lib/domain/requests/request-state";
import { extendsActivation } from "@/lib/domain/requests/request-subject";
import { activationTakesResistant } from "@/lib/domain/roles/factors-asked";
import { type RoleSettings, stagesInForce } from "@/lib/domain/roles/role-settings";
import { sameValue } from "@/lib/domain/roles/same-value";
import { isInEffect } from "@/lib/domain/time/schedule";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { refuseConflicts } from "@/lib/operations/gate/refuse-conflicts";
import {
  messageAfterApproval,
  policyFailures,
  scheduleNow,
} from "@/lib/operations/requests/approved-failures";
import { requestEventFacts } from "@/lib/operations/requests/close-request";
import { writeApproved } from "@/lib/operations/requests/grant-approved";
import type { LoadedRequest } from "@/lib/operations/requests/load-request";
import {
  findActivationRequest,
  givenBy,
  lockActivationRequest,
  memberHasRoleDuring,
} from "@/lib/operations/requests/open-request";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";

export interface ProvisionRequestInput {
  readonly requestId: string;
  readonly proofId: string | null;
}

/** A request that its member has activated with a code. */
export interface ProvisionedRequest {
  readonly requestId: string;
  readonly assignmentId: string;
  readonly status: "Provisioned" | "ScheduleCreated";
  readonly startsAt: Date;
  readonly endsAt: Date;
}

/** The operation that a member's proof is bound to. */
export function provisionRequestOperation(requestId: string): ProtectedOperation {
  return { kind: "ProvisionRequest", requestId };
}

/**
 * Activates the caller's approved request, with a new proof for this very request
 * (docs/decisions/fresh-code-at-provisioning.md). All rules of an activation are checked now, under the
 * settings in force. Role, resource and duration are those approved. It starts now, or at the later
 * start that was requested. For a request to extend, it moves the activation's end to the approved one.
 * After a refusal the request still waits, and the proof is unspent.
 */
export function provisionRequest(
  database: Database,
  caller: Caller,
  input: ProvisionRequestInput,
): Promise<OperationResult<ProvisionedRequest>> {
  const attempt = {
    kind: "RoleActivated" as const,
    caller,
    target: { id: caller.userId, displayName: caller.displayName },
    details: { provisionedRequestId: input.requestId },
  };
  return runOperation(database, attempt, async (transaction) => {
    const found = await findActivationRequest(transaction, input.requestId);
    // Another person's request is treated as unknown.
    if (found?.request.principalId !== caller.userId) throw new Refusal(notFound, attempt);
    const { role, resource } = found;
    const { justification } = found.request;
    const extension = extendsActivation(found.request);
    const kind = extension ? ("ActivationExtended" as const) : attempt.kind;
    const entry = { ...attempt, kind, ...requestEventFacts(found.request), role, resource, justification };

    const locked = await lockActivationRequest(transaction, found);
    const { request, status, settings, eligibility, activation, reached, now } = locked;
    if (status !== "PendingProvisioning")
      throw new Refusal({ code: "RequestNotPending", message: whyNot(status) }, entry);
    if (!eligibility || !reached || !isInEffect(eligibility, now)) {
      throw new Refusal(notEligible, entry);
    }
    const approved = { request, settings, eligibility, activation, now };
    const schedule = scheduleNow(approved);
    if (!extension && (await memberHasRoleDuring(transaction, request, schedule)))
      throw new Refusal(alreadyAssigned, entry);
    await refuseConflicts(transaction, caller.userId, { given: [givenBy(request, schedule)] }, entry);

    const proof = await spendProof(transaction, caller, input.proofId, provisionRequestOperation(request.id));
    // The approval announced the code, so it is required whatever the settings say now.
    const failures = [
      ...(await policyFailures(transaction, approved, schedule, "Passkey")).map(askAgain),
      ...(await approvalFailures(transaction, request, settings)),
      ...factorFailures(proof?.method ?? null, activationTakesResistant(settings)),
    ];
    if (proof === null || failures.length > 0)
      throw new Refusal({ code: "RoleAssignmentRequestPolicyValidationFailed", failures }, entry);

    const approvals = await approversOf(transaction, request.id);
    const written = await writeApproved(transaction, {
      ...{ ...approved, role, resource, eligibility, schedule, proof },
      entry: { ...entry, details: { codeAfterApproval: true, approvedBy: approvals } },
    });
    return { requestId: request.id, ...written, ...schedule };
  });
}

/** Why a request of the caller does not wait for their code. */
function whyNot(status: RequestStatus): string {
  switch (status) {
    case "PendingApproval":
      return "This request is still waiting for approval.";
    case "TimedOut":
      return "This request has timed out. Ask again if you still need it.";
    case "Provisioned":
    case "ScheduleCreated":
      return "This request has already been carried out.";
    default:
      return "This request no longer waits for your code. Ask again if you still need it.";
  }
}

/** An approved request cannot be changed. If the settings became stricter, the member must ask again. */
function askAgain(failure: RuleFailure): RuleFailure {
  const message = messageAfterApproval(failure);
  return { ...failure, message: `${message} Cancel this request and ask again.` };
}

/**
 * What is wrong with the approval now: the settings in force require a stage that was not approved, or
 * too few approvals of the last stage still count (docs/decisions/approvals.md). Earlier stages stay
 * passed.
 */
async function approvalFailures(
  transaction: Transaction,
  { id, approval }: LoadedRequest,
  settings: RoleSettings,
): Promise<RuleFailure[]> {
  const failure = (message: string): RuleFailure => ({ rule: "ApprovalRule", field: "approval", message });
  if (!approval) throw new Error("a request that was approved has no approval");
  const missing = stagesInForce(settings).filter(
    (stage) => !approval.stages.some((approved) => sameValue(approved, stage)),
  );
  const given = await approvalsOfOpenStages(transaction, [id]);
  const lapsed = given.filter((each) => !each.counts).map((each) => principalText(each.decider));
  const counting = given.length - lapsed.length;
  return [
    ...(missing.length > 0
      ? [
          failure(
            "The role settings now require an approval that this request does not have. Cancel it and ask again.",
          ),
        ]
      : []),
    ...(counting < approval.approvalsNeeded
      ? [
          failure(
            `Too few approvals of this request count now. No longer an approver: ${lapsed.join(", ")}. Cancel it and ask again.`,
          ),
        ]
      : []),
  ];
}

/** Who approved it, for the log. */
async function approversOf(transaction: Transaction, requestId: string): Promise<string> {
  const given = await transaction.requestDecision.findMany({
    where: { requestId, decision: "Approve" },
    select: { decider: { select: { displayName: true, email: true } } },
    orderBy: { id: "asc" },
    take: 100,
  });
  return [...new Set(given.map((each) => principalRecord(each.decider)))].join(", ");
}
