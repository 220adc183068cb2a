import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addDays } from "@/lib/domain/time/schedule";
import { decideAccessReview } from "@/lib/operations/access-reviews/decide-access-review";
import { stopAccessReview } from "@/lib/operations/access-reviews/stop-access-review";
import { setManager, setManagerOperation } from "@/lib/operations/people/set-manager";
import type { Caller } from "@/lib/platform/caller";
import { eventsOf, itemsOf, makeReviewed, startReview } from "../../support/access-reviews";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { atOnce } from "../../support/database/held-lock";
import { grant, makeCaller, makeGroup, makeProof, makeRole, makeUser } from "../../support/factories";

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

/** A review of a new role, held by these principals in this order. */
async function reviewOf(principalIds: string[], input: Partial<Parameters<typeof startReview>[2]> = {}) {
  const role = await makeRole(test.database, `Role ${randomUUID()}`, { actions: ["*/read"] });
  for (const id of principalIds) {
    await grant(test.database, "eligible", id, role.id, at.subscription.id, {
      startsAt: addDays(start, -90),
    });
  }
  const reviewId = await startReview(test.database, at.administrator, {
    resourceId: at.subscription.id,
    roleDefinitionIds: [role.id],
    ...input,
  });
  const items = await itemsOf(test.database, reviewId);
  const idOf = (principalId: string) => items.find((item) => item.principalId === principalId)?.id ?? "";
  return { reviewId, ids: principalIds.map(idOf) };
}

const decide = (
  caller: Caller,
  reviewId: string,
  itemIds: string[],
  decision: Parameters<typeof decideAccessReview>[2]["decision"] = "Deny",
  reason: string | null = "Left the team",
  seen: ReadonlyMap<string, Date> = new Map(),
) => decideAccessReview(test.database, caller, { reviewId, itemIds, decision, reason, seen });

const notFound = { ok: false, error: { code: "NotFound" } };

