import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { createChallenge } from "@/lib/identity/step-up/step-up";
import { applyImports } from "@/lib/operations/imports/apply-imports";
import { discardImport } from "@/lib/operations/imports/discard-import";
import { applyImportOperation } from "@/lib/operations/imports/load-import";
import type { Caller } from "@/lib/platform/caller";
import { listAuditEvents } from "@/lib/queries/audit/audit";
import { wholeLog } from "@/lib/queries/audit/audit-conditions";
import { listImportRows, listImports, viewImport } from "@/lib/queries/imports/imports";
import { holdLock } from "../../support/database/held-lock";
import { grant, makeGroup, makeRole, pastTheRules } from "../../support/factories";
import { azureUser, makeImports } from "../../support/imports";

const start = new Date("2026-03-02T09:00:00Z");
let now = start;
let at: Awaited<ReturnType<typeof makeImports>>;
beforeAll(async () => {
  at = await makeImports(() => now);
});
beforeEach(() => {
  now = start;
});
afterAll(() => at.test.drop());

const notFound = { ok: false, error: { code: "NotFound" } };
const writeResources = "Microsoft.Resources/resources/write";

/** Somebody who manages people and also has these actions at a resource. */
async function manager(actions: readonly string[] = [], resourceId = at.tree.subscription.id) {
  const { caller, assignment } = await at.peopleManager();
  if (actions.length === 0) return { caller, held: assignment };
  const role = await makeRole(at.database, `Role ${randomUUID()}`, { actions: [...actions] });
  return { caller, held: await grant(at.database, "active", caller.userId, role.id, resourceId) };
}
const lose = (held: { id: string }) =>
  pastTheRules(at.database, (to) =>
    to.assignment.update({ where: { id: held.id }, data: { endsAt: now, removedAt: now } }),
  );
const resource = (id: string, name: string, type = "Microsoft.Resources/resourceGroups") => ({
  id,
  name,
  type,
});
const named = async (scope: string) =>
  (await at.database.client.resource.findFirst({ where: { scope } }))?.displayName ?? null;
const reasons = async (importId: string) => (await at.rowsOf(importId)).map(({ reason }) => reason);

describe("an import of resources", () => {
  it("renames and retypes nothing for whoever only manages people, in whatever case the scope is written", async () => {
    const { caller } = await manager();
    const { scope } = at.tree.subscription;
    const upper = `/subscriptions/${scope.slice("/subscriptions/".length).toUpperCase()}`;
    for (const row of [
      resource(scope, "Contoso Sandbox", "Microsoft.Resources/subscriptions"),
      resource(upper, "Contoso Sandbox", "Microsoft.Resources/subscriptions"),
      resource(scope, "Production", "Harmless/things"),
    ]) {
      const importId = await at.stage("Resources", [row], { caller });
      expect(await at.rowsOf(importId)).toMatchObject([
        { outcome: "Bad", reason: expect.stringContaining(`authorization to perform ${writeResources}`) },
      ]);
      await at.applyAll(importId, null, caller);
    }
    expect(await named(scope)).toBe("Production");
  });

  it("creates nothing where its administrator has no right at the nearest that is there, made along or not", async () => {
    const { caller } = await manager([writeResources], at.tree.group.id);
    const { subscription, group } = at.tree;
    const fresh = `/subscriptions/${randomUUID()}`;
    const importId = await at.stage(
      "Resources",
      [
        resource(`${group.scope}/providers/A.B/things/one`, "one", "A.B/things"),
        resource(`${group.scope}/providers/A.B/things/one/parts/two`, "two", "A.B/things/parts"),
        resource(`${subscription.scope}/resourceGroups/other`, "other"),
        resource(`${subscription.scope}/resourceGroups/other/providers/A.B/things/x`, "x", "A.B/things"),
        resource(`${fresh}/resourceGroups/new/providers/A.B/things/y`, "y", "A.B/things"),
      ],
      { caller },
    );
    expect(await at.outcomes(importId)).toEqual(["Add", "Add", "Bad", "Bad", "Bad"]);
    await at.applyAll(importId, null, caller);
    expect(await named(`${group.scope}/providers/A.B/things/one/parts/two`)).toBe("two");
    expect(await named(`${subscription.scope}/resourceGroups/other`)).toBeNull();
    expect(await named(fresh)).toBeNull();
    const groups = "id,displayName,parent\n/providers/Microsoft.Management/managementGroups/mine,Mine,/\n";
    expect(await at.outcomes(await at.stage("ManagementGroups", groups, { caller }))).toEqual(["Bad"]);
  });

  it("is judged again as it is applied, by the right of whoever confirmed it", async () => {
    const { caller, held } = await manager([writeResources]);
    const row = resource(at.tree.group.scope, "renamed");
    const importId = await at.stage("Resources", [row], { caller });
    expect(await at.outcomes(importId)).toEqual(["Change"]);
    expect(await at.confirm(importId, null, caller)).toMatchObject({ ok: true });
    await lose(held);
    await applyImports(at.database);
    expect(await reasons(importId)).toEqual([expect.stringContaining("You may not change web")]);
    expect(await named(at.tree.group.scope)).toBe("web");
  });

  it("that waits for somebody else's change is judged by the rights that are left after it", async () => {
    const { caller, held } = await manager([writeResources]);
    const importId = await at.stage("Resources", [resource(at.tree.group.scope, "renamed")], { caller });
    await at.confirm(importId, null, caller);
    const lock = await holdLock(at.test, "SELECT id FROM resources WHERE id = $1 FOR UPDATE", [
      at.tree.group.id,
    ]);
    const applied = applyImports(at.database);
    await lock.waitedFor();
    await lose(held);
    await lock.release();
    await applied;
    expect(await at.outcomes(importId)).toEqual(["Bad"]);
    expect(await named(at.tree.group.scope)).toBe("web");
  });
});

