import { createHash } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { may, permissionsAt, visibleResource } from "@/lib/authority/authority";
import { sameNameKey } from "@/lib/domain/text/names";
import { hashPassword } from "@/lib/identity/passwords/password";
import { setUpFirstOwner } from "@/lib/identity/sign-in/set-up";
import { signIn } from "@/lib/identity/sign-in/sign-in";
import { activateRoles } from "@/lib/operations/activation/activate-roles";
import { assignRole } from "@/lib/operations/assignments/assign-role";
import { createPrincipal } from "@/lib/operations/people/create-principal";
import { disablePrincipal } from "@/lib/operations/people/disable-principal";
import { updatePrincipal } from "@/lib/operations/people/update-principal";
import { createRoleDefinition } from "@/lib/operations/roles/create-role-definition";
import { inTransaction } from "@/lib/platform/transaction";
import { arrangeApproval } from "../../support/approval";
import { createTestDatabase } from "../../support/database/database";
import { approveRequest, denyRequest } from "../../support/decide-one";
import { editPrincipal } from "../../support/edit-principal";
import { grant, makeGroup, makeOwnerRole, makeRole, makeTree, makeUser } from "../../support/factories";
import { makeImports } from "../../support/imports";

/** Faults that other systems had with different spellings of a name. */
let at: Awaited<ReturnType<typeof makeImports>>;
beforeAll(async () => {
  at = await makeImports();
});
afterAll(() => at.test.drop());

const secrets = ["a secret of the test's own, long enough"] as const;

const counts = async () =>
  (await at.test.asOwner("SELECT count(*)::int AS counts FROM sign_in_throttles")).rows[0].counts;

describe("a limit or lock dodged by case, space or alias", () => {
  it("is none for a password: every way of writing the address is one count", async () => {
    const user = await at.database.client.principal.create({
      data: { type: "User", displayName: "Viktor", email: "viktor.gäst@contoso.example" },
    });
    const hash = await hashPassword("old grey walls of slate");
    await at.database.client.passwordCredential.create({ data: { userId: user.id, hash } });
    const ways = [
      "VIKTOR.GÄST@CONTOSO.EXAMPLE",
      "  viktor.gäst@contoso.example\t",
      "vi\u200bktor.gäst@contoso.example",
      "vİktor.gäst@contoso.example",
      "vıktor.ga\u0308st@contoso.example",
      "vi\u212ator.gäst＠contoso.example",
    ];
    const attempt = (email: string, password: string) =>
      signIn(at.database, secrets, { email, password }, { ipAddress: "192.0.2.77", userAgent: "test" });
    for (const email of ways) expect(await attempt(email, "wrong"), email).toMatchObject({ ok: false });
    // Six wrong ones, each by another name. Now the right one, by its own name, has to wait.
    expect(await attempt("viktor.gäst@contoso.example", "old grey walls of slate")).toMatchObject({
      ok: false,
    });
    // One for the address they came from, and two for the one account: from there, and from all strangers.
    expect(await counts()).toBe(3);
  });

  it("is none for an account that is not there either", async () => {
    await at.test.asOwner("DELETE FROM sign_in_throttles");
    for (const email of [
      "nobody@contoso.example",
      "NOBODY@contoso.example",
      " nobody\u200b@contoso.example",
      "ｎobody@contoso.example",
    ])
      await signIn(
        at.database,
        secrets,
        { email, password: "wrong" },
        { ipAddress: "192.0.2.78", userAgent: "test" },
      );
    // One for the address they came from, and two for the one account: from there, and from all strangers.
    expect(await counts()).toBe(3);
  });

  it("is none for somebody disabled: no way of writing their name gives them a role or a group", async () => {
    const user = await at.database.client.principal.create({
      data: { type: "User", displayName: "Dora", email: "dörte@contoso.example", externalId: "dora-élan" },
    });
    await disablePrincipal(at.database, at.owner, { principalId: user.id, justification: "Left" });
    const role = await at.protectedRole({ assignmentRequiresMfa: false, activeMaximumDays: null });
    const group = await makeGroup(at.database, [], "Where Dora was");
    for (const name of [
      "DÖRTE@contoso.example",
      "do\u0308rte@contoso.example",
      "DORA-E\u0301LAN",
      user.id.toUpperCase(),
    ]) {
      const assignment = await at.stage("RoleAssignments", [
        { principal: name, role: role.id.toUpperCase(), scope: at.tree.subscription.scope.toUpperCase() },
      ]);
      expect((await at.rowsOf(assignment))[0]?.reason, name).toBe("Dora is disabled.");
      const member = await at.stage("GroupMembers", [{ group: "WHERE  dora was", member: name }]);
      expect((await at.rowsOf(member))[0]?.reason, name).toBe("Dora is disabled.");
    }
    expect(group.displayName).toBe("Where Dora was");
  });
});

