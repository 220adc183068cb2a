import { askedReviewers, withOpenItems } from "@/lib/authority/asked-reviewers";
import { minutesBetweenReminders, reviewStateAt } from "@/lib/domain/access-reviews/access-review";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import { addMinutes } from "@/lib/domain/time/schedule";
import { openReview } from "@/lib/operations/access-reviews/load-access-review";
import { Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

/** How many of the reminded people are named. */
const namedAtMost = 5;

/**
 * Reminds the reviewers of a running review who can still decide something that nobody has decided. At most once an
 * hour, regardless of who asks. It requires the rights that starting the review requires. The event notifies them.
 */
export function remindReviewers(
  database: Database,
  caller: Caller,
  input: { readonly reviewId: string },
): Promise<OperationResult<{ reminded: number; names: readonly string[] }>> {
  const attempt = {
    kind: "AccessReviewRemindedByHand" as const,
    caller,
    details: { accessReviewId: input.reviewId },
  };
  return runOperation(database, attempt, async (transaction) => {
    const { review, entry } = await openReview(transaction, caller, input.reviewId, attempt);
    const now = await databaseNow(transaction);
    if (reviewStateAt(review, now) !== "InProgress") {
      throw new Refusal({ code: "AccessReviewState", message: "This review is not running." }, entry);
    }
    const { askedAgainAt } = review;
    if (askedAgainAt !== null && addMinutes(askedAgainAt, minutesBetweenReminders) > now) {
      const message = "The reviewers were reminded less than an hour ago. Remind them again later.";
      throw new Refusal({ code: "Conflict", message }, entry);
    }
    const asked = await askedReviewers(transaction, review.id);
    const ids = await withOpenItems(transaction, review.id, asked);
    if (ids.length === 0) {
      const message = "Nobody is left to remind: nothing waits for an answer that a reviewer can give.";
      throw new Refusal({ code: "Conflict", message }, entry);
    }
    await transaction.accessReview.update({ where: { id: review.id }, data: { askedAgainAt: now } });
    const people = await transaction.principal.findMany({
      where: { id: { in: [...ids] } },
      select: { displayName: true },
      orderBy: [{ displayName: "asc" }, { id: "asc" }],
      take: namedAtMost,
    });
    await recordAuditEvent(transaction, {
      ...entry,
      outcome: "Success",
      details: { ...entry.details, reminded: ids.length, endsAt: review.endsAt.toISOString() },
    });
    return { reminded: ids.length, names: people.map(({ displayName }) => displayName) };
  });
}
