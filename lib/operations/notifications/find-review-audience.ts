import { askedReviewers, withOpenItems } from "@/lib/authority/asked-reviewers";
import { rootResource } from "@/lib/authority/authority";
import {
  maximumInformed,
  permissionsToReview,
  reviewCovers,
} from "@/lib/domain/access-reviews/access-review";
import { detailText, type EventFacts } from "@/lib/domain/notifications/event-facts";
import { type Action, action } from "@/lib/domain/roles/permissions";
import { everybodyIn, type Person, peopleWhoMay } from "@/lib/operations/people/find-people";
import type { Transaction } from "@/lib/platform/database";

/** The people who may decide on items of an access review. */
export async function reviewers(
  transaction: Transaction,
  reviewId: string | null,
): Promise<readonly Person[]> {
  if (reviewId === null) return [];
  return everybodyIn(transaction, await askedReviewers(transaction, reviewId));
}

/** Those of them whom an edit of the running review named. */
export async function addedReviewers(
  transaction: Transaction,
  event: EventFacts,
): Promise<readonly Person[]> {
  const { addedReviewerIds } = event.details;
  const ids = Array.isArray(addedReviewerIds) ? addedReviewerIds.filter((id) => typeof id === "string") : [];
  if (ids.length === 0) return [];
  const added = new Set((await everybodyIn(transaction, ids)).map((person) => person.id));
  const asked = await reviewers(transaction, detailText(event, "accessReviewId"));
  return asked.filter((person) => added.has(person.id));
}

/** The people whom a review names to be notified of its end, if they may read assignments there now. */
export async function informed(transaction: Transaction, event: EventFacts): Promise<readonly Person[]> {
  const { resourceId } = event;
  const reviewId = detailText(event, "accessReviewId");
  if (reviewId === null || resourceId === null) return [];
  const named = await transaction.$queryRaw<{ id: string }[]>`
    SELECT n.principal_id AS id FROM access_review_informed n JOIN resources s ON s.id = ${resourceId}::uuid
    WHERE n.review_id = ${reviewId}::uuid AND EXISTS (
      SELECT FROM active_assignments(n.principal_id, postern_now()) x
      JOIN role_definitions d ON d.id = x.role_definition_id
      WHERE x.resource_id = ANY (path_ids(s.path)) AND permissions_allow(d.permissions, ${action.readAssignments}))
    LIMIT ${maximumInformed}`;
  return everybodyIn(
    transaction,
    named.map(({ id }) => id),
  );
}

/** The people who may start such a review here, or who could by activating a role. */
export async function reviewStarters<Somebody extends Person>(
  event: EventFacts,
  who: (...operations: readonly Action[]) => Promise<readonly Somebody[]>,
): Promise<readonly Somebody[]> {
  const covers = reviewCovers.find((each) => each === event.details.covers);
  return covers === undefined ? [] : who(...permissionsToReview(covers));
}

/** The reviewers who can still decide an item that nobody has decided. */
export async function reviewersWithOpenItems(
  transaction: Transaction,
  reviewId: string | null,
): Promise<readonly Person[]> {
  if (reviewId === null) return [];
  const asked = await askedReviewers(transaction, reviewId);
  return everybodyIn(transaction, await withOpenItems(transaction, reviewId, asked));
}

/** Those of them who may also manage people and groups. That right counts only at the root. */
export async function membershipManagers<Somebody extends Person>(
  transaction: Transaction,
  event: EventFacts,
  who: (...operations: readonly Action[]) => Promise<readonly Somebody[]>,
): Promise<readonly Somebody[]> {
  const root = await rootResource(transaction);
  const managers = await peopleWhoMay(transaction, [action.writePrincipals], root.id);
  const ids = new Set(managers.map((person) => person.id));
  return (await reviewStarters(event, who)).filter((person) => ids.has(person.id));
}
