import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { applyAccessReview } from "@/lib/operations/access-reviews/apply-access-review";
import { createAccessReview } from "@/lib/operations/access-reviews/create-access-review";
import { decideAccessReview } from "@/lib/operations/access-reviews/decide-access-review";
import { resetAccessReview } from "@/lib/operations/access-reviews/reset-access-review";
import { stopAccessReview } from "@/lib/operations/access-reviews/stop-access-review";
import { deliverNotifications } from "@/lib/operations/notifications/deliver-notifications";
import { removeGroupMember } from "@/lib/operations/people/remove-group-member";
import type { Caller } from "@/lib/platform/caller";
import { inTransaction } from "@/lib/platform/transaction";
import { itemsForMe } from "@/lib/queries/access-reviews/access-review-items";
import { eventsOf, itemsOf, makeReviewed, reviewInput, startReview } from "../../support/access-reviews";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { holdLock, oneAfterTheOther } from "../../support/database/held-lock";
import { grant, makeActivation, makeCaller, makeGroup, makeRole, makeUser } from "../../support/factories";

const start = new Date("2026-03-02T09:00:00Z");
const long = addDays(start, -90);
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
  await test.asOwner("DELETE FROM notification_outbox");
  await test.asOwner("DELETE FROM notifications");
});
afterAll(() => test.drop());

const disable = (id: string) =>
  test.asOwner(`UPDATE principals SET disabled_at = '2026-01-01' WHERE id = '${id}'`);
const user = (name: string) => makeUser(test.database, name);
/** A group whose members joined long ago. */
async function group(members: readonly { id: string }[], name: string) {
  const made = await makeGroup(test.database, [], name);
  await join(made.id, members, long);
  return made;
}
const join = (groupId: string, members: readonly { id: string }[], addedAt: Date) =>
  test.database.client.groupMember.createMany({
    data: members.map(({ id: memberId }) => ({ groupId, memberId, addedAt })),
  });
const allShown = { search: "", show: null, after: -1 };

/** A new role that a group of these members is eligible for, and a review of it that asks Rita. */
async function reviewed(members: readonly { id: string }[], by: Caller = at.rootOwner) {
  const { database } = test;
  const role = await makeRole(database, `Role ${randomUUID()}`, { actions: ["*/read"] });
  const operators = await group(members, "Operators");
  const held = await grant(database, "eligible", operators.id, role.id, at.subscription.id, {
    startsAt: long,
  });
  const rita = await makeCaller(database, await user("Rita"));
  const begin = (more: Partial<Parameters<typeof startReview>[2]> = {}) =>
    startReview(database, by, {
      resourceId: at.subscription.id,
      roleDefinitionIds: [role.id],
      eachMember: true,
      reviewers: "Selected",
      reviewerIds: [rita.userId],
      ...more,
    });
  const decide = async (
    reviewId: string,
    decision: "Approve" | "Deny",
    which: (roleId: string) => boolean = () => true,
  ) => {
    const itemIds = (await itemsOf(database, reviewId))
      .filter((item) => which(item.roleDefinitionId))
      .map(({ id }) => id);
    const given = await decideAccessReview(database, rita, {
      ...{ reviewId, itemIds, decision, reason: "Moved on", seen: new Map() },
    });
    if (!given.ok) throw new Error(JSON.stringify(given.error));
  };
  /** Begins a review, denies everybody, and stops it. */
  const denied = async () => {
    const reviewId = await begin();
    await decide(reviewId, "Deny");
    await stop(reviewId);
    return reviewId;
  };
  const stop = async (reviewId: string) => {
    const stopped = await stopAccessReview(database, by, { reviewId, reason: "Enough" });
    if (!stopped.ok) throw new Error(JSON.stringify(stopped.error));
  };
  const apply = (reviewId: string, caller: Caller = by) => applyAccessReview(database, caller, { reviewId });
  return { role, group: operators, held, rita, begin, decide, denied, stop, apply };
}

/** Has run for ten minutes, by the group's eligibility. */
const activated = (held: Parameters<typeof makeActivation>[1], principalId: string) =>
  inTransaction(test.database, (transaction) =>
    makeActivation(transaction, { ...held, principalId }, addMinutes(start, -10), 60),
  );
const rowsOf = async (reviewId: string) =>
  (await itemsOf(test.database, reviewId)).map((item) => [item.principal.displayName, item.groupId]);
