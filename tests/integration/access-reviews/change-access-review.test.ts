import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { advanceAccessReviews } from "@/lib/operations/access-reviews/advance-access-reviews";
import { decideAccessReview } from "@/lib/operations/access-reviews/decide-access-review";
import { deleteAccessReview } from "@/lib/operations/access-reviews/delete-access-review";
import { remindReviewers } from "@/lib/operations/access-reviews/remind-reviewers";
import { resetAccessReview } from "@/lib/operations/access-reviews/reset-access-review";
import {
  type UpdateAccessReviewInput,
  updateAccessReview,
} from "@/lib/operations/access-reviews/update-access-review";
import { deliverNotifications } from "@/lib/operations/notifications/deliver-notifications";
import type { Caller } from "@/lib/platform/caller";
import { inTransaction } from "@/lib/platform/transaction";
import { itemsForMe } from "@/lib/queries/access-reviews/access-review-items";
import { findAccessReview } from "@/lib/queries/access-reviews/access-reviews";
import { eventsOf, itemsOf, makeReviewed, startReview } from "../../support/access-reviews";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { allBehind, holdLock, oneAfterTheOther } from "../../support/database/held-lock";
import { grant, makeActivation, makeCaller, makeUser } from "../../support/factories";

const start = new Date("2026-03-02T09:00:00Z");
const all = { search: "", show: null, after: -1 } as const;
let now = start;
let test: TestDatabase;
let at: Awaited<ReturnType<typeof makeReviewed>>;
let rita: Caller;
let nina: Caller;

beforeAll(async () => {
  test = await createTestDatabase({ clock: () => now });
  at = await makeReviewed(test.database);
  for (const name of ["Mel", "Max"]) {
    const member = await makeUser(test.database, name);
    await grant(test.database, "eligible", member.id, at.contributor.id, at.subscription.id);
  }
  rita = await makeCaller(test.database, await makeUser(test.database, "Rita Reviewer"));
  nina = await makeCaller(test.database, await makeUser(test.database, "Nina New"));
});
beforeEach(async () => {
  now = start;
  await test.asOwner("UPDATE access_reviews SET state = 'Stopped', stopped_at = '2026-01-01'");
  await test.asOwner("DELETE FROM notification_outbox");
});
afterAll(() => test.drop());

const by = (reviewId: string) =>
  test.database.client.accessReview.findUniqueOrThrow({ where: { id: reviewId } });
const begin = (input: Partial<Parameters<typeof startReview>[2]> = {}) =>
  startReview(test.database, at.administrator, {
    resourceId: at.subscription.id,
    roleDefinitionIds: [at.contributor.id],
    reviewers: "Selected",
    reviewerIds: [rita.userId],
    ...input,
  });
const edit = (reviewId: string, input: Partial<UpdateAccessReviewInput>, caller = at.administrator) =>
  updateAccessReview(test.database, caller, {
    reviewId,
    expectedVersion: 1,
    description: null,
    reviewerIds: [rita.userId],
    informedIds: [],
    endsAt: null,
    ...input,
  });
async function answer(reviewId: string, decision: "Approve" | "Deny" = "Deny", caller = rita) {
  const itemIds = (await itemsOf(test.database, reviewId)).map((item) => item.id);
  const rest = { reviewId, itemIds, decision, reason: "Left", seen: new Map<string, Date>() };
  return decideAccessReview(test.database, caller, rest);
}
async function notifiedOf(reviewId: string, kind: string) {
  await deliverNotifications(test.database, { mail: false });
  const events = (await eventsOf(test.database, reviewId)).filter((event) => event.kind === kind);
  const notices = await test.database.client.notification.findMany({
    where: { subjectKey: { in: events.map((event) => `event:${event.id}`) } },
  });
  return notices.map((each) => each.recipientId).sort();
}

