import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addDays } from "@/lib/domain/time/schedule";
import { advanceAccessReviews } from "@/lib/operations/access-reviews/advance-access-reviews";
import { applyAccessReview } from "@/lib/operations/access-reviews/apply-access-review";
import { decideAccessReview } from "@/lib/operations/access-reviews/decide-access-review";
import { stopAccessReview } from "@/lib/operations/access-reviews/stop-access-review";
import { removeAssignment } from "@/lib/operations/assignments/remove-assignment";
import { eventsOf, itemsOf, makeReviewed, startReview } from "../../support/access-reviews";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { atOnce, oneBesideTheOther } from "../../support/database/held-lock";
import { grant, makeCaller, makeRole, makeUser } from "../../support/factories";

const start = new Date("2026-03-02T09:00:00Z");
let now = start;
let test: TestDatabase;
let at: Awaited<ReturnType<typeof makeReviewed>>;

beforeAll(async () => {
  test = await createTestDatabase({ clock: () => now });
  at = await makeReviewed(test.database);
});
beforeEach(async () => {
  now = start;
  await test.asOwner("UPDATE access_reviews SET state = 'Stopped', stopped_at = '2026-01-01'");
});
afterAll(() => test.drop());

const person = async (name = "Somebody") => makeCaller(test.database, await makeUser(test.database, name));

/** A review by Rita of a new role, eligible and active, held by one person for each name. */
async function reviewed(names: string[], input: Partial<Parameters<typeof startReview>[2]> = {}) {
  const { database } = test;
  const role = await makeRole(database, `Role ${randomUUID()}`, { actions: ["*/read"] });
  const reviewer = await person("Rita");
  for (const name of names) {
    const member = await makeUser(database, name);
    await grant(database, "eligible", member.id, role.id, at.subscription.id, {
      startsAt: addDays(start, -90),
    });
  }
  const reviewId = await startReview(database, at.administrator, {
    resourceId: at.subscription.id,
    roleDefinitionIds: [role.id],
    reviewers: "Selected",
    reviewerIds: [reviewer.userId],
    ...input,
  });
  const decide = async (name: string, decision: "Approve" | "Deny" | "DontKnow") => {
    const item = (await itemsOf(database, reviewId)).find((each) => each.principal.displayName === name);
    const result = await decideAccessReview(database, reviewer, {
      reviewId,
      itemIds: [item?.id ?? ""],
      seen: new Map(),
      decision,
      reason: `${name}: ${decision}`,
    });
    if (!result.ok) throw new Error(JSON.stringify(result.error));
  };
  return { reviewId, role, reviewer, decide };
}

const stateOf = async (reviewId: string) =>
  (await test.database.client.accessReview.findUniqueOrThrow({ where: { id: reviewId } })).state;
const outcomes = async (reviewId: string) =>
  (await itemsOf(test.database, reviewId)).map((item) => [item.principal.displayName, item.outcome]);
const end = addDays(start, 14);

