import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { addGroupMembers } from "@/lib/operations/people/add-group-members";
import { disablePrincipal } from "@/lib/operations/people/disable-principal";
import { enablePrincipal } from "@/lib/operations/people/enable-principal";
import { removeGroupMember } from "@/lib/operations/people/remove-group-member";
import { expireConflictExceptions } from "@/lib/operations/roles/expire-conflict-exceptions";
import { removeConflictRule, removeConflictRuleOperation } from "@/lib/operations/roles/remove-conflict-rule";
import { updateConflictRule } from "@/lib/operations/roles/update-conflict-rule";
import type { Caller } from "@/lib/platform/caller";
import { listConflictExceptions } from "@/lib/queries/roles/conflict-exceptions";
import { type Conflicts, conflicts, makeConflicts } from "../../support/conflicts";

const start = new Date("2026-03-02T09:00:00Z");
let now = start;
let at: Conflicts;
let anna: Caller;
beforeAll(async () => {
  at = await makeConflicts(() => now);
  anna = await at.administrator();
});
beforeEach(() => {
  now = addMinutes(now, 1);
});
afterAll(() => at.test.drop());

const refused = (code: string, text: string) => ({
  ok: false,
  error: { code, message: expect.stringContaining(text) },
});
const plain = (text: string) => text.replaceAll(/[\u2066-\u2069]/g, "");

/** Somebody who holds the first role of a new rule, for so many days, and may activate the second. */
async function holder(days?: number) {
  const rule = await at.rule();
  const ada = await at.person("Ada");
  await at.holds(ada.userId, rule.enter.id, at.tree.subscription.id, days);
  return { rule, ada, second: await at.mayActivate(ada.userId, rule.approve.id) };
}

async function askedFor(ruleId: string, principalId: string): Promise<string> {
  const asked = await at.ask(ruleId, principalId);
  if (!asked.ok) throw new Error(JSON.stringify(asked.error));
  return asked.exceptionId;
}

