import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { addDays } from "@/lib/domain/time/schedule";
import { decideAccessReview } from "@/lib/operations/access-reviews/decide-access-review";
import { stopAccessReview } from "@/lib/operations/access-reviews/stop-access-review";
import {
  takeRecommendations,
  undoRecommendations,
} from "@/lib/operations/access-reviews/take-recommendations";
import type { Caller } from "@/lib/platform/caller";
import { itemsForMe } from "@/lib/queries/access-reviews/access-review-items";
import { eventsOf, itemsOf, makeReviewed, startReview } from "../../support/access-reviews";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { atOnce } from "../../support/database/held-lock";
import { grant, makeCaller, makeRole, makeUser } from "../../support/factories";

const start = new Date("2026-03-02T09:00:00Z");
let now = start;
let test: TestDatabase;
let at: Awaited<ReturnType<typeof makeReviewed>>;
beforeAll(async () => {
  test = await createTestDatabase({ clock: () => now });
  at = await makeReviewed(test.database);
});
beforeEach(() => {
  now = start;
});
afterAll(() => test.drop());

const person = async (name = "Somebody") => makeCaller(test.database, await makeUser(test.database, name));

/** A review by two reviewers of three people's access: two did not use theirs, so denial is recommended, one is new. */
async function arrange(input: Partial<Parameters<typeof startReview>[2]> = {}) {
  const role = await makeRole(test.database, `Role ${randomUUID()}`, { actions: ["*/read"] });
  const [rita, ravi] = [await person("Rita"), await person("Ravi")];
  for (const [name, days] of [
    ["Old", 90],
    ["Older", 91],
    ["New", 3],
  ] as const) {
    const { id } = await makeUser(test.database, name);
    await grant(test.database, "eligible", id, role.id, at.subscription.id, {
      startsAt: addDays(start, -days),
    });
  }
  const reviewId = await startReview(test.database, at.administrator, {
    resourceId: at.subscription.id,
    roleDefinitionIds: [role.id],
    reviewers: "Selected",
    reviewerIds: [rita.userId, ravi.userId],
    ...input,
  });
  const itemIds = (await itemsOf(test.database, reviewId)).map((item) => item.id);
  return { reviewId, itemIds, rita, ravi };
}

/** The decisions by the members' names. */
async function decisions(reviewId: string) {
  const items = await itemsOf(test.database, reviewId);
  return Object.fromEntries(items.map((item) => [item.principal.displayName, item.decision]));
}

const decide = (caller: Caller, reviewId: string, itemIds: string[], decision: "Approve" | "Deny") =>
  decideAccessReview(test.database, caller, {
    ...{ reviewId, itemIds, decision, reason: "By hand" },
    seen: new Map(),
  });
const take = (caller: Caller, reviewId: string, itemIds: string[], reason: string | null = null) =>
  takeRecommendations(test.database, caller, { reviewId, itemIds, reason });
const undo = (caller: Caller, reviewId: string, actionId: string) =>
  undoRecommendations(test.database, caller, { reviewId, actionId });

const swapped = <First, Second>([first, second]: readonly [First, Second]) => [second, first] as const;

/** The ids of the items by the members' names. */
async function byName(reviewId: string) {
  const items = await itemsOf(test.database, reviewId);
  return (name: string) => items.find((item) => item.principal.displayName === name)?.id ?? "";
}

it("a reviewer who answered one by hand takes the recommendations for the rest, and the answer stays", async () => {
  const { reviewId, itemIds, rita, ravi } = await arrange();
  const id = await byName(reviewId);
  await decide(rita, reviewId, [id("Old")], "Approve");
  await decide(ravi, reviewId, [id("New")], "Deny");
  const taken = await take(rita, reviewId, itemIds);
  expect(taken).toMatchObject({ ok: true, approved: 0, denied: 1, kept: 2 });
  expect(await decisions(reviewId)).toEqual({ Old: "Approve", Older: "Deny", New: "Deny" });
  const items = await itemsOf(test.database, reviewId);
  expect(items.map((item) => [item.principal.displayName, item.reason]).sort()).toEqual([
    ["New", "By hand"],
    ["Old", "By hand"],
    ["Older", null],
  ]);
  const last = (await eventsOf(test.database, reviewId)).at(-1);
  expect(last).toMatchObject({ kind: "AccessReviewDecided", targetName: "Older" });
  expect(last?.details).toMatchObject({ decision: "Deny", before: null, recommended: true });
  expect(await take(rita, reviewId, itemIds)).toMatchObject({ ok: false, error: { code: "Conflict" } });
});

