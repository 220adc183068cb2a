import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { may } from "@/lib/authority/authority";
import type { RoleDefinitionFields } from "@/lib/domain/roles/role-definition";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { assignRole } from "@/lib/operations/assignments/assign-role";
import { requestRenewal } from "@/lib/operations/assignments/request-renewal";
import { createRoleDefinition } from "@/lib/operations/roles/create-role-definition";
import { deleteRoleDefinition } from "@/lib/operations/roles/delete-role-definition";
import {
  updateRoleDefinition,
  updateRoleDefinitionOperation,
} from "@/lib/operations/roles/update-role-definition";
import { inTransaction } from "@/lib/platform/transaction";
import { actionsInUse, mostActions } from "@/lib/queries/roles/actions-in-use";
import { checkAccess } from "@/lib/queries/roles/role-definition";
import { listRoles } from "@/lib/queries/roles/role-list";
import { type Administration, makeAdministration } from "../../support/administration";
import { atOnce, oneAfterTheOther } from "../../support/database/held-lock";
import {
  grant,
  makeCaller,
  makeGroup,
  makeProof,
  makeRole,
  makeUser,
  pastTheRules,
} from "../../support/factories";

const now = new Date("2026-03-02T09:00:00Z");
let test: Administration["test"];
let tree: Administration["tree"];
let owner: Administration["owner"];
beforeAll(async () => {
  ({ test, tree, owner } = await makeAdministration(() => now));
});
afterAll(() => test.drop());

let count = 0;
function definition(
  actions = ["Microsoft.Web/sites/read"],
  scopes = [tree.subscription.scope],
): RoleDefinitionFields {
  count += 1;
  return {
    roleName: `Deployer ${count}`,
    description: "Deploys",
    permission: { actions, notActions: [], dataActions: [], notDataActions: [] },
    assignableScopes: scopes,
  };
}

async function customRole(fields = definition()) {
  const made = await createRoleDefinition(test.database, owner, fields);
  if (!made.ok) throw new Error(JSON.stringify(made.error));
  return { id: made.roleDefinitionId, fields };
}

const change = (
  role: { id: string; fields: RoleDefinitionFields },
  changes: Partial<RoleDefinitionFields>,
) => ({
  roleDefinitionId: role.id,
  expectedVersion: 0,
  definition: { ...role.fields, ...changes },
  justification: "As agreed" as string | null,
  proofId: null as string | null,
});

const wider = { permission: emptyPermission(["Microsoft.Web/*"]) };
function emptyPermission(actions: string[]) {
  return { actions, notActions: [], dataActions: [], notDataActions: [] };
}
const denied = { ok: false, error: { code: "AuthorizationFailed" } };
const mfa = { ok: false, error: { failures: [{ rule: "MfaRule" }] } };

