import { reachesUntilCommit } from "@/lib/authority/rights-until-commit";
import type { OperationError, OperationResult, RuleFailure } from "@/lib/domain/gate/operation-error";
import { permissionToAssign } from "@/lib/domain/gate/privileges";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { statusAfter } from "@/lib/domain/requests/request-state";
import { asksMoreTime } from "@/lib/domain/requests/request-subject";
import { judgingSettings } from "@/lib/domain/roles/role-settings";
import { knownWord } from "@/lib/domain/text/known-word";
import type { Schedule } from "@/lib/domain/time/schedule";
import {
  type ExtendedOrRenewed,
  extendOrRenewAccess,
  kindOf,
} from "@/lib/operations/assignments/extend-or-renew-access";
import {
  extensionEventFacts,
  extensionEventKind,
} from "@/lib/operations/assignments/extend-or-renew-assignment";
import { lockWaitingExtension } from "@/lib/operations/assignments/lock-waiting-extension";
import { lockRow } from "@/lib/operations/gate/load-access";
import { findAssignment } from "@/lib/operations/gate/open-assignment";
import { notAsked, type Proving, proveBy } from "@/lib/operations/gate/prove";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { refuseDisabled } from "@/lib/operations/gate/refuse-disabled";
import { refuseStale } from "@/lib/operations/gate/refuse-stale";
import { requirePermission } from "@/lib/operations/gate/require-permission";
import { lockAssignmentSettings } from "@/lib/operations/gate/settings-in-force";
import { type AuditEntry, recordAuditEvents } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

/** An administrator's decision: as requested, or with another start, end or type. */
export type ExtensionDecision =
  | { readonly decision: "Deny" }
  | {
      readonly decision: "Approve";
      readonly assignmentType: "Eligible" | "Active";
      /** Null: at once. An extension of the same type continues from the present end. */
      readonly startsAt: Date | null;
      /** Null: permanently. */
      readonly endsAt: Date | null;
    };

export interface DecideExtensionInput {
  readonly requestId: string;
  readonly decision: ExtensionDecision;
  readonly justification: string | null;
  readonly proofId: string | null;
}

/** The operation that the proof for an approval is bound to. */
export function approveExtensionOperation(input: {
  readonly requestId: string;
  readonly startsAt: Date | null;
  readonly endsAt: Date | null;
}): ProtectedOperation {
  return {
    kind: "ApproveExtension",
    requestId: input.requestId,
    startsAt: input.startsAt?.toISOString() ?? null,
    endsAt: input.endsAt?.toISOString() ?? null,
  };
}

const notPending: OperationError = {
  code: "RequestNotPending",
  message: "This request is no longer waiting. Somebody decided on it, or it was canceled.",
};

/**
 * An administrator's decision on a member's request to extend or renew, with a reason. Nobody decides on their own
 * request, nor on one of a group they are in (docs/rules.md, rule 7). An approval that results in an active
 * assignment is a direct assignment: it spends the administrator's proof if the settings require MFA for it (rule 1).
 * A request to extend that is approved after the end becomes a renewal.
 */
export function decideExtension(
  database: Database,
  caller: Caller,
  input: DecideExtensionInput,
): Promise<OperationResult<{ requestId: string }>> {
  const { decision, requestId, justification } = input;
  return runOperation(
    database,
    decideExtensionAttempt(caller, { ...input, ...decision }),
    async (transaction) => {
      const operation =
        decision.decision === "Approve" ? approveExtensionOperation({ ...decision, requestId }) : null;
      await decideExtensionIn(
        transaction,
        caller,
        { requestId, decision: decision.decision, justification, expected: null },
        () => decision,
        async (resistantOnly) =>
          operation ? proveBy(transaction, caller, input.proofId)(operation, resistantOnly) : notAsked,
      );
      return { requestId };
    },
  );
}

/** The log entry of a decision that is refused before the request is known. */
export function decideExtensionAttempt(
  caller: Caller,
  input: { readonly decision: "Approve" | "Deny"; readonly justification: string | null },
) {
  const suffix = input.decision === "Approve" ? "Approved" : "Denied";
  return {
    kind: `Extension${suffix}` as const,
    caller,
    justification: input.justification,
    details: { decision: input.decision },
  };
}

/** What a member asked for. */
export interface AskedExtension {
  readonly assignmentType: "Eligible" | "Active";
  readonly endsAt: Date | null;
}

/** The result of a decision: the times before and, for an approval, after. */
export interface DecidedExtension {
  readonly requestId: string;
  readonly before: Schedule;
  readonly approved: Pick<ExtendedOrRenewed, "verb" | "after"> | null;
}

/**
 * Decides one waiting request to extend or renew, within the transaction of a verb or a batch. `decide`
 * makes the decision from what was requested. Calls `prove` if the settings require a proof.
 */
