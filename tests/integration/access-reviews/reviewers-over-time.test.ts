import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { advanceAccessReviews } from "@/lib/operations/access-reviews/advance-access-reviews";
import { applyAccessReview } from "@/lib/operations/access-reviews/apply-access-review";
import { decideAccessReview } from "@/lib/operations/access-reviews/decide-access-review";
import { deliverNotifications } from "@/lib/operations/notifications/deliver-notifications";
import { addGroupMembers, addGroupMembersOperation } from "@/lib/operations/people/add-group-members";
import { enablePrincipal } from "@/lib/operations/people/enable-principal";
import { setManager } from "@/lib/operations/people/set-manager";
import type { Caller } from "@/lib/platform/caller";
import { itemsForMe, listReviewItems } from "@/lib/queries/access-reviews/access-review-items";
import { reviewsForMe } from "@/lib/queries/access-reviews/reviews-for-me";
import { eventsOf, itemsOf, makeReviewed, startReview } from "../../support/access-reviews";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { grant, makeCaller, makeGroup, makeProof, makeRole, makeUser } from "../../support/factories";

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

const person = async (name: string) => makeCaller(test.database, await makeUser(test.database, name));
const all = { search: "", show: null, after: -1 } as const;

/** A review that applies automatically, of a new role, by the given reviewers. */
async function reviewOf(
  names: readonly string[],
  input: Partial<Parameters<typeof startReview>[2]>,
): Promise<{ reviewId: string; members: Caller[] }> {
  const { database } = test;
  const role = await makeRole(database, `Role ${randomUUID()}`, { actions: ["*/read"] });
  const members: Caller[] = [];
  for (const name of names) {
    const member = await person(name);
    members.push(member);
    await grant(database, "eligible", member.userId, role.id, at.subscription.id, {
      startsAt: addDays(start, -90),
    });
  }
  const reviewId = await startReview(database, at.administrator, {
    resourceId: at.subscription.id,
    roleDefinitionIds: [role.id],
    reviewers: "Selected",
    applyAutomatically: true,
    ...input,
  });
  return { reviewId, members };
}

async function decide(
  reviewer: Caller,
  reviewId: string,
  names: readonly string[],
  decision: "Approve" | "Deny" = "Deny",
) {
  const items = (await itemsOf(test.database, reviewId)).filter((item) =>
    names.includes(item.principal.displayName),
  );
  return decideAccessReview(test.database, reviewer, {
    reviewId,
    itemIds: items.map((item) => item.id),
    decision,
    reason: "Checked",
    seen: new Map(items.flatMap((item) => (item.decidedAt ? [[item.id, item.decidedAt] as const] : []))),
  });
}

async function join(groupId: string, memberId: string): Promise<void> {
  const input = { groupId, memberIds: [memberId] };
  const proofId = await makeProof(test.database, at.rootOwner, addGroupMembersOperation(input));
  const joined = await addGroupMembers(test.database, at.rootOwner, {
    ...input,
    justification: "Joins",
    proofId,
  });
  expect(joined).toMatchObject({ ok: true });
}

const outcomes = async (reviewId: string) =>
  (await itemsOf(test.database, reviewId)).map((item) => [item.principal.displayName, item.outcome]);
const refused = { ok: false, error: { code: "NotFound" } };