describe("selected reviewers", () => {
  it("decide on several at once, may change their mind, and each decision is in the log", async () => {
    const { database } = test;
    const [reviewer, first, second] = [await person("Rita"), await person(), await person()];
    const { reviewId, ids } = await reviewOf([first.userId, second.userId], {
      reviewers: "Selected",
      reviewerIds: [reviewer.userId],
    });
    expect(await decide(reviewer, reviewId, ids)).toEqual({ ok: true, decided: 2 });
    expect(await decide(reviewer, reviewId, ids.slice(0, 1), "Approve", "Came back")).toEqual({
      ok: true,
      decided: 1,
    });
    const items = await itemsOf(database, reviewId);
    const decisions = new Map(items.map((item) => [item.id, [item.decision, item.reason, item.decidedById]]));
    expect(decisions.get(ids[0] ?? "")).toEqual(["Approve", "Came back", reviewer.userId]);
    expect(decisions.get(ids[1] ?? "")).toEqual(["Deny", "Left the team", reviewer.userId]);
    const logged = (await eventsOf(database, reviewId)).filter(
      (event) => event.kind === "AccessReviewDecided",
    );
    expect(logged).toHaveLength(3);
    expect(logged[2]).toMatchObject({ targetId: first.userId, justification: "Came back" });
    expect(logged[2]?.details).toMatchObject({ decision: "Approve", before: "Deny" });
  });

  it("never overwrite what another decided before they have seen it, one of two at once least of all", async () => {
    const { database } = test;
    const [rita, ravi, member, other] = [
      await person("Rita"),
      await person("Ravi"),
      await person("Mo Member"),
      await person(),
    ];
    const { reviewId, ids } = await reviewOf([member.userId, other.userId], {
      reviewers: "Selected",
      reviewerIds: [rita.userId, ravi.userId],
    });
    const [first = "", second = ""] = ids;
    const both = await atOnce(test, [
      () => decide(rita, reviewId, [first], "Approve"),
      () => decide(ravi, reviewId, [first], "Deny"),
    ]);
    expect(both.filter((result) => result.ok)).toHaveLength(1);
    expect(both.find((result) => !result.ok)).toMatchObject({
      error: { code: "Conflict", message: expect.stringContaining("on Mo Member in the meantime") },
    });
    const [winner, loser] = both[0]?.ok ? [rita, ravi] : [ravi, rita];
    const itemNow = async (id: string) =>
      (await itemsOf(database, reviewId)).find((item) => item.id === id) ?? expect.fail("no item");
    const given = await itemNow(first);
    expect(given.decidedById).toBe(winner.userId);

    now = addDays(start, 1);
    const stale = new Map([[first, start.getTime() === given.decidedAt?.getTime() ? now : start]]);
    for (const seen of [new Map<string, Date>(), stale]) {
      const refused = await decide(loser, reviewId, ids, "Approve", "Needed", seen);
      expect(refused).toMatchObject({ ok: false, error: { code: "Conflict" } });
    }
    expect((await itemNow(second)).decision).toBeNull();
    const seen = new Map([[first, given.decidedAt ?? start]]);
    expect(await decide(loser, reviewId, ids, "Approve", "Needed", seen)).toEqual({ ok: true, decided: 2 });
    expect(await itemNow(first)).toMatchObject({ decision: "Approve", decidedById: loser.userId });
    // One's own decision may be changed from any window.
    expect(await decide(loser, reviewId, [second], "Deny")).toMatchObject({ ok: true });
  });

  it("never decide on their own access, nor on what they hold through a group, nested or disabled", async () => {
    const { database } = test;
    const [reviewer, other] = [await person(), await person()];
    const inner = await makeGroup(database, [reviewer.userId], "Inner");
    const outer = await makeGroup(database, [inner.id], "Outer");
    const { reviewId, ids } = await reviewOf([reviewer.userId, outer.id, other.userId], {
      reviewers: "Selected",
      reviewerIds: [reviewer.userId],
    });
    const [own, throughGroup, others] = ids;
    expect(await decide(reviewer, reviewId, [own ?? ""])).toMatchObject(notFound);
    expect(await decide(reviewer, reviewId, [throughGroup ?? ""])).toMatchObject(notFound);
    expect(await decide(reviewer, reviewId, ids)).toMatchObject(notFound);
    await database.client.principal.update({ where: { id: inner.id }, data: { disabledAt: start } });
    expect(await decide(reviewer, reviewId, [throughGroup ?? ""])).toMatchObject(notFound);
    expect(await decide(reviewer, reviewId, [others ?? ""])).toMatchObject({ ok: true });
    expect((await itemsOf(database, reviewId)).filter((item) => item.decision !== null)).toHaveLength(1);
  });

  it("lose the decision right with the group that gave it, and with their account, at once", async () => {
    const { database } = test;
    const [reviewer, member] = [await person(), await person()];
    const group = await makeGroup(database, [reviewer.userId], "Reviewers");
    const { reviewId, ids } = await reviewOf([member.userId], {
      reviewers: "Selected",
      reviewerIds: [group.id],
    });
    expect(await decide(reviewer, reviewId, ids)).toMatchObject({ ok: true });
    await database.client.groupMember.deleteMany({ where: { groupId: group.id } });
    expect(await decide(reviewer, reviewId, ids, "Approve")).toMatchObject(notFound);
    await database.client.groupMember.create({ data: { groupId: group.id, memberId: reviewer.userId } });
    expect(await decide(reviewer, reviewId, ids, "Approve")).toMatchObject({ ok: true });
    await database.client.principal.update({ where: { id: reviewer.userId }, data: { disabledAt: start } });
    expect(await decide(reviewer, reviewId, ids, "Deny")).toMatchObject(notFound);
  });

  it("know nothing of other reviews, and the administrator who started one has no say by that", async () => {
    const [reviewer, stranger, member] = [await person(), await person(), await person()];
    const mine = await reviewOf([member.userId], { reviewers: "Selected", reviewerIds: [reviewer.userId] });
    const theirs = await reviewOf([member.userId], { reviewers: "Selected", reviewerIds: [stranger.userId] });
    expect(await decide(reviewer, mine.reviewId, theirs.ids)).toMatchObject(notFound);
    expect(await decide(reviewer, theirs.reviewId, theirs.ids)).toMatchObject(notFound);
    expect(await decide(at.administrator, mine.reviewId, mine.ids)).toMatchObject(notFound);
    expect(await decide(reviewer, randomUUID(), mine.ids)).toMatchObject(notFound);
    expect(await decide(reviewer, mine.reviewId, [])).toMatchObject(notFound);
  });
});

describe("the members themselves", () => {
  it("decide on their own access and nobody else's; a group's is for the named reviewers outside it", async () => {
    const { database } = test;
    const [member, other, fallback] = [await person(), await person(), await person()];
    const group = await makeGroup(database, [member.userId], "Team");
    const { reviewId, ids } = await reviewOf([member.userId, other.userId, group.id], {
      reviewerIds: [fallback.userId, member.userId],
    });
    const [own, others, groups] = ids;
    expect(await decide(member, reviewId, [own ?? ""], "Approve")).toMatchObject({ ok: true });
    expect(await decide(member, reviewId, [others ?? ""])).toMatchObject(notFound);
    expect(await decide(member, reviewId, [groups ?? ""])).toMatchObject(notFound);
    expect(await decide(fallback, reviewId, [own ?? ""])).toMatchObject(notFound);
    expect(await decide(fallback, reviewId, [groups ?? ""])).toMatchObject({ ok: true });
  });
});