describe("an import of role definitions", () => {
  it("takes the right at every assignable scope, one after another", async () => {
    const allowed = ["Microsoft.Authorization/roleDefinitions/write", "Microsoft.Web/*"];
    const { caller } = await manager(allowed, at.tree.group.id);
    const role = (...assignableScopes: string[]) => ({
      roleName: `Deployer ${randomUUID()}`,
      permissions: [{ actions: ["Microsoft.Web/sites/read"] }],
      assignableScopes,
    });
    const { group, subscription } = at.tree;
    const rows = [role(group.scope.toUpperCase()), role(group.scope, subscription.scope), role("/")];
    const importId = await at.stage("RoleDefinitions", rows, { caller });
    expect(await at.outcomes(importId)).toEqual(["Add", "Bad", "Bad"]);
  });
});

describe("an import of assignments", () => {
  const open = () =>
    at.protectedRole({
      assignmentRequiresMfa: false,
      activeMaximumDays: null,
      assignmentRequiresJustification: false,
    });
  const assign = ["Microsoft.Authorization/roleAssignmentScheduleRequests/write"];

  it("takes the right at each scope: not at the root, and not what its own first row would give", async () => {
    const { caller } = await manager(assign);
    const role = await open();
    const giver = await makeRole(at.database, `Giver ${randomUUID()}`, { actions: ["*"] });
    const row = (principal: string, roleId: string, scope: string) => ({ principal, role: roleId, scope });
    const importId = await at.stage(
      "RoleAssignments",
      [
        row(caller.userId, giver.id, at.tree.subscription.scope),
        row(caller.userId, role.id, "/"),
        row(at.owner.userId, role.id, "/"),
      ],
      { caller, capToMaximum: true },
    );
    expect(await at.outcomes(importId)).toEqual(["Add", "Bad", "Bad"]);
    expect(await reasons(importId)).toEqual([
      expect.stringContaining("needs a second factor"),
      "You may not assign roles over /.",
      "You may not assign roles over /.",
    ]);
    await at.applyAll(importId, await at.proofFor(importId, caller), caller);
    expect(await at.outcomes(importId)).toEqual(["Add", "Bad", "Bad"]);
  });

  it("gives one assignment to whoever two rows name in two ways, and makes a program once in any case", async () => {
    const role = await open();
    const member = await at.person("Two Names");
    const program = `App-${randomUUID()}`;
    const scope = at.tree.subscription.scope;
    const importId = await at.stage(
      "RoleAssignments",
      [
        { principal: member.email, role: role.id, scope },
        {
          principal: member.userId,
          role: role.id,
          scope: scope.toUpperCase().replace("/SUBSCRIPTIONS", "/subscriptions"),
        },
        { principal: program, principalType: "ServicePrincipal", role: role.id, scope },
        {
          principal: program.toUpperCase(),
          principalType: "ServicePrincipal",
          role: role.id,
          scope: at.tree.group.scope,
        },
      ],
      { capToMaximum: true },
    );
    expect(await at.outcomes(importId)).toEqual(["Add", "Bad", "Add", "Add"]);
    await at.applyAll(importId);
    expect(await at.viewed(importId)).toMatchObject({ status: "Applied" });
    const made = await at.database.client.principal.findMany({
      where: { externalId: { equals: program, mode: "insensitive" } },
    });
    expect(made).toHaveLength(1);
    expect(await at.database.client.assignment.count({ where: { principalId: made[0]?.id } })).toBe(2);
  });
});

