import { reviewRemindsAt } from "@/lib/domain/deadline-reminder";
import { loadReview, reviewEntry } from "@/lib/operations/load-access-review";
import { type AuditEntry, recordAuditEvent, recordAuditEvents } from "@/lib/platform/audit-log";
import type { Database, Transaction } from "@/lib/platform/database";
import { waitsForDecision } from "@/lib/platform/decision-authority";
import { databaseNow, inTransaction } from "@/lib/platform/transaction";

const batch = 200;

/**
 * Writes down, once, that a deadline is near: of each stage of a request, and of each access review. Whoever may still
 * decide when the event is told hears of it. After a stop only what has not passed meanwhile is reminded of. Returns
 * how many reminders were written.
 */
export async function remindOfDeadlines(database: Database): Promise<number> {
  let reminded = 0;
  for (;;) {
    const written = await inTransaction(database, remindOfRequests);
    reminded += written;
    if (written < batch) break;
  }
  return reminded + (await remindOfReviews(database));
}

interface DueRequest extends Required<Pick<AuditEntry, "target" | "role" | "resource">> {
  readonly requestId: string;
  readonly eligibilityId: string | null;
  readonly justification: string | null;
  readonly expiresAt: Date;
}

async function remindOfRequests(transaction: Transaction): Promise<number> {
  const due = await transaction.$queryRaw<DueRequest[]>`
    SELECT q.id AS "requestId", q.eligibility_id AS "eligibilityId", q.justification, a.expires_at AS "expiresAt",
      json_build_object('id', p.id, 'displayName', p.display_name) AS target,
      json_build_object('id', d.id, 'roleName', d.role_name) AS role,
      json_build_object('id', r.id, 'displayName', r.display_name, 'scope', r.scope, 'path', r.path) AS resource
    FROM request_approvals a JOIN requests q ON q.id = a.request_id
    JOIN principals p ON p.id = q.principal_id JOIN role_definitions d ON d.id = q.role_definition_id
    JOIN resources r ON r.id = q.resource_id
    WHERE a.closed_at IS NULL AND a.reminded_at IS NULL AND a.reminds_at <= postern_now() AND ${waitsForDecision}
    ORDER BY a.reminds_at, q.id LIMIT ${batch} FOR UPDATE OF q, a SKIP LOCKED`;
  if (due.length === 0) return 0;
  await transaction.$executeRaw`
    UPDATE request_approvals SET reminded_at = postern_now()
    WHERE request_id = ANY (${due.map((each) => each.requestId)}::uuid[])`;
  await recordAuditEvents(
    transaction,
    due.map(({ expiresAt, ...about }) => ({
      ...about,
      kind: "RequestReminded",
      outcome: "Success",
      details: { expiresAt: expiresAt.toISOString() },
    })),
  );
  return due.length;
}

async function remindOfReviews(database: Database): Promise<number> {
  // No review is reminded of earlier than a day before its end.
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
