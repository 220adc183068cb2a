import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addDays } from "@/lib/domain/time/schedule";
import { advanceAccessReviews } from "@/lib/operations/access-reviews/advance-access-reviews";
import { createAccessReview } from "@/lib/operations/access-reviews/create-access-review";
import { decideAccessReview } from "@/lib/operations/access-reviews/decide-access-review";
import { endReviewSeries } from "@/lib/operations/access-reviews/end-review-series";
import { stopAccessReview } from "@/lib/operations/access-reviews/stop-access-review";
import { findAccessReview } from "@/lib/queries/access-reviews/access-reviews";
import { eventsOf, itemsOf, makeReviewed, reviewInput, startReview } from "../../support/access-reviews";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { atOnce, oneAfterTheOther, oneBesideTheOther } from "../../support/database/held-lock";
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

async function weekly(input: Partial<Parameters<typeof startReview>[2]> = {}) {
  const { database } = test;
  const role = await makeRole(database, `Role ${randomUUID()}`, { actions: ["*/read"] });
  const member = await makeCaller(database, await makeUser(database, "Mel"));
  await grant(database, "eligible", member.userId, role.id, at.subscription.id);
  const reviewId = await startReview(database, at.administrator, {
    resourceId: at.subscription.id,
    roleDefinitionIds: [role.id],
    recurrence: "Weekly",
    durationDays: 3,
    ...input,
  });
  return { reviewId, member };
}

const advance = () => advanceAccessReviews(test.database);
const seriesOf = async (seriesId: string) =>
  (
    await test.database.client.accessReview.findMany({ where: { seriesId }, orderBy: { occurrence: "asc" } })
  ).map(({ occurrence, state }) => [occurrence, state]);
const end = (reviewId: string, caller = at.administrator) =>
  endReviewSeries(test.database, caller, { reviewId, reason: "Covered elsewhere" });

/** Lets so many weeks pass and runs the worker each day. */
async function weeks(count: number) {
  for (let day = 0; day < count * 7; day += 1) {
    now = addDays(now, 1);
    await advance();
  }
}

describe("a series with an end", () => {
  it("comes so many times and no more", async () => {
    const { reviewId } = await weekly({ seriesEnd: { kind: "AfterTimes", times: 3 } });
    await weeks(6);
    expect(await seriesOf(reviewId)).toEqual([
      [0, "Completed"],
      [1, "Completed"],
      [2, "Completed"],
    ]);
  });

  it("starts none after its date, though one on it", async () => {
    const onDate = (date: Date) => ({ seriesEnd: { kind: "OnDate" as const, date } });
    const { reviewId } = await weekly(onDate(addDays(start, 14)));
    const { reviewId: shorter } = await weekly(onDate(addDays(start, 13)));
    await weeks(5);
    expect(await seriesOf(reviewId)).toHaveLength(3);
    expect(await seriesOf(shorter)).toHaveLength(2);
  });

  it("holds the last that belongs to it when the worker was stopped past the end", async () => {
    const { reviewId } = await weekly({ seriesEnd: { kind: "AfterTimes", times: 3 } });
    now = addDays(start, 60);
    await advance();
    await advance();
    expect(await seriesOf(reviewId)).toEqual([
      [0, "Completed"],
      [2, "InProgress"],
    ]);
    now = addDays(now, 60);
    await advance();
    expect(await seriesOf(reviewId)).toHaveLength(2);
  });

  it("is not planned where its end makes no sense, and needs none where it does not recur", async () => {
    const input = { resourceId: at.subscription.id, recurrence: "Weekly" as const, durationDays: 3 };
    const plan = reviewInput({ ...input, seriesEnd: { kind: "OnDate", date: start } });
    expect(await createAccessReview(test.database, at.administrator, plan)).toMatchObject({
      error: { code: "InvalidAccessReview", faults: [{ field: "seriesUntil" }] },
    });
    const { reviewId } = await weekly({ recurrence: "None", seriesEnd: { kind: "AfterTimes", times: 1 } });
    expect(await test.database.client.accessReview.findUnique({ where: { id: reviewId } })).toMatchObject({
      seriesTimes: null,
      seriesUntil: null,
    });
  });
});

