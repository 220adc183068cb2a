import type { Transaction } from "@/lib/platform/database";

/** The people who may decide on items of an access review now, as `reviewable_items` says. */
export async function askedReviewers(transaction: Transaction, reviewId: string): Promise<readonly string[]> {
  const rows = await transaction.$queryRaw<{ id: string }[]>`
    SELECT p.id FROM access_reviews v JOIN access_review_items i ON i.review_id = v.id
      JOIN principals p ON p.id = i.principal_id
    WHERE v.id = ${reviewId}::uuid AND v.reviewers = 'Members' AND p.type = 'User'
    UNION
    SELECT p.manager_id FROM access_reviews v JOIN access_review_items i ON i.review_id = v.id
      JOIN principals p ON p.id = i.principal_id AND p.manager_id <> p.id AND p.manager_id = i.manager_id
    WHERE v.id = ${reviewId}::uuid AND v.reviewers = 'Managers'
    UNION
    SELECT person.id FROM users_in(ARRAY(
      SELECT principal_id FROM access_review_named_reviewers WHERE review_id = ${reviewId}::uuid)) AS person (id)
    WHERE EXISTS (SELECT FROM reviewable_items(person.id, ${reviewId}::uuid))`;
  return rows.map((row) => row.id);
}

/** Those of these people who can still decide an item of a running review that nobody has decided. */
export async function withOpenItems(
  transaction: Transaction,
  reviewId: string,
  people: readonly string[],
): Promise<readonly string[]> {
  const rows = await transaction.$queryRaw<{ id: string }[]>`
    SELECT person.id FROM unnest(${[...people]}::uuid[]) AS person (id)
    WHERE EXISTS (
      SELECT FROM access_reviews v, reviewable_items(person.id, v.id) i
      WHERE v.id = ${reviewId}::uuid AND v.state = 'InProgress' AND v.ends_at > postern_now() AND i.decision IS NULL)`;
  return rows.map((row) => row.id);
}