describe("an administrator who edits a running review", () => {
  it("replaces a reviewer: the new one is asked, and what the other decided stays with their name", async () => {
    const reviewId = await begin();
    expect(await answer(reviewId)).toMatchObject({ ok: true });
    const end = addDays(start, 20);
    const edited = await edit(reviewId, {
      reviewerIds: [nina.userId],
      endsAt: end,
      description: "For the audit",
    });
    expect(edited).toEqual({ ok: true, changed: true });
    expect((await itemsOf(test.database, reviewId)).map((item) => item.decidedById)).toEqual([
      rita.userId,
      rita.userId,
    ]);
    expect(await itemsForMe(test.database, rita, reviewId, all)).toBeNull();
    expect(await itemsForMe(test.database, nina, reviewId, all)).toMatchObject({
      description: "For the audit",
      late: false,
    });
    expect(await by(reviewId)).toMatchObject({ endsAt: end, version: 2, durationDays: 14 });
    expect(await notifiedOf(reviewId, "AccessReviewUpdated")).toEqual([nina.userId]);
    const event = (await eventsOf(test.database, reviewId)).find(
      ({ kind }) => kind === "AccessReviewUpdated",
    );
    expect(event).toMatchObject({ actorId: at.administrator.userId, outcome: "Success" });
    expect(event?.details).toMatchObject({
      before: {
        "Taken out": expect.stringContaining("Rita Reviewer"),
        End: addDays(start, 14).toISOString(),
      },
      after: {
        Added: expect.stringContaining("Nina New"),
        End: end.toISOString(),
        Description: "For the audit",
      },
    });
  });

  it("reads every fault in one answer: an end that has passed, and no reviewer", async () => {
    const reviewId = await begin();
    const faults = async (input: Partial<UpdateAccessReviewInput>) => {
      const result = await edit(reviewId, input);
      return !result.ok && result.error.code === "InvalidAccessReview"
        ? result.error.faults.map(({ field }) => field)
        : result;
    };
    expect(
      await faults({ endsAt: addDays(start, -1), reviewerIds: [], description: "x".repeat(2_001) }),
    ).toEqual(["description", "reviewerIds", "endsAt"]);
    expect(await faults({ endsAt: addMinutes(addDays(start, 180), 1) })).toEqual(["endsAt"]);
    expect(await edit(reviewId, { endsAt: addDays(start, 180) })).toMatchObject({ ok: true });
  });

  it("from a second tab that shows an older one is refused, and changes nothing", async () => {
    const reviewId = await begin();
    expect(await edit(reviewId, { description: "First tab" })).toMatchObject({ ok: true });
    const stale = await edit(reviewId, { description: "Second tab", reviewerIds: [nina.userId] });
    expect(stale).toMatchObject({ ok: false, error: { code: "Conflict" } });
    expect(await by(reviewId)).toMatchObject({ description: "First tab", version: 2 });
  });

  it("in two tabs at the same moment: one is saved, the other refused", async () => {
    const reviewId = await begin();
    const held = await holdLock(test, "SELECT id FROM access_reviews WHERE id = $1 FOR UPDATE", [reviewId]);
    const results = await allBehind(held, [
      () => edit(reviewId, { description: "One" }),
      () => edit(reviewId, { reviewerIds: [rita.userId, nina.userId] }),
    ]);
    expect(results.filter((result) => result.ok)).toHaveLength(1);
  });

  it("changes nothing once its time is over, whether or not the worker has written that down", async () => {
    const reviewId = await begin({ applyAutomatically: true });
    now = addDays(start, 14);
    expect(await edit(reviewId, { endsAt: addDays(start, 30) })).toMatchObject({
      error: { code: "AccessReviewState" },
    });
    const [advanced, edited] = await oneAfterTheOther(
      test,
      () => advanceAccessReviews(test.database),
      () => edit(reviewId, { endsAt: addDays(start, 30) }),
    );
    expect(advanced.ended).toBe(1);
    expect(edited).toMatchObject({ ok: false, error: { code: "AccessReviewState" } });
    expect(await by(reviewId)).toMatchObject({ endsAt: addDays(start, 14) });
  });

  it("is reminded of again before a later end, and the next of the series has its own length", async () => {
    const reviewId = await begin({ recurrence: "SemiAnnually", durationDays: 10 });
    await test.asOwner("UPDATE access_reviews SET reminded_at = now() WHERE id = $1", [reviewId]);
    await edit(reviewId, { endsAt: addDays(start, 30), reviewerIds: [nina.userId] });
    expect(await by(reviewId)).toMatchObject({ remindedAt: null });
    now = addDays(start, 30);
    await advanceAccessReviews(test.database);
    const next = await test.database.client.accessReview.findFirstOrThrow({
      where: { seriesId: reviewId, occurrence: 1 },
    });
    expect(next).toMatchObject({
      startsAt: new Date("2026-09-02T09:00:00Z"),
      endsAt: new Date("2026-09-12T09:00:00Z"),
    });
    const named = await test.database.client.accessReviewNamedReviewer.findMany({
      where: { reviewId: next.id },
    });
    expect(named.map((each) => each.principalId)).toEqual([nina.userId]);
  });

  it("needs the rights that starting it needs", async () => {
    const reviewId = await begin();
    for (const call of [
      () => edit(reviewId, { description: "Mine" }, rita),
      () => remindReviewers(test.database, rita, { reviewId }),
      () => resetAccessReview(test.database, rita, { reviewId, itemId: null, reason: "Mine" }),
      () => deleteAccessReview(test.database, rita, { reviewId }),
    ])
      expect(await call()).toMatchObject({ ok: false, error: { code: "NotFound" } });
  });
});