it("a reviewer undoes it: what nobody has changed since is without an answer again, and each is in the log", async () => {
  const { reviewId, itemIds, rita, ravi } = await arrange();
  const id = await byName(reviewId);
  const taken = await take(rita, reviewId, itemIds, "As recommended");
  if (!taken.ok) throw new Error(taken.error.code);
  expect(taken).toMatchObject({ approved: 1, denied: 2, kept: 0 });
  const shown = async (caller: Caller) =>
    (await itemsForMe(test.database, caller, reviewId, { search: "", show: null, after: -1 }))?.taken;
  expect(await shown(rita)).toEqual({ actionId: taken.actionId, approved: 1, denied: 2 });
  expect(await shown(ravi)).toBeNull();
  now = addDays(start, 1);
  await decide(rita, reviewId, [id("Old")], "Approve");
  expect(await undo(ravi, reviewId, taken.actionId)).toMatchObject({
    ok: false,
    error: { code: "NotFound" },
  });
  expect(await undo(rita, reviewId, randomUUID())).toMatchObject({ ok: false, error: { code: "NotFound" } });
  expect(await undo(rita, reviewId, taken.actionId)).toEqual({ ok: true, restored: 2 });
  expect(await decisions(reviewId)).toEqual({ Old: "Approve", Older: null, New: null });
  const undone = (await eventsOf(test.database, reviewId)).filter(
    (event) => event.kind === "AccessReviewDecisionUndone" && event.outcome === "Success",
  );
  expect(undone.map((event) => [event.targetName, event.details])).toEqual([
    ["New", expect.objectContaining({ before: "Approve" })],
    ["Older", expect.objectContaining({ before: "Deny" })],
  ]);
  expect(await undo(rita, reviewId, taken.actionId)).toMatchObject({ ok: false });
  expect(await shown(rita)).toBeNull();
});

it("one who answers by hand while another takes the recommendations keeps the answer, whoever is first", async () => {
  for (const handFirst of [true, false]) {
    const { reviewId, itemIds, rita, ravi } = await arrange();
    const id = await byName(reviewId);
    const byHand = () => decide(ravi, reviewId, [id("Old")], "Approve");
    const taking = () => take(rita, reviewId, itemIds);
    const [hand, taken] = handFirst
      ? await atOnce(test, [byHand, taking])
      : swapped(await atOnce(test, [taking, byHand]));
    expect(taken).toMatchObject({ ok: true });
    // A reviewer who decides by hand afterwards has not seen that the recommendation was taken, and is refused.
    expect(await decisions(reviewId)).toMatchObject({
      Older: "Deny",
      New: "Approve",
      Old: hand.ok ? "Approve" : "Deny",
    });
    if (hand.ok) expect(taken).toMatchObject({ kept: 1 });
    else expect(hand).toMatchObject({ error: { code: "Conflict" } });
  }
});

it("an undo and a decision by hand at once leave what was decided by hand, whoever is first", async () => {
  const { reviewId, itemIds, rita } = await arrange();
  const id = await byName(reviewId);
  const taken = await take(rita, reviewId, itemIds);
  if (!taken.ok) throw new Error(taken.error.code);
  await atOnce(test, [
    () => decide(rita, reviewId, [id("Old")], "Approve"),
    () => undo(rita, reviewId, taken.actionId),
  ]);
  expect(await decisions(reviewId)).toEqual({ Old: "Approve", Older: null, New: null });
});

it("is not undone after the end, nor by whoever has stopped being a reviewer, and takes the reason that is required", async () => {
  const group = await test.database.client.principal.create({
    data: { type: "Group", displayName: "Reviewers" },
  });
  const member = await person("Mona");
  await test.database.client.groupMember.create({ data: { groupId: group.id, memberId: member.userId } });
  const { reviewId, itemIds } = await arrange({ reviewerIds: [group.id], justificationRequired: true });
  expect(await take(member, reviewId, itemIds)).toMatchObject({
    ok: false,
    error: { code: "InvalidAccessReview", faults: [{ field: "reason" }] },
  });
  const taken = await take(member, reviewId, itemIds, "As recommended");
  if (!taken.ok) throw new Error(taken.error.code);
  await test.database.client.groupMember.deleteMany({ where: { groupId: group.id } });
  expect(await undo(member, reviewId, taken.actionId)).toMatchObject({ error: { code: "NotFound" } });
  await test.database.client.groupMember.create({ data: { groupId: group.id, memberId: member.userId } });
  await stopAccessReview(test.database, at.administrator, { reviewId, reason: "Enough" });
  expect(await undo(member, reviewId, taken.actionId)).toMatchObject({
    error: { code: "AccessReviewState" },
  });
});