const outcomesOf = async (reviewId: string) =>
  (await itemsOf(test.database, reviewId)).map((item) => [
    item.principal.displayName,
    item.outcome,
    item.outcomeMessage,
  ]);
const isMember = async (groupId: string, memberId: string) =>
  (await test.database.client.groupMember.count({ where: { groupId, memberId } })) === 1;

describe("what a review of members asks about", () => {
  it("is each enabled user and service principal in the group, at any depth, once", async () => {
    const { database } = test;
    const [ann, ben, cleo] = [await user("Ann"), await user("Ben"), await user("Cleo")];
    const [dora, eve] = [await user("Dora"), await user("Eve")];
    const robot = await database.client.principal.create({
      data: { type: "ServicePrincipal", displayName: "Robot" },
    });
    const inner = await group([ann, ben], "Inner");
    const off = await group([eve], "Switched off");
    const on = await reviewed([ann, cleo, dora, robot, inner, off]);
    await disable(dora.id);
    await disable(off.id);
    const reviewId = await on.begin();
    expect(await rowsOf(reviewId)).toEqual(
      ["Ann", "Ben", "Cleo", "Robot"].map((name) => [name, on.group.id]),
    );
    expect((await itemsOf(database, reviewId)).every((item) => item.eligibilityId === on.held.id)).toBe(true);

    const asOne = await on.begin({ eachMember: false });
    expect(await rowsOf(asOne)).toEqual([["Operators", null]]);
  });

  it("is the group as one where nobody is in it, so that nothing is left out", async () => {
    const gone = await user("Gone");
    const on = await reviewed([gone]);
    await disable(gone.id);
    expect(await rowsOf(await on.begin())).toEqual([["Operators", null]]);
  });

  it("judges each by their own activations and by when they joined", async () => {
    const { database } = test;
    const [ann, ben, cleo] = [await user("Ann"), await user("Ben"), await user("Cleo")];
    const on = await reviewed([ann, ben]);
    await activated(on.held, ann.id);
    await join(on.group.id, [cleo], addDays(start, -2));
    const reviewId = await on.begin();
    const items = await itemsOf(database, reviewId);
    expect(
      items.map((item) => [item.principal.displayName, item.recommendation, item.recommendationReason]),
    ).toEqual([
      ["Ann", "Approve", "Used"],
      ["Ben", "Deny", "Unused"],
      ["Cleo", "Approve", "New"],
    ]);
    expect(await rowsOf(await on.begin({ inactiveDays: 30 }))).toEqual([["Ben", on.group.id]]);
  });

  it("is refused beyond the limit, with what to do", async () => {
    const on = await reviewed([]);
    await test.asOwner(`WITH made AS (INSERT INTO principals (type, display_name, email)
        SELECT 'User', 'Member ' || n, 'm' || n || '@singly.test' FROM generate_series(1, 2001) n RETURNING id)
      INSERT INTO group_members (group_id, member_id, added_at) SELECT '${on.group.id}', id, '2025-01-01' FROM made`);
    const input = { resourceId: at.subscription.id, roleDefinitionIds: [on.role.id], eachMember: true };
    const result = await createAccessReview(test.database, at.rootOwner, reviewInput(input));
    expect(result).toMatchObject({
      error: { faults: [{ message: expect.stringContaining("more than 2,000 items") }] },
    });
    expect(JSON.stringify(result)).toContain("review groups as one");
    await test.asOwner(
      `DELETE FROM group_members WHERE ctid = (SELECT ctid FROM group_members WHERE group_id = '${on.group.id}' LIMIT 1)`,
    );
    expect(await rowsOf(await on.begin())).toHaveLength(2_000);
  });
});