describe("an administrator who reminds the reviewers", () => {
  it("reads who was reminded, only those with something left to answer, and may do so again after an hour", async () => {
    const reviewId = await begin({ reviewerIds: [rita.userId, nina.userId] });
    expect(await remindReviewers(test.database, at.administrator, { reviewId })).toEqual({
      ok: true,
      reminded: 2,
      names: ["Nina New", "Rita Reviewer"],
    });
    expect(await notifiedOf(reviewId, "AccessReviewRemindedByHand")).toEqual(
      [rita.userId, nina.userId].sort(),
    );
    now = addMinutes(start, 59);
    expect(await remindReviewers(test.database, at.administrator, { reviewId })).toMatchObject({
      error: { code: "Conflict" },
    });
    now = addMinutes(start, 60);
    expect(await remindReviewers(test.database, at.administrator, { reviewId })).toMatchObject({ ok: true });
    await answer(reviewId);
    now = addMinutes(start, 130);
    expect(await remindReviewers(test.database, at.administrator, { reviewId })).toMatchObject({
      error: { code: "Conflict" },
    });
  });
});

describe("an administrator who resets answers", () => {
  it("has them asked again, one or all, with the reason in the log", async () => {
    const reviewId = await begin();
    await answer(reviewId);
    const [first] = await itemsOf(test.database, reviewId);
    const reset = (itemId: string | null, reason: string | null = "By mistake") =>
      resetAccessReview(test.database, at.administrator, { reviewId, itemId, reason });
    expect(await reset(null, null)).toMatchObject({ error: { code: "InvalidAccessReview" } });
    expect(await reset(first?.id ?? "")).toEqual({ ok: true, reset: 1, kept: 0 });
    expect((await itemsOf(test.database, reviewId)).map((item) => item.decision)).toEqual([null, "Deny"]);
    expect(await reset(null)).toEqual({ ok: true, reset: 1, kept: 0 });
    expect(await reset(null)).toMatchObject({ error: { code: "Conflict" } });
    const events = (await eventsOf(test.database, reviewId)).filter(
      ({ kind, outcome }) => kind === "AccessReviewDecisionReset" && outcome === "Success",
    );
    expect(events).toHaveLength(2);
    expect(events[0]).toMatchObject({ justification: "By mistake", targetName: "Max" });
    expect(events[0]?.details).toMatchObject({ before: "Deny", decidedById: rita.userId });
  });

  it("leaves the answer about their own access as it is", async () => {
    const own = await grant(
      test.database,
      "eligible",
      at.administrator.userId,
      at.reader.id,
      at.subscription.id,
    );
    const reviewId = await begin({ roleDefinitionIds: [at.reader.id] });
    await answer(reviewId);
    expect(
      await resetAccessReview(test.database, at.administrator, {
        reviewId,
        itemId: null,
        reason: "I want it",
      }),
    ).toMatchObject({ ok: false, error: { code: "OwnRequest" } });
    const [item] = await itemsOf(test.database, reviewId);
    expect(item).toMatchObject({ decision: "Deny", eligibilityId: own.id });
  });

  it("never after the end, nor once results were applied", async () => {
    const reviewId = await begin({ applyAutomatically: true });
    await answer(reviewId, "Approve");
    now = addDays(start, 14);
    const reset = () =>
      resetAccessReview(test.database, at.administrator, { reviewId, itemId: null, reason: "Late" });
    expect(await reset()).toMatchObject({ error: { code: "AccessReviewState" } });
    await advanceAccessReviews(test.database);
    expect(await by(reviewId)).toMatchObject({ state: "Applied" });
    expect(await reset()).toMatchObject({ error: { code: "AccessReviewState" } });
  });

  it("while a reviewer answers: what was answered before is reset, or what is answered after stays", async () => {
    for (const leading of ["first", "second"] as const) {
      const reviewId = await begin();
      await answer(reviewId);
      const [first] = await itemsOf(test.database, reviewId);
      const again = () =>
        decideAccessReview(test.database, rita, {
          ...{ reviewId, itemIds: [first?.id ?? ""], decision: "Approve", reason: "Stays", seen: new Map() },
        });
      const [reset, decided] = await oneAfterTheOther(
        test,
        () => resetAccessReview(test.database, at.administrator, { reviewId, itemId: null, reason: "Anew" }),
        again,
        leading,
      );
      expect([reset.ok, decided.ok]).toEqual([true, true]);
      const [item] = await itemsOf(test.database, reviewId);
      expect(item?.decision).toBe(leading === "first" ? "Approve" : null);
    }
  });
});

