import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ImportKind } from "@/lib/domain/imports/import-kinds";
import { applyImports } from "@/lib/operations/imports/apply-imports";
import { confirmImport } from "@/lib/operations/imports/confirm-import";
import { holdLock } from "../../support/database/held-lock";
import { grant, makeGroup, makeRole, makeUser } from "../../support/factories";
import { makeImports, azureUser as user } from "../../support/imports";

const now = new Date("2026-03-02T09:00:00Z");
let at: Awaited<ReturnType<typeof makeImports>>;
beforeAll(async () => {
  at = await makeImports(() => now);
});
afterAll(() => at.test.drop());

describe("an import", () => {
  it("shows what it would do without doing it, does it, and a second time changes nothing", async () => {
    const { client } = at.database;
    const known = await client.principal.create({
      data: { type: "User", displayName: "Old name", email: "person1@fabrikam.example" },
    });
    const rows = [user(1), user(2), user(2), { id: "x" }, user(3, { accountEnabled: false })];
    const importId = await at.stage("Users", rows);
    expect(await at.outcomes(importId)).toEqual(["Change", "Add", "Bad", "Bad", "Add"]);
    expect(await client.principal.count({ where: { email: "person2@fabrikam.example" } })).toBe(0);
    expect((await at.rowsOf(importId))[0]?.difference).toEqual({
      before: { displayName: "Old name", externalId: null },
      after: { displayName: "Person 1", externalId: "object-1" },
    });
    await at.applyAll(importId);
    expect(await client.principal.findUniqueOrThrow({ where: { id: known.id } })).toMatchObject({
      displayName: "Person 1",
      externalId: "object-1",
    });
    const third = await client.principal.findFirstOrThrow({ where: { externalId: "object-3" } });
    expect(third.disabledAt).not.toBeNull();
    const events = await client.auditEvent.count();
    await at.applyAll(importId);
    expect(await client.auditEvent.count()).toBe(events);
    const again = await at.stage("Users", rows);
    expect(await at.outcomes(again)).toEqual(["Unchanged", "Unchanged", "Bad", "Bad", "Unchanged"]);
    await at.applyAll(again);
    expect(await client.principal.count({ where: { email: { endsWith: "@fabrikam.example" } } })).toBe(3);
  });

  it("changes nothing but what the dry run showed, where somebody has changed the same since", async () => {
    const { client } = at.database;
    const scope = `/subscriptions/${randomUUID()}`;
    const resource = (name: string) => [{ id: scope, name, type: "Microsoft.Resources/subscriptions" }];
    const role = (description: string) => [
      {
        roleName: "Stale role",
        description,
        permissions: [{ actions: ["a/b/read"] }],
        assignableScopes: ["/"],
      },
    ];
    const person = await client.principal.create({
      data: { type: "User", displayName: "Before", email: "person70@fabrikam.example" },
    });
    const group = await makeGroup(at.database, [], "Stale group");
    await at.applyAll(await at.stage("Resources", resource("Before")));
    await at.applyAll(await at.stage("RoleDefinitions", role("Before")));
    const staged = [
      await at.stage("Users", [user(70), user(71)]),
      await at.stage("Groups", [{ id: "stale-group", displayName: "Stale group" }]),
      await at.stage("Resources", resource("File")),
      await at.stage("RoleDefinitions", role("File")),
    ];
    expect(await Promise.all(staged.map(at.outcomes))).toEqual([
      ["Change", "Add"],
      ["Change"],
      ["Change"],
      ["Change"],
    ]);
    await client.principal.update({ where: { id: person.id }, data: { displayName: "Corrected" } });
    await client.principal.create({
      data: { type: "User", displayName: "By hand", email: "person71@fabrikam.example" },
    });
    await client.principal.update({ where: { id: group.id }, data: { externalId: "corrected" } });
    await client.resource.updateMany({ where: { scope }, data: { displayName: "Corrected" } });
    await client.roleDefinition.updateMany({
      where: { roleName: "Stale role" },
      data: { description: "Corrected" },
    });
    for (const importId of staged) await at.applyAll(importId);
    const [people, groups, ...others] = await Promise.all(staged.map(at.rowsOf));
    for (const row of [...(people ?? []), ...others.flat()])
      expect(row).toMatchObject({
        state: "Failed",
        reason: expect.stringContaining("has changed since the preview"),
      });
    // The group has become another one, and the file's group would be its twin.
    expect(groups).toMatchObject([
      { state: "Failed", reason: "There is already a group named Stale group." },
    ]);
    expect(await client.principal.count({ where: { externalId: "stale-group" } })).toBe(0);
    expect(await client.principal.findUniqueOrThrow({ where: { id: person.id } })).toMatchObject({
      displayName: "Corrected",
      externalId: null,
    });
    expect(await client.resource.findFirstOrThrow({ where: { scope } })).toMatchObject({
      displayName: "Corrected",
    });
    // Read again, the file shows what it would change now, and does.
    const again = await at.stage("Users", [user(70)]);
    await at.applyAll(again);
    expect(await at.rowsOf(again)).toMatchObject([{ outcome: "Change", state: "Applied" }]);
  });

  it("does not let a manager of people take over an account by its address or id", async () => {
    const { database } = at;
    const victim = await database.client.principal.create({
      data: {
        type: "User",
        displayName: "Vic Tim",
        email: "victim@fabrikam.example",
        externalId: "victim-id",
      },
    });
    const role = await makeRole(database, "Contributor", { actions: ["*"] });
    await grant(database, "eligible", victim.id, role.id, at.tree.group.id);
    const { caller } = await at.peopleManager();
    const rows = [{ id: "victim-id", displayName: "Vic Tim", userPrincipalName: "thief@fabrikam.example" }];
    const importId = await at.stage("Users", rows, { caller });
    expect(await at.rowsOf(importId)).toMatchObject([
      { outcome: "Bad", reason: expect.stringContaining("may not assign") },
    ]);
    expect(await at.outcomes(await at.stage("Users", rows))).toEqual(["Change"]);
  });
});