describe("a name's prefix gives rights", () => {
  it("of no scope: one that begins as another does is beside it", async () => {
    const type = "Microsoft.Resources/subscriptions";
    const scopes = ["/subscriptions/prod", "/subscriptions/prod2", "/subscriptions/prod/resourceGroups/web"];
    await at.applyAll(
      await at.stage("Resources", [
        { id: scopes[0], name: "Prod", type },
        { id: scopes[1], name: "Prod two", type },
        { id: scopes[2], name: "web", type: "Microsoft.Resources/resourceGroups" },
        { id: `${scopes[2]}2`, name: "web2", type: "Microsoft.Resources/resourceGroups" },
      ]),
    );
    const found = await at.database.client.resource.findMany({
      where: { scope: { startsWith: "/subscriptions/prod" } },
    });
    const byScope = new Map(found.map((each) => [each.scope, each]));
    const user = await makeUser(at.database, "Pia Prefix");
    const role = await makeRole(at.database, "Prefix", { actions: ["Microsoft.Web/*"] });
    await grant(at.database, "active", user.id, role.id, byScope.get(scopes[0] ?? "")?.id ?? "");
    const held = new Map<string, boolean>();
    await inTransaction(at.database, async (transaction) => {
      for (const [scope, { id }] of byScope)
        held.set(scope, (await permissionsAt(transaction, user.id, id)).length > 0);
      expect(
        await visibleResource(transaction, user.id, byScope.get("/subscriptions/prod2")?.id ?? ""),
      ).toBeNull();
    });
    expect(Object.fromEntries(held)).toEqual({
      "/subscriptions/prod": true,
      "/subscriptions/prod/resourceGroups/web": true,
      "/subscriptions/prod/resourceGroups/web2": true,
      "/subscriptions/prod2": false,
    });
    // Nor may a role that is assignable at the one be assigned at the other.
    const assignable = await createRoleDefinition(at.database, at.owner, {
      roleName: "Prod only",
      description: "",
      permission: {
        actions: ["Microsoft.Web/sites/read"],
        notActions: [],
        dataActions: [],
        notDataActions: [],
      },
      assignableScopes: ["/subscriptions/prod"],
    });
    if (!assignable.ok) throw new Error(JSON.stringify(assignable));
    const given = await assignRole(at.database, at.owner, {
      roleDefinitionId: assignable.roleDefinitionId,
      resourceId: byScope.get("/subscriptions/prod2")?.id ?? "",
      principalIds: [user.id],
      assignmentType: "Active",
      startsAt: null,
      endsAt: null,
      justification: "As agreed",
      proofId: null,
    });
    expect(given).toMatchObject({ ok: false });
  });

  it("of no operation, role, person or group", async () => {
    const role = await makeRole(at.database, "Owner of nothing", { actions: ["Microsoft.Web/sites/read"] });
    const user = await makeUser(at.database, "Olga Owner the second");
    const group = await makeGroup(at.database, [user.id], "Owner");
    await grant(at.database, "active", group.id, role.id, at.tree.root.id);
    await inTransaction(at.database, async (transaction) => {
      for (const operation of [
        "Microsoft.Authorization/principals/write",
        "Microsoft.Web/sites/read/write",
        "Microsoft.Web/sites/readers/read",
        "Microsoft.Web/site",
      ])
        expect(
          await may(
            transaction,
            user.id,
            operation as "Microsoft.Authorization/principals/write",
            at.tree.root.id,
          ),
        ).toBe(false);
    });
  });
});

