import { afterAll, beforeAll, expect, it } from "vitest";
import { createConflictRule } from "@/lib/operations/roles/create-conflict-rule";
import { removeConflictRule, removeConflictRuleOperation } from "@/lib/operations/roles/remove-conflict-rule";
import type { Caller } from "@/lib/platform/caller";
import { listImportRows } from "@/lib/queries/imports/imports";
import { grant, makeGroup, makeRole, makeUser } from "../../support/factories";
import { makeImports } from "../../support/imports";

const now = new Date("2026-03-02T09:00:00Z");
let at: Awaited<ReturnType<typeof makeImports>>;
beforeAll(async () => {
  at = await makeImports(() => now);
});
afterAll(() => at.test.drop());

let count = 0;
async function rule() {
  count += 1;
  const role = async (name: string) => {
    const made = await makeRole(at.database, `${name} ${count}`, { actions: ["*/read"] });
    await at.database.client.roleManagementPolicy.create({
      data: {
        resourceId: at.tree.subscription.id,
        roleDefinitionId: made.id,
        version: 1,
        activeMaximumDays: null,
      },
    });
    return made;
  };
  const [enter, approve] = [await role("Enter"), await role("Approve")];
  const made = await createConflictRule(at.database, at.owner, {
    resourceId: at.tree.subscription.id,
    rule: {
      name: `Payments ${count}`,
      reason: "Two pairs of eyes",
      firstRoleIds: [enter.id],
      secondRoleIds: [approve.id],
    },
  });
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  return { enter, approve, ruleId: made.ruleId };
}
const person = async (name: string) => makeUser(at.database, name);
const holds = (principalId: string, roleId: string) =>
  grant(at.database, "active", principalId, roleId, at.tree.subscription.id);
const assignment = (principalId: string, roleDefinitionId: string, more: object = {}) => ({
  principalId,
  roleDefinitionId,
  scope: at.tree.subscription.scope,
  ...more,
});
/** The rules, and the person, for which each refused row offers to request an exception. */
const offered = async (importId: string, caller: Caller = at.owner) =>
  (await listImportRows(at.database, caller, { importId, outcome: "Bad", after: 0 })).map(({ exceptions }) =>
    exceptions.map(({ ruleId, resourceId, principalId }) => ({ ruleId, resourceId, principalId })),
  );
const held = async (principalId: string) =>
  (await at.database.client.assignment.findMany({ where: { principalId } })).map(
    ({ roleDefinitionId }) => roleDefinitionId,
  );

it("a row that would give somebody both is refused in the preview with the conflict, and of two such rows the first stands", async () => {
  const { enter, approve } = await rule();
  const [ada, bob, cyd] = [await person("Ada"), await person("Bob"), await person("Cyd")];
  await holds(ada.id, enter.id);
  const importId = await at.stage("RoleAssignments", [
    assignment(ada.id, approve.id),
    assignment(bob.id, approve.id),
    assignment(bob.id, enter.id),
    assignment(cyd.id, enter.id),
  ]);
  expect(await at.outcomes(importId)).toEqual(["Bad", "Add", "Bad", "Add"]);
  const [first, , third] = await at.rowsOf(importId);
  expect(first?.reason).toMatch(/Ada.*holds.*Enter.*conflicts with.*Approve/);
  expect(third?.reason).toMatch(/Bob.*holds.*Approve/);
  await at.applyAll(importId);
  expect([await held(ada.id), await held(bob.id), await held(cyd.id)]).toEqual([
    [enter.id],
    [approve.id],
    [enter.id],
  ]);
});

it("a row that conflicts only since the preview is left out", async () => {
  const { enter, approve } = await rule();
  const ada = await person("Ada");
  const importId = await at.stage("RoleAssignments", [assignment(ada.id, approve.id)]);
  expect(await at.outcomes(importId)).toEqual(["Add"]);
  await holds(ada.id, enter.id);
  await at.applyAll(importId);
  expect(await held(ada.id)).toEqual([enter.id]);
  expect(await at.rowsOf(importId)).toMatchObject([
    { state: "Failed", reason: expect.stringContaining("conflicts with") },
  ]);
});

