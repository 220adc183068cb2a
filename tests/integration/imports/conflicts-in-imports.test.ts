import { afterAll, beforeAll, expect, it } from "vitest";
import { createConflictRule } from "@/lib/operations/roles/create-conflict-rule";
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
  return { enter, approve };
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