export async function decideExtensionIn(
  transaction: Transaction,
  caller: Caller,
  input: {
    readonly requestId: string;
    readonly decision: "Approve" | "Deny";
    readonly justification: string | null;
    /** The end that the administrator was shown; null if none was shown, as in a preview. */
    readonly expected: Pick<Schedule, "endsAt"> | null;
  },
  decide: (asked: AskedExtension) => ExtensionDecision,
  prove: (resistantOnly: boolean) => Promise<Proving>,
): Promise<DecidedExtension> {
  knownWord(input.decision, ["Approve", "Deny"]);
  const attempt = decideExtensionAttempt(caller, input);
  const request = await transaction.request.findUnique({ where: { id: input.requestId } });
  if (request === null || !asksMoreTime(request)) throw new Refusal(notFound, attempt);
  const opened = await findAssignment(
    transaction,
    attempt,
    request.eligibilityId
      ? { assignmentType: "Eligible", id: request.eligibilityId }
      : { assignmentType: "Active", id: request.assignmentId ?? "" },
  );
  const { found, role, resource } = opened;
  const asked = request.requestType === "SelfExtend" ? ("Extension" as const) : ("Renewal" as const);
  const suffix = input.decision === "Approve" ? ("Approved" as const) : ("Denied" as const);
  const decision = decide({ assignmentType: kindOf(found), endsAt: request.endsAt });
  const entry = {
    ...opened.entry,
    kind: `${asked}${suffix}` as const,
    requestId: request.id,
    eligibilityId: request.eligibilityId,
    assignmentId: request.assignmentId,
  };
  const kinds = decision.decision === "Approve" ? [kindOf(found), decision.assignmentType] : [kindOf(found)];
  for (const kind of new Set(kinds))
    await requirePermission(transaction, caller, permissionToAssign(kind), resource, entry);
  if (
    request.requestorId === caller.userId ||
    (await reachesUntilCommit(transaction, caller.userId, request.principalId))
  ) {
    const message =
      "You cannot decide on your own request, nor on one that gives you access through a group.";
    throw new Refusal({ code: "OwnRequest", message }, entry);
  }

  const settings = await lockAssignmentSettings(transaction, role.id, resource);
  const access = await lockRow(transaction, found);
  if (!(await lockWaitingExtension(transaction, request.id))) throw new Refusal(notPending, entry);
  const now = await databaseNow(transaction);
  const missing: RuleFailure[] =
    (input.justification ?? "").trim() === ""
      ? [{ rule: "JustificationRule", field: "justification", message: "Give a reason." }]
      : [];
  if (decision.decision === "Deny" && missing.length > 0)
    throw new Refusal({ code: "RoleAssignmentRequestPolicyValidationFailed", failures: missing }, entry);

  const events: AuditEntry[] = [{ ...entry, outcome: "Success" }];
  let made: object = { status: statusAfter("PendingApproval", "Deny") };
  let approved: DecidedExtension["approved"] = null;
  if (decision.decision === "Approve") {
    await refuseDisabled(transaction, found.principalId, entry);
    if (access.removedAt !== null) {
      const message =
        "The assignment was removed in the meantime. Deny the request, or add a new assignment.";
      throw new Refusal({ code: "RoleAssignmentDoesNotExist", message }, entry);
    }
    if (input.expected) {
      const shown = { startsAt: access.startsAt, endsAt: input.expected.endsAt };
      await refuseStale(transaction, caller, access, shown, entry);
    }
    const done = await extendOrRenewAccess(
      transaction,
      access,
      { ...decision, justification: input.justification, failed: missing },
      settings,
      prove,
      entry,
      now,
    );
    approved = { verb: done.verb, after: done.after };
    const { resultingEligibilityId, resultingAssignmentId, proof } = done;
    made = {
      status: statusAfter("PendingApproval", "Approve", done.after.startsAt > now ? "Schedule" : "Provision"),
      startsAt: done.after.startsAt,
      resultingEligibilityId,
      resultingAssignmentId,
      proofId: proof?.id,
      policy: judgingSettings(settings),
    };
    const facts = extensionEventFacts(done);
    events[0] = { ...entry, outcome: "Success", proof, details: { ...entry.details, ...facts.details } };
    events.push({
      ...entry,
      ...facts,
      kind: extensionEventKind(done),
      outcome: "Success",
      proof,
      details: { ...facts.details, askedBy: request.requestorId, policy: judgingSettings(settings) },
    });
  }
  await transaction.request.update({
    where: { id: request.id },
    data: {
      ...made,
      decidedById: caller.userId,
      decisionJustification: input.justification,
      completedAt: now,
    },
  });
  await recordAuditEvents(transaction, events);
  const before = { startsAt: access.startsAt, endsAt: access.endsAt };
  return { requestId: request.id, before, approved };
}
