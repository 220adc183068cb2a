import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ImportKind } from "@/lib/domain/import-kinds";
import { applyImport, applyImportOperation } from "@/lib/operations/apply-import";
import { discardImport } from "@/lib/operations/discard-import";
import { stageImport } from "@/lib/operations/stage-import";
import type { Caller } from "@/lib/platform/caller";
import { createTestDatabase, type TestDatabase } from "../support/database";
import {
  grant,
  makeCaller,
  makeGroup,
  makeOwnerRole,
  makeProof,
  makeRole,
  makeTree,
  makeUser,
} from "../support/factories";

const now = new Date("2026-03-02T09:00:00Z");
let test: TestDatabase;
let tree: Awaited<ReturnType<typeof makeTree>>;
let owner: Caller;
beforeAll(async () => {
  test = await createTestDatabase({ clock: () => now });
  tree = await makeTree(test.database);
  const user = await makeUser(test.database, "Olga Owner");
  await grant(test.database, "active", user.id, (await makeOwnerRole(test.database)).id, tree.root.id);
  owner = await makeCaller(test.database, user);
});
afterAll(() => test.drop());

async function stage(
  kind: ImportKind,
  rows: unknown,
  options: { capToMaximum?: boolean; caller?: Caller } = {},
) {
  const result = await stageImport(test.database, options.caller ?? owner, {
    kind,
    fileName: "file.json",
    content: typeof rows === "string" ? rows : JSON.stringify(rows),
    capToMaximum: options.capToMaximum ?? false,
  });
  if (!result.ok) throw new Error(JSON.stringify(result.error));
  return result.importId;
}

const rowsOf = (importId: string) =>
  test.database.client.importRow.findMany({ where: { importId }, orderBy: { number: "asc" } });
const outcomes = async (importId: string) => (await rowsOf(importId)).map((row) => row.outcome);

async function applyAll(importId: string, caller = owner) {
  for (;;) {
    const step = await applyImport(test.database, caller, {
      importId,
      justification: "Moving in",
      proofId: null,
    });
    if (!step.ok) throw new Error(JSON.stringify(step.error));
    if (step.left === 0) return step;
  }
}

async function proofFor(importId: string, caller = owner) {
  const found = await test.database.client.import.findUniqueOrThrow({ where: { id: importId } });
  return makeProof(test.database, caller, applyImportOperation(found));
}

const user = (index: number, more: object = {}) => ({
  id: `object-${index}`,
  displayName: `Person ${index}`,
  userPrincipalName: `person${index}@fabrikam.example`,
  ...more,
});

