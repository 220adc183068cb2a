import { asMemberOrManager, wasReviewerAtStart } from "@/lib/authority/reviewer-at-start";
import { reviewStateAt } from "@/lib/domain/access-reviews/access-review";
import { type ReviewOutcome, reviewOutcomes } from "@/lib/domain/access-reviews/access-review-words";
import {
  type RecommendationReason,
  type ReviewDecision,
  reviewDecisions,
  unusedDays,
} from "@/lib/domain/access-reviews/review-item";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import { containing } from "@/lib/domain/search/like-pattern";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { identityColumn } from "@/lib/platform/principal-identity";
import { databaseNow, readOnce } from "@/lib/platform/transaction";
import {
  accessOfGroups,
  otherAccess,
  type ReviewedGroup,
} from "@/lib/queries/access-reviews/access-of-groups";
import { reviewedPlace, within } from "@/lib/queries/access-reviews/access-reviews";
import { countRows } from "@/lib/queries/count-rows";

export const itemPageSize = 50;

/** An item under review, as its reviewers and administrators see it. */
export interface ReviewItemRow {
  readonly id: string;
  readonly position: number;
  readonly member: PrincipalIdentity;
  /** The group through which they have the access, if the item is about one member of it. */
  readonly group: ReviewedGroup | null;
  readonly roleName: string;
  readonly resourceName: string;
  readonly scope: string;
  readonly access: "Eligible" | "Active";
  readonly accessStartsAt: Date;
  readonly accessEndsAt: Date | null;
  /** As it was when the review began (`asOf`). */
  readonly lastUsedAt: Date | null;
  readonly asOf: Date | null;
  readonly recommendation: "Approve" | "Deny";
  readonly recommendationReason: RecommendationReason;
  /** After how many days without use the recommendation is to deny. */
  readonly unusedDays: number;
  readonly decision: ReviewDecision | null;
  readonly decidedAt: Date | null;
  readonly decidedBy: PrincipalIdentity | null;
  /** Its reviewer joined after the review began. */
  readonly decidedLate: boolean;
  readonly reason: string | null;
  readonly outcome: ReviewOutcome | null;
  readonly outcomeMessage: string | null;
}

/** Which items to show: those without an answer, with a decision, or with an outcome. */
export const itemFilters = ["NoAnswer", ...reviewDecisions, ...reviewOutcomes] as const;
export type ItemFilter = (typeof itemFilters)[number];

export interface ItemsFilter {
  readonly search: string;
  readonly show: ItemFilter | null;
  /** The position of the last item of the previous page; -1 for the first page. */
  readonly after: number;
}

/**
 * The items of a review by name, as seen from a resource that it includes. For a review started above,
 * only the items here and below. Empty if the caller may not read assignments there now.
 */
export function listReviewItems(
  database: Database,
  caller: Caller,
  { resourceId, reviewId }: { readonly resourceId: string; readonly reviewId: string },
  filter: ItemsFilter,
  limit = itemPageSize,
): Promise<ReviewItemRow[]> {
  return readOnce(database, async (transaction) => {
    const items = await itemsFrom(transaction, caller, { resourceId, reviewId });
    return items ? readItems(transaction, items, filter, limit) : [];
  });
}

/** How many `listReviewItems` has on all its pages (`countRows`). */
export function countReviewItems(
  database: Database,
  caller: Caller,
  place: { readonly resourceId: string; readonly reviewId: string },
  filter: ItemsFilter,
): Promise<number> {
  return readOnce(database, async (transaction) => {
    const items = await itemsFrom(transaction, caller, place);
    return items ? countItems(transaction, items, filter) : 0;
  });
}

async function itemsFrom(
  transaction: Transaction,
  caller: Caller,
  { resourceId, reviewId }: { readonly resourceId: string; readonly reviewId: string },
): Promise<Prisma.Sql | null> {
  const place = await reviewedPlace(transaction, caller, resourceId, reviewId);
  if (!place) return null;
  const review = await transaction.accessReview.findUniqueOrThrow({
    where: { id: reviewId },
    select: { resourceId: true },
  });
  return Prisma.sql`(
    SELECT i.* FROM access_review_items i WHERE i.review_id = ${reviewId}::uuid AND ${within(review, place)})`;
}

/**
 * The items of a review that the caller may decide on now, with the review. Null if there are none:
 * then the review does not exist for them.
 */