describe("somebody who is not here yet", () => {
  const newcomer = "newcomer@contoso.example";
  const newId = "0190cccc-0000-4000-8000-00000000000a";

  it("is not known by another's external id", async () => {
    const made = (type: "User" | "Group" | "ServicePrincipal", externalId: string) =>
      createPrincipal(at.database, at.owner, {
        type,
        displayName: `Accomplice ${type}`,
        email: type === "User" ? "accomplice@contoso.example" : null,
        externalId,
        signIn: null,
      });
    for (const type of ["User", "Group", "ServicePrincipal"] as const)
      for (const name of [newcomer, " NEWCOMER@Contoso.example"])
        expect(await made(type, name)).toMatchObject({ error: { faults: [{ field: "externalId" }] } });
    const rows = [{ id: newcomer, displayName: "Abe", email: "accomplice@contoso.example" }];
    for (const kind of ["Users", "Groups"] as const)
      expect((await at.rowsOf(await at.stage(kind, rows)))[0]).toMatchObject({ outcome: "Bad" });
    const along = [
      {
        principal: newcomer,
        principalType: "ServicePrincipal",
        role: "Owner",
        scope: at.tree.subscription.scope,
      },
    ];
    expect((await at.rowsOf(await at.stage("RoleAssignments", along)))[0]).toMatchObject({ outcome: "Bad" });
    // One's own address is allowed.
    expect(await made("User", "Accomplice@contoso.example")).toMatchObject({ ok: true });
  });

  it("is no group that is called so, where a file puts them into another", async () => {
    await makeGroup(at.database, [], "Trusted people");
    for (const name of [newcomer, newId]) {
      await makeGroup(at.database, [], name);
      const importId = await at.stage("GroupMembers", [
        { group: "Trusted people", member: name.toUpperCase() },
      ]);
      expect((await at.rowsOf(importId))[0]?.reason).toContain("is not known");
    }
  });

  it("is nothing of another type than the file says", async () => {
    const group = await makeGroup(at.database, [], "Accomplices");
    await at.database.client.principal.update({ where: { id: group.id }, data: { externalId: newId } });
    const role = await at.protectedRole({ assignmentRequiresMfa: false, activeMaximumDays: null });
    const row = { principal: newId, principalType: "User", role: role.id, scope: at.tree.subscription.scope };
    const importId = await at.stage("RoleAssignments", [row]);
    expect((await at.rowsOf(importId))[0]?.reason).toContain("is a group here, and the file says User");
  });

  it("is no role that is called by its id", async () => {
    const id = "0190cccc-0000-4000-8000-00000000000b";
    const fields = {
      roleName: id.toUpperCase(),
      description: "",
      permission: {
        actions: ["Microsoft.Web/sites/read"],
        notActions: [],
        dataActions: [],
        notDataActions: [],
      },
      assignableScopes: [at.tree.subscription.scope],
    };
    expect(await createRoleDefinition(at.database, at.owner, fields)).toMatchObject({
      error: { faults: [{ field: "roleName" }] },
    });
    const { permission, ...rest } = fields;
    const imported = await at.stage("RoleDefinitions", [{ ...rest, permissions: [permission] }]);
    expect((await at.rowsOf(imported))[0]?.reason).toContain("Its name is an id");
    // An older role is not mistaken for the role that has the id.
    await makeRole(at.database, id, { actions: ["Microsoft.Web/sites/read"] });
    const user = await makeUser(at.database, "Ada Byron");
    const row = { principal: user.id, roleDefinitionId: id, scope: at.tree.subscription.scope };
    const importId = await at.stage("RoleAssignments", [row]);
    expect((await at.rowsOf(importId))[0]?.reason).toContain("is not known");
  });
});

describe("what nobody can see", () => {
  const hidden = ["\u202e", "\u200b", "\u2066x\u2069", "\ue000", "\u2800", "\u3164"];
  it.each(hidden)("is no reason and in no reason (%j)", async (letter) => {
    const user = await makeUser(at.database, "Ada Byron");
    for (const justification of [letter, `As agreed ${letter}with Olga`])
      expect(
        await disablePrincipal(at.database, at.owner, { principalId: user.id, justification }),
      ).toMatchObject({ ok: false, error: { code: "InvalidInput", faults: [{ field: "justification" }] } });
    const lines = "As agreed:\n\twith Olga 👩\u200d💻";
    expect(
      await disablePrincipal(at.database, at.owner, { principalId: user.id, justification: lines }),
    ).toMatchObject({ ok: true });
  });

  it("is in no reason of a decision, nor of several activations at once", async () => {
    const approval = await arrangeApproval(at.database, { tree: at.tree });
    const requestId = await approval.waiting();
    const justification = "As agreed \u202ewith Olga";
    const unreadable = { ok: false, error: { code: "InvalidInput", faults: [{ field: "justification" }] } };
    for (const decide of [approveRequest, denyRequest])
      expect(
        await decide(at.database, approval.first, { requestId, justification, proofId: null }),
      ).toMatchObject(unreadable);
    expect(await approval.read(requestId)).toMatchObject({ status: "PendingApproval" });
    const item = { eligibilityId: approval.eligibility.id, resourceId: approval.tree.subscription.id };
    expect(
      await activateRoles(at.database, approval.member, {
        items: [{ ...item, durationMinutes: 60 }],
        ...{ startsAt: null, justification, ticketNumber: null, ticketSystem: null, proofId: null },
      }),
    ).toMatchObject([unreadable]);
  });

  it("is written out where a file's rows are shown", async () => {
    const importId = await at.stage("Groups", [{ displayName: "Ops \u202ekcattA" }]);
    const [row] = await at.rowsOf(importId);
    expect(row?.title).toBe("Ops ⟨U+202E⟩kcattA");
    const patterns = [
      { roleName: "Odd", permissions: [{ actions: ["a/\u202eb"] }], assignableScopes: ["/"] },
    ];
    const [odd] = await at.rowsOf(await at.stage("RoleDefinitions", patterns));
    expect(odd?.reason).toContain("⟨U+202E⟩");
  });

  it("stays in a name from before, which its next edit takes out", async () => {
    const group = await makeGroup(at.database, [], "Old\u200b name");
    const twin = await makeGroup(at.database, [], "Old name");
    const edit = { principalId: group.id, expectedVersion: 0, email: null, externalId: null, proofId: null };
    const wrong = await updatePrincipal(at.database, at.owner, { ...edit, displayName: "Old\u200b name" });
    expect(wrong).toMatchObject({ error: { faults: [{ field: "displayName" }] } });
    // Its twin is named, and everything else about it may be edited.
    const same = await updatePrincipal(at.database, at.owner, { ...edit, displayName: "Old name" });
    expect(same).toMatchObject({
      error: { faults: [{ field: "displayName", message: "There is already a group named Old name." }] },
    });
    expect(await editPrincipal(at, twin.id, { externalId: "old-name" })).toMatchObject({ ok: true });
    expect(await editPrincipal(at, group.id, { displayName: "New name" })).toMatchObject({ ok: true });
  });
});