describe("somebody who becomes a reviewer after the review began", () => {
  it("is marked where they decide, and what they decide waits for an administrator, kept or removed", async () => {
    const { database } = test;
    const [early, late] = [await person("Eva Early"), await person("Lars Late")];
    const outer = await makeGroup(database, [early.userId], "Reviewers");
    const inner = await makeGroup(database, [], "More reviewers");
    await test.asOwner("UPDATE group_members SET added_at = $1", [addDays(start, -30)]);
    await join(outer.id, inner.id);
    await test.asOwner("UPDATE group_members SET added_at = $1", [addDays(start, -30)]);
    const { reviewId } = await reviewOf(["Ann", "Ben", "Cem", "Dua"], {
      reviewerIds: [outer.id],
      withoutAnswer: "Remove",
    });
    now = addMinutes(start, 60);
    await join(inner.id, late.userId);
    expect(await itemsForMe(database, early, reviewId, all)).toMatchObject({ late: false });
    expect(await itemsForMe(database, late, reviewId, all)).toMatchObject({ late: true });
    expect(await decide(late, reviewId, ["Ann", "Dua"], "Deny")).toMatchObject({ ok: true });
    expect(await decide(late, reviewId, ["Ben"], "Approve")).toMatchObject({ ok: true });
    expect(await decide(early, reviewId, ["Cem"], "Deny")).toMatchObject({ ok: true });
    // A reviewer who was asked from the start may take over a late decision.
    expect(await decide(early, reviewId, ["Dua"], "Deny")).toMatchObject({ ok: true });

    const place = { resourceId: at.subscription.id, reviewId };
    const shown = await listReviewItems(database, at.administrator, place, all);
    expect(
      shown.map((item) => [item.member.displayName, item.decidedBy?.displayName, item.decidedLate]),
    ).toEqual([
      ["Ann", "Lars Late", true],
      ["Ben", "Lars Late", true],
      ["Cem", "Eva Early", false],
      ["Dua", "Eva Early", false],
    ]);
    const logged = (await eventsOf(database, reviewId)).filter(
      (event) => event.kind === "AccessReviewDecided",
    );
    expect(logged.map((event) => (event.details as { decidedLate?: boolean }).decidedLate ?? false)).toEqual([
      true,
      true,
      true,
      false,
      false,
    ]);

    now = addDays(start, 14);
    await advanceAccessReviews(database);
    await advanceAccessReviews(database);
    expect(await outcomes(reviewId)).toEqual([
      ["Ann", null],
      ["Ben", null],
      ["Cem", "Removed"],
      ["Dua", "Removed"],
    ]);
    expect(await database.client.accessReview.findUniqueOrThrow({ where: { id: reviewId } })).toMatchObject({
      state: "Completed",
      applyHeldAt: now,
    });
    const held = (await eventsOf(database, reviewId)).filter((event) => event.kind === "AccessReviewHeld");
    expect(held.map((event) => event.details)).toMatchObject([{ held: "LateDecisions" }]);
    expect(await applyAccessReview(database, at.rootOwner, { reviewId })).toMatchObject({ ok: true });
    expect(await outcomes(reviewId)).toMatchObject([
      ["Ann", "Removed"],
      ["Ben", "Kept"],
      ["Cem", "Removed"],
      ["Dua", "Removed"],
    ]);
  });

  it("counts from anew after leaving and joining again", async () => {
    const { database } = test;
    const reviewer = await person("Rita");
    const group = await makeGroup(database, [reviewer.userId], "Reviewers");
    const { reviewId } = await reviewOf(["Ann"], { reviewerIds: [group.id] });
    now = addMinutes(start, 60);
    await database.client.groupMember.deleteMany({ where: { groupId: group.id } });
    await join(group.id, reviewer.userId);
    expect(await decide(reviewer, reviewId, ["Ann"])).toMatchObject({ ok: true });
    expect(await itemsOf(database, reviewId)).toMatchObject([{ decidedLate: true }]);
  });
});

describe("a reviewer who was disabled when the review began", () => {
  it.each(["themselves", "their group"])("is marked once enabled: %s", async (which) => {
    const { database } = test;
    const reviewer = await person("Rita");
    const group = await makeGroup(database, [reviewer.userId], "Reviewers");
    // Else they would be late for having joined.
    await test.asOwner("UPDATE group_members SET added_at = $1", [addDays(start, -30)]);
    const { reviewId } = await reviewOf(["Ann", "Ben"], { reviewerIds: [group.id] });
    expect(await decide(reviewer, reviewId, ["Ben"])).toMatchObject({ ok: true });
    const principalId = which === "themselves" ? reviewer.userId : group.id;
    await database.client.principal.update({ where: { id: principalId }, data: { disabledAt: start } });
    now = addMinutes(start, 60);
    const proofId = await makeProof(database, at.rootOwner, { kind: "EnablePrincipal", principalId });
    const enabled = { principalId, justification: "Back", proofId };
    expect(await enablePrincipal(database, at.rootOwner, enabled)).toMatchObject({ ok: true });
    expect(await decide(reviewer, reviewId, ["Ann"])).toMatchObject({ ok: true });
    expect(await itemsOf(database, reviewId)).toMatchObject([{ decidedLate: true }, { decidedLate: false }]);
  });
});

it("a reviewer who was enabled before the review began, or is not enabled since, was asked from the start", async () => {
  const { database } = test;
  const reviewer = await person("Rita");
  const enable = async (proofId: string | null) =>
    enablePrincipal(database, at.rootOwner, {
      ...{ principalId: reviewer.userId, justification: "Back", proofId },
    });
  await database.client.principal.update({ where: { id: reviewer.userId }, data: { disabledAt: start } });
  const operation = { kind: "EnablePrincipal", principalId: reviewer.userId } as const;
  expect(await enable(await makeProof(database, at.rootOwner, operation))).toMatchObject({ ok: true });
  now = addMinutes(start, 1);
  const { reviewId } = await reviewOf(["Ann"], { reviewerIds: [reviewer.userId] });
  now = addMinutes(start, 60);
  expect(await enable(null)).toMatchObject({ ok: false });
  expect(await decide(reviewer, reviewId, ["Ann"])).toMatchObject({ ok: true });
  expect(await itemsOf(database, reviewId)).toMatchObject([{ decidedLate: false }]);
});

