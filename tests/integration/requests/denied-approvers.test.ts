import { afterAll, beforeAll, expect, it } from "vitest";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import { addDays } from "@/lib/domain/time/schedule";
import { applyAccessReview } from "@/lib/operations/access-reviews/apply-access-review";
import { decideAccessReview } from "@/lib/operations/access-reviews/decide-access-review";
import { stopAccessReview } from "@/lib/operations/access-reviews/stop-access-review";
import { requestsToDecide } from "@/lib/queries/requests/approvals";
import { itemsOf, startReview } from "../../support/access-reviews";
import { type Administration, makeAdministration } from "../../support/administration";
import { arrangeApproval, stageOf } from "../../support/approval";
import { approveRequest } from "../../support/decide-one";
import { grant, makeGroup, makeRole, makeUser } from "../../support/factories";

const start = new Date("2026-03-02T09:00:00Z");
let now = start;
let at: Administration;
beforeAll(async () => {
  at = await makeAdministration(() => now);
});
afterAll(() => at.test.drop());

it("an administrator who denied the approvers their membership in a review does not decide in their place", async () => {
  const { database } = at;
  const anna = await makeUser(database, "Anna Approver");
  const group = await makeGroup(database, [], "Gatekeepers");
  await database.client.groupMember.create({
    data: { groupId: group.id, memberId: anna.id, addedAt: addDays(start, -90) },
  });
  const reading = await makeRole(database, "Gatekeeper", { actions: ["*/read"] });
  await grant(database, "eligible", group.id, reading.id, at.tree.subscription.id);
  const { waiting } = await arrangeApproval(database, {
    tree: at.tree,
    stages: () => [stageOf([group.id])],
  });
  const [reviewer, bystander] = [await at.person("Rita Reviewer"), await at.person("Bea Bystander")];
  for (const { userId } of [reviewer, bystander])
    await grant(database, "active", userId, ownerRoleId, at.tree.root.id);

  // Another person's review asks her, and is applied in that person's name.
  const reviewId = await startReview(database, at.owner, {
    ...{ resourceId: at.tree.subscription.id, roleDefinitionIds: [reading.id], eachMember: true },
    ...{ reviewers: "Selected", reviewerIds: [reviewer.userId] },
  });
  const itemIds = (await itemsOf(database, reviewId)).map(({ id }) => id);
  const denial = { reviewId, itemIds, decision: "Deny" as const, reason: "Unused", seen: new Map() };
  expect(await decideAccessReview(database, reviewer, denial)).toMatchObject({ ok: true });
  const stopping = { reviewId, reason: "Enough" };
  expect(await stopAccessReview(database, at.owner, stopping)).toMatchObject({ ok: true });
  expect(await applyAccessReview(database, at.owner, { reviewId })).toMatchObject({ ok: true, removed: 1 });

  now = addDays(start, 2);
  const requestId = await waiting();
  const input = { requestId, justification: "I know them", proofId: null };
  const asked = async (caller: typeof reviewer) =>
    (await requestsToDecide(database, caller, { search: "", after: null })).rows.some(
      ({ id }) => id === requestId,
    );
  for (const caller of [reviewer, at.owner]) {
    expect(await asked(caller), caller.displayName).toBe(false);
    expect(await approveRequest(database, caller, input), caller.displayName).toMatchObject({ ok: false });
  }
  expect(await asked(bystander)).toBe(true);
  expect(await approveRequest(database, bystander, input)).toMatchObject({ ok: true });
});