describe("a planned review", () => {
  it("is deleted while it has not begun, and the log keeps it", async () => {
    const reviewId = await begin({ startsAt: addDays(start, 3), recurrence: "Weekly", durationDays: 3 });
    expect(await deleteAccessReview(test.database, at.administrator, { reviewId })).toEqual({
      ok: true,
      deleted: true,
    });
    expect(await findAccessReview(test.database, at.administrator, at.subscription.id, reviewId)).toBeNull();
    const kinds = (await eventsOf(test.database, reviewId)).map(({ kind }) => kind);
    expect(kinds).toEqual(["AccessReviewPlanned", "AccessReviewDeleted"]);
  });

  it("is not deleted once it began, nor the next of a series that ran", async () => {
    const reviewId = await begin({ recurrence: "Weekly", durationDays: 3 });
    const refused = { ok: false, error: { code: "AccessReviewState" } };
    expect(await deleteAccessReview(test.database, at.administrator, { reviewId })).toMatchObject(refused);
    now = addDays(start, 3);
    await advanceAccessReviews(test.database);
    const next = await test.database.client.accessReview.findFirstOrThrow({
      where: { seriesId: reviewId, occurrence: 1 },
    });
    expect(await deleteAccessReview(test.database, at.administrator, { reviewId: next.id })).toMatchObject(
      refused,
    );
  });
});

describe("a review of unused access", () => {
  it("asks only about what nobody used for so many days, with its date, and not about what is younger", async () => {
    const role = at.owner;
    const old = { startsAt: addDays(start, -200) };
    const [idle, busy, young] = [
      await makeUser(test.database, "Ida Idle"),
      await makeUser(test.database, "Bea Busy"),
      await makeUser(test.database, "Yan Young"),
    ];
    const place = at.subscription.id;
    const unused = await grant(test.database, "eligible", idle.id, role.id, place, old);
    const used = await grant(test.database, "eligible", busy.id, role.id, place, old);
    await grant(test.database, "eligible", young.id, role.id, place, { startsAt: addDays(start, -10) });
    await inTransaction(test.database, (transaction) =>
      makeActivation(transaction, unused, addDays(start, -90), 60),
    );
    await inTransaction(test.database, (transaction) =>
      makeActivation(transaction, used, addDays(start, -20), 60),
    );
    const reviewId = await begin({ roleDefinitionIds: [role.id], covers: "Eligible", inactiveDays: 60 });
    const items = await itemsOf(test.database, reviewId);
    expect(items).toMatchObject([
      {
        principalId: idle.id,
        lastUsedAt: addDays(start, -90),
        recommendation: "Deny",
        recommendationReason: "Unused",
      },
    ]);
    expect(await itemsForMe(test.database, rita, reviewId, all)).toMatchObject({
      rows: [{ unusedDays: 60, asOf: start }],
    });
  });

  it("is refused where everything was used", async () => {
    await expect(begin({ inactiveDays: 365 })).rejects.toThrow("was used, or was made, within these days");
  });
});