describe("resources", () => {
  it("come with what contains them, in the order that takes, and are never moved", async () => {
    const subscription = `/subscriptions/${randomUUID()}`;
    const site = `${subscription}/resourceGroups/web/providers/Microsoft.Web/sites/shop`;
    const importId = await at.stage("Resources", [
      { id: `${site}/slots/blue`, name: "blue", type: "Microsoft.Web/sites/slots" },
      { id: site, name: "shop", type: "Microsoft.Web/sites" },
      { id: "/subscriptions//x", name: "x", type: "t" },
      { id: "/subscriptions/unknown/providers/A/b/c/d/e", name: "e", type: "A/b/d" },
    ]);
    expect(await at.outcomes(importId)).toContain("Bad");
    await at.applyAll(importId);
    const { client } = at.database;
    const blue = await client.resource.findFirstOrThrow({
      where: { scope: `${site}/slots/blue` },
      include: { parent: true },
    });
    expect(blue.parent?.scope).toBe(site);
    const made = await client.resource.findFirstOrThrow({
      where: { scope: subscription },
      include: { parent: true },
    });
    expect(made).toMatchObject({ resourceType: "Microsoft.Resources/subscriptions", parent: { scope: "/" } });

    const csv = `id,displayName,parent
/providers/Microsoft.Management/managementGroups/inner,Inner,/providers/Microsoft.Management/managementGroups/outer
/providers/Microsoft.Management/managementGroups/outer,Outer,
`;
    const groups = await at.stage("ManagementGroups", csv);
    expect(await at.outcomes(groups)).toEqual(["Add", "Add"]);
    await at.applyAll(groups);
    const moved = await at.stage(
      "ManagementGroups",
      csv.replace("/managementGroups/outer\n", "/managementGroups/other\n"),
    );
    expect((await at.rowsOf(moved))[0]).toMatchObject({
      outcome: "Bad",
      reason: expect.stringContaining("do not move resources"),
    });
    expect(await at.outcomes(await at.stage("ManagementGroups", csv))).toEqual(["Unchanged", "Unchanged"]);
  });
});

