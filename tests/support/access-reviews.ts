import { action } from "@/lib/domain/roles/permissions";
import {
  type CreateAccessReviewInput,
  createAccessReview,
} from "@/lib/operations/access-reviews/create-access-review";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { grant, makeCaller, makeOwnerRole, makeRole, makeTree, makeUser } from "./factories";

/** An organisation with an administrator at the subscription who may assign and remove there, and an Owner at the root. */
export async function makeReviewed(database: Database) {
  const tree = await makeTree(database);
  const owner = await makeOwnerRole(database);
  const contributor = await makeRole(database, "Contributor", { actions: ["*/read", "Compute/*"] });
  const reader = await makeRole(database, "Reader", { actions: ["*/read"] });
  const administration = await makeRole(database, "User Access Administrator", {
    actions: [action.writeEligibility, action.writeAssignment, action.readAssignments],
  });
  const rootOwner = await makeCaller(database, await makeUser(database, "Root Owner"));
  const lastWayIn = await grant(database, "active", rootOwner.userId, owner.id, tree.root.id);
  const administrator = await makeCaller(database, await makeUser(database, "Ada Admin"));
  const held = await grant(database, "active", administrator.userId, administration.id, tree.subscription.id);
  return { ...tree, owner, contributor, reader, administration, rootOwner, lastWayIn, administrator, held };
}

/** Starts a review, which must succeed. Settings left out have the simplest value. */
export async function startReview(
  database: Database,
  caller: Caller,
  input: Partial<CreateAccessReviewInput> & { resourceId: string },
): Promise<string> {
  const result = await createAccessReview(database, caller, reviewInput(input));
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.reviewId;
}

export function reviewInput(
  input: Partial<CreateAccessReviewInput> & { resourceId: string },
): CreateAccessReviewInput {
  return {
    name: "Quarterly review",
    includeBelow: false,
    description: null,
    inactiveDays: null,
    eachMember: false,
    roleDefinitionIds: [],
    covers: "Both",
    reviewers: "Members",
    reviewerIds: [],
    informedIds: [],
    startsAt: null,
    durationDays: 14,
    recurrence: "None",
    seriesEnd: { kind: "Never" },
    withoutAnswer: "Keep",
    applyAutomatically: false,
    justificationRequired: false,
    ...input,
  };
}

export function itemsOf(database: Database, reviewId: string) {
  return database.client.accessReviewItem.findMany({
    where: { reviewId },
    orderBy: { position: "asc" },
    include: { principal: { select: { displayName: true } } },
  });
}

export function eventsOf(database: Database, reviewId: string) {
  return database.client.auditEvent.findMany({
    where: { details: { path: ["accessReviewId"], equals: reviewId } },
    orderBy: { sequence: "asc" },
  });
}