describe("who decides on a member", () => {
  it("is nobody about themselves, unless the members are asked", async () => {
    const { database } = test;
    const ann = await user("Ann");
    const on = await reviewed([ann]);
    await join(on.group.id, [{ id: on.rita.userId }], long);
    const reviewId = await on.begin();
    const mine = await itemsForMe(database, on.rita, reviewId, allShown);
    expect(mine?.rows.map((row) => row.member.displayName)).toEqual(["Ann"]);
    const own = (await itemsOf(database, reviewId)).find((item) => item.principalId === on.rita.userId);
    const refused = await decideAccessReview(database, on.rita, {
      ...{ reviewId, itemIds: [own?.id ?? ""], decision: "Approve", reason: "Me", seen: new Map() },
    });
    expect(refused).toMatchObject({ ok: false, error: { code: "NotFound" } });

    const bySelf = await on.begin({ reviewers: "Members" });
    const asked = await itemsForMe(database, on.rita, bySelf, allShown);
    expect(asked?.rows.map((row) => row.member.displayName)).toEqual(["Rita"]);
  });

  it("sees the group, and what else a denial takes away", async () => {
    const { database } = test;
    const ann = await user("Ann");
    const on = await reviewed([ann]);
    await grant(database, "active", on.group.id, at.reader.id, at.subscription.id);
    const above = await group([on.group], "Above");
    await grant(database, "eligible", above.id, at.contributor.id, at.subscription.id);
    const mine = await itemsForMe(database, on.rita, await on.begin(), allShown);
    expect(mine?.rows[0]?.group).toMatchObject({
      displayName: "Operators",
      alsoGives: {
        count: 2,
        roles: [
          { access: "Eligible", roleName: "Contributor" },
          { access: "Active", roleName: "Reader" },
        ],
      },
    });
  });
});

