import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import { addGroupMembers } from "@/lib/operations/people/add-group-members";
import { createConflictRule } from "@/lib/operations/roles/create-conflict-rule";
import { removeConflictRule, removeConflictRuleOperation } from "@/lib/operations/roles/remove-conflict-rule";
import { updateConflictRule } from "@/lib/operations/roles/update-conflict-rule";
import { type Conflicts, makeConflicts } from "../../support/conflicts";
import { atOnce, oneAfterTheOther } from "../../support/database/held-lock";
import { grant, makeGroup } from "../../support/factories";

/** Two changes that are each allowed alone, and together would give somebody conflicting roles. */
const now = new Date("2026-03-02T09:00:00Z");
let at: Conflicts;
beforeAll(async () => {
  at = await makeConflicts(() => now);
});
afterAll(() => at.test.drop());

type Result = { readonly ok: true } | { readonly ok: false; readonly error: { readonly code: string } };

/** Exactly one of them succeeds, whichever is first. The other is refused for the conflict. */
async function onlyOne(first: () => Promise<Result>, second: () => Promise<Result>) {
  const results = await atOnce(at.test, [first, second]);
  expect(results.map((result) => (result.ok ? "done" : result.error.code)).sort()).toEqual([
    "RoleAssignmentConflict",
    "done",
  ]);
}

const join = (groupId: string, memberId: string) => () =>
  addGroupMembers(at.database, at.owner, {
    groupId,
    memberIds: [memberId],
    justification: "Joins",
    proofId: null,
  });

