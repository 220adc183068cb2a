import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { createConflictRule } from "@/lib/operations/roles/create-conflict-rule";
import { removeConflictRule, removeConflictRuleOperation } from "@/lib/operations/roles/remove-conflict-rule";
import { updateConflictRule, updateConflictRuleOperation } from "@/lib/operations/roles/update-conflict-rule";
import type { Caller } from "@/lib/platform/caller";
import { listConflictRules, readConflictRule, whoHoldsBoth } from "@/lib/queries/roles/conflict-rules";
import { type Conflicts, makeConflicts } from "../../support/conflicts";
import { grant, makeGroup, makeRole } from "../../support/factories";

const now = new Date("2026-03-02T09:00:00Z");
let at: Conflicts;
beforeAll(async () => {
  at = await makeConflicts(() => now);
});
afterAll(() => at.test.drop());

const eventsOf = async (ruleId: string) =>
  (
    await at.database.client.auditEvent.findMany({
      where: { kind: { startsWith: "ConflictRule" }, details: { path: ["ruleId"], equals: ruleId } },
      orderBy: { sequence: "asc" },
    })
  ).map(({ kind, outcome, details, proofId }) => ({ kind, outcome, details, proved: proofId !== null }));

/** Somebody who may edit role settings at a resource and nothing else. */
async function settingsEditor(resourceId: string): Promise<Caller> {
  const role = await makeRole(at.database, "Settings editor", {
    actions: ["Microsoft.Authorization/roleManagementPolicies/*"],
  });
  const caller = await at.person("Edda Editor");
  await grant(at.database, "active", caller.userId, role.id, resourceId);
  return caller;
}

describe("a rule about conflicting roles", () => {
  it("is made, changed and removed by whoever may edit role settings there, each with before and after in the log", async () => {
    const { id, name, enter, approve } = await at.rule(at.tree.group.id);
    const editor = await settingsEditor(at.tree.group.id);
    const stranger = await settingsEditor(at.beside.id);
    const change = {
      ruleId: id,
      expectedVersion: 1,
      rule: { name: `${name} new`, reason: "Other", firstRoleIds: [enter.id], secondRoleIds: [approve.id] },
      proofId: null,
    };
    expect(await updateConflictRule(at.database, stranger, change)).toMatchObject({ ok: false });
    expect(await updateConflictRule(at.database, editor, change)).toMatchObject({ ok: true, version: 2 });
    const removal = { ruleId: id, expectedVersion: 2, justification: "Not needed" };
    const proofId = await at.prove(removeConflictRuleOperation(removal), editor);
    expect(await removeConflictRule(at.database, editor, { ...removal, proofId })).toMatchObject({
      ok: true,
    });
    expect((await eventsOf(id)).filter(({ outcome }) => outcome === "Success")).toMatchObject([
      { kind: "ConflictRuleCreated", details: { after: { firstRoles: [enter.roleName] } }, proved: false },
      {
        kind: "ConflictRuleUpdated",
        details: { before: { name }, after: { name: `${name} new` }, weakened: false },
        proved: false,
      },
      { kind: "ConflictRuleRemoved", details: { before: { name: `${name} new` } }, proved: true },
    ]);
    expect(await at.database.client.conflictRuleRole.count({ where: { ruleId: id } })).toBe(0);
  });

  it("takes a code where a pair becomes allowed, and only then", async () => {
    const { id, name, enter, approve } = await at.rule(at.tree.group.id);
    const other = await at.role("Other");
    const change = (expectedVersion: number, secondRoleIds: string[]) => ({
      ruleId: id,
      expectedVersion,
      rule: { name, reason: "Why", firstRoleIds: [enter.id], secondRoleIds },
    });
    const wider = change(1, [approve.id, other.id]);
    expect(await updateConflictRule(at.database, at.owner, { ...wider, proofId: null })).toMatchObject({
      ok: true,
    });
    const narrower = change(2, [other.id]);
    expect(await updateConflictRule(at.database, at.owner, { ...narrower, proofId: null })).toMatchObject({
      ok: false,
      error: { failures: [{ rule: "MfaRule" }] },
    });
    const proofId = await at.prove(updateConflictRuleOperation(narrower));
    expect(await updateConflictRule(at.database, at.owner, { ...narrower, proofId })).toMatchObject({
      ok: true,
      version: 3,
    });
  });

  it("is not changed on the ground of an older version, nor saved again unchanged", async () => {
    const { id, name, enter, approve } = await at.rule(at.tree.group.id);
    const change = (expectedVersion: number, reason: string) =>
      updateConflictRule(at.database, at.owner, {
        ruleId: id,
        expectedVersion,
        rule: { name, reason, firstRoleIds: [enter.id], secondRoleIds: [approve.id] },
        proofId: null,
      });
    expect(await change(1, "New reason")).toMatchObject({ ok: true, version: 2 });
    expect(await change(1, "Another")).toMatchObject({
      ok: false,
      error: { code: "StaleEdit", message: expect.stringContaining("Olga Owner") },
    });
    expect(await change(2, "New reason")).toMatchObject({ ok: true, version: 2 });
    const removal = { ruleId: id, expectedVersion: 1, justification: null };
    expect(
      await removeConflictRule(at.database, at.owner, {
        ...removal,
        proofId: await at.prove(removeConflictRuleOperation(removal)),
      }),
    ).toMatchObject({ ok: false, error: { code: "StaleEdit" } });
  });

  it("is refused with every fault: a taken name, unknown roles, a role in both sets, what another rule says", async () => {
    const { name, enter, approve } = await at.rule(at.tree.group.id);
    const make = (rule: object) =>
      createConflictRule(at.database, at.owner, {
        resourceId: at.tree.group.id,
        rule: {
          ...{ name: "Another", reason: "Why", firstRoleIds: [enter.id], secondRoleIds: [approve.id] },
          ...rule,
        },
      });
    expect(
      await make({ name: name.toUpperCase(), secondRoleIds: [enter.id, at.tree.root.id] }),
    ).toMatchObject({
      ok: false,
      error: {
        faults: expect.arrayContaining([
          { field: "name", message: "Another rule of this resource has this name." },
          { field: "secondRoleIds", message: expect.stringContaining("with itself") },
          { field: "secondRoleIds", message: expect.stringContaining("no longer exists") },
        ]),
      },
    });
    expect(await make({ firstRoleIds: [approve.id], secondRoleIds: [enter.id] })).toMatchObject({
      ok: false,
      error: { faults: [{ message: expect.stringContaining(name) }] },
    });
  });
});