describe("applying by hand", () => {
  it("removes what was denied through a removal of its own, and keeps the rest", async () => {
    const { database } = test;
    const { reviewId, reviewer, decide } = await reviewed(["Ann", "Ben", "Cem", "Dua"]);
    await decide("Ann", "Deny");
    await decide("Ben", "Approve");
    await decide("Cem", "DontKnow");
    expect(await applyAccessReview(database, at.administrator, { reviewId })).toMatchObject({
      ok: false,
      error: { code: "AccessReviewState" },
    });
    now = end;
    expect(await applyAccessReview(database, at.administrator, { reviewId })).toEqual({
      ok: true,
      held: false,
      kept: 3,
      removed: 1,
      failed: 0,
      alreadyGone: 0,
      waiting: 0,
    });
    const [ann] = await itemsOf(database, reviewId);
    const eligibility = await database.client.eligibility.findUniqueOrThrow({
      where: { id: ann?.eligibilityId ?? "" },
    });
    expect(eligibility).toMatchObject({ endsAt: end, removedAt: end });
    const request = await database.client.request.findUniqueOrThrow({ where: { id: ann?.requestId ?? "" } });
    expect(request).toMatchObject({
      requestType: "AdminRemove",
      status: "Revoked",
      requestorId: at.administrator.userId,
      justification: `Access review “Quarterly review”, denied by Rita (${reviewer.email}): Ann: Deny`,
    });
    expect((await eventsOf(database, reviewId)).map((event) => event.kind)).toEqual([
      "AccessReviewStarted",
      "AccessReviewDecided",
      "AccessReviewDecided",
      "AccessReviewDecided",
      "AccessReviewApplied",
      "AccessReviewEnded",
      "EligibleAssignmentRemoved",
      "AccessReviewApplied",
    ]);
    expect(await stateOf(reviewId)).toBe("Applied");
    expect(await applyAccessReview(database, at.administrator, { reviewId })).toMatchObject({
      ok: false,
      error: { code: "AccessReviewState", message: "This review has already been applied." },
    });
  });

  it("does without an answer what the review says", async () => {
    const removing = await reviewed(["Ann"], { withoutAnswer: "Remove" });
    const recommended = await reviewed(["Ben"], { withoutAnswer: "Recommendation" });
    now = end;
    for (const { reviewId } of [removing, recommended]) {
      expect(await applyAccessReview(test.database, at.administrator, { reviewId })).toMatchObject({
        removed: 1,
      });
    }
  });

  it("after a stop carries out the decisions given, and takes nothing from whom nobody answered for", async () => {
    const { database } = test;
    const { reviewId, decide } = await reviewed(["Ann", "Ben"], { withoutAnswer: "Remove" });
    await decide("Ann", "Deny");
    await stopAccessReview(database, at.administrator, { reviewId, reason: "Wrong reviewers" });
    expect((await itemsOf(database, reviewId)).map((item) => item.decision)).toEqual(["Deny", null]);
    await advanceAccessReviews(database);
    expect(await outcomes(reviewId)).toEqual([
      ["Ann", null],
      ["Ben", null],
    ]);
    expect(await applyAccessReview(database, at.administrator, { reviewId })).toMatchObject({
      removed: 1,
      kept: 1,
    });
  });

  it("reports what had gone before, and does not fail for it", async () => {
    const { database } = test;
    const { reviewId, decide } = await reviewed(["Ann", "Ben"]);
    await decide("Ann", "Deny");
    await decide("Ben", "Deny");
    const [ann] = await itemsOf(database, reviewId);
    await removeAssignment(database, at.administrator, {
      assignmentType: "Eligible",
      id: ann?.eligibilityId ?? "",
      justification: null,
    });
    now = end;
    expect(await applyAccessReview(database, at.administrator, { reviewId })).toMatchObject({
      removed: 1,
      alreadyGone: 1,
      failed: 0,
    });
    expect(await outcomes(reviewId)).toEqual([
      ["Ann", "AlreadyGone"],
      ["Ben", "Removed"],
    ]);
  });

  it("never removes the last Owner, says why, and can be tried again when there is another", async () => {
    const { database } = test;
    const reviewer = await person("Rita");
    const reviewId = await startReview(database, at.rootOwner, {
      resourceId: at.root.id,
      roleDefinitionIds: [at.owner.id],
      reviewers: "Selected",
      reviewerIds: [reviewer.userId],
    });
    const [item] = await itemsOf(database, reviewId);
    await decideAccessReview(database, reviewer, {
      reviewId,
      itemIds: [item?.id ?? ""],
      seen: new Map(),
      decision: "Deny",
      reason: null,
    });
    now = end;
    expect(await applyAccessReview(database, at.rootOwner, { reviewId })).toMatchObject({
      failed: 1,
      removed: 0,
    });
    const [failed] = await itemsOf(database, reviewId);
    expect(failed).toMatchObject({
      outcome: "Failed",
      outcomeMessage: "The last permanent active Owner at the root cannot be removed.",
    });
    expect(await stateOf(reviewId)).toBe("Applied");
    const refusals = (await eventsOf(database, reviewId)).filter(
      (event) => event.kind === "ActiveAssignmentRemoved" && event.outcome === "Failure",
    );
    expect(refusals).toHaveLength(1);

    const second = await person("Second Owner");
    const spare = await grant(database, "active", second.userId, at.owner.id, at.root.id);
    expect(await applyAccessReview(database, second, { reviewId })).toMatchObject({ failed: 0, removed: 1 });
    await test.asOwner(`UPDATE assignments SET ends_at = NULL, removed_at = NULL WHERE id = $1`, [
      at.lastWayIn.id,
    ]);
    await test.asOwner(`UPDATE assignments SET ends_at = starts_at WHERE id = $1`, [spare.id]);
  });

  it("is refused to whoever may not remove, and hides the review from whoever may not know of it", async () => {
    const { database } = test;
    const { reviewId } = await reviewed(["Ann"]);
    const reader = await person();
    await grant(database, "active", reader.userId, at.reader.id, at.subscription.id);
    now = end;
    const apply = (caller: typeof reader, id: string) =>
      applyAccessReview(database, caller, { reviewId: id });
    expect(await apply(reader, reviewId)).toMatchObject({ error: { code: "AuthorizationFailed" } });
    const stranger = await apply(await person(), reviewId);
    expect(stranger).toEqual(await apply(at.administrator, randomUUID()));
  });

  it("answers after a hundred removals, and the worker continues in the administrator's name", async () => {
    const { database } = test;
    const names = Array.from({ length: 103 }, (_, index) => `Many ${index}`);
    const { reviewId } = await reviewed(names, { withoutAnswer: "Remove" });
    now = end;
    expect(await applyAccessReview(database, at.administrator, { reviewId })).toMatchObject({
      ok: true,
      removed: 100,
      waiting: 3,
    });
    expect(await stateOf(reviewId)).toBe("Applying");
    await advanceAccessReviews(database);
    expect(await stateOf(reviewId)).toBe("Applied");
    const removals = (await eventsOf(database, reviewId)).filter(
      (event) => event.kind === "EligibleAssignmentRemoved",
    );
    expect(new Set(removals.map((event) => event.actorId))).toEqual(new Set([at.administrator.userId]));
    expect(removals).toHaveLength(103);
  });

  it("twice at once removes each once and finishes once", async () => {
    const { database } = test;
    const names = ["Ann", "Ben", "Cem", "Dua", "Eli", "Fay"];
    for (const beside of ["another administrator", "the worker"]) {
      now = start;
      const { reviewId } = await reviewed(names, { withoutAnswer: "Remove" });
      now = end;
      const apply = () => applyAccessReview(database, at.administrator, { reviewId });
      if (beside === "the worker") await oneBesideTheOther(test, apply, () => advanceAccessReviews(database));
      else await atOnce(test, [apply, apply]);
      expect(await outcomes(reviewId)).toEqual(names.map((name) => [name, "Removed"]));
      const kinds = (await eventsOf(database, reviewId))
        .filter((event) => event.outcome === "Success")
        .map((event) => event.kind);
      expect(kinds.filter((kind) => kind === "EligibleAssignmentRemoved")).toHaveLength(names.length);
      expect(kinds.filter((kind) => kind === "AccessReviewApplied")).toHaveLength(1);
      expect(kinds.filter((kind) => kind === "AccessReviewEnded")).toHaveLength(1);
    }
  });
});
