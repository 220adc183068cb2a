import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

/**
 * Whether a review named somebody as its reviewer when it began: directly, or through memberships of
 * any depth that existed then, and neither the person nor a group between has been enabled since. A
 * membership that ended and began again counts from its new start.
 */
export async function wasReviewerAtStart(
  transaction: Transaction,
  userId: string,
  reviewId: string,
): Promise<boolean> {
  const [row] = await transaction.$queryRaw<{ named: boolean }[]>`
    WITH RECURSIVE begun AS (SELECT begun_at AS at FROM access_reviews WHERE id = ${reviewId}::uuid),
    enabled_since (id) AS MATERIALIZED (
      SELECT e.target_id FROM audit_events e, begun
      WHERE e.kind = 'PrincipalEnabled' AND e.outcome = 'Success' AND e.occurred_at > begun.at
    ),
    held (id) AS (
      SELECT ${userId}::uuid WHERE ${userId}::uuid NOT IN (SELECT id FROM enabled_since WHERE id IS NOT NULL)
      UNION
      SELECT m.group_id FROM held JOIN group_members m ON m.member_id = held.id, begun
      WHERE m.added_at <= begun.at
        AND m.group_id NOT IN (SELECT id FROM enabled_since WHERE id IS NOT NULL)
    )
    SELECT EXISTS (
      SELECT FROM held JOIN access_review_named_reviewers n ON n.principal_id = held.id
      WHERE n.review_id = ${reviewId}::uuid) AS named`;
  return row?.named ?? false;
}

/**
 * Whether somebody reviews the item `i` of the review `v` as its member or the member's manager, not as a named
 * reviewer.
 */
export function asMemberOrManager(userId: string): Prisma.Sql {
  return Prisma.sql`((v.reviewers = 'Members' AND i.principal_id = ${userId}::uuid)
    OR (v.reviewers = 'Managers' AND i.manager_id = ${userId}::uuid))`;
}