describe("the page of conflicting roles", () => {
  it("shows the rules of the resource, those above and those below", async () => {
    const above = await at.rule(at.tree.root.id);
    const here = await at.rule(at.tree.subscription.id);
    const below = await at.rule(at.tree.group.id);
    const places = async (resourceId: string, caller = at.owner) =>
      ((await listConflictRules(at.database, caller, resourceId)) ?? [])
        .filter(({ id }) => [above.id, here.id, below.id].includes(id))
        .map(({ id, place, mayEdit }) => [id, place, mayEdit]);
    expect(await places(at.tree.subscription.id)).toEqual([
      [here.id, "Here", true],
      [above.id, "Above", true],
      [below.id, "Below", true],
    ]);
    const editor = await settingsEditor(at.tree.group.id);
    expect(await places(at.tree.group.id, editor)).toEqual([
      [below.id, "Here", true],
      [above.id, "Above", false],
      [here.id, "Above", false],
    ]);
    expect(await listConflictRules(at.database, editor, at.beside.id)).toBeNull();
  });

  it("shows who holds both, of themselves or through groups, before the rule is saved and after", async () => {
    const [enter, approve] = [await at.role("Book"), await at.role("Check")];
    const [ada, bob, cyd] = [await at.person("Ada"), await at.person("Bob"), await at.person("Cyd")];
    const group = await makeGroup(at.database, [ada.userId, bob.userId], "Checkers");
    await at.holds(group.id, approve.id);
    await at.holds(ada.userId, enter.id, at.tree.group.id);
    await at.holds(bob.userId, enter.id, at.tree.root.id);
    await at.holds(cyd.userId, enter.id);
    const sets = { firstRoleIds: [enter.id], secondRoleIds: [approve.id] };
    const names = (found: readonly { person: { displayName: string } }[] | null) =>
      found?.map(({ person }) => person.displayName);
    expect(names(await whoHoldsBoth(at.database, at.owner, at.tree.subscription.id, sets))).toEqual([
      "Ada",
      "Bob",
    ]);
    // Bob's role above and the group's at the subscription apply here; Ada's is beside it.
    expect(names(await whoHoldsBoth(at.database, at.owner, at.beside.id, sets))).toEqual(["Bob"]);
    const editor = await settingsEditor(at.tree.subscription.id);
    expect(await whoHoldsBoth(at.database, editor, at.tree.subscription.id, sets)).toBeNull();
    const made = await createConflictRule(at.database, at.owner, {
      resourceId: at.tree.subscription.id,
      rule: { name: "Books", reason: "Why", ...sets },
    });
    if (!made.ok) throw new Error(JSON.stringify(made.error));
    const opened = await readConflictRule(at.database, at.owner, at.tree.subscription.id, made.ruleId);
    expect(names(opened?.heldTogether ?? null)).toEqual(["Ada", "Bob"]);
    expect(opened?.heldTogether?.[0]).toMatchObject({
      first: { roleName: enter.roleName, through: null },
      second: { roleName: approve.roleName, through: "Checkers" },
    });
    // The page below the rule's own resource shows nothing of the rule.
    expect(await readConflictRule(at.database, at.owner, at.tree.group.id, made.ruleId)).toBeNull();
  });
});
