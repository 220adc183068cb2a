import { asMemberOrManager, wasReviewerAtStart } from "@/lib/authority/reviewer-at-start";
import { reviewStateAt } from "@/lib/domain/access-reviews/access-review";
import type { ReviewDecision } from "@/lib/domain/access-reviews/review-item";
import {
  type LoadedReview,
  loadReview,
  reviewEntry,
} from "@/lib/operations/access-reviews/load-access-review";
import { type EventSubject, eventSubjectOf } from "@/lib/operations/gate/event-subject";
import { notFound, Refusal } from "@/lib/operations/gate/refusal";
import { type AuditEntry, recordAuditEvents } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { checksOf } from "@/lib/platform/recheck";
import { databaseNow } from "@/lib/platform/transaction";

/** How many items one call may decide on. */
export const maximumDecisions = 100;

/** The group of an item `i`, with its name; null for an item that is not about one member of a group. */
export const groupOfItem = Prisma.sql`(
  SELECT json_build_object('id', g.id, 'displayName', g.display_name) FROM principals g WHERE g.id = i.group_id)`;

/** The log entry of an attempt that may be refused. */
type Attempt = Omit<AuditEntry, "outcome">;

/** An item that the caller may decide on now, locked. */
export interface ReviewableItem extends EventSubject {
  readonly id: string;
  readonly recommendation: "Approve" | "Deny";
  readonly decision: ReviewDecision | null;
  readonly decidedAt: Date | null;
  readonly decidedById: string | null;
  readonly decidedBy: string | null;
  /** The action that took the recommendation; null if somebody decided by hand. */
  readonly recommendedIn: string | null;
  /** The caller reviews the item as its member or the member's manager, not as a named reviewer. */
  readonly byRelation: boolean;
  /** The group through which the member has the access, if the item is about one member of a group. */
  readonly group: { readonly id: string; readonly displayName: string } | null;
  readonly eligibilityId: string | null;
  readonly assignmentId: string | null;
}

/** A review in progress with some of its items, locked for a decision on them. */
export interface OpenedItems {
  readonly review: LoadedReview;
  readonly items: readonly ReviewableItem[];
  readonly now: Date;
}

/**
 * Loads a review in progress and locks its items in their order. If the caller may not decide all of
 * them, the attempt is refused as for unknown items. Refuses after the end, by the database's clock.
 * The caller must be their reviewer until the commit.
 */
export async function openItems(
  transaction: Transaction,
  caller: Caller,
  attempt: Attempt,
  reviewId: string,
  ids: readonly string[],
): Promise<OpenedItems> {
  const review = await loadReview(transaction, reviewId, "use");
  const items = review ? await lockReviewable(transaction, caller.userId, review.id, ids) : [];
  if (!review || ids.length === 0 || ids.length > maximumDecisions || items.length !== ids.length) {
    throw new Refusal(notFound, attempt);
  }
  checksOf(transaction).repeat.push(
    async () => (await reviewable(transaction, caller.userId, review.id, ids)).length === items.length,
  );
  const now = await databaseNow(transaction);
  if (reviewStateAt(review, now) !== "InProgress") {
    throw new Refusal(
      { code: "AccessReviewState", message: "This review has ended. Decisions can no longer be changed." },
      { ...attempt, resource: review.resource },
    );
  }
  return { review, items, now };
}

/** Refuses a decision without the reason that the review requires. */
export function requireReason(review: LoadedReview, reason: string | null, entry: Attempt): void {
  if (!review.justificationRequired || reason !== null) return;
  throw new Refusal(
    {
      code: "InvalidAccessReview",
      faults: [{ field: "reason", message: "Give a reason. This review requires one." }],
    },
    entry,
  );
}

/**
 * Writes decisions on locked items, with an event for each. `recommendedIn` is the action that took the
 * recommendations.
 */
export async function writeDecisions(
  transaction: Transaction,
  caller: Caller,
  { review, now }: OpenedItems,
  given: readonly { readonly item: ReviewableItem; readonly decision: ReviewDecision }[],
  how: { readonly reason: string | null; readonly recommendedIn: string | null },
): Promise<void> {
  const named = await wasReviewerAtStart(transaction, caller.userId, review.id);
  const decided = given.map(({ item, decision }) => ({
    item,
    decision,
    decidedLate: !item.byRelation && !named,
  }));
  const kinds = new Map(decided.map((each) => [`${each.decision} ${each.decidedLate}`, each]));
  for (const { decision, decidedLate } of kinds.values()) {
    const same = decided.filter((each) => each.decision === decision && each.decidedLate === decidedLate);
    await transaction.accessReviewItem.updateMany({
      where: { id: { in: same.map(({ item }) => item.id) } },
      data: { decision, decidedById: caller.userId, decidedAt: now, decidedLate, ...how },
    });
  }
  const { kind, details } = reviewEntry("AccessReviewDecided", review, caller);
  await recordAuditEvents(
    transaction,
    decided.map(({ item, decision, decidedLate }) => ({
      kind,
      caller,
      outcome: "Success" as const,
      ...subjectOf(item),
      justification: how.reason,
      details: {
        ...details,
        decision,
        ...throughGroup(item.group),
        before: item.decision,
        ...(how.recommendedIn === null ? {} : { recommended: true }),
        ...(decidedLate ? { decidedLate: true } : {}),
      },
    })),
  );
}

/** The subject of an item's event. */
export function subjectOf({ target, role, resource, eligibilityId, assignmentId }: ReviewableItem) {
  return { target, role, resource, eligibilityId, assignmentId };
}

/** The group through which somebody has access, in an event's details. */
export function throughGroup(group: ReviewableItem["group"]) {
  return group === null ? {} : { throughGroupId: group.id, throughGroup: group.displayName };
}

/** Locks the items that the person may decide, in their order. */
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
      i.decided_by_id AS "decidedById", b.display_name AS "decidedBy", i.recommended_in AS "recommendedIn", ${asMemberOrManager(reviewerId)} AS "byRelation",
      i.eligibility_id AS "eligibilityId", i.assignment_id AS "assignmentId", ${groupOfItem} AS "group",
      ${eventSubjectOf("i")}
    FROM reviewable_items(${reviewerId}::uuid, ${reviewId}::uuid) i
    JOIN access_reviews v ON v.id = i.review_id
    JOIN principals p ON p.id = i.principal_id
    LEFT JOIN principals b ON b.id = i.decided_by_id
    WHERE i.id = ANY (${[...ids]}::uuid[])
    ORDER BY i.position LIMIT ${maximumDecisions}`;
}

/** Removes the answers of items, whose rows are locked, so that they wait for an answer again. */
export async function clearAnswers(
  transaction: Transaction,
  items: readonly { readonly id: string }[],
): Promise<void> {
  await transaction.accessReviewItem.updateMany({
    where: { id: { in: items.map(({ id }) => id) } },
    data: {
      decision: null,
      decidedById: null,
      decidedAt: null,
      decidedLate: false,
      recommendedIn: null,
      reason: null,
    },
  });
}
