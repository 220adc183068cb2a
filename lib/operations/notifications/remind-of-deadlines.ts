import { waitsForCode, waitsForDecision } from "@/lib/authority/request-basis";
import { reviewRemindsAt } from "@/lib/domain/notifications/deadline-reminder";
import { loadReview, reviewEntry } from "@/lib/operations/access-reviews/load-access-review";
import { batch, sweep } from "@/lib/operations/gate/sweep";
import { awaitedCodeDetails } from "@/lib/operations/requests/close-request";
import { lockDueRequests } from "@/lib/operations/requests/due-requests";
import { recordAuditEvent, recordAuditEvents } from "@/lib/platform/audit-log";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { databaseNow, inTransaction } from "@/lib/platform/transaction";

/**
 * Records once that a deadline is near: of each stage of a request, of the code that an approved request waits for,
 * and of each access review. When the event is delivered, those who can still decide are notified, or the member.
 * After a stop of the worker, deadlines that have passed are skipped. Returns how many reminders were written.
 */
export async function remindOfDeadlines(database: Database): Promise<number> {
  return (await sweep(database, remindOfRequests)) + (await remindOfReviews(database));
}

async function remindOfRequests(transaction: Transaction): Promise<number> {
  const unreminded = Prisma.sql`a.reminded_at IS NULL AND (${waitsForDecision("q")} OR ${waitsForCode("q")})`;
  const due = await lockDueRequests(transaction, "reminds_at", unreminded);
  if (due.length === 0) return 0;
  await transaction.$executeRaw`
    UPDATE request_approvals SET reminded_at = postern_now()
    WHERE request_id = ANY (${due.map((each) => each.about.requestId)}::uuid[])`;
  await recordAuditEvents(
    transaction,
    due.map(({ about, status, justification, expiresAt }) => ({
      ...about,
      justification,
      kind: "RequestReminded",
      outcome: "Success",
      details: { expiresAt: expiresAt.toISOString(), ...awaitedCodeDetails(status) },
    })),
  );
  return due.length;
}

async function remindOfReviews(database: Database): Promise<number> {
  // The reminder of a review is at most a day before its end.
  const near = await inTransaction(
    database,
    (transaction) => transaction.$queryRaw<{ id: string }[]>`
      SELECT v.id FROM access_reviews v
      WHERE v.state = 'InProgress' AND v.reminded_at IS NULL AND v.ends_at > postern_now()
        AND v.ends_at <= postern_now() + interval '1 day'
        AND EXISTS (SELECT FROM access_review_items i WHERE i.review_id = v.id AND i.decision IS NULL)
      ORDER BY v.ends_at, v.id LIMIT ${batch}`,
  );
  let reminded = 0;
  for (const { id } of near)
    if (await inTransaction(database, (transaction) => remindOfReview(transaction, id))) reminded += 1;
  return reminded;
}

async function remindOfReview(transaction: Transaction, reviewId: string): Promise<boolean> {
  const review = await loadReview(transaction, reviewId, "claim");
  if (review?.state !== "InProgress" || review.remindedAt !== null || review.begunAt === null) return false;
  const now = await databaseNow(transaction);
  if (review.endsAt <= now || reviewRemindsAt(review.begunAt, review.endsAt) > now) return false;
  await transaction.accessReview.update({ where: { id: review.id }, data: { remindedAt: now } });
  const entry = reviewEntry("AccessReviewReminded", review, null);
  await recordAuditEvent(transaction, {
    ...entry,
    outcome: "Success",
    details: { ...entry.details, endsAt: review.endsAt.toISOString() },
  });
  return true;
}
