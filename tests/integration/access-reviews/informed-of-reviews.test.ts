import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addDays } from "@/lib/domain/time/schedule";
import { advanceAccessReviews } from "@/lib/operations/access-reviews/advance-access-reviews";
import { applyAccessReview } from "@/lib/operations/access-reviews/apply-access-review";
import { createAccessReview } from "@/lib/operations/access-reviews/create-access-review";
import { decideAccessReview } from "@/lib/operations/access-reviews/decide-access-review";
import { deleteAccessReview } from "@/lib/operations/access-reviews/delete-access-review";
import { stopAccessReview } from "@/lib/operations/access-reviews/stop-access-review";
import { updateAccessReview } from "@/lib/operations/access-reviews/update-access-review";
import { deliverNotifications } from "@/lib/operations/notifications/deliver-notifications";
import type { Caller } from "@/lib/platform/caller";
import { findAccessReview } from "@/lib/queries/access-reviews/access-reviews";
import { eventsOf, itemsOf, makeReviewed, reviewInput, startReview } from "../../support/access-reviews";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { atOnce } from "../../support/database/held-lock";
import { grant, makeCaller, makeGroup, makeUser } from "../../support/factories";

const start = new Date("2026-03-02T09:00:00Z");
let now = start;
let test: TestDatabase;
let at: Awaited<ReturnType<typeof makeReviewed>>;
let rita: Caller;
/** May read assignments at the subscription. */
let olaf: string;
/** May not. */
let nora: string;

beforeAll(async () => {
  test = await createTestDatabase({ clock: () => now });
  at = await makeReviewed(test.database);
  for (const name of ["Mel", "Max", "Mia"]) {
    const member = await makeUser(test.database, name);
    await grant(test.database, "eligible", member.id, at.contributor.id, at.subscription.id);
  }
  rita = await makeCaller(test.database, await makeUser(test.database, "Rita Reviewer"));
  olaf = (await makeUser(test.database, "Olaf Overseer")).id;
  nora = (await makeUser(test.database, "Nora Nothing")).id;
  await grant(test.database, "active", olaf, at.reader.id, at.subscription.id);
});
beforeEach(async () => {
  now = start;
  await test.asOwner("UPDATE access_reviews SET state = 'Stopped', stopped_at = '2026-01-01'");
  await test.asOwner("DELETE FROM notification_outbox");
  await test.asOwner("DELETE FROM notifications");
  await test.asOwner("DELETE FROM mail_messages");
});
afterAll(() => test.drop());

const input = (informedIds: readonly string[], more: Partial<Parameters<typeof reviewInput>[0]> = {}) => ({
  resourceId: at.subscription.id,
  roleDefinitionIds: [at.contributor.id],
  reviewers: "Selected" as const,
  reviewerIds: [rita.userId],
  informedIds,
  ...more,
});
const begin = (informedIds: readonly string[], more = {}) =>
  startReview(test.database, at.administrator, input(informedIds, more));
const edit = (
  reviewId: string,
  informedIds: readonly string[],
  expectedVersion = 1,
  caller = at.administrator,
) =>
  updateAccessReview(test.database, caller, {
    ...{ reviewId, expectedVersion, informedIds, description: null },
    ...{ reviewerIds: [rita.userId], endsAt: null },
  });
const informedOf = async (reviewId: string) =>
  (await test.database.client.accessReviewInformed.findMany({ where: { reviewId } }))
    .map(({ principalId }) => principalId)
    .sort();

/** The notices that somebody got since the test began. */
async function heard(recipientId: string) {
  await deliverNotifications(test.database, { mail: true });
  const rows = await test.database.client.notification.findMany({ where: { recipientId } });
  return rows.map(({ title, body }) => `${title} ${body}`.replaceAll(/[\u2068\u2069]/g, ""));
}