describe("a custom role", () => {
  it("is made by whoever may write role definitions at every scope, under a name of its own", async () => {
    const { database } = test;
    const fields = definition(undefined, [tree.subscription.scope.toUpperCase(), tree.group.scope]);
    const { id } = await customRole(fields);
    const saved = await database.client.roleDefinition.findUniqueOrThrow({ where: { id } });
    expect(saved).toMatchObject({
      roleType: "CustomRole",
      assignableScopes: [tree.subscription.scope, tree.group.scope],
    });
    expect(await createRoleDefinition(database, owner, fields)).toMatchObject({
      error: { code: "InvalidInput", faults: [{ field: "roleName" }] },
    });
    const builtIn = await makeRole(database, "Built-in thing", { actions: ["*/read"] });
    expect(
      await createRoleDefinition(database, owner, { ...definition(), roleName: "built-IN thing" }),
    ).toMatchObject({ error: { faults: [{ field: "roleName" }] } });
    expect(
      await deleteRoleDefinition(database, owner, { roleDefinitionId: builtIn.id, justification: null }),
    ).toMatchObject({
      error: { code: "Conflict" },
    });

    const user = await makeUser(database);
    const author = await makeRole(database, "Author", {
      actions: ["Microsoft.Authorization/roleDefinitions/*", "Microsoft.Web/*"],
    });
    await grant(database, "active", user.id, author.id, tree.group.id);
    const caller = await makeCaller(database, user);
    expect(
      await createRoleDefinition(database, caller, definition(undefined, [tree.group.scope])),
    ).toMatchObject({
      ok: true,
    });
    expect(
      await createRoleDefinition(
        database,
        caller,
        definition(undefined, [tree.group.scope, tree.subscription.scope]),
      ),
    ).toMatchObject(denied);
    const hidden = await createRoleDefinition(
      database,
      caller,
      definition(undefined, ["/subscriptions/none"]),
    );
    expect(hidden).toMatchObject({ error: { faults: [{ field: "assignableScopes" }] } });
  });

  it("can be given only where it may be assigned, and is listed only there", async () => {
    const { database } = test;
    const { id, fields } = await customRole(definition(undefined, [tree.group.scope]));
    const member = await makeUser(database);
    const input = {
      assignmentType: "Eligible" as const,
      roleDefinitionId: id,
      principalIds: [member.id],
      startsAt: null,
      endsAt: addDays(now, 10),
      justification: "Cover",
      proofId: null,
    };
    expect(await assignRole(database, owner, { ...input, resourceId: tree.subscription.id })).toMatchObject({
      ok: false,
    });
    expect(await assignRole(database, owner, { ...input, resourceId: tree.group.id })).toMatchObject({
      ok: true,
    });
    const names = async (resourceId: string, search = fields.roleName, used = false) =>
      (await listRoles(database, resourceId, { search, used, after: "" })).rows.map((role) => role.roleName);
    expect(await names(tree.group.id)).toContain(fields.roleName);
    expect(await names(tree.subscription.id)).not.toContain(fields.roleName);

    const idle = await customRole(definition(undefined, [tree.group.scope]));
    const edited = await customRole(definition(undefined, [tree.group.scope]));
    await database.client.roleManagementPolicy.create({
      data: { resourceId: tree.group.id, roleDefinitionId: edited.id, version: 1 },
    });
    const used = await names(tree.group.id, "", true);
    expect(used).toEqual(expect.arrayContaining([fields.roleName, edited.fields.roleName]));
    expect(used).not.toContain(idle.fields.roleName);
  });
});

