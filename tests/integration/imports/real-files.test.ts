import { randomUUID } from "node:crypto";
import { domainToASCII } from "node:url";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { hashPassword } from "@/lib/identity/passwords/password";
import { signIn } from "@/lib/identity/sign-in/sign-in";
import { createPrincipal } from "@/lib/operations/people/create-principal";
import { createRoleDefinition } from "@/lib/operations/roles/create-role-definition";
import { updateRoleDefinition } from "@/lib/operations/roles/update-role-definition";
import { openMailer } from "@/lib/platform/mail";
import { listAuditEvents } from "@/lib/queries/audit/audit";
import { wholeLog } from "@/lib/queries/audit/audit-conditions";
import { editPrincipal } from "../../support/edit-principal";
import { makeImports } from "../../support/imports";
import { startMailServer } from "../../support/peers/mail-server";

/** Files as other systems write them and as people type them. */
let at: Awaited<ReturnType<typeof makeImports>>;
beforeAll(async () => {
  at = await makeImports();
});
afterAll(() => at.test.drop());

const permission = {
  actions: ["Microsoft.Compute/*/read"],
  notActions: [],
  dataActions: [],
  notDataActions: [],
};
const permissions = [permission];

/** The address as it was sent: the parser of received mail writes domains in Unicode. */
const domainToAscii = (address = "") => {
  const [name, domain = ""] = address.split("@");
  return `${name}@${domainToASCII(domain)}`;
};
const origin = { ipAddress: "192.0.2.80", userAgent: "test" };
const secrets = ["a secret of the test's own, long enough"] as const;

describe("somebody imports users with addresses that directories allow", () => {
  const users = [
    ["svc#app@contoso.example", "svc#app@contoso.example"],
    ["ivan@xn--e1afmkfd.xn--p1ai", "ivan@xn--e1afmkfd.xn--p1ai"],
    ["jo@räucher.de", "jo@xn--rucher-bua.de"],
    ["uli@ra\u0308ucher.de", "uli@xn--rucher-bua.de"],
    ["o'neil-x_y!z^~#@contoso.example", "o'neil-x_y!z^~#@contoso.example"],
  ] as const;

  it("and they are there, can sign in as they write it, and get their mail", async () => {
    const rows = users.map(([userPrincipalName], index) => ({
      id: randomUUID(),
      displayName: `Address ${index}`,
      userPrincipalName,
      mail: null,
    }));
    const importId = await at.stage("Users", rows);
    expect(await at.outcomes(importId)).toEqual(users.map(() => "Add"));
    await at.applyAll(importId);
    const stored = await at.database.client.principal.findMany({
      where: { displayName: { startsWith: "Address " } },
      orderBy: { displayName: "asc" },
    });
    expect(stored.map(({ email }) => email)).toEqual(users.map(([, address]) => address));
    const password = "old grey walls of slate";
    const hash = await hashPassword(password);
    for (const { id } of stored)
      await at.database.client.passwordCredential.create({ data: { userId: id, hash } });
    for (const [email] of users)
      expect(await signIn(at.database, secrets, { email, password }, origin), email).toMatchObject({
        ok: true,
      });
    const server = await startMailServer();
    const mailer = openMailer({ smtpUrl: server.url, from: "Postern <postern@contoso.example>" });
    for (const [, to] of users)
      expect(await mailer.send({ to, id: randomUUID(), subject: "s", text: "t", html: "h" }), to).toEqual({
        ok: true,
      });
    mailer.close();
    expect(
      server.received.map(({ to }) => (Array.isArray(to) ? null : to && domainToAscii(to.value[0]?.address))),
    ).toEqual(users.map(([, address]) => address));
    await server.close();
  });

  it("and makes them members by either way of writing it", async () => {
    await createPrincipal(at.database, at.owner, {
      type: "User",
      displayName: "Käthe",
      email: "kathe.x@räucher.de",
      externalId: null,
      signIn: null,
    });
    await createPrincipal(at.database, at.owner, {
      type: "Group",
      displayName: "Addressees",
      email: null,
      externalId: null,
      signIn: null,
    });
    const importId = await at.stage("GroupMembers", [
      { group: "Addressees", member: "kathe.x@räucher.de" },
      { group: "Addressees", member: "kathe.x@xn--rucher-bua.de" },
    ]);
    expect(await at.rowsOf(importId)).toMatchObject([
      { outcome: "Add" },
      { outcome: "Bad", reason: expect.stringContaining("the same as row 1") },
    ]);
  });

  it("and one address in two spellings is one user", async () => {
    const twin = { type: "User" as const, displayName: "Twin", externalId: null, signIn: null };
    expect(
      await createPrincipal(at.database, at.owner, { ...twin, email: "twin@zürich.example" }),
    ).toMatchObject({
      ok: true,
    });
    for (const email of ["twin@xn--zrich-kva.example", "TWIN@ZÜRICH.example", "twin@zu\u0308rich.example"])
      expect(await createPrincipal(at.database, at.owner, { ...twin, email }), email).toMatchObject({
        ok: false,
      });
  });
});

