import { reviewStateAt } from "@/lib/domain/access-reviews/access-review";
import type { ReviewDecision } from "@/lib/domain/access-reviews/review-item";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { openReview } from "@/lib/operations/access-reviews/load-access-review";
import { clearAnswers, groupOfItem, throughGroup } from "@/lib/operations/access-reviews/review-decision";
import { type EventSubject, eventSubjectOf } from "@/lib/operations/gate/event-subject";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { recordAuditEvents } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

interface AnsweredItem extends EventSubject {
  readonly id: string;
  readonly decision: ReviewDecision;
  readonly decidedById: string;
  readonly group: { readonly id: string; readonly displayName: string } | null;
  readonly eligibilityId: string | null;
  readonly assignmentId: string | null;
  /** The item is about the caller's own access, or that of a group they are in. */
  readonly own: boolean;
}

/**
 * Resets the answers of a running review, all of them or that of one item, so that they are asked for again. It
 * requires the rights that starting the review requires, and a reason. An answer about the caller's own access stays:
 * nobody decides on their own access, and resetting it would change what happens at the end.
 */
export function resetAccessReview(
  database: Database,
  caller: Caller,
  input: { readonly reviewId: string; readonly itemId: string | null; readonly reason: string | null },
): Promise<OperationResult<{ reset: number; kept: number }>> {
  const attempt = {
    kind: "AccessReviewDecisionReset" as const,
    caller,
    justification: input.reason,
    details: { accessReviewId: input.reviewId },
  };
  return runOperation(database, attempt, async (transaction) => {
    const { review, entry } = await openReview(transaction, caller, input.reviewId, attempt);
    if (reviewStateAt(review, await databaseNow(transaction)) !== "InProgress") {
      const message =
        "This review is not running. Answers can be reset only while their reviewers can answer again.";
      throw new Refusal({ code: "AccessReviewState", message }, entry);
    }
    if (input.reason === null) {
      const faults = [{ field: "reason" as const, message: "Give a reason for resetting the answers." }];
      throw new Refusal({ code: "InvalidAccessReview", faults }, entry);
    }
    const answered = await lockAnswered(transaction, caller.userId, review.id, input.itemId);
    if (input.itemId !== null && answered === null) throw new Refusal(notFound, entry);
    const items = (answered ?? []).filter((item) => !item.own);
    const kept = (answered ?? []).length - items.length;
    if (items.length === 0) {
      if (kept > 0) {
        const message = "These answers are about your own access. Another administrator can reset them.";
        throw new Refusal({ code: "OwnRequest", message }, entry);
      }
      throw new Refusal({ code: "Conflict", message: "There is no answer to reset." }, entry);
    }
    await clearAnswers(transaction, items);
    await recordAuditEvents(
      transaction,
      items.map(({ target, role, resource, eligibilityId, assignmentId, group, decision, decidedById }) => ({
        ...entry,
        ...{ target, role, resource, eligibilityId, assignmentId },
        outcome: "Success" as const,
        details: { ...entry.details, ...throughGroup(group), before: decision, decidedById },
      })),
    );
    return { reset: items.length, kept };
  });
}

/** Locks the answered items of a review in their order: all of them, or one. Null if that item does not exist. */
async function lockAnswered(
  transaction: Transaction,
  callerId: string,
  reviewId: string,
  itemId: string | null,
): Promise<AnsweredItem[] | null> {
  const locked = await transaction.$queryRaw<{ id: string }[]>`
    SELECT id FROM access_review_items
    WHERE review_id = ${reviewId}::uuid AND (${itemId}::uuid IS NULL OR id = ${itemId}::uuid)
    ORDER BY position FOR UPDATE`;
  if (locked.length === 0) return null;
  return transaction.$queryRaw<AnsweredItem[]>`
    WITH RECURSIVE own (id) AS (
      SELECT ${callerId}::uuid
      UNION
      SELECT m.group_id FROM own JOIN group_members m ON m.member_id = own.id
    )
    SELECT i.id, i.decision::text, i.decided_by_id AS "decidedById", i.eligibility_id AS "eligibilityId",
      i.assignment_id AS "assignmentId", ${groupOfItem} AS "group", i.principal_id IN (SELECT id FROM own) AS own, ${eventSubjectOf("i")}
    FROM access_review_items i
    WHERE i.id = ANY (${locked.map(({ id }) => id)}::uuid[]) AND i.decision IS NOT NULL ORDER BY i.position`;
}