describe("an edit", () => {
  it("that widens a role in use takes the proof that assigning it would take, bound to exactly this edit", async () => {
    const { database } = test;
    const role = await customRole();
    const member = await makeUser(database);
    const group = await makeGroup(database, [member.id]);
    await grant(database, "active", group.id, role.id, tree.group.id);
    await database.client.roleManagementPolicy.create({
      data: { resourceId: tree.group.id, roleDefinitionId: role.id, assignmentRequiresMfa: true },
    });
    const narrower = {
      permission: { ...role.fields.permission, notActions: ["Microsoft.Web/sites/secret/read"] },
    };
    expect(await updateRoleDefinition(database, owner, change(role, narrower))).toMatchObject({
      ok: true,
      version: 1,
    });

    const edit = { ...change(role, wider), expectedVersion: 1 };
    expect(await updateRoleDefinition(database, owner, edit)).toMatchObject(mfa);
    const other = { ...edit, definition: { ...edit.definition, permission: emptyPermission(["*"]) } };
    const proofId = await makeProof(database, owner, updateRoleDefinitionOperation(edit));
    expect(await updateRoleDefinition(database, owner, { ...other, proofId })).toMatchObject(mfa);
    expect(await updateRoleDefinition(database, owner, { ...edit, proofId })).toMatchObject({
      ok: true,
      version: 2,
    });
    const event = await database.client.auditEvent.findFirstOrThrow({
      where: { kind: "RoleDefinitionUpdated", outcome: "Success", proofId },
    });
    expect(event.details).toMatchObject({
      before: { actions: ["Microsoft.Web/sites/read"], notActions: ["Microsoft.Web/sites/secret/read"] },
      after: { actions: ["Microsoft.Web/*"], notActions: [] },
      widened: true,
      holders: 1,
    });
  });

  it("gives nobody more than they could assign: whoever only writes definitions cannot widen their own role", async () => {
    const { database } = test;
    const role = await customRole(definition(["Microsoft.Authorization/roleDefinitions/*", "*/read"]));
    const user = await makeUser(database);
    await grant(database, "active", user.id, role.id, tree.subscription.id);
    const caller = await makeCaller(database, user);
    const edit = change(role, { permission: emptyPermission(["*"]) });
    const proofId = await makeProof(database, caller, updateRoleDefinitionOperation(edit));
    expect(await updateRoleDefinition(database, caller, { ...edit, proofId })).toMatchObject(denied);
    const allowed = await inTransaction(database, (transaction) =>
      may(
        transaction,
        user.id,
        "Microsoft.Authorization/roleAssignmentScheduleRequests/write",
        tree.group.id,
      ),
    );
    expect(allowed).toBe(false);
    const unused = await createRoleDefinition(database, caller, definition(["*"]));
    expect(unused).toMatchObject(denied);
  });

  it("adds nothing that the editor does not hold at all assignable scopes, though nobody uses the role", async () => {
    const { database } = test;
    const user = await makeUser(database);
    const author = await makeRole(database, "Author of web roles", {
      actions: ["Microsoft.Authorization/roleDefinitions/*", "Microsoft.Web/*"],
      notActions: ["Microsoft.Web/*/secret/read"],
    });
    const writer = await makeRole(database, "Writer of roles", {
      actions: ["Microsoft.Authorization/roleDefinitions/*"],
    });
    await grant(database, "active", user.id, author.id, tree.group.id);
    await grant(database, "active", user.id, writer.id, tree.subscription.id);
    const caller = await makeCaller(database, user);
    const made = (fields: RoleDefinitionFields) => createRoleDefinition(database, caller, fields);
    const only = [tree.group.scope];
    const without = (actions: string[], notActions: string[]) => ({
      ...definition(actions, only),
      permission: { ...emptyPermission(actions), notActions },
    });
    expect(await made(definition(["Microsoft.Web/sites/write"], only))).toMatchObject({ ok: true });
    expect(await made(definition(["Microsoft.Web/sites/write"]))).toMatchObject(denied);
    expect(await made(definition(["Microsoft.Web/*"], only))).toMatchObject(denied);
    expect(await made(definition(["Microsoft.Web/sites/SECRET/read"], only))).toMatchObject(denied);
    expect(await made(without(["Microsoft.Web/*"], ["*/secret/read"]))).toMatchObject({ ok: true });
    const data = { ...emptyPermission([]), dataActions: ["Microsoft.Web/sites/read"] };
    expect(await made({ ...definition(undefined, only), permission: data })).toMatchObject(denied);

    const edit = (role: Parameters<typeof change>[0], changes: Partial<RoleDefinitionFields>) =>
      updateRoleDefinition(database, caller, change(role, changes));
    const role = await customRole(without(["Microsoft.Storage/*"], ["Microsoft.Storage/*/delete"]));
    expect(await edit(role, { permission: emptyPermission(["Microsoft.Storage/*"]) })).toMatchObject(denied);
    expect(await edit(role, { assignableScopes: [tree.subscription.scope] })).toMatchObject(denied);
    const { permission } = role.fields;
    const more = { ...permission, actions: [...permission.actions, "Microsoft.Web/sites/read"] };
    expect(await edit(role, { permission: more })).toMatchObject({ ok: true });
  });

  it("that adds a scope to a role in use takes the proof that widening it takes", async () => {
    const { database } = test;
    const role = await customRole(definition(undefined, [tree.group.scope]));
    const member = await makeUser(database);
    await grant(database, "active", member.id, role.id, tree.group.id);
    await database.client.roleManagementPolicy.create({
      data: { resourceId: tree.group.id, roleDefinitionId: role.id, assignmentRequiresMfa: true },
    });
    const edit = change(role, { assignableScopes: [tree.subscription.scope] });
    expect(await updateRoleDefinition(database, owner, edit)).toMatchObject(mfa);
    const proofId = await makeProof(database, owner, updateRoleDefinitionOperation(edit));
    expect(await updateRoleDefinition(database, owner, { ...edit, proofId })).toMatchObject({ ok: true });
  });

  it("that widens what only waits to be renewed takes the proof that widening a role in use takes", async () => {
    const { database } = test;
    const role = await customRole();
    const member = await makeCaller(database, await makeUser(database));
    const ended = await grant(database, "eligible", member.userId, role.id, tree.group.id, {
      startsAt: addDays(now, -30),
      endsAt: addDays(now, -1),
    });
    const asked = { assignmentType: "Eligible" as const, id: ended.id, endsAt: addDays(now, 30) };
    const renewal = { ...asked, justification: "Go on" };
    expect(await requestRenewal(database, member, renewal)).toMatchObject({ ok: true });
    expect(await updateRoleDefinition(database, owner, change(role, wider))).toMatchObject(mfa);
  });

  it("by which it comes to write authorisation brings MFA to settings that were edited before, with an event each", async () => {
    const { database } = test;
    const role = await customRole();
    const edited = { resourceId: tree.group.id, roleDefinitionId: role.id };
    await database.client.roleManagementPolicy.create({ data: { ...edited, version: 3 } });
    const writing = { permission: emptyPermission(["Microsoft.Authorization/roleAssignments/*"]) };
    expect(await updateRoleDefinition(database, owner, change(role, writing))).toMatchObject({ ok: true });
    expect(
      await database.client.roleManagementPolicy.findUniqueOrThrow({
        where: { resourceId_roleDefinitionId: edited },
      }),
    ).toMatchObject({ assignmentRequiresMfa: true, version: 4 });
    const event = await database.client.auditEvent.findFirstOrThrow({
      where: { kind: "RoleSettingsUpdated", roleDefinitionId: role.id },
    });
    expect(event).toMatchObject({
      actorId: owner.userId,
      resourceId: tree.group.id,
      details: { before: { assignmentRequiresMfa: false }, after: { assignmentRequiresMfa: true } },
    });
    const { id } = await makeUser(database);
    const assignment = {
      assignmentType: "Active" as const,
      roleDefinitionId: role.id,
      resourceId: tree.group.id,
      principalIds: [id],
      startsAt: null,
      endsAt: addDays(now, 30),
      justification: "Cover",
      proofId: null,
    };
    expect(await assignRole(database, owner, assignment)).toMatchObject(mfa);
  });

  it("names everything that is wrong with it together: lines, a taken name and a scope in use", async () => {
    const { database } = test;
    const [role, other] = [await customRole(), await customRole()];
    await grant(database, "active", (await makeUser(database)).id, role.id, tree.subscription.id);
    const wrong = emptyPermission(["nowhere", "Microsoft.Web/*", "a b/c"]);
    const edit = change(role, {
      roleName: other.fields.roleName,
      permission: wrong,
      assignableScopes: [tree.group.scope],
    });
    const result = await updateRoleDefinition(database, owner, edit);
    expect(result).toMatchObject({
      ok: false,
      error: {
        code: "InvalidInput",
        faults: [
          { field: "actions", message: expect.stringContaining("Line 1") },
          { field: "actions", message: expect.stringContaining("Line 3") },
          { field: "assignableScopes", message: expect.stringContaining("in use outside") },
          { field: "roleName", message: "Another role already has this name." },
        ],
      },
    });
  });

  it("is refused when stale, and keeps assignable what is in use", async () => {
    const { database } = test;
    const role = await customRole();
    const member = await makeUser(database, "Uma User");
    await grant(database, "eligible", member.id, role.id, tree.subscription.id);
    const moved = change(role, { assignableScopes: [tree.group.scope] });
    expect(await updateRoleDefinition(database, owner, moved)).toMatchObject({
      error: {
        code: "InvalidInput",
        faults: [{ field: "assignableScopes", message: expect.stringContaining("Uma User") }],
      },
    });
    const renamed = change(role, { description: "Other words" });
    const results = await atOnce(
      test,
      [1, 2, 3].map(() => () => updateRoleDefinition(database, owner, renamed)),
    );
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    expect(results.find((result) => !result.ok)).toMatchObject({ error: { code: "StaleEdit" } });
  });
});