describe("at the same moment", () => {
  it("one person activates two conflicting roles", async () => {
    const { enter, approve } = await at.rule();
    const ada = await at.person("Ada");
    const first = await at.mayActivate(ada.userId, enter.id);
    const second = await at.mayActivate(ada.userId, approve.id);
    await onlyOne(
      () => at.activate(ada, first),
      () => at.activate(ada, second),
    );
  });

  it("somebody activates one role and is given the other", async () => {
    const { enter, approve } = await at.rule();
    const ada = await at.person("Ada");
    const eligibility = await at.mayActivate(ada.userId, enter.id);
    await onlyOne(
      () => at.activate(ada, eligibility),
      () => at.assign([ada.userId], approve.id),
    );
  });

  it("somebody activates one role and a group of theirs is given the other", async () => {
    const { enter, approve } = await at.rule();
    const ada = await at.person("Ada");
    const group = await makeGroup(at.database, [ada.userId], "Team");
    const eligibility = await at.mayActivate(ada.userId, enter.id);
    await onlyOne(
      () => at.activate(ada, eligibility),
      () => at.assign([group.id], approve.id),
    );
  });

  it("two groups with a member in common are given one role each", async () => {
    const { enter, approve } = await at.rule();
    const ada = await at.person("Ada");
    const one = await makeGroup(at.database, [ada.userId], "One");
    const other = await makeGroup(at.database, [ada.userId], "Other");
    await onlyOne(
      () => at.assign([one.id], enter.id),
      () => at.assign([other.id], approve.id),
    );
  });

  it("somebody is added to a group and the group is given the role", async () => {
    const { enter, approve } = await at.rule();
    const ada = await at.person("Ada");
    await at.holds(ada.userId, enter.id);
    const group = await makeGroup(at.database, [], "Approvers");
    await onlyOne(join(group.id, ada.userId), () => at.assign([group.id], approve.id));
  });

  it("somebody is added to a group that holds one role and activates the other", async () => {
    const { enter, approve } = await at.rule();
    const ada = await at.person("Ada");
    const group = await makeGroup(at.database, [], "Approvers");
    await at.holds(group.id, approve.id);
    const eligibility = await at.mayActivate(ada.userId, enter.id);
    await onlyOne(join(group.id, ada.userId), () => at.activate(ada, eligibility));
  });

  it("somebody is added to a group and the group is put into another that holds the other role", async () => {
    const { enter, approve } = await at.rule();
    const ada = await at.person("Ada");
    await at.holds(ada.userId, enter.id);
    const [inner, outer] = [
      await makeGroup(at.database, [], "Inner"),
      await makeGroup(at.database, [], "Outer"),
    ];
    await at.holds(outer.id, approve.id);
    await onlyOne(join(inner.id, ada.userId), join(outer.id, inner.id));
  });

  it("different people activate the two roles, and neither waits for the other", async () => {
    const { enter, approve } = await at.rule();
    const [ada, bob] = [await at.person("Ada"), await at.person("Bob")];
    const first = await at.mayActivate(ada.userId, enter.id);
    const second = await at.mayActivate(bob.userId, approve.id);
    const results = await atOnce(at.test, [() => at.activate(ada, first), () => at.activate(bob, second)]);
    expect(results.map(({ ok }) => ok)).toEqual([true, true]);
  });

  it("a rule is made twice by two administrators: one of them hears that it exists", async () => {
    const [enter, approve] = [await at.role("Draw"), await at.role("Sign")];
    const make = (name: string) => () =>
      createConflictRule(at.database, at.owner, {
        resourceId: at.tree.subscription.id,
        rule: { name, reason: "Why", firstRoleIds: [enter.id], secondRoleIds: [approve.id] },
      });
    const results = await atOnce(at.test, [make("One"), make("Other")]);
    expect(results.map((result) => (result.ok ? "done" : result.error.code)).sort()).toEqual([
      "InvalidInput",
      "done",
    ]);
  });

  it("two administrators contradict each other about a rule: the first stands whole, the second reads what became of it", async () => {
    const second = await at.person("Sam Second");
    await grant(at.database, "active", second.userId, ownerRoleId, at.tree.root.id);
    for (const leading of ["first", "second"] as const) {
      const { id: ruleId, name, enter, approve } = await at.rule();
      const other = await at.role(`Other ${leading}`);
      const rule = { name, reason: "Why", firstRoleIds: [enter.id], secondRoleIds: [approve.id, other.id] };
      const removal = { ruleId, expectedVersion: 1, justification: null };
      const proofId = await at.prove(removeConflictRuleOperation(removal));
      const [widened, removed] = await oneAfterTheOther(
        at.test,
        () => updateConflictRule(at.database, second, { ruleId, expectedVersion: 1, rule, proofId: null }),
        () => removeConflictRule(at.database, at.owner, { ...removal, proofId }),
        leading,
      );
      const roles = await at.database.client.conflictRuleRole.count({ where: { ruleId } });
      if (leading === "first") {
        expect([widened, roles]).toMatchObject([{ ok: true, version: 2 }, 3]);
        const message = expect.stringContaining("Sam Second");
        expect(removed).toMatchObject({ error: { code: "StaleEdit", message } });
      } else {
        expect(removed).toMatchObject({ ok: true });
        const message = expect.stringContaining("removed this rule");
        expect(widened).toMatchObject({ error: { code: "StaleEdit", message } });
        expect(roles).toBe(0);
      }
    }
  });

  it("an exception is revoked while an activation waits: the activation is refused", async () => {
    const { id, enter, approve } = await at.rule();
    const ada = await at.person("Ada");
    await at.holds(ada.userId, enter.id);
    const eligibility = await at.mayActivate(ada.userId, approve.id);
    const exceptionId = await at.excepted(id, ada.userId);
    const results = await oneAfterTheOther(
      at.test,
      () => at.end(exceptionId, "Revoke", at.owner),
      () => at.activate(ada, eligibility),
    );
    expect(results).toMatchObject([{ ok: true }, { error: { code: "RoleAssignmentConflict" } }]);
  });

  it("an activation is under way while its exception is revoked: it stands, and the next is refused", async () => {
    const { id, enter, approve } = await at.rule();
    const ada = await at.person("Ada");
    await at.holds(ada.userId, enter.id);
    const first = await at.mayActivate(ada.userId, approve.id);
    const next = await at.mayActivate(ada.userId, approve.id, at.tree.group.id);
    const exceptionId = await at.excepted(id, ada.userId);
    const results = await oneAfterTheOther(
      at.test,
      () => at.activate(ada, first),
      () => at.end(exceptionId, "Revoke", at.owner),
    );
    expect(results).toMatchObject([{ ok: true }, { ok: true }]);
    expect(await at.activate(ada, next)).toMatchObject({ error: { code: "RoleAssignmentConflict" } });
  });

  it("somebody joins a group while an exception for the group is approved: they have no part in it", async () => {
    const { id, enter, approve } = await at.rule();
    const ada = await at.person("Ada");
    await at.holds(ada.userId, enter.id);
    const team = await at.team([]);
    const anna = await at.administrator();
    const asked = await at.ask(id, team.id);
    if (!asked.ok) throw new Error(JSON.stringify(asked.error));
    const results = await oneAfterTheOther(
      at.test,
      () => at.approve(asked.exceptionId, anna),
      join(team.id, ada.userId),
    );
    expect(results).toMatchObject([{ ok: true }, { ok: true }]);
    const eligibility = await at.mayActivate(ada.userId, approve.id);
    expect(await at.activate(ada, eligibility)).toMatchObject({ error: { code: "RoleAssignmentConflict" } });
  });

  it("two administrators decide on an exception: the first decision stands, the second hears of it", async () => {
    const { id } = await at.rule();
    const [anna, uma] = [await at.administrator(), await at.administrator("Uma")];
    const asked = await at.ask(id, (await at.person("Ada")).userId);
    if (!asked.ok) throw new Error(JSON.stringify(asked.error));
    const results = await oneAfterTheOther(
      at.test,
      () => at.approve(asked.exceptionId, anna),
      () => at.end(asked.exceptionId, "Deny", uma),
    );
    expect(results).toMatchObject([{ ok: true }, { error: { code: "Conflict" } }]);
  });

  it("one administrator approves or asks in two tabs: one of them succeeds", async () => {
    const { id } = await at.rule();
    const anna = await at.administrator();
    const ada = await at.person("Ada");
    const asks = await atOnce(at.test, [() => at.ask(id, ada.userId), () => at.ask(id, ada.userId)]);
    const codes = (results: readonly Result[]) =>
      results.map((result) => (result.ok ? "done" : result.error.code)).sort();
    expect(codes(asks)).toEqual(["Conflict", "done"]);
    const [made] = asks.flatMap((each) => (each.ok ? [each.exceptionId] : []));
    const approvals = await atOnce(at.test, [
      () => at.approve(made ?? "", anna),
      () => at.approve(made ?? "", anna),
    ]);
    expect(codes(approvals)).toEqual(["Conflict", "done"]);
  });
});
