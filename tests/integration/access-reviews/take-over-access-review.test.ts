import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addDays } from "@/lib/domain/time/schedule";
import { advanceAccessReviews } from "@/lib/operations/access-reviews/advance-access-reviews";
import { takeOverAccessReview } from "@/lib/operations/access-reviews/take-over-access-review";
import { deliverNotifications } from "@/lib/operations/notifications/deliver-notifications";
import { itemsForMe } from "@/lib/queries/access-reviews/access-review-items";
import { findAccessReview } from "@/lib/queries/access-reviews/access-reviews";
import { reviewsForMe } from "@/lib/queries/access-reviews/reviews-for-me";
import { eventsOf, itemsOf, makeReviewed, startReview } from "../../support/access-reviews";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { grant, makeCaller, makeUser, pastTheRules } from "../../support/factories";

const start = new Date("2026-03-02T09:00:00Z");
let now = start;
let test: TestDatabase;
let at: Awaited<ReturnType<typeof makeReviewed>>;
beforeAll(async () => {
  test = await createTestDatabase({ clock: () => now });
  at = await makeReviewed(test.database);
  const member = await makeUser(test.database, "Mel");
  await grant(test.database, "eligible", member.id, at.contributor.id, at.subscription.id);
});
beforeEach(async () => {
  now = start;
  await test.asOwner("UPDATE access_reviews SET state = 'Stopped', stopped_at = '2026-01-01'");
});
afterAll(() => test.drop());

const all = { search: "", show: null, after: -1 } as const;
const read = (id: string) => test.database.client.accessReview.findUniqueOrThrow({ where: { id } });
const seriesOf = (seriesId: string) =>
  test.database.client.accessReview.findMany({ where: { seriesId }, orderBy: { occurrence: "asc" } });

/** Somebody who started a weekly review with themselves as its reviewer, and the access that allowed it. */
async function creator() {
  const { database } = test;
  const caller = await makeCaller(database, await makeUser(database, "Carla Creator"));
  const held = await grant(database, "active", caller.userId, at.administration.id, at.subscription.id);
  const seriesId = await startReview(database, caller, {
    resourceId: at.subscription.id,
    reviewers: "Selected",
    reviewerIds: [caller.userId],
    recurrence: "Weekly",
    durationDays: 3,
    applyAutomatically: true,
  });
  const leave = (when: Date) =>
    pastTheRules(database, (to) => to.assignment.update({ where: { id: held.id }, data: { endsAt: when } }));
  return { caller, seriesId, leave };
}

/** The next review of a series, due and held because its creator left. */
async function held() {
  const made = await creator();
  now = addDays(start, 4);
  await made.leave(addDays(start, 4));
  await advanceAccessReviews(test.database);
  now = addDays(start, 7);
  await advanceAccessReviews(test.database);
  const [, next] = await seriesOf(made.seriesId);
  if (!next) throw new Error("no next review");
  return { ...made, next };
}