describe("a role's name with accents", () => {
  it.each(["Ówner", "O\u0332w\u0332n\u0332e\u0332r\u0332", "Øwner", "Owner\u0307"])(
    "looks like the name without: %s",
    async (roleName) => {
      const made = await createRoleDefinition(at.database, at.owner, {
        roleName,
        description: "",
        permission: {
          actions: ["Microsoft.Web/sites/read"],
          notActions: [],
          dataActions: [],
          notDataActions: [],
        },
        assignableScopes: [at.tree.subscription.scope],
      });
      expect(made).toMatchObject({ error: { faults: [{ field: "roleName" }] } });
    },
  );
});

it("what several were named before names were asked for leads to nobody, and nobody else gets it", async () => {
  // A database as it is when its principals are older than their names.
  const fill = `INSERT INTO principal_names (key, principal_id)
    SELECT n.key, CASE WHEN count(DISTINCT p.id) = 1 THEN min(p.id::text)::uuid END
    FROM principals p, unnest(names_of_principal(p.id, p.email, p.external_id)) AS n (key) GROUP BY n.key;`;
  const [one, two, three] = [
    await makeUser(at.database),
    await makeUser(at.database),
    await makeUser(at.database),
  ];
  await at.test.asOwner(`
    BEGIN;
    ALTER TABLE principals DISABLE TRIGGER principals_names;
    UPDATE principals SET external_id = '${two.email?.toUpperCase()}' WHERE id = '${one.id}';
    UPDATE principals SET external_id = '${three.id}' WHERE id = '${two.id}';
    ALTER TABLE principals ENABLE TRIGGER principals_names;
    DELETE FROM principal_names;
    ${fill}
    COMMIT;`);
  const owner = async (name: string) =>
    (
      await at.test.asOwner("SELECT principal_id AS id FROM principal_names WHERE key = $1", [
        sameNameKey(name),
      ])
    ).rows;
  expect(await owner(two.email ?? "")).toEqual([{ id: null }]);
  expect(await owner(three.id)).toEqual([{ id: null }]);
  expect(await owner(one.email ?? "")).toEqual([{ id: one.id }]);
  const made = await createPrincipal(at.database, at.owner, {
    type: "Group",
    displayName: "Third",
    email: null,
    externalId: three.id,
    signIn: null,
  });
  expect(made).toMatchObject({ ok: false });
});

it("a first Owner of a wrong name is not made, and the set-up token stays good", async () => {
  const fresh = await createTestDatabase();
  await makeTree(fresh.database);
  await makeOwnerRole(fresh.database);
  const token = "a-token-of-the-start";
  const digest = createHash("sha256").update(token).digest();
  await fresh.asOwner("UPDATE installation SET setup_token_hashes = ARRAY[$1::bytea]", [digest]);
  const attempt = (displayName: string, email: string, at: number) =>
    setUpFirstOwner(
      fresh.database,
      { token, displayName, email, password: "old grey walls of slate" },
      { ipAddress: `192.0.2.${at}`, userAgent: "test" },
    );
  expect(await attempt("Olga\u202e", "olga@contoso.example", 81)).toMatchObject({ ok: false });
  expect(await attempt("Olga", "olga@@contoso.example", 82)).toMatchObject({ ok: false });
  expect(await attempt("Olga", "Olga@Contoso.example", 83)).toMatchObject({ ok: true });
  expect(await fresh.database.client.principal.findMany()).toMatchObject([{ email: "olga@contoso.example" }]);
  await fresh.drop();
});
