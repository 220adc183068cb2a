import { nextReviewState, permissionsToReview } from "@/lib/domain/access-reviews/access-review";
import { verdictOf } from "@/lib/domain/access-reviews/review-item";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { type AppliedReview, applyReviewItems } from "@/lib/operations/access-reviews/apply-review-items";
import { endAccessReview } from "@/lib/operations/access-reviews/end-access-review";
import {
  type LoadedReview,
  loadReview,
  reviewEntry,
} from "@/lib/operations/access-reviews/load-access-review";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { requirePermission } from "@/lib/operations/gate/require-permission";
import type { AuditEntry } from "@/lib/platform/audit-log";
import type { Actor, Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

/** How many removals the caller waits for; the worker continues with the rest. */
export const removalsAtOnce = 100;

/**
 * Applies the result of a review by hand: once it is over or stopped, and again after failed removals or an
 * interruption. It requires the rights to remove what it covers. When it answers, the first hundred removals are
 * done. `advanceAccessReviews` continues with what is `waiting`, in the caller's name.
 */
export async function applyAccessReview(
  database: Database,
  caller: Caller,
  input: { readonly reviewId: string },
): Promise<OperationResult<AppliedReview>> {
  const attempt = {
    kind: "AccessReviewApplied" as const,
    caller,
    details: { accessReviewId: input.reviewId },
  };
  const claimed = await runOperation(database, attempt, async (transaction) => {
    const review = await loadReview(transaction, input.reviewId, "change");
    if (!review) throw new Refusal(notFound, attempt);
    const entry = reviewEntry("AccessReviewApplied", review, caller);
    for (const permission of permissionsToReview(review.covers)) {
      await requirePermission(transaction, caller, permission, review.resource, entry);
    }
    await startApplying(transaction, review, caller, entry, false);
    return {};
  });
  return claimed.ok
    ? { ok: true, ...(await applyReviewItems(database, caller, input.reviewId, false, removalsAtOnce)) }
    : claimed;
}

/**
 * Starts applying a locked review, and settles what it keeps. An interrupted application continues.
 * Decisions of people who became reviewers after the review began are not applied automatically. An
 * administrator who applies the review by hand accepts them, since they are marked on the page.
 */
export async function startApplying(
  transaction: Transaction,
  loaded: LoadedReview,
  actor: Actor,
  entry: Omit<AuditEntry, "outcome">,
  automatically: boolean,
): Promise<void> {
  const now = await databaseNow(transaction);
  const review = await endAccessReview(transaction, loaded, now);
  if (review.state === "Applying") return;
  const state = nextReviewState(review.state, "apply");
  if (state === null || review.begunAt === null) {
    const message =
      review.state === "Stopped"
        ? "This review was stopped before it started, so there is nothing to apply."
        : "This review has not ended yet.";
    throw new Refusal({ code: "AccessReviewState", message }, entry);
  }
  if (review.state === "Applied") {
    const again = await transaction.accessReviewItem.updateMany({
      where: { reviewId: review.id, outcome: "Failed" },
      data: { outcome: null, outcomeMessage: null, outcomeAt: null },
    });
    if (again.count === 0) {
      throw new Refusal(
        { code: "AccessReviewState", message: "This review has already been applied." },
        entry,
      );
    }
  }
  const items = await transaction.accessReviewItem.findMany({
    where: { reviewId: review.id, outcome: null, ...(automatically ? { decidedLate: false } : {}) },
    select: { id: true, decision: true, recommendation: true },
  });
  const rule = { withoutAnswer: review.withoutAnswer, stopped: review.stoppedAt !== null };
  await transaction.accessReviewItem.updateMany({
    where: {
      id: { in: items.filter((item) => verdictOf(item, rule) === "Keep").map((item) => item.id) },
    },
    data: { outcome: "Kept", outcomeAt: now },
  });
  await transaction.accessReview.update({
    where: { id: review.id },
    data: {
      state,
      appliedById: actor.userId,
      applyHeldAt: null,
      ...(automatically ? {} : { lateDecisionsAcceptedAt: now }),
    },
  });
}