describe("somebody writes a scope with a slash at its end", () => {
  it("in an import of roles, assignments, resources and parents, and it is known", async () => {
    const { subscription } = at.tree;
    const name = randomUUID();
    const roles = await at.stage("RoleDefinitions", [
      {
        name,
        roleName: "Slash Operators",
        roleType: "CustomRole",
        description: "",
        permissions,
        assignableScopes: [`${subscription.scope}/`],
      },
    ]);
    expect(await at.outcomes(roles)).toEqual(["Add"]);
    await at.applyAll(roles);
    const { assignableScopes } = await at.database.client.roleDefinition.findUniqueOrThrow({
      where: { id: name },
    });
    expect(assignableScopes).toEqual([subscription.scope]);
    const resources = await at.stage("ResourceGroups", [
      { id: `${subscription.scope}/resourceGroups/slashed/`, name: "slashed" },
    ]);
    expect(await at.outcomes(resources)).toEqual(["Add"]);
    await at.applyAll(resources);
    expect(
      await at.database.client.resource.count({
        where: { scope: `${subscription.scope}/resourceGroups/slashed` },
      }),
    ).toBe(1);
    const again = await at.stage("ResourceGroups", [
      { id: `${subscription.scope}/resourceGroups/slashed`, name: "slashed" },
    ]);
    expect(await at.outcomes(again)).toEqual(["Unchanged"]);
    const groups = await at.stage("ManagementGroups", [
      { id: "/providers/Microsoft.Management/managementGroups/above/", displayName: "Above", parent: "" },
      {
        id: "/providers/Microsoft.Management/managementGroups/beneath",
        displayName: "Beneath",
        parent: "/providers/Microsoft.Management/managementGroups/above/",
      },
    ]);
    expect(await at.outcomes(groups)).toEqual(["Add", "Add"]);
    const assignment = {
      principalId: at.owner.userId,
      roleDefinitionId: `/providers/Microsoft.Authorization/roleDefinitions/${name}/`,
    };
    const bad = [`${subscription.scope}//x/`, "//", "///"].map((scope) => ({ ...assignment, scope }));
    const assignments = await at.stage(
      "RoleAssignments",
      [{ ...assignment, scope: `${subscription.scope}/` }, ...bad],
      { capToMaximum: true },
    );
    expect(await at.outcomes(assignments)).toEqual(["Add", "Bad", "Bad", "Bad"]);
  });

  it("in the form of a custom role and in the filter of the log", async () => {
    const { subscription } = at.tree;
    const made = await createRoleDefinition(at.database, at.owner, {
      roleName: "Slash by hand",
      description: "",
      permission: {
        actions: ["Microsoft.Compute/*/read"],
        notActions: [],
        dataActions: [],
        notDataActions: [],
      },
      assignableScopes: [`${subscription.scope}/`, subscription.scope],
    });
    expect(made).toMatchObject({ ok: true });
    const events = async (scope: string) =>
      (await listAuditEvents(at.database, at.owner, { ...wholeLog, scope }, null, 50)).events.length;
    expect(await events(`${subscription.scope}/`)).toBe(await events(subscription.scope));
    expect(await events(`${subscription.scope}/`)).toBeGreaterThan(0);
  });
});

describe("somebody imports the longest names that Entra and Azure allow", () => {
  const group = (length: number) => ({ id: randomUUID(), displayName: "G".repeat(length) });

  it("of people, groups and service principals, and can edit them by hand", async () => {
    const importId = await at.stage("Groups", [group(201), group(256), group(257)]);
    expect(await at.outcomes(importId)).toEqual(["Add", "Add", "Bad"]);
    await at.applyAll(importId);
    const longest = await at.database.client.principal.findFirstOrThrow({
      where: { displayName: "G".repeat(256) },
    });
    expect(await editPrincipal(at, longest.id, { displayName: `H${"G".repeat(255)}` })).toMatchObject({
      ok: true,
    });
    const long = { role: "Owner", scope: at.tree.subscription.scope, principalType: "ServicePrincipal" };
    const assignments = await at.stage(
      "RoleAssignments",
      [
        { ...long, principal: "p".repeat(300) },
        { ...long, principal: randomUUID(), principalName: "n".repeat(257) },
      ],
      { capToMaximum: true },
    );
    expect(await at.rowsOf(assignments)).toMatchObject([
      { outcome: "Add" },
      { outcome: "Bad", reason: expect.stringContaining("principalName is too long") },
    ]);
  });

  it("of roles, and can edit by hand what the import took", async () => {
    const role = (length: number, description = "") => ({
      name: randomUUID(),
      roleName: "L".repeat(length),
      roleType: "CustomRole",
      description,
      permissions,
      assignableScopes: [at.tree.subscription.scope],
    });
    const rows = [role(129), role(512, "d".repeat(2_048)), role(513), role(30, "d".repeat(2_049))];
    const importId = await at.stage("RoleDefinitions", rows);
    expect(await at.outcomes(importId)).toEqual(["Add", "Add", "Bad", "Bad"]);
    await at.applyAll(importId);
    for (const { name, roleName, description } of rows.slice(0, 2)) {
      const edit = (changed: { roleName?: string; description?: string }, expectedVersion: number) =>
        updateRoleDefinition(at.database, at.owner, {
          roleDefinitionId: name,
          expectedVersion,
          definition: {
            roleName,
            description,
            permission,
            assignableScopes: [at.tree.subscription.scope],
            ...changed,
          },
          justification: "As it was",
          proofId: null,
        });
      const { version } = await at.database.client.roleDefinition.findUniqueOrThrow({ where: { id: name } });
      expect(await edit({ description: "Edited" }, version)).toMatchObject({ ok: true });
      const later = await at.database.client.roleDefinition.findUniqueOrThrow({ where: { id: name } });
      expect(await edit({ roleName: "L".repeat(513) }, later.version)).toMatchObject({ ok: false });
      expect(await edit({ description: "d".repeat(2_049) }, later.version)).toMatchObject({ ok: false });
    }
  });
});
