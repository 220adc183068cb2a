import {
  descriptionFaults,
  informedFaults,
  newEndFaults,
  type ReviewFault,
  reviewerFaults,
  reviewStateAt,
} from "@/lib/domain/access-reviews/access-review";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { principalRecord } from "@/lib/domain/people/principal-identity";
import { unknownInformed, unknownReviewers } from "@/lib/operations/access-reviews/create-access-review";
import { type LoadedReview, openReview } from "@/lib/operations/access-reviews/load-access-review";
import { Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

export interface UpdateAccessReviewInput {
  readonly reviewId: string;
  readonly expectedVersion: number;
  readonly description: string | null;
  /** The named reviewers from now on. */
  readonly reviewerIds: readonly string[];
  /** The people who are notified of the end, from now on. */
  readonly informedIds: readonly string[];
  /** The end of a running review, to the minute; null leaves it. */
  readonly endsAt: Date | null;
}

/**
 * Changes the named reviewers, the people who are notified of the end, the end and the description of a
 * review that is not over. It requires the rights that starting it requires. Decisions of a reviewer
 * who is removed stay, with their name. New reviewers are asked. The next reviews of the series have
 * the same reviewers and description, but their own length.
 */
export function updateAccessReview(
  database: Database,
  caller: Caller,
  input: UpdateAccessReviewInput,
): Promise<OperationResult<{ changed: boolean }>> {
  const attempt = {
    kind: "AccessReviewUpdated" as const,
    caller,
    details: { accessReviewId: input.reviewId },
  };
  return runOperation(database, attempt, async (transaction) => {
    const { review, entry } = await openReview(transaction, caller, input.reviewId, attempt);
    const now = await databaseNow(transaction);
    const state = reviewStateAt(review, now);
    if (state !== "NotStarted" && state !== "InProgress") {
      throw new Refusal({ code: "AccessReviewState", message: "This review has already ended." }, entry);
    }
    if (review.version !== input.expectedVersion) {
      const message =
        "Somebody else edited this review after you opened it. Reload the page, then edit it again.";
      throw new Refusal({ code: "Conflict", message }, entry);
    }
    const change = changeOf(review, input);
    const faults: ReviewFault[] = [
      ...descriptionFaults(change),
      ...reviewerFaults({ reviewers: review.reviewers, reviewerIds: change.reviewerIds }),
      ...(await unknownReviewers(transaction, change.added)),
      ...informedFaults(change),
      ...(await unknownInformed(transaction, change.informedToo)),
      ...(change.endsAt === null
        ? []
        : review.begunAt === null
          ? [{ field: "endsAt" as const, message: "It has not started. Its end follows from its length." }]
          : newEndFaults({ begunAt: review.begunAt, recurrence: review.recurrence }, change.endsAt, now)),
    ];
    if (faults.length > 0) throw new Refusal({ code: "InvalidAccessReview", faults }, entry);
    const { added, removed, informedToo, noLonger, endsAt, description } = change;
    const described = description !== review.description;
    const people = [...added, ...removed, ...informedToo, ...noLonger];
    if (people.length === 0 && endsAt === null && !described) return { changed: false };
    const end = endsAt ?? review.endsAt;
    await transaction.accessReviewNamedReviewer.deleteMany({
      where: { reviewId: review.id, principalId: { in: [...removed] } },
    });
    await transaction.accessReviewNamedReviewer.createMany({
      data: added.map((principalId) => ({ reviewId: review.id, principalId })),
    });
    await transaction.accessReviewInformed.deleteMany({
      where: { reviewId: review.id, principalId: { in: [...noLonger] } },
    });
    await transaction.accessReviewInformed.createMany({
      data: informedToo.map((principalId) => ({ reviewId: review.id, principalId })),
    });
    await transaction.accessReview.update({
      where: { id: review.id },
      data: {
        description,
        endsAt: end,
        version: { increment: 1 },
        // A later end has a reminder of its own.
        ...(end > review.endsAt ? { remindedAt: null } : {}),
      },
    });
    const names = await namesOf(transaction, people);
    await recordAuditEvent(transaction, {
      ...entry,
      outcome: "Success",
      details: {
        ...entry.details,
        ...(state === "InProgress" ? { addedReviewerIds: [...added], endsAt: end.toISOString() } : {}),
        before: {
          ...(removed.length > 0 ? { "Taken out": names(removed) } : {}),
          ...(noLonger.length > 0 ? { "No longer notified": names(noLonger) } : {}),
          ...(endsAt ? { End: review.endsAt.toISOString() } : {}),
          ...(described ? { Description: review.description ?? "" } : {}),
        },
        after: {
          ...(added.length > 0 ? { Added: names(added) } : {}),
          ...(informedToo.length > 0 ? { "Notified of the end": names(informedToo) } : {}),
          ...(endsAt ? { End: endsAt.toISOString() } : {}),
          ...(described ? { Description: description ?? "" } : {}),
        },
      },
    });
    return { changed: true };
  });
}

/** What an edit changes. Ends in the same minute count as equal. */
function changeOf(review: LoadedReview, input: UpdateAccessReviewInput) {
  const reviewerIds = [...new Set(input.reviewerIds)];
  const informedIds = [...new Set(input.informedIds)];
  const minute = (time: Date) => Math.floor(time.getTime() / 60_000);
  const moved = input.endsAt !== null && minute(input.endsAt) !== minute(review.endsAt);
  return {
    reviewerIds,
    added: reviewerIds.filter((id) => !review.reviewerIds.includes(id)),
    removed: review.reviewerIds.filter((id) => !reviewerIds.includes(id)),
    informedIds,
    informedToo: informedIds.filter((id) => !review.informedIds.includes(id)),
    noLonger: review.informedIds.filter((id) => !informedIds.includes(id)),
    endsAt: moved ? input.endsAt : null,
    description: input.description?.normalize("NFC").trim() || null,
  };
}

async function namesOf(
  transaction: Transaction,
  ids: readonly string[],
): Promise<(of: readonly string[]) => string> {
  const people = await transaction.principal.findMany({
    where: { id: { in: [...ids] } },
    select: { id: true, displayName: true, email: true },
    take: ids.length,
  });
  return (of) =>
    people
      .filter(({ id }) => of.includes(id))
      .map(principalRecord)
      .join(", ");
}
