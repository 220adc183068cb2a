import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

/**
 * Whether a review named somebody as its reviewer when it began: themselves, or by memberships of any depth that are as
 * old. A membership that ended and began again counts from then.
 */
export async function namedWhenBegun(
  transaction: Transaction,
  userId: string,
  reviewId: string,
): Promise<boolean> {
  const [row] = await transaction.$queryRaw<{ named: boolean }[]>`
    WITH RECURSIVE held (id) AS (
      SELECT ${userId}::uuid
      UNION
      SELECT m.group_id FROM held JOIN group_members m ON m.member_id = held.id
      WHERE m.added_at <= (SELECT begun_at FROM access_reviews WHERE id = ${reviewId}::uuid)
    )
    SELECT EXISTS (
      SELECT FROM held JOIN access_review_named_reviewers n ON n.principal_id = held.id
      WHERE n.review_id = ${reviewId}::uuid) AS named`;
  return row?.named ?? false;
}

/** Whether somebody is asked about the item `i` of the review `v` for what they are to its member, not as named. */
export function asMemberOrManager(userId: string): Prisma.Sql {
  return Prisma.sql`((v.reviewers = 'Members' AND i.principal_id = ${userId}::uuid)
    OR (v.reviewers = 'Managers' AND i.manager_id = ${userId}::uuid))`;
}