describe("ending a series", () => {
  it("lets the review that runs go on to its end, and none follow", async () => {
    const { database } = test;
    const { reviewId, member } = await weekly();
    const before = await findAccessReview(database, at.administrator, at.subscription.id, reviewId);
    expect(before).toMatchObject({ seriesGoesOn: true });
    expect(await end(reviewId)).toEqual({ ok: true, goesOn: true });
    const after = await findAccessReview(database, at.administrator, at.subscription.id, reviewId);
    expect(after).toMatchObject({
      seriesGoesOn: false,
      seriesEndedBy: { displayName: "Ada Admin" },
      state: "InProgress",
    });
    const [item] = await itemsOf(database, reviewId);
    const decision = {
      reviewId,
      itemIds: [item?.id ?? ""],
      decision: "Approve" as const,
      reason: "Needed",
      seen: new Map(),
    };
    expect(await decideAccessReview(database, member, decision)).toMatchObject({ ok: true });
    await weeks(3);
    expect(await seriesOf(reviewId)).toEqual([[0, "Completed"]]);
    const events = await eventsOf(database, reviewId);
    const ended = events.find((event) => event.kind === "AccessReviewSeriesEnded");
    expect(ended).toMatchObject({
      outcome: "Success",
      actorId: at.administrator.userId,
      justification: "Covered elsewhere",
      resourceId: at.subscription.id,
    });
    expect(await end(reviewId)).toMatchObject({ error: { code: "AccessReviewState" } });
  });

  it("stops the one that is planned, by way of any of the series", async () => {
    const { reviewId } = await weekly();
    now = addDays(start, 3);
    await advance();
    expect(await seriesOf(reviewId)).toEqual([
      [0, "Completed"],
      [1, "NotStarted"],
    ]);
    expect(await end(reviewId)).toEqual({ ok: true, goesOn: false });
    await weeks(2);
    expect(await seriesOf(reviewId)).toEqual([
      [0, "Completed"],
      [1, "Stopped"],
    ]);
  });

  it("takes the rights that starting it took; to others it answers like an unknown one", async () => {
    const { database } = test;
    const { reviewId } = await weekly();
    const reader = await makeCaller(database, await makeUser(database, "Rita Reader"));
    await grant(database, "active", reader.userId, at.reader.id, at.subscription.id);
    expect(await end(reviewId, reader)).toMatchObject({ error: { code: "AuthorizationFailed" } });
    const stranger = await makeCaller(database, await makeUser(database));
    const unknown = await end(randomUUID(), stranger);
    expect(await end(reviewId, stranger)).toEqual(unknown);
    expect(unknown).toMatchObject({ error: { code: "NotFound" } });
    const single = await weekly({ recurrence: "None" });
    expect(await end(single.reviewId)).toMatchObject({ error: { code: "AccessReviewState" } });
    await stopAccessReview(database, at.administrator, { reviewId, reason: "Enough" });
    expect(await end(reviewId)).toMatchObject({ error: { code: "AccessReviewState" } });
  });

  it("wins or loses against the worker and another administrator, and leaves nothing behind that starts", async () => {
    type Ending = () => ReturnType<typeof end>;
    for (const race of [
      (ending: Ending) => atOnce(test, [ending, ending]),
      async (ending: Ending) => [(await oneBesideTheOther(test, ending, advance))[0]],
      async (ending: Ending) => [(await oneAfterTheOther(test, advance, ending))[1]],
    ]) {
      now = start;
      const { reviewId } = await weekly();
      now = addDays(start, 3);
      const results = await race(() => end(reviewId));
      expect(results.filter((result) => result.ok)).toHaveLength(1);
      await advance();
      await weeks(2);
      const series = await seriesOf(reviewId);
      expect(series[0]).toEqual([0, "Completed"]);
      expect(series.slice(1).every(([, state]) => state === "Stopped")).toBe(true);
      await test.asOwner("UPDATE access_reviews SET state = 'Stopped', stopped_at = '2026-01-01'");
    }
  });
});