describe("an exception from a conflict rule", () => {
  it("allows nothing until another administrator approves it, and then what ends with it", async () => {
    const { rule, ada, second } = await holder();
    const exceptionId = await askedFor(rule.id, ada.userId);
    expect(await at.activate(ada, second)).toMatchObject(conflicts("Ada|You hold"));
    expect(await at.approve(exceptionId, anna)).toMatchObject({ ok: true });
    expect(await at.activate(ada, second)).toMatchObject({ ok: true });
  });

  it("allows it only to whom it names, by its rule and in its rule's place", async () => {
    const { rule, ada } = await holder();
    const other = await holder();
    await at.excepted(rule.id, ada.userId);
    expect(await at.activate(other.ada, other.second)).toMatchObject(conflicts(other.rule.name));
    const bob = await at.person("Bob");
    await at.holds(bob.userId, rule.enter.id);
    const eligibility = await at.mayActivate(bob.userId, rule.approve.id);
    expect(await at.activate(bob, eligibility)).toMatchObject(conflicts(rule.name));
  });

  it("allows what both are held for, no longer than itself, and says until when", async () => {
    const { rule, ada } = await holder();
    await at.excepted(rule.id, ada.userId, { hours: 24 });
    const end = addMinutes(now, 24 * 60);
    const until = (endsAt: Date | null) => at.assign([ada.userId], rule.approve.id, { endsAt });
    for (const late of [addMinutes(end, 1), addDays(now, 30), null]) {
      const answer = await until(late);
      expect(answer).toMatchObject(conflicts(rule.name));
      expect(answer.ok || plain(JSON.stringify(answer.error))).toMatch(
        /An exception allows both until 3 Mar 2026, 09:\d\d UTC: choose an end no later than that\./,
      );
    }
    expect(await until(end)).toMatchObject({ ok: true });
  });

  it("lets the second role last longer where the first ends before", async () => {
    const { rule, ada } = await holder(1);
    await at.excepted(rule.id, ada.userId, { hours: 24 });
    expect(await at.assign([ada.userId], rule.approve.id, { endsAt: addDays(now, 30) })).toMatchObject({
      ok: true,
    });
  });

  it("ends by itself, whether or not that is recorded, and access that is held stays", async () => {
    const { rule, ada, second } = await holder();
    const id = await at.excepted(rule.id, ada.userId, { hours: 1 });
    const active = await at.activate(ada, second);
    expect(active).toMatchObject({ ok: true });
    now = addMinutes(now, 60);
    const third = await at.mayActivate(ada.userId, rule.approve.id, at.tree.group.id);
    expect(await at.activate(ada, third)).toMatchObject(conflicts(rule.name));
    const listed = async () =>
      await listConflictExceptions(at.database, at.owner, at.tree.subscription.id, rule.id);
    expect(await listed()).toMatchObject({ inForce: [], ended: [{ id, state: "Expired", endedAt: null }] });
    expect(await expireConflictExceptions(at.database)).toBeGreaterThan(0);
    expect(await expireConflictExceptions(at.database)).toBe(0);
    expect(await listed()).toMatchObject({ ended: [{ id, state: "Expired", endedAt: now }] });
    expect(await at.eventsOf(ada.userId)).toContain("ConflictExceptionExpired Success");
  });

  it("gives nothing from the moment it is revoked, by whichever administrator", async () => {
    const { rule, ada, second } = await holder();
    const id = await at.excepted(rule.id, ada.userId);
    const uma = await at.administrator("Uma");
    expect(await at.end(id, "Revoke", uma)).toMatchObject({ ok: true });
    expect(await at.activate(ada, second)).toMatchObject(conflicts(rule.name));
    expect(await at.end(id, "Revoke", at.owner)).toMatchObject(refused("Conflict", "has revoked"));
  });

  it("is denied by another administrator, or withdrawn by whoever asked, and then cannot be approved", async () => {
    const { rule, ada } = await holder();
    const denied = await askedFor(rule.id, ada.userId);
    expect(await at.end(denied, "Withdraw", anna)).toMatchObject(refused("AuthorizationFailed", "Only"));
    expect(await at.end(denied, "Deny", at.owner)).toMatchObject(refused("OwnRequest", "You requested"));
    expect(await at.end(denied, "Deny", anna)).toMatchObject({ ok: true });
    expect(await at.approve(denied, anna)).toMatchObject(refused("Conflict", "has denied"));
    const withdrawn = await askedFor(rule.id, ada.userId);
    expect(await at.end(withdrawn, "Withdraw", at.owner)).toMatchObject({ ok: true });
    expect(await at.approve(withdrawn, anna)).toMatchObject(refused("Conflict", "has withdrawn"));
    expect(await at.end(withdrawn, "Revoke", anna)).toMatchObject(refused("Conflict", "has withdrawn"));
  });

  it("ends when the roles of its rule change, and not with a change of its name", async () => {
    const { rule, ada, second } = await holder();
    const id = await at.excepted(rule.id, ada.userId);
    const waiting = await askedFor(rule.id, (await at.person("Bob")).userId);
    const change = async (expectedVersion: number, name: string, more: readonly string[]) =>
      updateConflictRule(at.database, at.owner, {
        ...{ ruleId: rule.id, expectedVersion, proofId: null },
        rule: {
          ...{ name, reason: "Why", secondRoleIds: [rule.approve.id] },
          firstRoleIds: [rule.enter.id, ...more],
        },
      });
    expect(await change(1, `${rule.name} new`, [])).toMatchObject({ ok: true, endedExceptions: 0 });
    expect(await at.activate(ada, second)).toMatchObject({ ok: true });
    const extra = await at.role("Extra");
    expect(await change(2, `${rule.name} new`, [extra.id])).toMatchObject({ ok: true, endedExceptions: 2 });
    const third = await at.mayActivate(ada.userId, rule.approve.id, at.tree.group.id);
    expect(await at.activate(ada, third)).toMatchObject(conflicts(rule.name));
    for (const each of [id, waiting])
      expect(await at.approve(each, anna)).toMatchObject(refused("Conflict", "has revoked"));
  });

  it("goes with its rule", async () => {
    const { rule, ada } = await holder();
    const id = await at.excepted(rule.id, ada.userId);
    const removal = { ruleId: rule.id, expectedVersion: 1, justification: "Over" };
    const proofId = await at.prove(removeConflictRuleOperation(removal));
    expect(await removeConflictRule(at.database, at.owner, { ...removal, proofId })).toMatchObject({
      ok: true,
    });
    expect(await at.database.client.conflictException.count({ where: { id } })).toBe(0);
    expect(await at.eventsOf(ada.userId)).toContain("ConflictExceptionRevoked Success");
  });

  it("ends with the leave of whom it names, and does not come back with them", async () => {
    const { rule, ada, second } = await holder();
    await at.excepted(rule.id, ada.userId);
    const leave = { principalId: ada.userId, justification: "Leaves" };
    expect(await disablePrincipal(at.database, at.owner, leave)).toMatchObject({ ok: true });
    const back = { ...leave, proofId: await at.prove({ kind: "EnablePrincipal", principalId: ada.userId }) };
    expect(await enablePrincipal(at.database, at.owner, back)).toMatchObject({ ok: true });
    expect(await at.activate(ada, second)).toMatchObject({ ok: false });
    expect(await at.eventsOf(ada.userId)).toContain("ConflictExceptionRevoked Success");
  });

  it("takes the place of an earlier one of the same person", async () => {
    const { rule, ada } = await holder();
    const first = await at.excepted(rule.id, ada.userId, { hours: 48 });
    await at.excepted(rule.id, ada.userId, { hours: 1 });
    expect(await at.end(first, "Revoke", anna)).toMatchObject(refused("Conflict", "has revoked"));
    expect(await at.assign([ada.userId], rule.approve.id, { endsAt: addDays(now, 1) })).toMatchObject(
      conflicts(rule.name),
    );
  });
});

