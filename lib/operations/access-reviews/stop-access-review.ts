import {
  nextReviewState,
  permissionsToReview,
  reviewStateAt,
} from "@/lib/domain/access-reviews/access-review";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import {
  type LoadedReview,
  loadReview,
  reviewEntry,
} from "@/lib/operations/access-reviews/load-access-review";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { requirePermission } from "@/lib/operations/gate/require-permission";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Actor, Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

/**
 * Stops a review before its end. No more decisions are accepted. Those made so far stay, and an administrator may
 * apply them by hand. Nothing is applied automatically, and no further review of its series follows.
 */
export function stopAccessReview(
  database: Database,
  caller: Caller,
  input: { readonly reviewId: string; readonly reason: string | null },
): Promise<OperationResult<{ reviewId: string }>> {
  const attempt = {
    kind: "AccessReviewStopped" as const,
    caller,
    justification: input.reason,
    details: { accessReviewId: input.reviewId },
  };
  return runOperation(database, attempt, async (transaction) => {
    const review = await loadReview(transaction, input.reviewId, "change");
    if (!review) throw new Refusal(notFound, attempt);
    const entry = { ...attempt, ...reviewEntry("AccessReviewStopped", review, caller) };
    for (const permission of permissionsToReview(review.covers)) {
      await requirePermission(transaction, caller, permission, review.resource, entry);
    }
    const now = await databaseNow(transaction);
    if (nextReviewState(reviewStateAt(review, now), "stop") === null) {
      throw new Refusal({ code: "AccessReviewState", message: "This review has already ended." }, entry);
    }
    if (input.reason === null) {
      throw new Refusal(
        {
          code: "InvalidAccessReview",
          faults: [{ field: "reason", message: "Give a reason for stopping the review." }],
        },
        entry,
      );
    }
    await markStopped(transaction, review, caller, input.reason, now);
    return { reviewId: review.id };
  });
}

/** Records that a locked review is stopped. There is no actor if it stops by itself. */
export async function markStopped(
  transaction: Transaction,
  review: LoadedReview,
  actor: Actor | null,
  reason: string,
  now: Date,
): Promise<void> {
  await transaction.accessReview.update({
    where: { id: review.id },
    data: { state: "Stopped", stoppedAt: now, stoppedById: actor?.userId ?? null, stopReason: reason },
  });
  await recordAuditEvent(transaction, {
    ...reviewEntry("AccessReviewStopped", review, actor),
    outcome: "Success",
    justification: reason,
  });
}
