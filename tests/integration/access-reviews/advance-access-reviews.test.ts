import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addDays } from "@/lib/domain/time/schedule";
import { advanceAccessReviews } from "@/lib/operations/access-reviews/advance-access-reviews";
import { applyAccessReview } from "@/lib/operations/access-reviews/apply-access-review";
import { stopAccessReview } from "@/lib/operations/access-reviews/stop-access-review";
import { eventsOf, itemsOf, makeReviewed, startReview } from "../../support/access-reviews";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { oneBesideTheOther } from "../../support/database/held-lock";
import { grant, makeCaller, makeRole, makeUser, pastTheRules } from "../../support/factories";

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

async function reviewOfNew(input: Partial<Parameters<typeof startReview>[2]> = {}) {
  const { database } = test;
  const role = await makeRole(database, `Role ${randomUUID()}`, { actions: ["*/read"] });
  const member = await makeUser(database, "Mel");
  await grant(database, "eligible", member.id, role.id, at.subscription.id, {
    startsAt: addDays(start, -90),
  });
  return startReview(database, at.administrator, {
    resourceId: at.subscription.id,
    roleDefinitionIds: [role.id],
    withoutAnswer: "Recommendation",
    ...input,
  });
}

const advance = () => advanceAccessReviews(test.database);
const read = (id: string) => test.database.client.accessReview.findUniqueOrThrow({ where: { id } });
const seriesOf = (seriesId: string) =>
  test.database.client.accessReview.findMany({ where: { seriesId }, orderBy: { occurrence: "asc" } });

describe("the passage of time", () => {
  it("starts what is due with its whole length ahead, ends it, and applies it in its starter's name", async () => {
    const { database } = test;
    const reviewId = await reviewOfNew({
      startsAt: addDays(start, 2),
      durationDays: 5,
      applyAutomatically: true,
    });
    expect(await read(reviewId)).toMatchObject({ state: "NotStarted", endsAt: addDays(start, 7) });
    expect(await advance()).toEqual({ started: 0, ended: 0, applied: 0 });
    // The worker runs a day late. The reviewers still get their five days.
    now = addDays(start, 3);
    expect(await advance()).toEqual({ started: 1, ended: 0, applied: 0 });
    expect(await read(reviewId)).toMatchObject({
      state: "InProgress",
      begunAt: now,
      endsAt: addDays(start, 8),
    });
    now = addDays(start, 8);
    expect(await advance()).toEqual({ started: 0, ended: 1, applied: 1 });
    expect(await read(reviewId)).toMatchObject({ state: "Applied", appliedById: at.administrator.userId });
    expect((await itemsOf(database, reviewId)).map((item) => item.outcome)).toEqual(["Removed"]);
    const events = await eventsOf(database, reviewId);
    expect(events.map((event) => [event.kind, event.actorId])).toEqual([
      ["AccessReviewPlanned", at.administrator.userId],
      ["AccessReviewStarted", null],
      ["AccessReviewEnded", null],
      ["EligibleAssignmentRemoved", at.administrator.userId],
      ["AccessReviewApplied", at.administrator.userId],
    ]);
    expect(events.at(-1)?.details).toMatchObject({ automatically: true, removed: 1 });
    expect(await advance()).toEqual({ started: 0, ended: 0, applied: 0 });
    expect(await eventsOf(database, reviewId)).toHaveLength(events.length);
  });

  it("applies nothing for a starter who no longer may, says so once, and leaves it to another administrator", async () => {
    const { database } = test;
    const starter = await makeCaller(database, await makeUser(database, "Left"));
    const held = await grant(database, "active", starter.userId, at.administration.id, at.subscription.id);
    const role = await makeRole(database, `Role ${randomUUID()}`, { actions: ["*/read"] });
    const [kept, removed] = [await makeUser(database, "A"), await makeUser(database, "B")];
    await grant(database, "active", kept.id, role.id, at.subscription.id);
    await grant(database, "active", removed.id, role.id, at.subscription.id, {
      startsAt: addDays(start, -60),
    });
    const reviewId = await startReview(database, starter, {
      resourceId: at.subscription.id,
      roleDefinitionIds: [role.id],
      withoutAnswer: "Recommendation",
      applyAutomatically: true,
    });
    await pastTheRules(database, (to) =>
      to.assignment.update({ where: { id: held.id }, data: { endsAt: start } }),
    );
    now = addDays(start, 14);
    await advance();
    await advance();
    expect(await read(reviewId)).toMatchObject({ state: "Completed", applyHeldAt: now });
    expect((await itemsOf(database, reviewId)).map((item) => item.outcome)).toEqual(["Kept", null]);
    const logged = (await eventsOf(database, reviewId)).filter(
      (event) => event.kind === "AccessReviewApplied",
    );
    expect(logged.map((event) => [event.outcome, event.actorId])).toEqual([["Failure", starter.userId]]);
    expect(await applyAccessReview(database, at.administrator, { reviewId })).toMatchObject({
      ok: true,
      removed: 1,
      kept: 1,
    });
  });

  it("continues with an application that was interrupted, in the name of whoever had begun it", async () => {
    const { database } = test;
    const reviewId = await reviewOfNew();
    now = addDays(start, 14);
    await advance();
    await test.asOwner("UPDATE access_reviews SET state = 'Applying', applied_by_id = $1 WHERE id = $2", [
      at.rootOwner.userId,
      reviewId,
    ]);
    expect(await advance()).toMatchObject({ applied: 1 });
    expect(await read(reviewId)).toMatchObject({ state: "Applied" });
    const removal = (await eventsOf(database, reviewId)).find(
      (event) => event.kind === "EligibleAssignmentRemoved",
    );
    expect(removal?.actorId).toBe(at.rootOwner.userId);
  });

  it("does nothing twice, with several workers at once", async () => {
    const { database } = test;
    const planned = await reviewOfNew({
      startsAt: addDays(start, 1),
      durationDays: 5,
      recurrence: "Weekly",
      applyAutomatically: true,
    });
    for (const day of [1, 6, 8, 13]) {
      now = addDays(start, day);
      await oneBesideTheOther(test, advance, advance);
      await advance();
    }
    const series = await seriesOf(planned);
    expect(series.map((review) => [review.occurrence, review.state])).toEqual([
      [0, "Applied"],
      [1, "Applied"],
      [2, "NotStarted"],
    ]);
    for (const review of series.slice(0, 2)) {
      const kinds = (await eventsOf(database, review.id)).map((event) => event.kind);
      expect(kinds.filter((kind) => kind.startsWith("AccessReview"))).toEqual([
        "AccessReviewPlanned",
        "AccessReviewStarted",
        "AccessReviewEnded",
        "AccessReviewApplied",
      ]);
    }
    expect(await itemsOf(database, planned)).toHaveLength(1);
  });
});