describe("applying the denial of a member", () => {
  it("removes them from the group, ends what they activated through it, and says which review", async () => {
    const { database } = test;
    const [ann, ben] = [await user("Ann"), await user("Ben")];
    const on = await reviewed([ann, ben]);
    const active = await activated(on.held, ann.id);
    const reviewId = await on.begin();
    const [annsItem] = await itemsOf(database, reviewId);
    await decideAccessReview(database, on.rita, {
      ...{ reviewId, itemIds: [annsItem?.id ?? ""], decision: "Deny", reason: "Moved on", seen: new Map() },
    });
    await on.stop(reviewId);
    expect(await on.apply(reviewId)).toMatchObject({ ok: true, removed: 1, kept: 1, failed: 0, held: false });
    expect(await isMember(on.group.id, ann.id)).toBe(false);
    expect(await isMember(on.group.id, ben.id)).toBe(true);
    const ended = await database.client.assignment.findUniqueOrThrow({ where: { id: active.id } });
    expect(ended.endsAt).toEqual(start);
    const removal = (await eventsOf(database, reviewId)).find((event) => event.kind === "GroupMemberRemoved");
    expect(removal).toMatchObject({
      outcome: "Success",
      targetId: ann.id,
      justification: expect.stringMatching(/“Quarterly review”, denied by Rita.*: Moved on/),
      details: { groupId: on.group.id, decidedById: on.rita.userId, endedActivations: 1 },
    });
    const eligibility = await database.client.eligibility.findUniqueOrThrow({ where: { id: on.held.id } });
    expect(eligibility.endsAt).toBeNull();
  });

  it("does not show as kept what ended with the membership", async () => {
    const ann = await user("Ann");
    const on = await reviewed([ann]);
    const other = await makeRole(test.database, `Other ${randomUUID()}`, { actions: ["*/read"] });
    await grant(test.database, "active", on.group.id, other.id, at.subscription.id);
    const reviewId = await on.begin({ roleDefinitionIds: [on.role.id, other.id] });
    await on.decide(reviewId, "Deny", (roleId) => roleId === on.role.id);
    await on.stop(reviewId);
    expect(await on.apply(reviewId)).toMatchObject({ ok: true, removed: 2, kept: 0 });
  });

  it("fails where the review approved what they have through the same group", async () => {
    const ann = await user("Ann");
    const on = await reviewed([ann]);
    const other = await makeRole(test.database, `Other ${randomUUID()}`, { actions: ["*/read"] });
    await grant(test.database, "active", on.group.id, other.id, at.subscription.id);
    const reviewId = await on.begin({ roleDefinitionIds: [on.role.id, other.id] });
    await on.decide(reviewId, "Deny", (roleId) => roleId === on.role.id);
    await on.decide(reviewId, "Approve", (roleId) => roleId === other.id);
    await on.stop(reviewId);
    expect(await on.apply(reviewId)).toMatchObject({ ok: true, removed: 0, kept: 1, failed: 1 });
    expect(await isMember(on.group.id, ann.id)).toBe(true);
    expect(JSON.stringify(await outcomesOf(reviewId))).toContain("which this review approved");
  });

  it("fails where they are in the group through another, and says through which; again when that has ended", async () => {
    const { database } = test;
    const ann = await user("Ann");
    const inner = await group([ann], "Inner");
    const on = await reviewed([ann, inner]);
    const reviewId = await on.denied();
    expect(await on.apply(reviewId)).toMatchObject({ ok: true, removed: 0, failed: 1 });
    expect(JSON.stringify(await outcomesOf(reviewId))).toContain("Inner");
    expect(await isMember(on.group.id, ann.id)).toBe(true);
    await removeGroupMember(database, at.rootOwner, {
      groupId: inner.id,
      memberId: ann.id,
      justification: null,
    });
    expect(await on.apply(reviewId)).toMatchObject({ ok: true, removed: 1, failed: 0 });
    expect(await isMember(on.group.id, ann.id)).toBe(false);
  });

  it("fails without the right over all that the group has, and tells those who have it", async () => {
    const { database } = test;
    const ann = await user("Ann");
    const on = await reviewed([ann], at.administrator);
    const reviewId = await on.denied();
    expect(await on.apply(reviewId)).toMatchObject({ ok: true, removed: 0, failed: 1, held: false });
    expect(await isMember(on.group.id, ann.id)).toBe(true);
    expect(JSON.stringify(await outcomesOf(reviewId))).toContain("Microsoft.Authorization/principals/write");
    await deliverNotifications(database, { mail: false });
    const notices = await database.client.notification.findMany({
      where: { title: { startsWith: "An access review could not remove everybody" } },
    });
    const [owner, administrator] = [at.rootOwner.userId, at.administrator.userId];
    expect(notices.map((each) => each.recipientId).toSorted()).toEqual([owner, administrator].toSorted());
    // The root's Owner may, and applies what failed again.
    expect(await on.apply(reviewId, at.rootOwner)).toMatchObject({ ok: true, removed: 1, failed: 0 });
  });

  it("leaves alone who has left, whose group lost the role, and who came back after the review began", async () => {
    const { database } = test;
    const [ann, ben] = [await user("Ann"), await user("Ben")];
    const on = await reviewed([ann, ben]);
    const reviewId = await on.denied();
    for (const memberId of [ann.id, ben.id])
      await removeGroupMember(database, at.rootOwner, {
        groupId: on.group.id,
        memberId,
        justification: null,
      });
    now = addDays(start, 1);
    await join(on.group.id, [ben], now);
    expect(await on.apply(reviewId)).toMatchObject({ ok: true, removed: 0, alreadyGone: 2, failed: 0 });
    expect(await outcomesOf(reviewId)).toEqual([
      ["Ann", "AlreadyGone", null],
      ["Ben", "AlreadyGone", "They left the group and joined it again after the review began."],
    ]);
    expect(await isMember(on.group.id, ben.id)).toBe(true);

    now = start;
    const lost = await reviewed([ann]);
    const second = await lost.denied();
    await test.asOwner(
      `UPDATE eligibilities SET ends_at = '${start.toISOString()}' WHERE id = '${lost.held.id}'`,
    );
    expect(await lost.apply(second)).toMatchObject({ ok: true, removed: 0, alreadyGone: 1 });
    expect(await isMember(lost.group.id, ann.id)).toBe(true);
  });

  it("keeps the last way in: a group's Owner goes, the last Owner themselves stays", async () => {
    const { database } = test;
    const ann = await user("Ann");
    const owners = await group([ann], "Owners");
    await grant(database, "active", owners.id, at.owner.id, at.root.id, { startsAt: long });
    const rita = await makeCaller(database, await user("Rita"));
    const reviewId = await startReview(database, at.rootOwner, {
      ...{ resourceId: at.root.id, roleDefinitionIds: [at.owner.id], covers: "Active", eachMember: true },
      ...{ reviewers: "Selected", reviewerIds: [rita.userId] },
    });
    const itemIds = (await itemsOf(database, reviewId)).map(({ id }) => id);
    await decideAccessReview(database, rita, {
      ...{ reviewId, itemIds, decision: "Deny", reason: "All", seen: new Map() },
    });
    await stopAccessReview(database, at.rootOwner, { reviewId, reason: "Enough" });
    expect(await applyAccessReview(database, at.rootOwner, { reviewId })).toMatchObject({
      ok: true,
      removed: 1,
      failed: 1,
    });
    const outcomes = await outcomesOf(reviewId);
    expect(outcomes.map(([name, outcome]) => [name, outcome])).toEqual([
      ["Ann", "Removed"],
      ["Root Owner", "Failed"],
    ]);
  });
});

