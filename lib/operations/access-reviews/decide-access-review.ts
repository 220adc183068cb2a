import { asMemberOrManager, wasReviewerAtStart } from "@/lib/authority/reviewer-at-start";
import { reviewStateAt } from "@/lib/domain/access-reviews/access-review";
import { decisionWords } from "@/lib/domain/access-reviews/access-review-words";
import type { ReviewDecision } from "@/lib/domain/access-reviews/review-item";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { isolated } from "@/lib/domain/text/visible-text";
import { loadReview, reviewEntry } from "@/lib/operations/access-reviews/load-access-review";
import { type EventSubject, eventSubjectOf } from "@/lib/operations/gate/event-subject";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { recordAuditEvents } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { checksOf } from "@/lib/platform/recheck";
import { databaseNow } from "@/lib/platform/transaction";

/** How many items one call may decide on. */
export const maximumDecisions = 100;

export interface DecideAccessReviewInput {
  readonly reviewId: string;
  /** At most `maximumDecisions`. */
  readonly itemIds: readonly string[];
  /** `Recommendation` gives each item what is recommended for it. */
  readonly decision: ReviewDecision | "Recommendation";
  readonly reason: string | null;
  /** When each item was decided that the reviewer saw as decided. */
  readonly seen: ReadonlyMap<string, Date>;
}

interface ReviewableItem extends EventSubject {
  readonly id: string;
  readonly recommendation: "Approve" | "Deny";
  readonly decision: ReviewDecision | null;
  readonly decidedAt: Date | null;
  readonly decidedById: string | null;
  readonly decidedBy: string | null;
  /** The caller reviews it as the member or their manager, not as a named reviewer. */
  readonly byRelation: boolean;
  readonly eligibilityId: string | null;
  readonly assignmentId: string | null;
}

/**
 * Decides on items of a review in progress, all of them or none, for whoever is their reviewer now. It replaces an
 * earlier decision, which stays in the log; but another reviewer's only if this reviewer has seen it. Not after the
 * end, by the database's clock. A decision of somebody who became a reviewer after the review began is marked, and is
 * not applied automatically.
 */
export function decideAccessReview(
  database: Database,
  caller: Caller,
  input: DecideAccessReviewInput,
): Promise<OperationResult<{ decided: number }>> {
  const ids = [...new Set(input.itemIds)];
  const attempt = {
    kind: "AccessReviewDecided" as const,
    caller,
    justification: input.reason,
    details: { accessReviewId: input.reviewId, decision: input.decision, itemIds: ids },
  };
  return runOperation(database, attempt, async (transaction) => {
    const review = await loadReview(transaction, input.reviewId, "use");
    const items = review ? await lockReviewable(transaction, caller.userId, review.id, ids) : [];
    if (!review || ids.length === 0 || ids.length > maximumDecisions || items.length !== ids.length) {
      throw new Refusal(notFound, attempt);
    }
    // The reviewer must be one until the commit.
    checksOf(transaction).repeat.push(
      async () => (await reviewable(transaction, caller.userId, review.id, ids)).length === items.length,
    );
    const entry = { ...attempt, resource: review.resource };
    const now = await databaseNow(transaction);
    if (reviewStateAt(review, now) !== "InProgress") {
      throw new Refusal(
        { code: "AccessReviewState", message: "This review has ended. Decisions can no longer be changed." },
        entry,
      );
    }
    if (review.justificationRequired && input.reason === null) {
      throw new Refusal(
        {
          code: "InvalidAccessReview",
          faults: [{ field: "reason", message: "Give a reason. This review requires one." }],
        },
        entry,
      );
    }
    const unseen = items.find((item) => isUnseen(item, caller, input.seen));
    if (unseen) throw new Refusal({ code: "Conflict", message: decidedMeanwhile(unseen) }, entry);
    const named = await wasReviewerAtStart(transaction, caller.userId, review.id);
    const decided = items.map((item) => ({
      ...item,
      given: input.decision === "Recommendation" ? item.recommendation : input.decision,
      decidedLate: !item.byRelation && !named,
    }));
    for (const { given: decision, decidedLate } of new Map(
      decided.map((item) => [`${item.given} ${item.decidedLate}`, item]),
    ).values()) {
      const same = decided.filter((item) => item.given === decision && item.decidedLate === decidedLate);
      await transaction.accessReviewItem.updateMany({
        where: { id: { in: same.map((item) => item.id) } },
        data: { decision, decidedById: caller.userId, decidedAt: now, decidedLate, reason: input.reason },
      });
    }
    const { kind, details } = reviewEntry("AccessReviewDecided", review, caller);
    await recordAuditEvents(
      transaction,
      decided.map((item) => ({
        kind,
        caller,
        outcome: "Success" as const,
        target: item.target,
        role: item.role,
        resource: item.resource,
        eligibilityId: item.eligibilityId,
        assignmentId: item.assignmentId,
        justification: input.reason,
        details: {
          ...details,
          decision: item.given,
          before: item.decision,
          ...(item.decidedLate ? { decidedLate: true } : {}),
        },
      })),
    );
    return { decided: decided.length };
  });
}

/** Whether another reviewer has decided since the caller looked. */
function isUnseen(item: ReviewableItem, caller: Caller, seen: ReadonlyMap<string, Date>): boolean {
  if (item.decidedAt === null || item.decidedById === caller.userId) return false;
  return seen.get(item.id)?.getTime() !== item.decidedAt.getTime();
}

function decidedMeanwhile({ decision, decidedBy, target }: ReviewableItem): string {
  const given = decision === null ? "decided" : `decided “${decisionWords[decision]}”`;
  return `${decidedBy ?? "Somebody"} has ${given} on ${isolated(target.displayName)} in the meantime. Look at that decision first, then decide.`;
}

/** Locks those of the items that the person may decide on, in their order. */
async function lockReviewable(
  transaction: Transaction,
  reviewerId: string,
  reviewId: string,
  ids: readonly string[],
): Promise<ReviewableItem[]> {
  await transaction.$queryRaw`
    SELECT id FROM access_review_items WHERE review_id = ${reviewId}::uuid AND id = ANY (${[...ids]}::uuid[])
    ORDER BY position FOR UPDATE`;
  return reviewable(transaction, reviewerId, reviewId, ids);
}

function reviewable(
  transaction: Transaction,
  reviewerId: string,
  reviewId: string,
  ids: readonly string[],
): Promise<ReviewableItem[]> {
  return transaction.$queryRaw<ReviewableItem[]>`
    SELECT i.id, i.recommendation::text, i.decision::text, i.decided_at AS "decidedAt",
      i.decided_by_id AS "decidedById", b.display_name AS "decidedBy", ${asMemberOrManager(reviewerId)} AS "byRelation",
      i.eligibility_id AS "eligibilityId",
      i.assignment_id AS "assignmentId",
      ${eventSubjectOf("i")}
    FROM reviewable_items(${reviewerId}::uuid, ${reviewId}::uuid) i
    JOIN access_reviews v ON v.id = i.review_id
    JOIN principals p ON p.id = i.principal_id
    LEFT JOIN principals b ON b.id = i.decided_by_id
    WHERE i.id = ANY (${[...ids]}::uuid[])
    ORDER BY i.position LIMIT ${maximumDecisions}`;
}