describe("who asks for an exception and who decides", () => {
  it("nobody asks for themselves or for a group that they are in", async () => {
    const { id } = await at.rule();
    expect(await at.ask(id, at.owner.userId)).toMatchObject(refused("OwnRequest", "themselves"));
    const group = await at.team([at.owner.userId], "Inner");
    const outer = await at.team([group.id], "Outer");
    expect(await at.ask(id, outer.id)).toMatchObject(refused("OwnRequest", "You are in"));
  });

  it("neither who asked, nor whom it names, nor a member of the group that it names approves or denies it", async () => {
    const { id } = await at.rule();
    const group = await at.team([anna.userId], "Approvers");
    const forGroup = await askedFor(id, group.id);
    const forAnna = await askedFor(id, anna.userId);
    for (const exceptionId of [forGroup, forAnna]) {
      expect(await at.approve(exceptionId, at.owner)).toMatchObject(refused("OwnRequest", "You requested"));
      expect(await at.approve(exceptionId, anna)).toMatchObject(refused("OwnRequest", "for you"));
      expect(await at.end(exceptionId, "Deny", anna)).toMatchObject(refused("OwnRequest", "for you"));
    }
  });

  it("only administrators of the rule's resource do either", async () => {
    const { rule, ada } = await holder();
    const below = await at.administrator("Bea Below", at.tree.group.id);
    expect(await at.ask(rule.id, ada.userId, { by: below })).toMatchObject({ ok: false });
    const id = await askedFor(rule.id, ada.userId);
    expect(await at.approve(id, below)).toMatchObject({ ok: false });
    expect(await at.end(id, "Deny", below)).toMatchObject({ ok: false });
  });

  it("is not approved once whoever asked is no administrator any more", async () => {
    const { rule, ada } = await holder();
    const uma = await at.administrator("Uma");
    const asked = await at.ask(rule.id, ada.userId, { by: uma });
    if (!asked.ok) throw new Error(JSON.stringify(asked.error));
    await at.test.asOwner("UPDATE assignments SET ends_at = $2 WHERE principal_id = $1", [uma.userId, now]);
    expect(await at.approve(asked.exceptionId, anna)).toMatchObject(refused("Conflict", "no longer edit"));
  });

  it("always has an end in the future, within 90 days, and a reason, each fault named", async () => {
    const { rule, ada } = await holder();
    const faultsOf = async (endsAt: Date) => {
      const answer = await at.ask(rule.id, ada.userId, { endsAt });
      return answer.ok ? [] : answer.error;
    };
    expect(await faultsOf(now)).toMatchObject({ faults: [{ field: "endsAt" }] });
    expect(await faultsOf(addMinutes(addDays(now, 90), 1))).toMatchObject({ faults: [{ field: "endsAt" }] });
    expect(await faultsOf(addDays(now, 90))).toEqual([]);
    expect(await at.ask(rule.id, ada.userId)).toMatchObject(
      refused("Conflict", "is already waiting for a decision"),
    );
  });
});

