import fc from "fast-check";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { removeGroupMember } from "@/lib/operations/people/remove-group-member";
import type { Caller } from "@/lib/platform/caller";
import { inTransaction } from "@/lib/platform/transaction";
import { requestsToDecide } from "@/lib/queries/requests/approvals";
import { myRequests } from "@/lib/queries/requests/requests";
import { type Administration, makeAdministration } from "../../support/administration";
import { arrangeApproval, stageOf } from "../../support/approval";
import { atOnce } from "../../support/database/held-lock";
import { approveRequest, denyRequest } from "../../support/decide-one";
import { grant, makeCaller, makeGroup, makeUser, pastTheRules } from "../../support/factories";

const start = new Date("2026-03-02T09:00:00Z");
let now = start;
let at: Administration;
beforeAll(async () => {
  at = await makeAdministration(() => now);
});
afterAll(() => at.test.drop());
beforeEach(() => {
  now = start;
});

/** A request that needs so many approvals of a group of three. */
async function arrange(approvalsNeeded = 2, more: Parameters<typeof stageOf>[1] = {}) {
  const users = await Promise.all(["Anna", "Boris", "Carla"].map((name) => makeUser(at.database, name)));
  const group = await makeGroup(
    at.database,
    users.map((user) => user.id),
    "Gatekeepers",
  );
  const approval = await arrangeApproval(at.database, {
    tree: at.tree,
    stages: () => [stageOf([group.id], { approvalsNeeded, ...more })],
  });
  const requestId = await approval.waiting();
  const callers = await Promise.all(users.map((user) => makeCaller(at.database, user)));
  const [anna, boris, carla] = callers;
  if (!anna || !boris || !carla) throw new Error("no approvers");
  const key = ({ userId }: Caller) => ({ groupId: group.id, memberId: userId });
  const leave = (caller: Caller) =>
    at.database.client.groupMember.delete({ where: { groupId_memberId: key(caller) } });
  const join = (caller: Caller) => at.database.client.groupMember.create({ data: key(caller) });
  const read = () => approval.read(requestId);
  return { ...approval, group, requestId, callers, anna, boris, carla, leave, join, read };
}
const decision = (requestId: string) => ({ requestId, justification: "Known outage", proofId: null });
const approve = (caller: Caller, requestId: string) =>
  approveRequest(at.database, caller, decision(requestId));
const disable = ({ userId }: Caller, disabledAt: Date | null) =>
  at.database.client.principal.update({ where: { id: userId }, data: { disabledAt } });
const toDecide = async (caller: Caller, requestId: string) =>
  (await requestsToDecide(at.database, caller, { search: "", after: null })).rows.find(
    (row) => row.id === requestId,
  );
const waitingForLocks = async () => {
  const { rows } = await at.test.asOwner(
    "SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'",
  );
  return rows.length;
};
const waits = { ok: true, status: "PendingApproval" };
const given = { ok: true, status: "Provisioned" };
const notAsked = { ok: false, error: { code: "AuthorizationFailed" } };

