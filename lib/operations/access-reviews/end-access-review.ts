import { nextReviewState } from "@/lib/domain/access-reviews/access-review";
import { nextOccurrence } from "@/lib/domain/access-reviews/review-recurrence";
import { addDays } from "@/lib/domain/time/schedule";
import { type LoadedReview, reviewEntry } from "@/lib/operations/access-reviews/load-access-review";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Transaction } from "@/lib/platform/database";

/**
 * Records the end of a locked review once its time is over, and plans the next of its series if the
 * series continues. The result is the same regardless of who comes first.
 */
export async function endAccessReview(
  transaction: Transaction,
  review: LoadedReview,
  now: Date,
): Promise<LoadedReview> {
  const state = nextReviewState(review.state, "end");
  if (state === null || review.endsAt > now) return review;
  const ended = await transaction.accessReview.update({
    where: { id: review.id },
    data: { state, endedAt: review.endsAt },
    select: { state: true, endedAt: true },
  });
  const counts = await transaction.accessReviewItem.groupBy({
    by: ["decision"],
    where: { reviewId: review.id },
    _count: { _all: true },
    orderBy: { decision: "asc" },
  });
  const entry = reviewEntry("AccessReviewEnded", review, null);
  await recordAuditEvent(transaction, {
    ...entry,
    outcome: "Success",
    details: {
      ...entry.details,
      endedAt: review.endsAt.toISOString(),
      decisions: Object.fromEntries(counts.map((row) => [row.decision ?? "NoAnswer", row._count._all])),
    },
  });
  await planNext(transaction, review, now);
  return { ...review, ...ended };
}

async function planNext(transaction: Transaction, review: LoadedReview, now: Date): Promise<void> {
  const next = nextOccurrence(review, now);
  if (next === null) return;
  const made = await transaction.accessReview.create({
    data: {
      seriesId: review.seriesId,
      occurrence: next.occurrence,
      seriesStartsAt: review.seriesStartsAt,
      seriesTimes: review.seriesTimes,
      seriesUntil: review.seriesUntil,
      name: review.name,
      resourceId: review.resourceId,
      includeBelow: review.includeBelow,
      covers: review.covers,
      description: review.description,
      inactiveDays: review.inactiveDays,
      eachMember: review.eachMember,
      reviewers: review.reviewers,
      durationDays: review.durationDays,
      recurrence: review.recurrence,
      withoutAnswer: review.withoutAnswer,
      applyAutomatically: review.applyAutomatically,
      justificationRequired: review.justificationRequired,
      state: "NotStarted",
      startsAt: next.startsAt,
      endsAt: addDays(next.startsAt, review.durationDays),
      createdById: review.administrator.id,
    },
    select: { id: true },
  });
  await transaction.accessReviewRole.createMany({
    data: review.roleDefinitionIds.map((roleDefinitionId) => ({ reviewId: made.id, roleDefinitionId })),
  });
  await transaction.accessReviewNamedReviewer.createMany({
    data: review.reviewerIds.map((principalId) => ({ reviewId: made.id, principalId })),
  });
  await transaction.accessReviewInformed.createMany({
    data: review.informedIds.map((principalId) => ({ reviewId: made.id, principalId })),
  });
  const entry = reviewEntry("AccessReviewPlanned", { ...review, id: made.id }, null);
  await recordAuditEvent(transaction, {
    ...entry,
    outcome: "Success",
    details: { ...entry.details, startsAt: next.startsAt.toISOString(), follows: review.id },
  });
}