describe("the refusal of conflicting roles", () => {
  it("offers an exception to an administrator of the rule's resource, and not to whom it is about", async () => {
    const { rule, ada, second } = await holder();
    const offered = async (answer: Awaited<ReturnType<typeof at.activate>>) =>
      !answer.ok && answer.error.code === "RoleAssignmentConflict" ? answer.error.exceptions : null;
    expect(await at.assign([ada.userId], rule.approve.id)).toMatchObject({
      error: {
        exceptions: [{ ruleId: rule.id, resourceId: at.tree.subscription.id, principalId: ada.userId }],
      },
    });
    expect(await offered(await at.activate(ada, second))).toEqual([]);
    const uma = await at.administrator("Uma");
    await at.holds(uma.userId, rule.enter.id);
    const own = await at.mayActivate(uma.userId, rule.approve.id);
    expect(await offered(await at.activate(uma, own))).toEqual([]);
  });
});

describe("an exception for a group", () => {
  it("is for those who were in it when it was approved, through groups in it too, and still are", async () => {
    const rule = await at.rule();
    const [ada, bob, cyd] = [await at.person("Ada"), await at.person("Bob"), await at.person("Cyd")];
    const inner = await at.team([bob.userId], "Inner");
    const team = await at.team([ada.userId, inner.id], "Team");
    now = addMinutes(now, 1);
    await at.excepted(rule.id, team.id);
    now = addMinutes(now, 1);
    const join = { groupId: inner.id, memberIds: [cyd.userId], justification: "Joins", proofId: null };
    expect(await addGroupMembers(at.database, at.owner, join)).toMatchObject({ ok: true });
    const both = async (caller: Caller) => {
      await at.holds(caller.userId, rule.enter.id);
      return at.activate(caller, await at.mayActivate(caller.userId, rule.approve.id));
    };
    expect(await both(ada)).toMatchObject({ ok: true });
    expect(await both(bob)).toMatchObject({ ok: true });
    expect(await both(cyd)).toMatchObject(conflicts(rule.name));
  });

  it("is over for whoever leaves, also once they are back", async () => {
    const rule = await at.rule();
    const ada = await at.person("Ada");
    const team = await at.team([ada.userId], "Team");
    now = addMinutes(now, 1);
    await at.excepted(rule.id, team.id);
    now = addMinutes(now, 1);
    await at.holds(ada.userId, rule.enter.id);
    const before = await at.mayActivate(ada.userId, rule.approve.id, at.tree.group.id);
    expect(await at.activate(ada, before)).toMatchObject({ ok: true });
    const membership = { groupId: team.id, memberId: ada.userId, justification: "Moves" };
    expect(await removeGroupMember(at.database, at.owner, membership)).toMatchObject({ ok: true });
    const join = { groupId: team.id, memberIds: [ada.userId], justification: "Back", proofId: null };
    expect(await addGroupMembers(at.database, at.owner, join)).toMatchObject({ ok: true });
    const second = await at.mayActivate(ada.userId, rule.approve.id);
    expect(await at.activate(ada, second)).toMatchObject(conflicts(rule.name));
  });

  it("gives nothing to who approved it and joins the group then", async () => {
    const rule = await at.rule();
    const uma = await at.administrator("Uma");
    const team = await at.team([], "Team");
    await at.excepted(rule.id, team.id, { by: uma });
    await at.database.client.groupMember.create({
      data: { groupId: team.id, memberId: uma.userId, addedAt: addDays(now, -1) },
    });
    await at.holds(uma.userId, rule.enter.id);
    const second = await at.mayActivate(uma.userId, rule.approve.id);
    expect(await at.activate(uma, second)).toMatchObject(conflicts(rule.name));
  });

  it("lets a role be given to the group, and counts those whom it does not allow", async () => {
    const rule = await at.rule();
    const [ada, bob] = [await at.person("Ada"), await at.person("Bob")];
    for (const { userId } of [ada, bob]) await at.holds(userId, rule.enter.id);
    const team = await at.team([ada.userId, bob.userId], "Team");
    await at.excepted(rule.id, ada.userId);
    const give = () => at.assign([team.id], rule.approve.id, { endsAt: addMinutes(now, 60) });
    expect(await give()).toMatchObject(conflicts("1 person in it holds"));
    await at.excepted(rule.id, bob.userId);
    expect(await give()).toMatchObject({ ok: true });
  });
});