describe("an import of people", () => {
  it("changes nobody twice, whatever the rows call them", async () => {
    const externalId = `known-${randomUUID()}`;
    const person = await at.person("Known Twice");
    await at.database.client.principal.update({ where: { id: person.userId }, data: { externalId } });
    const importId = await at.stage("Users", [
      { id: externalId, displayName: "First", mail: `new-${person.email}` },
      { displayName: "Second", mail: person.email },
    ]);
    expect(await at.outcomes(importId)).toEqual(["Change", "Bad"]);
    expect((await reasons(importId))[1]).toContain("as row 1 is");
  });
});

/** Every operation that takes the id of an import, and its answer to somebody. */
const ways: Record<string, (caller: Caller, importId: string) => Promise<unknown>> = {
  view: (caller, importId) => viewImport(at.database, caller, importId),
  rows: (caller, importId) => listImportRows(at.database, caller, { importId, outcome: "Add", after: 0 }),
  confirm: (caller, importId) => at.confirm(importId, null, caller),
  discard: (caller, importId) => discardImport(at.database, caller, importId),
  challenge: async (caller, importId) => {
    const { digest } = (await at.database.client.import.findUnique({ where: { id: importId } })) ?? {
      digest: "",
    };
    return createChallenge(at.database, caller, applyImportOperation({ id: importId, digest }));
  },
};
/** The log's entries about somebody, without the values that differ between any two events. */
const logged = async (caller: Caller, importId: string) =>
  JSON.stringify(
    (
      await at.database.client.auditEvent.findMany({
        where: { actorId: caller.userId, details: { path: ["importId"], equals: importId } },
      })
    ).map(({ id: _, sequence: _number, occurredAt: _time, ...rest }) => rest),
    (_key, value) => (typeof value === "bigint" ? String(value) : value),
  ).replaceAll(importId, "{id}");

describe("a staged import", () => {
  /** Rows that the Owner may apply, and a manager of people only in part. */
  async function beyond() {
    const role = await at.protectedRole({ activeMaximumDays: null });
    const member = await at.person("Max Member");
    return at.stage("RoleAssignments", [
      { principal: member.userId, role: role.id, scope: at.tree.subscription.scope },
    ]);
  }

  it.each(Object.entries(ways))("is made up to whoever could not apply all of it: %s", async (_way, ask) => {
    const { caller } = await manager();
    const [real, invented] = [await beyond(), randomUUID()];
    expect(await ask(caller, real)).toEqual(await ask(caller, invented));
    expect(await logged(caller, real)).toBe(await logged(caller, invented));
    expect((await listImports(at.database, caller))?.rows.map(({ id }) => id)).not.toContain(real);
    expect(await at.viewed(real)).toMatchObject({ status: "Staged", left: 1 });
  });

  it("of roles is for nobody who does not hold what they would allow", async () => {
    const role = (actions: string[]) => [
      { roleName: `Role ${randomUUID()}`, permissions: [{ actions }], assignableScopes: ["/"] },
    ];
    const { caller } = await manager(
      ["Microsoft.Authorization/roleDefinitions/write", "Microsoft.Web/*"],
      at.tree.root.id,
    );
    const [wide, narrow] = [
      await at.stage("RoleDefinitions", role(["*"])),
      await at.stage("RoleDefinitions", role(["Microsoft.Web/sites/*"])),
    ];
    expect(await viewImport(at.database, caller, wide)).toBeNull();
    expect(await at.confirm(wide, null, caller)).toMatchObject(notFound);
    expect(await viewImport(at.database, caller, narrow)).not.toBeNull();
    const listed = (await listImports(at.database, caller))?.rows.map(({ id }) => id);
    expect(listed).toContain(narrow);
    expect(listed).not.toContain(wide);
  });

  it("is its author's, though they could not apply all of it, until they may import no more", async () => {
    const { caller, held } = await manager();
    const role = await at.protectedRole({ activeMaximumDays: null });
    const row = { principal: caller.userId, role: role.id, scope: at.tree.subscription.scope };
    const importId = await at.stage("RoleAssignments", [row], { caller });
    expect(await at.outcomes(importId)).toEqual(["Bad"]);
    expect(await viewImport(at.database, caller, importId)).not.toBeNull();
    // The import also requires the rights that its author lacks, so another manager does not see it.
    const other = await manager();
    expect(await viewImport(at.database, other.caller, importId)).toBeNull();
    await lose(held);
    expect(await viewImport(at.database, caller, importId)).toBeNull();
    expect(await at.confirm(importId, null, caller)).toMatchObject(notFound);
  });

  it("is confirmed by another with their own code, who may apply all of it, and with nobody else's", async () => {
    const importId = await beyond();
    const { caller } = await manager(["Microsoft.Authorization/*"], at.tree.root.id);
    expect(await at.confirm(importId, await at.proofFor(importId), caller)).toMatchObject({ ok: false });
    expect(await at.confirm(importId, await at.proofFor(importId, caller), caller)).toMatchObject({
      ok: true,
    });
    const plain = await manager();
    expect(await at.confirm(importId, await at.proofFor(importId, plain.caller), plain.caller)).toMatchObject(
      notFound,
    );
    await applyImports(at.database);
    expect(await at.viewed(importId)).toMatchObject({ status: "Applied" });
  });

  it("of more resources than are kept one by one is for whoever may do it everywhere", async () => {
    const { database, tree } = at;
    const rows = Array.from({ length: 1_001 }, (_, index) => ({
      parentId: tree.subscription.id,
      scope: `${tree.subscription.scope}/resourceGroups/many-${index}`,
      displayName: "Before",
      resourceType: "Microsoft.Resources/resourceGroups",
    }));
    await database.client.resource.createMany({ data: rows });
    const importId = await at.stage(
      "ResourceGroups",
      rows.map(({ scope }, index) => ({ id: scope, name: `After ${index}` })),
    );
    expect(await database.client.importRight.count({ where: { importId } })).toBe(1);
    const { caller } = await manager([writeResources]);
    expect(await viewImport(database, caller, importId)).toBeNull();
    const everywhere = await manager([writeResources], tree.root.id);
    expect(await viewImport(database, everywhere.caller, importId)).not.toBeNull();
  });

  it("is named in no event that somebody else may not read", async () => {
    const importId = await beyond();
    const { caller } = await manager();
    const events = await listAuditEvents(at.database, caller, wholeLog, null);
    expect(
      JSON.stringify(events, (_key, value) => (typeof value === "bigint" ? String(value) : value)),
    ).not.toContain(importId);
  });
});