describe("an import", () => {
  it("shows what it would do without doing it, does it, and a second time changes nothing", async () => {
    const { client } = test.database;
    const known = await client.principal.create({
      data: { type: "User", displayName: "Old name", email: "person1@fabrikam.example" },
    });
    const rows = [user(1), user(2), user(2), { id: "x" }, user(3, { accountEnabled: false })];
    const importId = await stage("Users", rows);
    expect(await outcomes(importId)).toEqual(["Change", "Add", "Bad", "Bad", "Add"]);
    expect(await client.principal.count({ where: { email: "person2@fabrikam.example" } })).toBe(0);
    expect((await rowsOf(importId))[0]?.difference).toEqual({
      before: { displayName: "Old name", externalId: null },
      after: { displayName: "Person 1", externalId: "object-1" },
    });
    await applyAll(importId);
    expect(await client.principal.findUniqueOrThrow({ where: { id: known.id } })).toMatchObject({
      displayName: "Person 1",
      externalId: "object-1",
    });
    const third = await client.principal.findFirstOrThrow({ where: { externalId: "object-3" } });
    expect(third.disabledAt).not.toBeNull();
    const events = await client.auditEvent.count();
    await applyAll(importId);
    expect(await client.auditEvent.count()).toBe(events);
    const again = await stage("Users", rows);
    expect(await outcomes(again)).toEqual(["Unchanged", "Unchanged", "Bad", "Bad", "Unchanged"]);
    await applyAll(again);
    expect(await client.principal.count({ where: { email: { endsWith: "@fabrikam.example" } } })).toBe(3);
  });

  it("goes on after it was cut off half-way, from any of several tabs, and does each row once", async () => {
    const rows = Array.from({ length: 1_300 }, (_, index) => user(1_000 + index));
    const importId = await stage("Users", rows);
    const step = { importId, justification: null, proofId: null };
    expect(await applyImport(test.database, owner, step)).toMatchObject({ ok: true, done: 500, left: 800 });
    expect(
      await test.database.client.principal.count({ where: { externalId: { startsWith: "object-1" } } }),
    ).toBeGreaterThan(499);
    // The process is gone: another one, with nothing but the database, goes on.
    const tabs = await Promise.all([1, 2, 3].map(() => applyImport(test.database, owner, step)));
    expect(tabs.every((tab) => tab.ok)).toBe(true);
    const found = await test.database.client.import.findUniqueOrThrow({ where: { id: importId } });
    expect(found.status).toBe("Applied");
    const created = { kind: "PrincipalCreated", targetName: { startsWith: "Person 1" } };
    const events = await test.database.client.auditEvent.findMany({
      where: created,
      select: { targetId: true },
      take: 5000,
    });
    expect(new Set(events.map((event) => event.targetId)).size).toBe(events.length);
  });

  it("is made and applied by nobody who may not manage people at the root, and stops with the right", async () => {
    const { database } = test;
    const stranger = await makeCaller(database, await makeUser(database));
    const input = {
      kind: "Users" as const,
      fileName: "f",
      content: JSON.stringify([user(1)]),
      capToMaximum: false,
    };
    expect(await stageImport(database, stranger, input)).toMatchObject({
      ok: false,
      error: { code: "NotFound" },
    });
    const importId = await stage(
      "Users",
      Array.from({ length: 600 }, (_, index) => user(5_000 + index)),
    );
    const step = { importId, justification: null, proofId: null };
    const forged = await applyImport(database, stranger, step);
    expect(forged).toEqual(await applyImport(database, stranger, { ...step, importId: randomUUID() }));
    const role = await makeRole(database, "People manager", {
      actions: ["Microsoft.Authorization/principals/*"],
    });
    const helper = await makeUser(database);
    const assignment = await grant(database, "active", helper.id, role.id, tree.root.id);
    const caller = await makeCaller(database, helper);
    expect(await applyImport(database, caller, step)).toMatchObject({ ok: true, left: 100 });
    await database.client.assignment.update({
      where: { id: assignment.id },
      data: { endsAt: now, removedAt: now },
    });
    expect(await applyImport(database, caller, step)).toMatchObject({ ok: false });
    expect(await discardImport(database, owner, importId)).toMatchObject({ ok: true });
    expect(await applyImport(database, owner, step)).toMatchObject({ error: { code: "Conflict" } });
  });

  it("does not let a manager of people take over an account by its address or id", async () => {
    const { database } = test;
    const victim = await database.client.principal.create({
      data: {
        type: "User",
        displayName: "Vic Tim",
        email: "victim@fabrikam.example",
        externalId: "victim-id",
      },
    });
    const role = await makeRole(database, "Contributor", { actions: ["*"] });
    await grant(database, "eligible", victim.id, role.id, tree.group.id);
    const manager = await makeRole(database, "People manager", {
      actions: ["Microsoft.Authorization/principals/*"],
    });
    const helper = await makeUser(database);
    await grant(database, "active", helper.id, manager.id, tree.root.id);
    const caller = await makeCaller(database, helper);
    const rows = [{ id: "victim-id", displayName: "Vic Tim", userPrincipalName: "thief@fabrikam.example" }];
    const importId = await stage("Users", rows, { caller });
    expect(await rowsOf(importId)).toMatchObject([
      { outcome: "Bad", reason: expect.stringContaining("may not assign") },
    ]);
    expect(await outcomes(await stage("Users", rows))).toEqual(["Change"]);
  });
});