describe("the list of exceptions", () => {
  it("shows who, until when, who asked and who decided, and what each administrator may do", async () => {
    const { rule, ada } = await holder();
    const bob = await at.person("Bob");
    const inForce = await at.excepted(rule.id, ada.userId, { by: anna });
    const waiting = await askedFor(rule.id, bob.userId);
    const place = at.tree.subscription.id;
    const seenBy = (caller: Caller) => listConflictExceptions(at.database, caller, place, rule.id);
    expect(await seenBy(at.owner)).toMatchObject({
      waiting: [{ id: waiting, principal: { id: bob.userId }, mayDecide: false, mayWithdraw: true }],
      inForce: [
        { id: inForce, askedBy: { id: at.owner.userId }, decidedBy: { id: anna.userId }, mayRevoke: true },
      ],
      ended: [],
    });
    expect(await seenBy(anna)).toMatchObject({ waiting: [{ mayDecide: true, mayWithdraw: false }] });
    expect(await seenBy(ada)).toBeNull();
  });
});

describe("the database", () => {
  it("lets nobody write an exception or a conflict rule without an event, nor change what was asked for", async () => {
    const { rule, ada } = await holder();
    const asked = await askedFor(rule.id, ada.userId);
    const approvedWithout = at.database.client.conflictException.update({
      where: { id: asked },
      data: { state: "Approved", decidedById: anna.userId, decidedAt: now },
    });
    await expect(approvedWithout).rejects.toThrow("no event of the log tells of this change");
    const longer = at.database.client.conflictException.update({
      where: { id: asked },
      data: { endsAt: addDays(now, 80) },
    });
    await expect(longer).rejects.toThrow("permission denied");
    for (const state of ["Waiting", "Approved"])
      await expect(at.database.client.$executeRaw`
        INSERT INTO conflict_exceptions (rule_id, roles_version, principal_id, state, justification, asked_by_id, ends_at)
        VALUES (${rule.id}::uuid, 1, ${ada.userId}::uuid, ${state}::conflict_exception_state, 'x',
          ${at.owner.userId}::uuid, postern_now() + interval '1 day')`).rejects.toThrow(
        /no event of the log|conflict_exceptions_decided/,
      );
    const named = at.database.client.conflictRule.update({ where: { id: rule.id }, data: { name: "Other" } });
    await expect(named).rejects.toThrow("no event of the log tells of this change of conflict_rules");
    const without = at.database.client.conflictRuleRole.deleteMany({ where: { ruleId: rule.id } });
    await expect(without).rejects.toThrow("no event of the log tells of this change of conflict_rule_roles");
    const removed = at.database.client.conflictRule.delete({ where: { id: rule.id } });
    await expect(removed).rejects.toThrow("no event of the log tells of this change");
  });
});