describe("managers", () => {
  it("decide on their people; where there is none, or none who is enabled, the named reviewers do", async () => {
    const { database } = test;
    const [manager, led, alone, fallback] = [await person(), await person(), await person(), await person()];
    const asked = { userId: led.userId, managerId: manager.userId };
    const proofId = await makeProof(database, at.rootOwner, { kind: "SetManager", ...asked });
    expect(await setManager(database, at.rootOwner, { ...asked, proofId })).toMatchObject({ ok: true });
    const { reviewId, ids } = await reviewOf([led.userId, alone.userId], {
      reviewers: "Managers",
      reviewerIds: [fallback.userId],
    });
    const [first = "", second = ""] = ids;
    expect(await decide(manager, reviewId, [first])).toMatchObject({ ok: true });
    expect(await decide(manager, reviewId, [second])).toMatchObject(notFound);
    expect(await decide(fallback, reviewId, [first])).toMatchObject(notFound);
    expect(await decide(fallback, reviewId, [second])).toMatchObject({ ok: true });
    await database.client.principal.update({ where: { id: manager.userId }, data: { disabledAt: start } });
    const seen = new Map([[first, start]]);
    expect(await decide(fallback, reviewId, [first], "Approve", "Needed", seen)).toMatchObject({ ok: true });
  });

  it("are set by whoever manages people and may assign what the user has, and are never oneself, a group or a disabled account", async () => {
    const { database } = test;
    const [user, manager] = [await person(), await person("Mona")];
    const group = await makeGroup(database, []);
    const set = async (managerId: string | null, caller = at.rootOwner) => {
      const asked = { userId: user.userId, managerId };
      const operation = setManagerOperation(asked);
      const proofId = operation && (await makeProof(database, caller, operation));
      return setManager(database, caller, { ...asked, proofId });
    };
    expect(await set(manager.userId, at.administrator)).toMatchObject({
      ok: false,
      error: { code: "AuthorizationFailed" },
    });
    for (const wrong of [user.userId, group.id, randomUUID()]) {
      expect(await set(wrong)).toMatchObject({ ok: false, error: { code: "InvalidInput" } });
    }
    expect(await set(manager.userId)).toMatchObject({ ok: true });
    expect(await set(manager.userId)).toMatchObject({ ok: true });
    expect(await set(null)).toMatchObject({ ok: true });
    const logged = await database.client.auditEvent.findMany({
      where: { kind: "ManagerChanged", outcome: "Success", targetId: user.userId },
      orderBy: { sequence: "asc" },
    });
    expect(logged.map((event) => event.details)).toEqual([
      expect.objectContaining({ before: null, after: "Mona" }),
      expect.objectContaining({ before: "Mona", after: null }),
    ]);
  });
});

describe("a decision", () => {
  it("is not accepted at the end or after, though nobody has written the end down", async () => {
    const { database } = test;
    const member = await person();
    const { reviewId, ids } = await reviewOf([member.userId], { durationDays: 3 });
    now = new Date(addDays(start, 3).getTime() - 1);
    expect(await decide(member, reviewId, ids, "Approve")).toMatchObject({ ok: true });
    now = addDays(start, 3);
    expect(await decide(member, reviewId, ids)).toMatchObject({
      ok: false,
      error: { code: "AccessReviewState" },
    });
    const review = await database.client.accessReview.findUniqueOrThrow({ where: { id: reviewId } });
    expect(review.state).toBe("InProgress");
    expect((await itemsOf(database, reviewId))[0]?.decision).toBe("Approve");
  });

  it("carries a reason where the review asks for one", async () => {
    const member = await person();
    const { reviewId, ids } = await reviewOf([member.userId], { justificationRequired: true });
    expect(await decide(member, reviewId, ids, "Approve", null)).toMatchObject({
      ok: false,
      error: { code: "InvalidAccessReview", faults: [{ field: "reason" }] },
    });
    expect(await decide(member, reviewId, ids, "DontKnow", "Ask my lead")).toMatchObject({ ok: true });
  });

  it("is not accepted once the review is stopped, which takes the administrator's right and a reason", async () => {
    const { database } = test;
    const member = await person();
    const { reviewId, ids } = await reviewOf([member.userId]);
    await decide(member, reviewId, ids, "Approve");
    const stop = (caller: Caller, reason: string | null) =>
      stopAccessReview(database, caller, { reviewId, reason });
    expect(await stop(member, "No")).toMatchObject({ ok: false });
    expect(await stop(at.administrator, null)).toMatchObject({ ok: false });
    expect(await stop(at.administrator, "Wrong scope")).toMatchObject({ ok: true });
    expect(await stop(at.administrator, "Again")).toMatchObject({
      ok: false,
      error: { code: "AccessReviewState" },
    });
    expect(await decide(member, reviewId, ids)).toMatchObject({
      ok: false,
      error: { code: "AccessReviewState" },
    });
    expect((await itemsOf(database, reviewId))[0]?.decision).toBe("Approve");
  });
});