describe("resources", () => {
  it("come with what contains them, in the order that takes, and are never moved", async () => {
    const subscription = `/subscriptions/${randomUUID()}`;
    const site = `${subscription}/resourceGroups/web/providers/Microsoft.Web/sites/shop`;
    const importId = await stage("Resources", [
      { id: `${site}/slots/blue`, name: "blue", type: "Microsoft.Web/sites/slots" },
      { id: site, name: "shop", type: "Microsoft.Web/sites" },
      { id: "/subscriptions//x", name: "x", type: "t" },
      { id: "/subscriptions/unknown/providers/A/b/c/d/e", name: "e", type: "A/b/d" },
    ]);
    expect(await outcomes(importId)).toContain("Bad");
    await applyAll(importId);
    const { client } = test.database;
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
    const groups = await stage("ManagementGroups", csv);
    expect(await outcomes(groups)).toEqual(["Add", "Add"]);
    await applyAll(groups);
    const moved = await stage(
      "ManagementGroups",
      csv.replace("/managementGroups/outer\n", "/managementGroups/other\n"),
    );
    expect((await rowsOf(moved))[0]).toMatchObject({
      outcome: "Bad",
      reason: expect.stringContaining("move nothing"),
    });
    expect(await outcomes(await stage("ManagementGroups", csv))).toEqual(["Unchanged", "Unchanged"]);
  });
});

describe("role assignments", () => {
  async function arrange(settings: object = {}) {
    const { database } = test;
    const role = await makeRole(database, `Role ${randomUUID()}`, { actions: ["*/read"] });
    const policy = {
      resourceId: tree.group.id,
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
      scope: tree.group.scope.toUpperCase().replace("/SUBSCRIPTIONS", "/subscriptions"),
    };
    return { role, member, row };
  }
  const held = (principalId: string) => test.database.client.assignment.findMany({ where: { principalId } });

  it("spend a proof for exactly this import where the role settings require MFA, in the transaction that writes", async () => {
    const { member, row } = await arrange({ assignmentRequiresMfa: true });
    const free = await arrange();
    const importId = await stage("RoleAssignments", [row, free.row]);
    expect((await rowsOf(importId)).map((each) => each.state)).toEqual(["NeedsProof", "Pending"]);
    const step = { importId, justification: "Moving in", proofId: null as string | null };
    expect(await applyImport(test.database, owner, step)).toMatchObject({ ok: true, done: 1, left: 1 });
    expect(await held(free.member.id)).toMatchObject([
      { origin: "Import", assignmentType: "Assigned", endsAt: null },
    ]);
    const mfa = { ok: false, error: { failures: [{ rule: "MfaRule" }] } };
    expect(await applyImport(test.database, owner, step)).toMatchObject(mfa);
    const other = await stage("RoleAssignments", [row]);
    expect(
      await applyImport(test.database, owner, { ...step, proofId: await proofFor(other) }),
    ).toMatchObject(mfa);
    expect(await held(member.id)).toEqual([]);
    const proofId = await proofFor(importId);
    expect(await applyImport(test.database, owner, { ...step, proofId })).toMatchObject({
      ok: true,
      left: 0,
    });
    const [assignment] = await held(member.id);
    const request = await test.database.client.request.findFirstOrThrow({
      where: { assignmentId: assignment?.id },
    });
    expect(request).toMatchObject({ requestType: "AdminAssign", status: "Provisioned", proofId });
    const event = await test.database.client.auditEvent.findFirstOrThrow({
      where: { kind: "ActiveAssignmentAdded", targetId: member.id },
    });
    expect(event).toMatchObject({ factor: "Totp", justification: "Moving in", details: { importId } });
    expect(
      await applyImport(test.database, owner, { ...step, importId: other, proofId: await proofFor(other) }),
    ).toMatchObject({
      ok: true,
      left: 0,
    });
    expect(await held(member.id)).toHaveLength(1);
  });

  it("are judged by the settings in force when they are written, not by those of the dry run", async () => {
    const { member, role, row } = await arrange();
    const importId = await stage("RoleAssignments", [row]);
    await test.database.client.roleManagementPolicy.updateMany({
      where: { roleDefinitionId: role.id },
      data: { assignmentRequiresMfa: true },
    });
    const step = { importId, justification: "Moving in", proofId: null };
    expect(await applyImport(test.database, owner, step)).toMatchObject({ ok: true, done: 0, left: 1 });
    expect(await applyImport(test.database, owner, step)).toMatchObject({ ok: false });
    expect(await held(member.id)).toEqual([]);
    expect(
      await applyImport(test.database, owner, { ...step, proofId: await proofFor(importId) }),
    ).toMatchObject({ left: 0 });
    expect(await held(member.id)).toHaveLength(1);
  });

  it("are refused where permanent is not allowed, or end in time when the administrator chose that", async () => {
    const { member, row } = await arrange({ activeMaximumDays: 30 });
    const refused = await stage("RoleAssignments", [row]);
    expect(await rowsOf(refused)).toMatchObject([
      { outcome: "Bad", reason: expect.stringContaining("permanent") },
    ]);
    const capped = await stage("RoleAssignments", [row], { capToMaximum: true });
    await applyAll(capped);
    expect(await held(member.id)).toMatchObject([{ endsAt: new Date(now.getTime() + 30 * 86_400_000) }]);
    expect(await outcomes(await stage("RoleAssignments", [row], { capToMaximum: true }))).toEqual([
      "Unchanged",
    ]);
    expect(
      await applyImport(test.database, owner, { importId: refused, justification: null, proofId: null }),
    ).toMatchObject({
      error: { code: "InvalidInput" },
    });
  });

  it("tell what is not known of each bad row, make service principals along, and obey rule 8", async () => {
    const { database } = test;
    const { row, role } = await arrange();
    const program = {
      ...row,
      principalId: randomUUID(),
      principalType: "ServicePrincipal",
      principalName: "deploy-bot",
    };
    const importId = await stage("RoleAssignments", [
      program,
      { ...row, principalId: "nobody" },
      { ...row, scope: "/subscriptions/none" },
      { ...row, roleDefinitionId: randomUUID() },
    ]);
    expect(await rowsOf(importId)).toMatchObject([
      { outcome: "Add", reason: expect.stringContaining("deploy-bot") },
      { reason: expect.stringContaining("principal nobody") },
      { reason: expect.stringContaining("scope /subscriptions/none") },
      { reason: expect.stringContaining("role") },
    ]);
    await applyAll(importId);
    const made = await database.client.principal.findFirstOrThrow({
      where: { externalId: program.principalId },
    });
    expect(made).toMatchObject({ type: "ServicePrincipal", displayName: "deploy-bot" });
    expect(await held(made.id)).toHaveLength(1);

    const helper = await makeUser(database);
    const manager = await makeRole(database, "People manager", {
      actions: ["Microsoft.Authorization/principals/*"],
    });
    await grant(database, "active", helper.id, manager.id, tree.root.id);
    const caller = await makeCaller(database, helper);
    const own = { principal: helper.email, role: role.roleName, scope: tree.group.scope };
    expect(await rowsOf(await stage("RoleAssignments", [own], { caller }))).toMatchObject([
      { outcome: "Bad", reason: expect.stringContaining("may not assign") },
    ]);
  });
});

