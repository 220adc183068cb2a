import { permissionsToReview } from "@/lib/domain/access-reviews/access-review";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import {
  type LoadedReview,
  loadReview,
  reviewEntry,
} from "@/lib/operations/access-reviews/load-access-review";
import { markStopped } from "@/lib/operations/access-reviews/stop-access-review";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { requirePermission } from "@/lib/operations/gate/require-permission";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

/**
 * Ends the series of a review: a running review continues to its end, a planned one does not start, and
 * no further one follows. It requires the rights that starting the review required.
 */
export function endReviewSeries(
  database: Database,
  caller: Caller,
  input: { readonly reviewId: string; readonly reason: string | null },
): Promise<OperationResult<{ goesOn: boolean }>> {
  const attempt = {
    kind: "AccessReviewSeriesEnded" as const,
    caller,
    justification: input.reason,
    details: { accessReviewId: input.reviewId },
  };
  return runOperation(database, attempt, async (transaction) => {
    const found = await transaction.accessReview.findUnique({
      where: { id: input.reviewId },
      select: { seriesId: true },
    });
    if (!found) throw new Refusal(notFound, attempt);
    await lockSeries(transaction, found.seriesId);
    const review = await loadReview(transaction, input.reviewId, "change");
    if (!review) throw new Refusal(notFound, attempt);
    const entry = { ...attempt, ...reviewEntry("AccessReviewSeriesEnded", review, caller) };
    for (const permission of permissionsToReview(review.covers)) {
      await requirePermission(transaction, caller, permission, review.resource, entry);
    }
    const open = await lockOpen(transaction, found.seriesId);
    if (review.recurrence === "None" || review.seriesEndedAt !== null || open.length === 0) {
      throw new Refusal({ code: "AccessReviewState", message: "This series has already ended." }, entry);
    }
    const now = await databaseNow(transaction);
    await transaction.accessReview.updateMany({
      where: { seriesId: found.seriesId },
      data: { seriesEndedAt: now, seriesEndedById: caller.userId },
    });
    for (const planned of open.filter((each) => each.state === "NotStarted"))
      await markStopped(transaction, planned, caller, input.reason ?? "The series was ended.", now);
    await recordAuditEvent(transaction, { ...entry, outcome: "Success" });
    return { goesOn: open.some((each) => each.state === "InProgress") };
  });
}

/** Locks every review of a series, oldest first, so that none ends and plans another meanwhile. */
async function lockSeries(transaction: Transaction, seriesId: string): Promise<void> {
  await transaction.$queryRaw`
    SELECT id FROM access_reviews WHERE series_id = ${seriesId}::uuid ORDER BY occurrence FOR UPDATE`;
}

/**
 * The reviews of a locked series that are not over, including one that was planned while this waited for the lock.
 */
async function lockOpen(transaction: Transaction, seriesId: string): Promise<LoadedReview[]> {
  const rows = await transaction.accessReview.findMany({
    where: { seriesId, state: { in: ["NotStarted", "InProgress"] } },
    select: { id: true },
    orderBy: { occurrence: "asc" },
    take: 10,
  });
  const open: LoadedReview[] = [];
  // One review of a series runs or is planned. When one ends and the next is created there are both for
  // a moment.
  for (const { id } of rows) {
    const review = await loadReview(transaction, id, "change");
    if (review) open.push(review);
  }
  return open.filter((each) => each.state === "NotStarted" || each.state === "InProgress");
}