describe("a series", () => {
  it("continues from its own calendar, skipping what a stopped worker missed", async () => {
    const first = await reviewOfNew({ durationDays: 5, recurrence: "Monthly" });
    now = addDays(start, 100);
    await advance();
    const [, next] = await seriesOf(first);
    expect(next).toMatchObject({
      occurrence: 3,
      startsAt: new Date("2026-06-02T09:00:00Z"),
      state: "NotStarted",
    });
    await advance();
    expect(await read(next?.id ?? "")).toMatchObject({ state: "InProgress", begunAt: now, durationDays: 5 });
    const roles = await test.database.client.accessReviewRole.findMany({
      where: { reviewId: { in: [first, next?.id ?? ""] } },
    });
    expect(new Set(roles.map((row) => row.roleDefinitionId)).size).toBe(1);
    expect(roles).toHaveLength(2);
  });

  it("ends with the review that is stopped", async () => {
    const first = await reviewOfNew({ durationDays: 5, recurrence: "Weekly" });
    await stopAccessReview(test.database, at.administrator, { reviewId: first, reason: "No longer needed" });
    now = addDays(start, 30);
    await advance();
    expect(await seriesOf(first)).toHaveLength(1);
  });

  it("continues when an administrator applies by hand before the worker has come", async () => {
    const first = await reviewOfNew({ durationDays: 5, recurrence: "Weekly" });
    now = addDays(start, 5);
    await applyAccessReview(test.database, at.administrator, { reviewId: first });
    await advance();
    expect((await seriesOf(first)).map((review) => review.state)).toEqual(["Applied", "NotStarted"]);
  });
});