export function itemsForMe(database: Database, caller: Caller, reviewId: string, filter: ItemsFilter) {
  return readOnce(database, async (transaction) => {
    const items = Prisma.sql`reviewable_items(${caller.userId}::uuid, ${reviewId}::uuid)`;
    const [counted] = await transaction.$queryRaw<{ items: number; decided: number; asNamed: number }[]>`
      SELECT count(*)::int AS items, count(decision)::int AS decided,
        count(*) FILTER (WHERE NOT ${asMemberOrManager(caller.userId)})::int AS "asNamed"
      FROM ${items} i JOIN access_reviews v ON v.id = i.review_id`;
    if (!counted || counted.items === 0) return null;
    const { asNamed, ...counts } = counted;
    const review = await transaction.accessReview.findUniqueOrThrow({
      where: { id: reviewId },
      select: {
        id: true,
        name: true,
        state: true,
        endsAt: true,
        justificationRequired: true,
        withoutAnswer: true,
        description: true,
        resource: { select: { displayName: true } },
      },
    });
    const [taken] = await transaction.$queryRaw<{ actionId: string; approved: number; denied: number }[]>`
      SELECT recommended_in AS "actionId", count(*) FILTER (WHERE decision = 'Approve')::int AS approved,
        count(*) FILTER (WHERE decision = 'Deny')::int AS denied
      FROM access_review_items
      WHERE review_id = ${reviewId}::uuid AND decided_by_id = ${caller.userId}::uuid AND recommended_in IS NOT NULL
      GROUP BY recommended_in, decided_at ORDER BY decided_at DESC LIMIT 1`;
    return {
      ...review,
      ...counts,
      /** The recommendations that the caller accepted last, without those that somebody has changed since. */
      taken: taken ?? null,
      /** The caller joined the reviewers after it began, so their decisions wait for an administrator. */
      late: asNamed > 0 && !(await wasReviewerAtStart(transaction, caller.userId, reviewId)),
      state: reviewStateAt(review, await databaseNow(transaction)),
      rows: await readItems(transaction, items, filter, itemPageSize),
      /** How many there are on all pages. */
      total: await countItems(transaction, items, filter),
    };
  });
}

async function readItems(
  transaction: Transaction,
  items: Prisma.Sql,
  filter: ItemsFilter,
  limit: number,
): Promise<ReviewItemRow[]> {
  type Row = Omit<ReviewItemRow, "group"> & { group: PrincipalIdentity | null; accessId: string };
  const rows = await transaction.$queryRaw<Row[]>`
    SELECT i.id, i.position, ${identityColumn("p")} AS member,
      CASE WHEN g.id IS NOT NULL THEN ${identityColumn("g")} END AS "group",
      coalesce(i.eligibility_id, i.assignment_id) AS "accessId",
      d.role_name AS "roleName", r.display_name AS "resourceName", r.scope,
      CASE WHEN i.eligibility_id IS NULL THEN 'Active' ELSE 'Eligible' END AS access,
      i.access_starts_at AS "accessStartsAt", i.access_ends_at AS "accessEndsAt", i.last_used_at AS "lastUsedAt",
      (SELECT v.begun_at FROM access_reviews v WHERE v.id = i.review_id) AS "asOf",
      coalesce((SELECT v.inactive_days FROM access_reviews v WHERE v.id = i.review_id), ${unusedDays}) AS "unusedDays",
      i.recommendation::text, i.recommendation_reason AS "recommendationReason", i.decision::text,
      i.decided_at AS "decidedAt", CASE WHEN b.id IS NOT NULL THEN ${identityColumn("b")} END AS "decidedBy",
      i.decided_late AS "decidedLate", i.reason, i.outcome::text,
      i.outcome_message AS "outcomeMessage"
    FROM ${items} i
    JOIN principals p ON p.id = i.principal_id
    JOIN role_definitions d ON d.id = i.role_definition_id
    JOIN resources r ON r.id = i.resource_id
    LEFT JOIN principals g ON g.id = i.group_id
    LEFT JOIN principals b ON b.id = i.decided_by_id
    WHERE i.position > ${filter.after} AND ${matching(filter)}
    ORDER BY i.position LIMIT ${limit}`;
  const gives = await accessOfGroups(
    transaction,
    rows.flatMap(({ group, accessId }) => (group ? [{ groupId: group.id, accessId }] : [])),
  );
  return rows.map(({ accessId, group, ...row }) => ({
    ...row,
    group: group && { ...group, alsoGives: otherAccess(gives.get(group.id), accessId) },
  }));
}

function countItems(transaction: Transaction, items: Prisma.Sql, filter: ItemsFilter): Promise<number> {
  return countRows(
    transaction,
    Prisma.sql`SELECT FROM ${items} i JOIN principals p ON p.id = i.principal_id
      JOIN role_definitions d ON d.id = i.role_definition_id JOIN resources r ON r.id = i.resource_id
      LEFT JOIN principals g ON g.id = i.group_id
      WHERE ${matching(filter)}`,
  );
}

/** Whether an item `i` of a principal `p`, a group `g`, a role `d` and a resource `r` is what the filter shows. */
function matching({ search, show }: ItemsFilter): Prisma.Sql {
  const pattern = containing(search);
  return Prisma.sql`(${search} = '' OR p.display_name ILIKE ${pattern} OR p.email ILIKE ${pattern} OR g.display_name ILIKE ${pattern}
      OR d.role_name ILIKE ${pattern} OR r.display_name ILIKE ${pattern})
    AND CASE
      WHEN ${show}::text IS NULL THEN true
      WHEN ${show} = 'NoAnswer' THEN i.decision IS NULL
      ELSE ${show} IN (i.decision::text, i.outcome::text) END`;
}