describe("deleting", () => {
  it("is refused while somebody uses the role, now or later, and says who", async () => {
    const { database } = test;
    const role = await customRole();
    const member = await makeUser(database, "Lara Later");
    const eligibility = await grant(database, "eligible", member.id, role.id, tree.group.id, {
      startsAt: addMinutes(now, 600),
      endsAt: addMinutes(now, 900),
    });
    const target = { roleDefinitionId: role.id, justification: null };
    expect(await deleteRoleDefinition(database, owner, target)).toMatchObject({
      error: { code: "Conflict", message: expect.stringContaining("Lara Later (eligible)") },
    });
    const { startsAt } = eligibility;
    await pastTheRules(database, (to) =>
      to.eligibility.update({
        where: { id: eligibility.id },
        data: { endsAt: startsAt, removedAt: now },
      }),
    );
    expect(await deleteRoleDefinition(database, owner, target)).toMatchObject({ ok: true });
    expect(await deleteRoleDefinition(database, owner, target)).toMatchObject({
      error: { code: "NotFound" },
    });
    expect(await createRoleDefinition(database, owner, role.fields)).toMatchObject({ ok: true });
  });

  it("races with an assignment: never is a deleted role held", async () => {
    const { database } = test;
    for (const leading of ["first", "second"] as const) {
      const role = await customRole();
      const member = await makeUser(database);
      const assigning = () =>
        assignRole(database, owner, {
          assignmentType: "Active",
          roleDefinitionId: role.id,
          resourceId: tree.group.id,
          principalIds: [member.id],
          startsAt: null,
          endsAt: addDays(now, 1),
          justification: "Cover",
          proofId: null,
        });
      const deleting = () =>
        deleteRoleDefinition(database, owner, { roleDefinitionId: role.id, justification: null });
      const [assigned, deleted] = await oneAfterTheOther(test, assigning, deleting, leading);
      expect(assigned.ok).toBe(leading === "first");
      expect([assigned.ok, deleted.ok].filter(Boolean)).toHaveLength(1);
    }
  });
});

