import {
  maximumReviewItems,
  permissionsToReview,
  reviewStateAt,
} from "@/lib/domain/access-reviews/access-review";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { beginAccessReview } from "@/lib/operations/access-reviews/begin-access-review";
import { loadReview, reviewEntry } from "@/lib/operations/access-reviews/load-access-review";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { requirePermission } from "@/lib/operations/gate/require-permission";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

/**
 * Makes the caller the administrator of a review that is not over: from now on it starts, recurs and applies in their
 * name. It requires the rights that starting it requires. A review that is due starts at once.
 */
export function takeOverAccessReview(
  database: Database,
  caller: Caller,
  input: { readonly reviewId: string },
): Promise<OperationResult<{ started: boolean }>> {
  const attempt = {
    kind: "AccessReviewTakenOver" as const,
    caller,
    details: { accessReviewId: input.reviewId },
  };
  return runOperation(database, attempt, async (transaction) => {
    const review = await loadReview(transaction, input.reviewId, "change");
    if (!review) throw new Refusal(notFound, attempt);
    const entry = { ...attempt, ...reviewEntry("AccessReviewTakenOver", review, caller) };
    for (const permission of permissionsToReview(review.covers)) {
      await requirePermission(transaction, caller, permission, review.resource, entry);
    }
    const now = await databaseNow(transaction);
    const state = reviewStateAt(review, now);
    if (state !== "NotStarted" && state !== "InProgress") {
      throw new Refusal({ code: "AccessReviewState", message: "This review has already ended." }, entry);
    }
    if (review.administrator.id === caller.userId && review.startHeldAt === null) {
      throw new Refusal({ code: "AccessReviewState", message: "This review is already yours." }, entry);
    }
    await transaction.accessReview.update({
      where: { id: review.id },
      data: { takenOverById: caller.userId, takenOverAt: now, startHeldAt: null },
    });
    await recordAuditEvent(transaction, {
      ...entry,
      outcome: "Success",
      details: {
        ...entry.details,
        administratorId: caller.userId,
        formerAdministratorId: review.administrator.id,
        formerAdministrator: review.administrator.displayName,
      },
    });
    if (state !== "NotStarted" || review.startsAt > now) return { started: false };
    const taken = { ...review, administrator: { id: caller.userId, displayName: caller.displayName } };
    const begun = await beginAccessReview(transaction, taken, caller, now);
    if (begun.began) return { started: true };
    const message = `This would be more than ${maximumReviewItems.toLocaleString("en")} items. Stop it, and start one with fewer roles or a smaller scope.`;
    throw new Refusal({ code: "AccessReviewState", message }, entry);
  });
}