describe("what a real file leaves unsaid", () => {
  it("is a subscription's management group, which CSV may name; and names are kept as they are written", async () => {
    const { client } = at.database;
    const group = "/providers/Microsoft.Management/managementGroups/Landing";
    const subscription = `/subscriptions/${randomUUID().toUpperCase()}`;
    await at.applyAll(
      await at.stage("ManagementGroups", [{ id: group, displayName: "Landing", name: "Landing" }]),
    );
    const csv = `id,name,type,parent\n${subscription},Prod,Microsoft.Resources/subscriptions,${group}\n`;
    await at.applyAll(await at.stage("Resources", csv));
    const vault = `${subscription}/resourcegroups/Rg-Keys/providers/Microsoft.KeyVault/vaults/Kv`;
    const importId = await at.stage("Resources", [
      { id: vault, name: "Kv", type: "Microsoft.KeyVault/vaults" },
      {
        id: `${subscription}/resourceGroups/RG-KEYS/providers/A.B/lost/X/part/y`,
        name: "X/y",
        type: "A.B/lost/part",
      },
    ]);
    expect(await at.rowsOf(importId)).toMatchObject([
      { outcome: "Add", reason: `Makes ${subscription}/resourcegroups/Rg-Keys along.` },
      {
        outcome: "Bad",
        reason: expect.stringContaining(`${subscription}/resourceGroups/RG-KEYS/providers/A.B/lost/X,`),
      },
    ]);
    await at.applyAll(importId);
    const made = await client.resource.findFirstOrThrow({
      where: { scope: vault },
      include: { parent: { include: { parent: { include: { parent: true } } } } },
    });
    expect(made.parent).toMatchObject({
      displayName: "Rg-Keys",
      scope: `${subscription}/resourcegroups/Rg-Keys`,
      parent: { displayName: "Prod", scope: subscription, parent: { scope: group } },
    });
    // A later import of Azure's own lists does not move it, not even a second time.
    expect(await at.outcomes(await at.stage("Resources", csv))).toEqual(["Unchanged"]);
    const list = [
      { id: `${subscription}/resourceGroups/RG-KEYS`, name: "Rg-Keys", properties: {}, tags: null },
    ];
    expect(await at.outcomes(await at.stage("ResourceGroups", list))).toEqual(["Unchanged"]);
  });

  it("is a reason where nothing is left to be applied", async () => {
    const importId = await at.stage("RoleAssignments", [{ principalId: "nobody", scope: "/" }]);
    const result = await confirmImport(at.database, at.owner, {
      importId,
      justification: null,
      proofId: null,
    });
    expect(result).toMatchObject({ ok: true, left: 0 });
  });
});

