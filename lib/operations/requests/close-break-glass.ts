import { rightToCloseUntilCommit } from "@/lib/authority/break-glass-authority";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import type { BreakGlassOutcome } from "@/lib/domain/requests/break-glass";
import { findAccess, lockAccess } from "@/lib/operations/gate/load-access";
import { recordEndedActivations } from "@/lib/operations/gate/record-ended-activations";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { requestEventFacts } from "@/lib/operations/requests/close-request";
import { findActivationRequest } from "@/lib/operations/requests/open-request";
import { revokeOrphaned } from "@/lib/operations/requests/revoke-orphaned-requests";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

export interface CloseBreakGlassInput {
  readonly requestId: string;
  readonly outcome: BreakGlassOutcome;
  /** What the review found. Required. */
  readonly justification: string | null;
  /** Whether to end the activation as well, if it still runs. */
  readonly endActivation: boolean;
}

/** A review that is closed. */
export interface ClosedBreakGlass {
  readonly requestId: string;
  /** Whether an activation that still ran was ended. */
  readonly ended: boolean;
}

/**
 * Closes the review of an emergency activation, as an approver of its request or an administrator of
 * its resource. Its member cannot close it, nor can somebody by rights that the member gave them since
 * (docs/rules.md, rule 7). It may end the activation at the same time.
 */
export function closeBreakGlass(
  database: Database,
  caller: Caller,
  input: CloseBreakGlassInput,
): Promise<OperationResult<ClosedBreakGlass>> {
  const attempt = {
    kind: "BreakGlassReviewed" as const,
    caller,
    justification: input.justification,
    details: { reviewedRequestId: input.requestId, reviewOutcome: input.outcome },
  };
  return runOperation(database, attempt, async (transaction) => {
    const found = await findActivationRequest(transaction, input.requestId);
    const review = await lockReview(transaction, input.requestId);
    if (!found || !review) throw new Refusal(notFound, attempt);
    const { role, resource } = found;
    const entry = { ...attempt, ...requestEventFacts(found.request), role, resource };
    if (review.memberId === caller.userId || found.request.requestorId === caller.userId) {
      const message = "Somebody else must review your emergency activation.";
      throw new Refusal({ code: "OwnRequest", message }, entry);
    }
    const right = await rightToCloseUntilCommit(transaction, caller.userId, input.requestId);
    if (!right) throw new Refusal(notFound, attempt);
    if (review.closedAt !== null) {
      const message = "Somebody else has closed this review already. Reload the page to see their note.";
      throw new Refusal({ code: "RequestNotPending", message }, entry);
    }
    if (input.justification === null || input.justification.trim() === "") {
      const failures = [
        { rule: "JustificationRule", field: "justification", message: "Say what the review found." } as const,
      ];
      throw new Refusal({ code: "RoleAssignmentRequestPolicyValidationFailed", failures }, entry);
    }
    const now = await databaseNow(transaction);
    await transaction.breakGlassReview.update({
      where: { requestId: input.requestId },
      data: {
        outcome: input.outcome,
        note: input.justification,
        closedById: caller.userId,
        closedAt: now,
      },
    });
    const ended = input.endActivation && (await endNow(transaction, caller, review.assignmentId));
    await recordAuditEvent(transaction, {
      ...entry,
      outcome: "Success",
      details: { reviewOutcome: input.outcome, asAdministrator: !right.named, ended },
    });
    return { requestId: input.requestId, ended };
  });
}

async function lockReview(transaction: Transaction, requestId: string) {
  await transaction.$queryRaw`
    SELECT request_id FROM break_glass_reviews WHERE request_id = ${requestId}::uuid FOR UPDATE`;
  return transaction.breakGlassReview.findUnique({
    where: { requestId },
    select: { memberId: true, assignmentId: true, closedAt: true },
  });
}

/** Ends the activation if it still runs, and any waiting request to extend it. */
async function endNow(transaction: Transaction, caller: Caller, assignmentId: string): Promise<boolean> {
  const found = await findAccess(transaction, "Active", assignmentId);
  const access = found && (await lockAccess(transaction, found));
  if (!access) return false;
  const now = await databaseNow(transaction);
  await transaction.assignment.update({
    where: { id: access.id },
    data: { endsAt: now, removedAt: now },
  });
  await revokeOrphaned(transaction, caller, { assignmentId: access.id });
  await recordEndedActivations(transaction, caller, [access.id]);
  return true;
}