describe("whoever is named to be notified of the end", () => {
  it("hears of it and of the result, and by mail, if they may read assignments there", async () => {
    const reviewId = await begin([olaf, nora]);
    const [first] = await itemsOf(test.database, reviewId);
    if (!first) throw new Error("nothing is under review");
    await decideAccessReview(test.database, rita, {
      ...{ reviewId, itemIds: [first.id], decision: "Deny", reason: "Left" },
      seen: new Map(),
    });
    expect(await heard(olaf)).toEqual([]);
    now = addDays(start, 15);
    await advanceAccessReviews(test.database);
    expect(await heard(olaf)).toEqual([
      "An access review has ended: Quarterly review 1 denied, 2 without an answer.",
    ]);
    expect(await test.database.client.mailMessage.count({ where: { recipientId: olaf } })).toBe(1);
    expect(await applyAccessReview(test.database, at.administrator, { reviewId })).toMatchObject({
      ok: true,
    });
    expect(await heard(olaf)).toContain("An access review was applied: Quarterly review 1 removed, 2 kept.");
    expect(await heard(nora)).toEqual([]);
    await test.asOwner("UPDATE eligibilities SET ends_at = NULL, removed_at = NULL");
  });

  it("hears that it was stopped and why, and nothing by mail where they chose so", async () => {
    await test.asOwner(
      "INSERT INTO notification_preferences (user_id, muted_categories) VALUES ($1, '{administration}')",
      [olaf],
    );
    const reviewId = await begin([olaf]);
    await stopAccessReview(test.database, at.administrator, { reviewId, reason: "Wrong roles" });
    expect(await heard(olaf)).toEqual([
      "An access review was stopped: Quarterly review No more decisions are made. Reason: Wrong roles",
    ]);
    expect(await test.database.client.mailMessage.count({ where: { recipientId: olaf } })).toBe(0);
    await test.asOwner("DELETE FROM notification_preferences");
  });

  it("hears nothing once they may not read there, are disabled, or were taken out", async () => {
    const leaver = await makeUser(test.database, "Lea Leaver");
    const { id } = await grant(test.database, "active", leaver.id, at.reader.id, at.subscription.id);
    const reviewId = await begin([leaver.id, olaf, nora]);
    await test.asOwner("UPDATE assignments SET ends_at = $1 WHERE id = $2", [addDays(start, 1), id]);
    await grant(test.database, "active", nora, at.reader.id, at.group.id);
    expect(await edit(reviewId, [leaver.id, nora])).toMatchObject({ ok: true, changed: true });
    now = addDays(start, 15);
    await advanceAccessReviews(test.database);
    expect(await heard(leaver.id)).toEqual([]);
    expect(await heard(nora)).toEqual([]);
    expect(await heard(olaf)).toEqual([]);
    const [event] = (await eventsOf(test.database, reviewId)).filter(
      (each) => each.kind === "AccessReviewUpdated",
    );
    expect(event?.details).toMatchObject({
      before: { "No longer notified": expect.stringContaining("Olaf Overseer") },
      after: {},
    });
  });

  it("hears of each of a series, and of a review that was started above", async () => {
    const reviewId = await begin([olaf], { recurrence: "Monthly", durationDays: 10 });
    now = addDays(start, 11);
    await advanceAccessReviews(test.database);
    const next = await test.database.client.accessReview.findFirstOrThrow({
      where: { seriesId: reviewId, occurrence: 1 },
    });
    expect(await informedOf(next.id)).toEqual([olaf]);
    expect(
      await findAccessReview(test.database, at.administrator, at.subscription.id, next.id),
    ).toMatchObject({
      informed: [{ id: olaf }],
    });
  });
});

describe("naming people to be notified of the end", () => {
  it("is refused for groups, unknown and disabled people, and for more than twenty, in whole", async () => {
    const { database } = test;
    const gone = (await makeUser(database, "Dan Disabled")).id;
    await test.asOwner("UPDATE principals SET disabled_at = $1 WHERE id = $2", [start, gone]);
    const group = (await makeGroup(database, [olaf], "Overseers")).id;
    const many = await Promise.all(Array.from({ length: 21 }, async () => (await makeUser(database)).id));
    const wrong = { error: { code: "InvalidAccessReview", faults: [{ field: "informedIds" }] } };
    const before = await database.client.accessReview.count();
    const reviewId = await begin([olaf]);
    for (const ids of [[gone], [group], ["00000000-0000-4000-8000-000000000000"], many]) {
      expect(await createAccessReview(database, at.administrator, reviewInput(input(ids)))).toMatchObject(
        wrong,
      );
      expect(await edit(reviewId, [olaf, ...ids])).toMatchObject(wrong);
    }
    expect(await database.client.accessReview.count()).toBe(before + 1);
    expect(await informedOf(reviewId)).toEqual([olaf]);
    expect(await edit(reviewId, [], 1, rita)).toMatchObject({ error: { code: "NotFound" } });
  });

  it("by two at the same moment is done by one, and the other is refused", async () => {
    const reviewId = await begin([]);
    const results = await atOnce(test, [() => edit(reviewId, [olaf]), () => edit(reviewId, [nora])]);
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    expect(results.find(({ ok }) => !ok)).toMatchObject({ error: { code: "Conflict" } });
    expect(await informedOf(reviewId)).toHaveLength(1);
  });

  it("goes with a planned review that is deleted", async () => {
    const reviewId = await begin([olaf], { startsAt: addDays(start, 3) });
    expect(await deleteAccessReview(test.database, at.administrator, { reviewId })).toMatchObject({
      ok: true,
    });
    expect(await informedOf(reviewId)).toEqual([]);
  });
});