describe("an approval whose giver has lost the decision right", () => {
  it("does not count at the next decision, which the log and the lists show", async () => {
    const { anna, boris, carla, leave, member, requestId } = await arrange();
    expect(await approve(anna, requestId)).toMatchObject(waits);
    expect(await toDecide(carla, requestId)).toMatchObject({
      approvalsGiven: 1,
      decisions: [{ by: { displayName: "Anna" }, counts: true }],
    });
    await leave(anna);
    expect(await toDecide(carla, requestId)).toMatchObject({
      approvalsGiven: 0,
      decisions: [{ by: { displayName: "Anna" }, counts: false }],
    });
    const [mine] = await myRequests(at.database, member, { before: null, waiting: true });
    expect(mine).toMatchObject({ id: requestId, lapsed: [{ displayName: "Anna" }] });

    now = addMinutes(start, 10);
    expect(await approve(boris, requestId)).toMatchObject(waits);
    const event = await at.database.client.auditEvent.findFirstOrThrow({
      where: { requestId, kind: "RequestApproved", actorId: boris.userId },
    });
    expect(event.details).toMatchObject({ stillNeeded: 1, lapsed: [`Anna (${anna.email})`] });
    expect(await toDecide(carla, requestId)).toMatchObject({
      approvalsGiven: 1,
      decisions: [
        { by: { displayName: "Anna" }, counts: false },
        { by: { displayName: "Boris" }, counts: true },
      ],
    });
    expect(await approve(carla, requestId)).toMatchObject(given);
  });

  it("is one whose giver is disabled, or whose group is", async () => {
    const one = await arrange();
    await approve(one.anna, one.requestId);
    await disable(one.anna, now);
    expect(await approve(one.boris, one.requestId)).toMatchObject(waits);

    const colleague = await makeUser(at.database, "Cora");
    const inner = await makeGroup(at.database, [colleague.id], "Night shift");
    const other = await arrange();
    const key = { groupId: other.group.id, memberId: inner.id };
    await at.database.client.groupMember.create({ data: key });
    const cora = await makeCaller(at.database, colleague);
    expect(await approve(cora, other.requestId)).toMatchObject(waits);
    await at.database.client.principal.update({ where: { id: inner.id }, data: { disabledAt: now } });
    expect(await approve(other.boris, other.requestId)).toMatchObject(waits);
  });

  it("leaves a stage that is passed as it is", async () => {
    const last = await makeUser(at.database, "Laura Last");
    const { first, second, waiting, read } = await arrangeApproval(at.database, {
      tree: at.tree,
      stages: (ids) => [stageOf(ids, { approvalsNeeded: 2 }), stageOf([last.id])],
    });
    const requestId = await waiting();
    await approve(first, requestId);
    expect(await approve(second, requestId)).toMatchObject(waits);
    await disable(first, now);
    await disable(second, now);
    expect((await read(requestId)).approval).toMatchObject({ stage: 1 });
    const caller = await makeCaller(at.database, last);
    expect((await toDecide(caller, requestId))?.decisions.map((each) => each.counts)).toEqual([true, true]);
    expect(await approve(caller, requestId)).toMatchObject(given);
  });

  it("is an escalation approver's, who approved after the stage escalated", async () => {
    const senior = await makeUser(at.database, "Sara Senior");
    const { boris, carla, requestId } = await arrange(2, { escalationApproverIds: [senior.id] });
    const sara = await makeCaller(at.database, senior);
    now = addDays(start, 1);
    expect(await approve(sara, requestId)).toMatchObject(waits);
    await disable(sara, now);
    expect(await approve(boris, requestId)).toMatchObject(waits);
    expect(await approve(carla, requestId)).toMatchObject(given);
  });
});

describe("whoever left and came back", () => {
  it("counts again, and does not approve twice", async () => {
    const { anna, boris, leave, join, requestId } = await arrange();
    await approve(anna, requestId);
    await leave(anna);
    expect(await approve(anna, requestId)).toMatchObject(notAsked);
    await join(anna);
    expect(await approve(anna, requestId)).toMatchObject(notAsked);
    expect(await toDecide(anna, requestId)).toBeUndefined();
    expect(await approve(boris, requestId)).toMatchObject(given);
  });

  it("completes nothing by coming back: a stage that has its approvals again waits for a word", async () => {
    const { anna, boris, carla, leave, join, requestId, read } = await arrange();
    await approve(anna, requestId);
    await leave(anna);
    expect(await approve(boris, requestId)).toMatchObject(waits);
    expect(await toDecide(boris, requestId)).toBeUndefined();
    await join(anna);
    await leave(carla);
    expect((await read()).status).toBe("PendingApproval");
    for (const caller of [anna, boris])
      expect(await toDecide(caller, requestId)).toMatchObject({ approvalsNeeded: 2, approvalsGiven: 2 });
    expect(await denyRequest(at.database, anna, decision(requestId))).toMatchObject(notAsked);
    expect(await approve(anna, requestId)).toMatchObject(given);
    const deciders = (await read()).decisions.map(({ deciderId }) => deciderId);
    expect(deciders.sort()).toEqual([anna.userId, boris.userId].sort());
  });
});