describe("role assignments", () => {
  async function arrange(settings: object = {}) {
    const { database } = at;
    const role = await makeRole(database, `Role ${randomUUID()}`, { actions: ["*/read"] });
    const policy = {
      resourceId: at.tree.group.id,
      roleDefinitionId: role.id,
      activeMaximumDays: null,
      ...settings,
    };
    await database.client.roleManagementPolicy.create({ data: policy });
    const member = await database.client.principal.create({
      data: {
        type: "User",
        displayName: "Max",
        email: `${randomUUID()}@fabrikam.example`,
        externalId: randomUUID(),
      },
    });
    const row = {
      principalId: member.externalId,
      principalType: "User",
      roleDefinitionId: `/subscriptions/x/providers/Microsoft.Authorization/roleDefinitions/${role.id}`,
      scope: at.tree.group.scope.toUpperCase().replace("/SUBSCRIPTIONS", "/subscriptions"),
    };
    return { role, member, row };
  }
  const held = (principalId: string) => at.database.client.assignment.findMany({ where: { principalId } });

  it("are refused where permanent is not allowed, or end in time when the administrator chose that", async () => {
    const { member, row } = await arrange({ activeMaximumDays: 30 });
    const refused = await at.stage("RoleAssignments", [row]);
    expect(await at.rowsOf(refused)).toMatchObject([
      { outcome: "Bad", reason: expect.stringContaining("permanent") },
    ]);
    const capped = await at.stage("RoleAssignments", [row], { capToMaximum: true });
    const unexplained = { importId: capped, justification: null, proofId: null };
    expect(await confirmImport(at.database, at.owner, unexplained)).toMatchObject({
      error: { code: "InvalidInput" },
    });
    await at.applyAll(capped);
    expect(await held(member.id)).toMatchObject([{ endsAt: new Date(now.getTime() + 30 * 86_400_000) }]);
    expect(await at.outcomes(await at.stage("RoleAssignments", [row], { capToMaximum: true }))).toEqual([
      "Unchanged",
    ]);
  });

  it("show what is not known of each bad row, make service principals along, and obey rule 8", async () => {
    const { database } = at;
    const { row, role } = await arrange();
    const program = {
      ...row,
      principalId: randomUUID(),
      principalType: "ServicePrincipal",
      principalName: "deploy-bot",
    };
    const importId = await at.stage("RoleAssignments", [
      program,
      { ...row, principalId: "nobody" },
      { ...row, scope: "/subscriptions/none" },
      { ...row, roleDefinitionId: randomUUID() },
    ]);
    expect(await at.rowsOf(importId)).toMatchObject([
      { outcome: "Add", reason: expect.stringContaining("deploy-bot") },
      { reason: expect.stringContaining("principal nobody") },
      { reason: expect.stringContaining("scope /subscriptions/none") },
      { reason: expect.stringContaining("role") },
    ]);
    await at.applyAll(importId);
    const made = await database.client.principal.findFirstOrThrow({
      where: { externalId: program.principalId },
    });
    expect(made).toMatchObject({ type: "ServicePrincipal", displayName: "deploy-bot" });
    expect(await held(made.id)).toHaveLength(1);

    const { caller } = await at.peopleManager();
    const own = { principal: caller.email, role: role.roleName, scope: at.tree.group.scope };
    expect(await at.rowsOf(await at.stage("RoleAssignments", [own], { caller }))).toMatchObject([
      { outcome: "Bad", reason: expect.stringContaining("may not assign") },
    ]);
  });
});