describe("at the same time", () => {
  it("waits for whoever removes the member, and finds them gone", async () => {
    const ann = await user("Ann");
    const on = await reviewed([ann]);
    const reviewId = await on.denied();
    const byHand = { groupId: on.group.id, memberId: ann.id, justification: null };
    const [removed, applied] = await oneAfterTheOther(
      test,
      () => removeGroupMember(test.database, at.rootOwner, byHand),
      () => on.apply(reviewId),
    );
    expect(removed).toMatchObject({ ok: true });
    expect(applied).toMatchObject({ ok: true, removed: 0, alreadyGone: 1, failed: 0 });
  });

  it("does not remove who left and came back while it waited for them", async () => {
    const ann = await user("Ann");
    const on = await reviewed([ann]);
    const reviewId = await on.denied();
    const lock = await holdLock(test, "SELECT id FROM principals WHERE id = $1 FOR NO KEY UPDATE", [ann.id]);
    const applying = on.apply(reviewId);
    applying.catch(() => {});
    await lock.waitedFor();
    now = addDays(start, 1);
    await test.asOwner("DELETE FROM group_members WHERE member_id = $1", [ann.id]);
    await join(on.group.id, [ann], now);
    // The member is locked before the review: code that moves the review on does not wait for the member.
    await test.asOwner(`SELECT id FROM access_reviews WHERE id = '${reviewId}' FOR UPDATE NOWAIT`);
    await lock.release();
    expect(await applying).toMatchObject({ ok: true, removed: 0, alreadyGone: 1 });
    expect(await isMember(on.group.id, ann.id)).toBe(true);
  });

  it("removes nobody whose answer was reset before the review was stopped, and resets none after", async () => {
    const { database } = test;
    for (const leading of ["first", "second"] as const) {
      const ann = await user("Ann");
      const on = await reviewed([ann]);
      const reviewId = await on.begin();
      await on.decide(reviewId, "Deny");
      const [reset, stopped] = await oneAfterTheOther(
        test,
        () => resetAccessReview(database, at.rootOwner, { reviewId, itemId: null, reason: "Anew" }),
        () => stopAccessReview(database, at.rootOwner, { reviewId, reason: "Enough" }),
        leading,
      );
      expect(stopped).toMatchObject({ ok: true });
      expect(reset).toMatchObject(
        leading === "first" ? { ok: true } : { error: { code: "AccessReviewState" } },
      );
      const removed = leading === "first" ? 0 : 1;
      expect(await on.apply(reviewId)).toMatchObject({ removed, kept: 1 - removed });
      expect(await isMember(on.group.id, ann.id)).toBe(leading === "first");
    }
  });

  it("resets no answer while it is applied", async () => {
    const ann = await user("Ann");
    const on = await reviewed([ann]);
    const reviewId = await on.denied();
    const lock = await holdLock(test, "SELECT id FROM principals WHERE id = $1 FOR NO KEY UPDATE", [ann.id]);
    const applying = on.apply(reviewId);
    applying.catch(() => {});
    try {
      await lock.waitedFor();
      const reset = { reviewId, itemId: null, reason: "Anew" };
      expect(await resetAccessReview(test.database, at.rootOwner, reset)).toMatchObject({
        error: { code: "AccessReviewState" },
      });
    } finally {
      await lock.release();
    }
    expect(await applying).toMatchObject({ ok: true, removed: 1 });
    expect(await isMember(on.group.id, ann.id)).toBe(false);
  });

  it("lets several apply, each member once", async () => {
    const { database } = test;
    const people = await Promise.all(["Ann", "Ben", "Cleo"].map((name) => makeUser(database, name)));
    const on = await reviewed(people);
    const reviewId = await on.denied();
    const results = await Promise.all([on.apply(reviewId), on.apply(reviewId)]);
    expect(results.some((result) => result.ok)).toBe(true);
    expect((await outcomesOf(reviewId)).map(([, outcome]) => outcome)).toEqual([
      "Removed",
      "Removed",
      "Removed",
    ]);
    const removals = (await eventsOf(database, reviewId)).filter(
      (event) => event.kind === "GroupMemberRemoved",
    );
    expect(removals).toHaveLength(3);
  });
});