describe("administrators, where too few approvers are able", () => {
  it("may decide when an approver who approved has left, and their approval counts while they administer", async () => {
    const { first, second, waiting } = await arrangeApproval(at.database, {
      tree: at.tree,
      stages: (ids) => [stageOf(ids, { approvalsNeeded: 2 })],
    });
    const requestId = await waiting();
    await approve(first, requestId);
    expect(await toDecide(at.owner, requestId)).toBeUndefined();
    await disable(first, now);
    expect(await toDecide(at.owner, requestId)).toMatchObject({ asAdministrator: true, approvalsGiven: 0 });

    const other = await at.person("Otto Other");
    const held = await grant(at.database, "active", other.userId, ownerRoleId, at.tree.root.id);
    expect(await approve(other, requestId)).toMatchObject(waits);
    // One approver can still decide, and one administrator has approved: nobody else is asked in place of the
    // others.
    expect(await toDecide(at.owner, requestId)).toBeUndefined();
    await pastTheRules(at.database, (to) =>
      to.assignment.update({ where: { id: held.id }, data: { endsAt: now } }),
    );
    expect(await toDecide(at.owner, requestId)).toMatchObject({ asAdministrator: true, approvalsGiven: 0 });
    expect(await approve(second, requestId)).toMatchObject(waits);
    expect(await approve(at.owner, requestId)).toMatchObject(given);
  });

  it("are not counted out again by approvers who are able again", async () => {
    const { people, first, waiting } = await arrangeApproval(at.database, {
      tree: at.tree,
      stages: (ids) => [stageOf(ids, { approvalsNeeded: 2 })],
    });
    const requestId = await waiting();
    for (const { id } of people)
      await at.database.client.principal.update({ where: { id }, data: { disabledAt: now } });
    expect(await approve(at.owner, requestId)).toMatchObject(waits);
    for (const { id } of people)
      await at.database.client.principal.update({ where: { id }, data: { disabledAt: null } });
    expect(await approve(first, requestId)).toMatchObject(given);
  });
});

describe("races", () => {
  it("an approval that waits for its turn counts those who may decide once it has its turn", async () => {
    const { anna, boris, leave, requestId } = await arrange();
    await approve(anna, requestId);
    let late: ReturnType<typeof approve> | undefined;
    await inTransaction(at.database, async (transaction) => {
      await transaction.$queryRaw`SELECT id FROM requests WHERE id = ${requestId}::uuid FOR UPDATE`;
      late = approve(boris, requestId);
      await expect.poll(waitingForLocks, { timeout: 10_000 }).toBe(1);
      await leave(anna);
    });
    expect(await late).toMatchObject(waits);
  });

  it("an approver taken out of the group while the second approves: counted or not, and never in between", async () => {
    for (let round = 0; round < 6; round += 1) {
      const { anna, boris, carla, group, requestId, read } = await arrange();
      await approve(anna, requestId);
      const removal = { groupId: group.id, memberId: anna.userId, justification: "Left the team" };
      const [second, removed] = await atOnce(at.test, [
        () => approve(boris, requestId),
        () => removeGroupMember(at.database, at.owner, removal),
      ]);
      expect(removed).toMatchObject({ ok: true });
      expect(second.ok).toBe(true);
      const { status, decisions } = await read();
      expect(decisions).toHaveLength(2);
      if (status !== "PendingApproval") expect(status).toBe("Provisioned");
      else expect(await approve(carla, requestId)).toMatchObject(given);
    }
  });
});

it("is given exactly when enough of those who approved may decide at that moment, whatever happens before", async () => {
  const step = fc.record({
    who: fc.integer({ min: 0, max: 2 }),
    what: fc.constantFrom("approve", "approve", "leave", "join", "disable", "enable"),
    minutes: fc.integer({ min: 0, max: 30 }),
  });
  await fc.assert(
    fc.asyncProperty(fc.array(step, { minLength: 4, maxLength: 14 }), async (steps) => {
      now = start;
      const { callers, leave, join, requestId, read } = await arrange();
      const [gave, inGroup, enabled] = [new Set<number>(), new Set([0, 1, 2]), new Set([0, 1, 2])];
      const may = (who: number) => inGroup.has(who) && enabled.has(who);
      const counting = () => [...gave].filter(may).length;
      let done = false;
      for (const { who, what, minutes } of steps) {
        now = addMinutes(now, minutes);
        const caller = callers[who];
        if (!caller) throw new Error("nobody");
        if (what === "approve") {
          const asked = !done && may(who) && (!gave.has(who) || counting() >= 2);
          const result = await approve(caller, requestId);
          expect(result.ok).toBe(asked);
          if (asked) gave.add(who);
          if (asked && counting() >= 2) done = true;
          if (result.ok) expect(result.status).toBe(done ? "Provisioned" : "PendingApproval");
        } else if (what === "leave" && inGroup.delete(who)) await leave(caller);
        else if (what === "join" && !inGroup.has(who)) {
          inGroup.add(who);
          await join(caller);
        } else if (what === "disable" && enabled.delete(who)) await disable(caller, now);
        else if (what === "enable" && !enabled.has(who)) {
          enabled.add(who);
          await disable(caller, null);
        }
        expect((await read()).status).toBe(done ? "Provisioned" : "PendingApproval");
      }
    }),
    { numRuns: 25 },
  );
});