describe("role definitions and groups", () => {
  it("are added and changed by id or name, and a role in use is not widened", async () => {
    const { database } = at;
    const id = randomUUID();
    const role = {
      name: id,
      roleName: "Imported deployer",
      roleType: "CustomRole",
      description: "",
      permissions: [
        { actions: ["Microsoft.Web/sites/read"], notActions: [], dataActions: [], notDataActions: [] },
      ],
      assignableScopes: [at.tree.subscription.scope],
    };
    const builtIn = { ...role, name: randomUUID(), roleName: "Unknown built-in", roleType: "BuiltInRole" };
    const first = await at.stage("RoleDefinitions", [role, builtIn]);
    expect(await at.outcomes(first)).toEqual(["Add", "Bad"]);
    await at.applyAll(first);
    expect(await at.outcomes(await at.stage("RoleDefinitions", [role]))).toEqual(["Unchanged"]);
    const wider = { ...role, permissions: [{ ...role.permissions[0], actions: ["*"] }] };
    expect(await at.outcomes(await at.stage("RoleDefinitions", [wider]))).toEqual(["Change"]);
    const member = await makeUser(database);
    await grant(database, "eligible", member.id, id, at.tree.group.id);
    expect(await at.rowsOf(await at.stage("RoleDefinitions", [wider]))).toMatchObject([
      { outcome: "Bad", reason: expect.stringContaining("in use") },
    ]);
    const writer = await makeRole(database, "Writer of roles", {
      actions: ["Microsoft.Authorization/roleDefinitions/*", "Microsoft.Authorization/principals/*"],
    });
    const caller = await at.person("Wanda Writer");
    await grant(database, "active", caller.userId, writer.id, at.tree.root.id);
    const fresh = { ...wider, name: randomUUID(), roleName: "Everything" };
    expect(await at.rowsOf(await at.stage("RoleDefinitions", [fresh], { caller }))).toMatchObject([
      { outcome: "Bad", reason: expect.stringContaining("do not hold it there yourself") },
    ]);
    const group = await makeGroup(database, [], "Imported group");
    const groups = await at.stage("Groups", [
      { id: "group-1", displayName: "Imported group" },
      { id: "group-2", displayName: "Fresh" },
    ]);
    expect(await at.outcomes(groups)).toContain("Change");
    await at.applyAll(groups);
    const found = await database.client.principal.findUniqueOrThrow({ where: { id: group.id } });
    expect(found.externalId).toBe("group-1");
  });

  it("are judged against what they are written over: one that is narrowed meanwhile is not widened again", async () => {
    const { database } = at;
    const wide = { actions: ["Microsoft.Web/*"], notActions: [], dataActions: [], notDataActions: [] };
    const role = await database.client.roleDefinition.create({
      data: {
        roleName: "Narrowed meanwhile",
        description: "Before",
        roleType: "CustomRole",
        permissions: [wide],
        assignableScopes: [at.tree.subscription.scope],
      },
    });
    await grant(database, "eligible", (await makeUser(database)).id, role.id, at.tree.group.id);
    const row = { ...role, name: role.id, description: "After" };
    const importId = await at.stage("RoleDefinitions", [row]);
    expect(await at.outcomes(importId)).toEqual(["Change"]);
    expect(await at.confirm(importId)).toMatchObject({ ok: true });
    const narrow = JSON.stringify([{ ...wide, actions: ["Microsoft.Web/sites/read"] }]);
    const narrowing = await holdLock(
      at.test,
      "UPDATE role_definitions SET permissions = $2::jsonb, version = version + 1 WHERE id = $1",
      [role.id, narrow],
    );
    const applied = applyImports(database);
    await narrowing.waitedFor();
    await narrowing.release();
    await applied;
    const after = await database.client.roleDefinition.findUniqueOrThrow({ where: { id: role.id } });
    expect(after).toMatchObject({ description: "Before", permissions: JSON.parse(narrow) });
  });
});

it("knows again what has letters that only some locales have in lower case", async () => {
  const subscription = `/subscriptions/${randomUUID()}`;
  const twice = async (kind: ImportKind, rows: unknown) => {
    await at.applyAll(await at.stage(kind, rows));
    return at.outcomes(await at.stage(kind, rows));
  };
  const place = { id: `${subscription}/resourceGroups/Übung`, name: "Übung" };
  expect(await twice("ResourceGroups", [place])).toEqual(["Unchanged"]);
  const role = {
    roleName: "Übersicht",
    roleType: "CustomRole",
    permissions: [{ actions: ["*/read"] }],
    assignableScopes: [subscription],
  };
  expect(await twice("RoleDefinitions", [role])).toEqual(["Unchanged"]);
  const user = { id: "ÄÖÜ-1", displayName: "Änne", userPrincipalName: "aenne@fabrikam.example" };
  expect(await twice("Users", [user])).toEqual(["Unchanged"]);
  expect(await twice("Groups", [{ id: "ÉQUIPE", displayName: "Équipe" }])).toEqual(["Unchanged"]);
  expect(await twice("GroupMembers", "group,member\nÉquipe,ÄÖÜ-1\n")).toEqual(["Unchanged"]);
  const rows = [{ principal: "ÄÖÜ-1", role: "Übersicht", scope: place.id }];
  expect(await at.rowsOf(await at.stage("RoleAssignments", rows, { capToMaximum: true }))).toMatchObject([
    { outcome: "Add" },
  ]);
});