describe("two at once", () => {
  const confirmations = (importId: string) =>
    at.database.client.auditEvent.count({
      where: {
        kind: "ImportConfirmed",
        outcome: "Success",
        details: { path: ["importId"], equals: importId },
      },
    });
  const held = (importId: string) =>
    holdLock(at.test, "SELECT id FROM imports WHERE id = $1 FOR UPDATE", [importId]);

  it("confirmations are one", async () => {
    const importId = await at.stage("Users", [azureUser(90_001)]);
    const lock = await held(importId);
    const both = [at.confirm(importId), at.confirm(importId)];
    await lock.waitedFor(2);
    await lock.release();
    expect(await Promise.all(both)).toMatchObject([{ ok: true }, { ok: true }]);
    expect(await confirmations(importId)).toBe(1);
  });

  it("a confirmation and a discard leave nothing to be applied", async () => {
    const importId = await at.stage("Users", [azureUser(90_002)]);
    const lock = await held(importId);
    const confirmed = at.confirm(importId);
    await lock.waitedFor(1);
    const discarded = discardImport(at.database, at.owner, importId);
    await lock.waitedFor(2);
    await lock.release();
    expect((await discarded).ok).toBe(true);
    await confirmed;
    await applyImports(at.database);
    expect(await at.viewed(importId)).toMatchObject({ status: "Discarded" });
    expect(await at.database.client.principal.count({ where: { externalId: "object-90002" } })).toBe(0);
    expect(await at.confirm(importId)).toMatchObject({ error: { code: "Conflict" } });
    expect(await discardImport(at.database, at.owner, importId)).toMatchObject({
      error: { code: "Conflict" },
    });
  });
});

it("members of a group take the power of it at each row, and lose it with whoever confirmed them", async () => {
  const role = await makeRole(at.database, "Deployer", { actions: ["Microsoft.Web/*"] });
  const group = await makeGroup(at.database, [], `Team ${randomUUID()}`);
  await grant(at.database, "active", group.id, role.id, at.tree.subscription.id);
  const { caller, held } = await manager(["Microsoft.Authorization/*"]);
  const ada = await at.person("Ada");
  const importId = await at.stage("GroupMembers", `group,member\n${group.id},${ada.userId}\n`, { caller });
  expect(await at.outcomes(importId)).toEqual(["Add"]);
  await at.confirm(importId, await at.proofFor(importId, caller), caller);
  await lose(held);
  await applyImports(at.database);
  expect(await reasons(importId)).toEqual([expect.stringContaining("access that you may not assign")]);
  expect(await at.database.client.groupMember.count({ where: { groupId: group.id } })).toBe(0);
});