describe("the next review of a series whose creator could not start it now", () => {
  it("does not start, shows its creator nothing, and asks the administrators once", async () => {
    const { database } = test;
    const { caller, next } = await held();
    expect(next).toMatchObject({ state: "NotStarted", startHeldAt: now, begunAt: null });
    expect(await itemsOf(database, next.id)).toEqual([]);
    expect(await itemsForMe(database, caller, next.id, all)).toBeNull();
    expect((await reviewsForMe(database, caller)).filter((review) => review.id === next.id)).toEqual([]);
    await advanceAccessReviews(database);
    now = addDays(start, 9);
    await advanceAccessReviews(database);
    const asked = (await eventsOf(database, next.id)).filter((event) => event.kind === "AccessReviewHeld");
    expect(asked.map((event) => event.details)).toMatchObject([{ held: "Start" }]);
    await deliverNotifications(database, { mail: false });
    const notices = await database.client.notification.findMany({
      where: { subjectKey: `event:${asked[0]?.id}` },
    });
    expect(new Set(notices.map((each) => each.recipientId))).toEqual(
      new Set([caller.userId, at.administrator.userId, at.rootOwner.userId]),
    );
    const shown = await findAccessReview(database, at.administrator, at.subscription.id, next.id);
    expect(shown).toMatchObject({ administratorMay: false });
  });

  it("starts by itself when its creator has the right again", async () => {
    const { caller, next } = await held();
    now = addDays(start, 8);
    await grant(test.database, "active", caller.userId, at.administration.id, at.subscription.id);
    await advanceAccessReviews(test.database);
    expect(await read(next.id)).toMatchObject({ state: "InProgress", begunAt: now, startHeldAt: null });
  });

  it("does not start for a creator who is disabled, or only eligible", async () => {
    const { database } = test;
    const { caller, leave, seriesId } = await creator();
    now = addDays(start, 7);
    await leave(now);
    await grant(database, "eligible", caller.userId, at.administration.id, at.subscription.id);
    await advanceAccessReviews(database);
    await advanceAccessReviews(database);
    expect((await seriesOf(seriesId))[1]).toMatchObject({ state: "NotStarted" });
    const second = await creator();
    await database.client.principal.update({
      where: { id: second.caller.userId },
      data: { disabledAt: now },
    });
    now = addDays(now, 7);
    await advanceAccessReviews(database);
    await advanceAccessReviews(database);
    expect((await seriesOf(second.seriesId))[1]).toMatchObject({ state: "NotStarted" });
  });

  it("holds for a single review that was planned ahead, too", async () => {
    const { database } = test;
    const { caller, leave } = await creator();
    const planned = await startReview(database, caller, {
      resourceId: at.subscription.id,
      reviewers: "Selected",
      reviewerIds: [caller.userId],
      startsAt: addDays(start, 2),
    });
    await leave(addDays(start, 1));
    now = addDays(start, 2);
    await advanceAccessReviews(database);
    expect(await read(planned)).toMatchObject({ state: "NotStarted", startHeldAt: now });
  });

  it("does not keep other reviews waiting, however many are held", async () => {
    const { database } = test;
    const { next } = await held();
    const columns = (
      await test.asOwner(
        "SELECT string_agg(column_name, ', ') AS names FROM information_schema.columns WHERE table_name = 'access_reviews' AND column_name NOT IN ('id', 'series_id')",
      )
    ).rows[0].names;
    await test.asOwner(
      `INSERT INTO access_reviews (series_id, ${columns})
       SELECT postern_uuidv7(), ${columns} FROM access_reviews, generate_series(1, 120) WHERE id = $1`,
      [next.id],
    );
    const due = await startReview(database, at.administrator, {
      resourceId: at.subscription.id,
      startsAt: addDays(now, 1),
      recurrence: "None",
    });
    now = addDays(now, 2);
    await advanceAccessReviews(database);
    expect(await read(due)).toMatchObject({ state: "InProgress" });
  });
});

describe("taking a review over", () => {
  it("takes the rights that starting it takes, starts it in one's own name, and so for all that follow", async () => {
    const { database } = test;
    const { caller, next } = await held();
    const denied = { ok: false, error: { code: "AuthorizationFailed" } };
    expect(await takeOverAccessReview(database, caller, { reviewId: next.id })).toMatchObject({
      ok: false,
      error: { code: "NotFound" },
    });
    const elsewhere = await makeCaller(database, await makeUser(database, "Elsa Elsewhere"));
    await grant(database, "active", elsewhere.userId, at.administration.id, at.group.id);
    expect(await takeOverAccessReview(database, elsewhere, { reviewId: next.id })).toMatchObject(denied);
    const half = await makeCaller(database, await makeUser(database, "Hal Half"));
    await grant(database, "eligible", half.userId, at.administration.id, at.subscription.id);
    expect(await takeOverAccessReview(database, half, { reviewId: next.id })).toMatchObject(denied);
    expect(await takeOverAccessReview(database, at.administrator, { reviewId: next.id })).toEqual({
      ok: true,
      started: true,
    });
    expect(await read(next.id)).toMatchObject({
      state: "InProgress",
      createdById: caller.userId,
      takenOverById: at.administrator.userId,
      startHeldAt: null,
    });
    const event = (await eventsOf(database, next.id)).find(
      (each) => each.kind === "AccessReviewTakenOver" && each.outcome === "Success",
    );
    expect(event).toMatchObject({
      actorId: at.administrator.userId,
      outcome: "Success",
      details: { formerAdministratorId: caller.userId },
    });
    now = addDays(now, 3);
    await advanceAccessReviews(database);
    expect(await read(next.id)).toMatchObject({ appliedById: at.administrator.userId, state: "Applied" });
    now = addDays(start, 14);
    await advanceAccessReviews(database);
    expect((await seriesOf(next.seriesId))[2]).toMatchObject({
      state: "InProgress",
      createdById: at.administrator.userId,
    });
  });

  it("is refused for one that is over, unknown, or one's own already", async () => {
    const { database } = test;
    const over = await startReview(database, at.administrator, { resourceId: at.subscription.id });
    const state = { ok: false, error: { code: "AccessReviewState" } };
    expect(await takeOverAccessReview(database, at.administrator, { reviewId: over })).toMatchObject(state);
    now = addDays(start, 14);
    expect(await takeOverAccessReview(database, at.rootOwner, { reviewId: over })).toMatchObject(state);
    const unknown = { reviewId: at.subscription.id };
    expect(await takeOverAccessReview(database, at.rootOwner, unknown)).toMatchObject({
      ok: false,
      error: { code: "NotFound" },
    });
  });
});