it("shows what a person could do now, role by role, with what is inherited and through groups", async () => {
  const { database } = test;
  const member = await makeUser(database, "Karl Check");
  const group = await makeGroup(database, [member.id], "Web team");
  const reader = await makeRole(database, "Web reader", { actions: ["*/read"] });
  const writer = await makeRole(database, "Web writer", {
    actions: ["Microsoft.Web/*"],
    notActions: ["Microsoft.Web/sites/delete"],
  });
  await grant(database, "active", member.id, reader.id, tree.subscription.id);
  await grant(database, "active", group.id, writer.id, tree.group.id);
  const ask = (resourceId: string, operation: string) =>
    checkAccess(database, resourceId, { principalId: member.id, operation, kind: "action" });
  expect(await ask(tree.group.id, "microsoft.web/sites/delete")).toMatchObject({
    principal: { displayName: "Karl Check", email: member.email },
    roles: [
      {
        roleName: "Web writer",
        group: { displayName: "Web team" },
        verdict: { decision: "excluded", by: "Microsoft.Web/sites/delete" },
      },
      { roleName: "Web reader", group: null, verdict: { decision: "notMentioned" } },
    ],
  });
  expect((await ask(tree.group.id, "Microsoft.Web/sites/write"))?.roles[0]?.verdict.decision).toBe("allowed");
  expect((await ask(tree.subscription.id, "Microsoft.Web/sites/write"))?.roles).toHaveLength(1);
  expect(
    await checkAccess(database, tree.group.id, { principalId: "x", operation: "a/b", kind: "action" }),
  ).toBeNull();
});

describe("actions in use", () => {
  it("are found in the roles that can be assigned there, each once, those of own types first, and these alone without a search", async () => {
    const { database } = test;
    await test.asOwner(`INSERT INTO own_resource_types (segment, display_name, icon)
      VALUES ('ledgers', 'Ledger', 'database') ON CONFLICT DO NOTHING`);
    await makeRole(database, "Clerk", { dataActions: ["Ledgers/entries/read"] });
    await makeRole(database, "Closer", {
      actions: ["Ledgers/close", "ledgers/Close", "Contoso.Books/ledgers/close"],
    });
    const there = await makeRole(database, "There", { actions: ["ledgers/elsewhere"] });
    const gone = await makeRole(database, "Gone", { actions: ["ledgers/gone"] });
    await test.asOwner(`UPDATE role_definitions SET assignable_scopes = '{/subscriptions/elsewhere}'
      WHERE id = '${there.id}'`);
    await test.asOwner(
      `UPDATE role_definitions SET deleted_at = postern_now(), role_type = 'CustomRole' WHERE id = '${gone.id}'`,
    );
    expect(await actionsInUse(database, tree.subscription.id, "")).toEqual([
      { action: "Ledgers/close", data: false },
      { action: "Ledgers/entries/read", data: true },
    ]);
    expect(await actionsInUse(database, tree.subscription.id, "ledgers clo")).toEqual([
      { action: "Ledgers/close", data: false },
      { action: "Contoso.Books/ledgers/close", data: false },
    ]);
    expect(await actionsInUse(database, tree.subscription.id, "gone")).toEqual([]);
    expect(await actionsInUse(database, tree.subscription.id, "elsewhere")).toEqual([]);
    const many = Array.from({ length: mostActions + 5 }, (_, index) => `Contoso.Many/things/do${index}`);
    await makeRole(database, "Many", { actions: many });
    expect(await actionsInUse(database, tree.subscription.id, "contoso.many")).toHaveLength(mostActions);
  });
});