it("a service principal that the file makes does not get both either", async () => {
  const { enter, approve } = await rule();
  const made = { principalType: "ServicePrincipal", principalName: "Robot" };
  const id = "7f1c4d1c-0d0b-4a52-8f0e-0b5a7a3f7c11";
  const importId = await at.stage("RoleAssignments", [
    assignment(id, enter.id, made),
    assignment(id, approve.id, made),
  ]);
  expect(await at.outcomes(importId)).toEqual(["Add", "Bad"]);
});

it("members of a group are judged by what the group and those above it hold, and by earlier rows", async () => {
  const { enter, approve } = await rule();
  const [ada, bob] = [await person("Ada"), await person("Bob")];
  await holds(ada.id, enter.id);
  const [clerks, approvers] = [
    await makeGroup(at.database, [], `Clerks ${count}`),
    await makeGroup(at.database, [], `Approvers ${count}`),
  ];
  const above = await makeGroup(at.database, [approvers.id], `Above ${count}`);
  await holds(above.id, approve.id);
  await holds(clerks.id, enter.id);
  const importId = await at.stage(
    "GroupMembers",
    `group,member\n${[
      [approvers.displayName, ada.id],
      [clerks.displayName, bob.id],
      [approvers.displayName, bob.id],
    ]
      .map((row) => row.join(","))
      .join("\n")}\n`,
  );
  expect(await at.outcomes(importId)).toEqual(["Bad", "Add", "Bad"]);
  const [first, , third] = await at.rowsOf(importId);
  expect(first?.reason).toMatch(/Ada.*holds.*Enter.*conflicts with.*Approve/);
  expect(third?.reason).toMatch(/Bob.*holds.*Enter.*through.*Clerks/);
  await at.applyAll(importId);
  expect(
    await at.database.client.groupMember.count({ where: { groupId: approvers.id } }),
    "nobody joined the approvers",
  ).toBe(0);
});

it("a refused row leads whoever may to the form of an exception, in the preview and after applying, while there is the rule", async () => {
  const { enter, approve, ruleId } = await rule();
  const [ada, bob] = [await person("Ada"), await person("Bob")];
  await holds(ada.id, enter.id);
  await holds(at.owner.userId, enter.id);
  const clerks = await makeGroup(at.database, [ada.id], `Exceptional ${count}`);
  const robot = { principalType: "ServicePrincipal", principalName: "Robot" };
  const robotId = "7f1c4d1c-0d0b-4a52-8f0e-0b5a7a3f7c12";
  const rows = [
    assignment(ada.id, approve.id),
    assignment(clerks.id, approve.id),
    assignment(at.owner.userId, approve.id),
    assignment(robotId, enter.id, robot),
    assignment(robotId, approve.id, robot),
    assignment(bob.id, approve.id),
  ];
  const importId = await at.stage("RoleAssignments", rows);
  const from = { ruleId, resourceId: at.tree.subscription.id };
  const expected = [
    [{ ...from, principalId: ada.id }],
    [{ ...from, principalId: null }],
    // Nobody can request one for themselves, and the person whom the file would create does not exist yet.
    [],
    [{ ...from, principalId: null }],
  ];
  expect(await offered(importId)).toEqual(expected);

  const importer = await at.person("Ivo Importer");
  const actions = [
    "*/read",
    "Microsoft.Authorization/roleAssignmentScheduleRequests/write",
    "Microsoft.Authorization/principals/*",
  ];
  const role = await makeRole(at.database, `Importer ${count}`, { actions });
  await grant(at.database, "active", importer.userId, role.id, at.tree.root.id);
  const theirs = await at.stage("RoleAssignments", rows.slice(0, 1), { caller: importer });
  expect(await offered(theirs, importer)).toEqual([[]]);
  expect(await offered(theirs)).toEqual([[{ ...from, principalId: ada.id }]]);

  await holds(bob.id, enter.id);
  const proofId = await at.proofFor(importId);
  await at.applyAll(importId, proofId);
  expect(await offered(importId)).toEqual([...expected, [{ ...from, principalId: bob.id }]]);

  const removal = { ruleId, expectedVersion: 1, justification: "No longer needed" };
  const removalProof = await at.prove(removeConflictRuleOperation(removal));
  expect(
    await removeConflictRule(at.database, at.owner, { ...removal, proofId: removalProof }),
  ).toMatchObject({
    ok: true,
  });
  expect((await offered(importId)).flat()).toEqual([]);
});