describe("role definitions and groups", () => {
  it("are added and changed by id or name, and a role in use is not widened", async () => {
    const { database } = test;
    const id = randomUUID();
    const role = {
      name: id,
      roleName: "Imported deployer",
      roleType: "CustomRole",
      description: "",
      permissions: [
        { actions: ["Microsoft.Web/sites/read"], notActions: [], dataActions: [], notDataActions: [] },
      ],
      assignableScopes: [tree.subscription.scope],
    };
    const builtIn = { ...role, name: randomUUID(), roleName: "Unknown built-in", roleType: "BuiltInRole" };
    const first = await stage("RoleDefinitions", [role, builtIn]);
    expect(await outcomes(first)).toEqual(["Add", "Bad"]);
    await applyAll(first);
    expect(await outcomes(await stage("RoleDefinitions", [role]))).toEqual(["Unchanged"]);
    const wider = { ...role, permissions: [{ ...role.permissions[0], actions: ["*"] }] };
    expect(await outcomes(await stage("RoleDefinitions", [wider]))).toEqual(["Change"]);
    const member = await makeUser(database);
    await grant(database, "eligible", member.id, id, tree.group.id);
    expect(await rowsOf(await stage("RoleDefinitions", [wider]))).toMatchObject([
      { outcome: "Bad", reason: expect.stringContaining("in use") },
    ]);
    const group = await makeGroup(database, [], "Imported group");
    const groups = await stage("Groups", [
      { id: "group-1", displayName: "Imported group" },
      { id: "group-2", displayName: "Fresh" },
    ]);
    expect(await outcomes(groups)).toContain("Change");
    await applyAll(groups);
    const found = await database.client.principal.findUniqueOrThrow({ where: { id: group.id } });
    expect(found.externalId).toBe("group-1");
  });
});
