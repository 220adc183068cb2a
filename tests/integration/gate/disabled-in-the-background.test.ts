import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import { addDays } from "@/lib/domain/time/schedule";
import { advanceAccessReviews } from "@/lib/operations/access-reviews/advance-access-reviews";
import { createAccessReview } from "@/lib/operations/access-reviews/create-access-review";
import { decideAccessReview } from "@/lib/operations/access-reviews/decide-access-review";
import { applyImports } from "@/lib/operations/imports/apply-imports";
import { reviewInput } from "../../support/access-reviews";
import { grant, makeRole, makeUser } from "../../support/factories";
import { makeImports } from "../../support/imports";

const start = new Date("2026-03-02T09:00:00Z");
let now = start;
let at: Awaited<ReturnType<typeof makeImports>>;
beforeAll(async () => {
  at = await makeImports(() => now);
});
beforeEach(() => {
  now = start;
});
afterAll(() => at.test.drop());

async function administrator() {
  const caller = await at.person("Adam Administrator");
  await grant(at.database, "active", caller.userId, ownerRoleId, at.tree.root.id);
  return caller;
}
const disable = (id: string) =>
  at.database.client.principal.update({ where: { id }, data: { disabledAt: now } });

describe("what the worker does in somebody's name stops when they are disabled", () => {
  it("for an import that they confirmed", async () => {
    const caller = await administrator();
    const email = "newcomer@contoso.example";
    const importId = await at.stage("Users", [{ displayName: "Newcomer", userPrincipalName: email }], {
      caller,
    });
    expect(await at.confirm(importId, await at.proofFor(importId, caller), caller)).toMatchObject({
      ok: true,
    });
    await disable(caller.userId);
    await applyImports(at.database);
    expect(await at.database.client.principal.count({ where: { email } })).toBe(0);
  });

  it("for an access review that applies automatically", async () => {
    const { database, tree } = at;
    const caller = await administrator();
    const reviewer = await at.person("Rita Reviewer");
    const role = await makeRole(database, "Reader", { actions: ["*/read"] });
    const member = await makeUser(database, "Mel Member");
    const access = await grant(database, "eligible", member.id, role.id, tree.subscription.id);
    const plan = reviewInput({
      resourceId: tree.subscription.id,
      roleDefinitionIds: [role.id],
      reviewers: "Selected",
      reviewerIds: [reviewer.userId],
      applyAutomatically: true,
      durationDays: 3,
    });
    const made = await createAccessReview(database, caller, plan);
    if (!made.ok) throw new Error(JSON.stringify(made.error));
    const items = await database.client.accessReviewItem.findMany({ where: { reviewId: made.reviewId } });
    const decided = await decideAccessReview(database, reviewer, {
      reviewId: made.reviewId,
      itemIds: items.map(({ id }) => id),
      decision: "Deny",
      reason: "Gone",
      seen: new Map(),
    });
    expect(decided).toMatchObject({ ok: true });
    await disable(caller.userId);
    now = addDays(start, 4);
    await advanceAccessReviews(database);
    const standing = await database.client.eligibility.findUniqueOrThrow({ where: { id: access.id } });
    expect(standing).toMatchObject({ endsAt: null, removedAt: null });
    const review = await database.client.accessReview.findUniqueOrThrow({ where: { id: made.reviewId } });
    expect(review).toMatchObject({ state: "Completed", applyHeldAt: now });
  });
});