describe("what a review removes", () => {
  it("names who decided, in the request, the log and the notice, not only whose review it is", async () => {
    const { database } = test;
    const reviewer = await person("Rita Reviewer");
    const { reviewId, members } = await reviewOf(["Ann", "Ben"], {
      reviewerIds: [reviewer.userId],
      withoutAnswer: "Remove",
    });
    await decide(reviewer, reviewId, ["Ann"]);
    now = addDays(start, 14);
    await advanceAccessReviews(database);
    const about = "Access review “Quarterly review”";
    const denied = `${about}, denied by Rita Reviewer (${reviewer.email}): Checked`;
    const items = await itemsOf(database, reviewId);
    const requests = await database.client.request.findMany({
      where: { id: { in: items.flatMap((item) => item.requestId ?? []) } },
    });
    expect(items.map(({ requestId }) => requests.find(({ id }) => id === requestId)?.justification)).toEqual([
      denied,
      `${about}: nobody answered`,
    ]);
    const removals = (await eventsOf(database, reviewId)).filter(
      (event) => event.kind === "EligibleAssignmentRemoved",
    );
    expect(removals.map((event) => event.details)).toMatchObject([
      { decidedById: reviewer.userId, decidedBy: `Rita Reviewer (${reviewer.email})`, automatically: true },
      { decidedById: null },
    ]);
    await deliverNotifications(database, { mail: true });
    const mail = await database.client.mailMessage.findFirstOrThrow({
      where: { recipientId: members[0]?.userId, subjectKey: `event:${removals[0]?.id}` },
    });
    expect(JSON.stringify(mail.content)).toContain("denied by Rita Reviewer");
  });
});

async function nameManager(userId: string, managerId: string) {
  const proofId = await makeProof(test.database, at.rootOwner, { kind: "SetManager", userId, managerId });
  const set = await setManager(test.database, at.rootOwner, { userId, managerId, proofId });
  if (!set.ok) throw new Error(JSON.stringify(set.error));
}

describe("a manager in a review", () => {
  it("is whoever was the manager when it began and is still; else the named reviewers are asked", async () => {
    const { database } = test;
    const [former, newer, fallback] = [await person("Fred"), await person("Nora"), await person("Fay")];
    const role = await makeRole(database, `Role ${randomUUID()}`, { actions: ["*/read"] });
    const member = await makeUser(database, "Mel");
    await grant(database, "eligible", member.id, role.id, at.subscription.id);
    await nameManager(member.id, former.userId);
    const reviewId = await startReview(database, at.administrator, {
      resourceId: at.subscription.id,
      roleDefinitionIds: [role.id],
      reviewers: "Managers",
      reviewerIds: [fallback.userId],
    });
    const asked = async (caller: Caller) =>
      (await reviewsForMe(database, caller)).some((review) => review.id === reviewId);
    expect([await asked(former), await asked(newer), await asked(fallback)]).toEqual([true, false, false]);
    await nameManager(member.id, newer.userId);
    expect([await asked(former), await asked(newer), await asked(fallback)]).toEqual([false, false, true]);
    expect(await decide(newer, reviewId, ["Mel"])).toMatchObject(refused);
    expect(await decide(former, reviewId, ["Mel"])).toMatchObject(refused);
    await nameManager(member.id, former.userId);
    expect(await decide(former, reviewId, ["Mel"], "Approve")).toMatchObject({ ok: true });
    expect(await itemsOf(database, reviewId)).toMatchObject([{ decidedLate: false }]);
  });

  it("is notified that it began, and so is the named reviewer where a member has none", async () => {
    const { database } = test;
    const [manager, fallback] = [await person("Fred"), await person("Fay")];
    const role = await makeRole(database, `Role ${randomUUID()}`, { actions: ["*/read"] });
    const members = [await makeUser(database, "Mel"), await makeUser(database, "Max")];
    for (const { id } of members) await grant(database, "eligible", id, role.id, at.subscription.id);
    await nameManager(members[0]?.id ?? "", manager.userId);
    const begin = (reviewers: "Managers" | "Selected") =>
      startReview(database, at.administrator, {
        ...{ resourceId: at.subscription.id, roleDefinitionIds: [role.id], reviewers },
        reviewerIds: [fallback.userId],
      });
    const notified = async () => {
      await deliverNotifications(database, { mail: true });
      const of = (caller: Caller) =>
        database.client.notification.count({ where: { recipientId: caller.userId } });
      return [await of(manager), await of(fallback)];
    };
    await begin("Managers");
    expect(await notified()).toEqual([1, 1]);
    // Their manager is not asked where others are named.
    await begin("Selected");
    expect(await notified()).toEqual([1, 2]);
  });

  it("set while the review runs has no say where there was none before", async () => {
    const { database } = test;
    const newer = await person("Nora");
    const role = await makeRole(database, `Role ${randomUUID()}`, { actions: ["*/read"] });
    const member = await makeUser(database, "Mel");
    await grant(database, "eligible", member.id, role.id, at.subscription.id);
    const reviewId = await startReview(database, at.administrator, {
      resourceId: at.subscription.id,
      roleDefinitionIds: [role.id],
      reviewers: "Managers",
    });
    await nameManager(member.id, newer.userId);
    expect(await itemsForMe(database, newer, reviewId, all)).toBeNull();
    expect(await decide(newer, reviewId, ["Mel"])).toMatchObject(refused);
  });
});
