import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { applyImports } from "@/lib/operations/imports/apply-imports";
import { storeBlocks } from "@/lib/operations/imports/import-digest";
import { inTransaction } from "@/lib/platform/transaction";
import { viewImport } from "@/lib/queries/imports/imports";
import { holdLock } from "../../support/database/held-lock";
import { grant, makeGroup, makeRole } from "../../support/factories";
import { azureUser, makeImports } from "../../support/imports";

/** What was shown is applied (docs/rules.md, rule 14): a row that means something else by then is left out. */

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

const changed = expect.stringContaining("changed since the preview");
const mfa = { ok: false, error: { failures: [{ rule: "MfaRule" }] } };

/** A confirmed import of one assignment of a role, by a person's external id. */
async function assignment(options: { capToMaximum?: boolean; settings?: object } = {}) {
  const role = await makeRole(at.database, `Role ${randomUUID()}`, { actions: ["*/read"] });
  const policy = await at.database.client.roleManagementPolicy.create({
    data: {
      resourceId: at.tree.group.id,
      roleDefinitionId: role.id,
      activeMaximumDays: null,
      assignmentRequiresMfa: true,
      ...options.settings,
    },
  });
  const person = await at.person("Vera Shown");
  const externalId = `ext-${randomUUID()}`;
  await at.database.client.principal.update({ where: { id: person.userId }, data: { externalId } });
  const row = { principal: externalId, role: role.roleName, scope: at.tree.group.scope };
  const importId = await at.stage("RoleAssignments", [row], options);
  const confirm = async () => {
    expect(await at.confirm(importId, await at.proofFor(importId))).toMatchObject({ ok: true });
  };
  const given = () => at.database.client.assignment.findMany({ where: { roleDefinitionId: role.id } });
  return { role, policy, person, externalId, row, importId, confirm, given };
}
type Staged = Awaited<ReturnType<typeof assignment>>;

/** Changes to the things that a row names, between its preview and its application. */
const changes: Record<string, (staged: Staged) => Promise<unknown>> = {
  "its external id leads to somebody else": async ({ person, externalId }) => {
    const accomplice = await at.person("Vera Shown");
    await at.database.client.principal.update({ where: { id: person.userId }, data: { externalId: null } });
    await at.database.client.principal.update({ where: { id: accomplice.userId }, data: { externalId } });
  },
  "the person has another name": ({ person }) =>
    at.database.client.principal.update({
      where: { id: person.userId },
      data: { displayName: "Olga Owner" },
    }),
  "the person has another address": ({ person }) =>
    at.database.client.principal.update({
      where: { id: person.userId },
      data: { email: `other-${person.email}` },
    }),
  "the name of the role leads to another role": async ({ role }) => {
    await at.database.client.roleDefinition.update({ where: { id: role.id }, data: { roleName: "Was" } });
    const owner = await makeRole(at.database, role.roleName, { actions: ["*"] });
    const data = { resourceId: at.tree.group.id, roleDefinitionId: owner.id, activeMaximumDays: null };
    await at.database.client.roleManagementPolicy.create({ data });
  },
  "the role allows something else": ({ role }) =>
    at.database.client.roleDefinition.update({
      where: { id: role.id },
      data: {
        permissions: [{ actions: ["*"], notActions: [], dataActions: [], notDataActions: [] }],
        version: { increment: 1 },
      },
    }),
};

describe("a confirmed assignment is not made where", () => {
  it.each(Object.entries(changes))("%s", async (_what, change) => {
    const staged = await assignment();
    await staged.confirm();
    await change(staged);
    await applyImports(at.database);
    expect(await at.rowsOf(staged.importId)).toMatchObject([{ state: "Failed", reason: changed }]);
    expect(
      await at.database.client.assignment.count({
        where: {
          resourceId: at.tree.group.id,
          origin: "Import",
          requests: { some: { proofId: { not: null } } },
        },
      }),
    ).toBe(0);
  });

  it("the settings allow another time than was shown", async () => {
    const staged = await assignment({ capToMaximum: true, settings: { activeMaximumDays: 15 } });
    await staged.confirm();
    await at.database.client.roleManagementPolicy.update({
      where: { id: staged.policy.id },
      data: { activeMaximumDays: 180 },
    });
    await applyImports(at.database);
    expect(await at.rowsOf(staged.importId)).toMatchObject([{ state: "Failed", reason: changed }]);
    expect(await staged.given()).toEqual([]);
  });

  it("a program that was to be made is somebody by then", async () => {
    const role = await at.protectedRole({ assignmentRequiresMfa: false, activeMaximumDays: null });
    const principal = `app-${randomUUID()}`;
    const row = {
      principal,
      principalType: "ServicePrincipal",
      role: role.id,
      scope: at.tree.subscription.scope,
    };
    const importId = await at.stage("RoleAssignments", [row]);
    await at.confirm(importId);
    const taken = await at.database.client.principal.create({
      data: { type: "ServicePrincipal", displayName: "Mallory", externalId: principal },
    });
    await applyImports(at.database);
    expect(await at.rowsOf(importId)).toMatchObject([{ state: "Failed", reason: changed }]);
    expect(await at.database.client.assignment.count({ where: { principalId: taken.id } })).toBe(0);
  });
});

it("an assignment ends when its preview said, however late it is confirmed, or not at all", async () => {
  const settings = { activeMaximumDays: 15 };
  const [early, late] = [
    await assignment({ capToMaximum: true, settings }),
    await assignment({ capToMaximum: true, settings }),
  ];
  now = addDays(start, 10);
  await early.confirm();
  await applyImports(at.database);
  expect(await early.given()).toMatchObject([{ endsAt: addDays(start, 15) }]);
  now = addDays(start, 15);
  await late.confirm();
  await applyImports(at.database);
  expect(await late.given()).toEqual([]);
  expect(await at.rowsOf(late.importId)).toMatchObject([
    { state: "Failed", reason: "The end that was shown has passed." },
  ]);
});

describe("a confirmed member does not join where", () => {
  const ids = { group: "", member: "" };
  async function joining() {
    const group = await makeGroup(at.database, [], `Crew ${randomUUID()}`);
    const member = await at.person("Max Member");
    Object.assign(ids, { group: group.id, member: member.userId });
    const importId = await at.stage("GroupMembers", `group,member\n${group.displayName},${member.email}\n`);
    expect(await at.confirm(importId)).toMatchObject({ ok: true });
    return { importId, group, member };
  }
  const joined = () => at.database.client.groupMember.count({ where: { memberId: ids.member } });

  it.each<[string, (at: Awaited<ReturnType<typeof joining>>) => Promise<unknown>]>([
    [
      "the group has come to a role",
      async ({ group }) => {
        const role = await makeRole(at.database, `Role ${randomUUID()}`, { actions: ["*"] });
        await grant(at.database, "eligible", group.id, role.id, at.tree.group.id);
      },
    ],
    [
      "the name of the group leads to another group",
      async ({ group }) => {
        await at.database.client.principal.update({ where: { id: group.id }, data: { displayName: "Was" } });
        await makeGroup(at.database, [], group.displayName);
      },
    ],
    [
      "the address of the member is another's",
      async ({ member }) => {
        await at.database.client.principal.update({
          where: { id: member.userId },
          data: { email: `was-${member.email}` },
        });
        const other = await at.person("Max Member");
        await at.database.client.principal.update({
          where: { id: other.userId },
          data: { email: member.email },
        });
        ids.member = other.userId;
      },
    ],
  ])("%s", async (_what, change) => {
    const staged = await joining();
    await change(staged);
    await applyImports(at.database);
    expect(await at.rowsOf(staged.importId)).toMatchObject([{ state: "Failed", reason: changed }]);
    expect(await joined()).toBe(0);
  });
});

it("people are added or changed as was shown, and an addition is not made a change", async () => {
  const [one, two] = [azureUser(71_001), azureUser(71_002)];
  const importId = await at.stage("Users", [one, two]);
  await at.confirm(importId);
  const taken = await at.person("Already Here");
  await at.database.client.principal.update({ where: { id: taken.userId }, data: { externalId: one.id } });
  await applyImports(at.database);
  expect(await at.rowsOf(importId)).toMatchObject([
    { state: "Failed", reason: changed },
    { outcome: "Add", state: "Applied" },
  ]);
});

describe("the proof of a confirmation", () => {
  it("stands for the rows as they were shown, and for no others that the database is made to hold", async () => {
    const staged = await assignment();
    await staged.confirm();
    const mallory = await at.person("Mallory");
    const { client } = at.database;
    const [row] = await at.rowsOf(staged.importId);
    const text = JSON.stringify(row?.shown).replaceAll(staged.person.userId, mallory.userId);
    await client.importRow.updateMany({
      where: { importId: staged.importId },
      data: { shown: JSON.parse(text), data: { ...staged.row, principal: mallory.userId } },
    });
    await applyImports(at.database);
    expect(await at.viewed(staged.importId)).toMatchObject({
      status: "Stopped",
      stopReason: expect.stringContaining("differ from those that were confirmed"),
    });
    expect(await at.confirm(staged.importId, await at.proofFor(staged.importId))).toMatchObject({
      error: { code: "Conflict" },
    });
    // Even if the digest is replaced by that of the changed rows, the proof is for another operation.
    const { proofId } = await client.auditEvent.findFirstOrThrow({
      where: {
        kind: "ImportConfirmed",
        outcome: "Success",
        details: { path: ["importId"], equals: staged.importId },
      },
    });
    await client.import.update({
      where: { id: staged.importId },
      data: { confirmedAt: now, confirmedById: at.owner.userId, proofId },
    });
    await at.test.asOwner("DELETE FROM import_blocks WHERE import_id = $1", [staged.importId]);
    await inTransaction(at.database, async (transaction) => {
      const data = { digest: await storeBlocks(transaction, staged.importId) };
      await transaction.import.update({ where: { id: staged.importId }, data });
    });
    await applyImports(at.database);
    expect(await staged.given()).toEqual([]);
    expect(await at.viewed(staged.importId)).toMatchObject({ status: "Stopped" });
  });

  it("is not for the same file read once more, and reading it again in another tab changes nothing of the first", async () => {
    const staged = await assignment();
    const before = await at.rowsOf(staged.importId);
    const proofId = await at.proofFor(staged.importId);
    const again = await at.stage("RoleAssignments", [staged.row]);
    await at.stage("RoleAssignments", [{ ...staged.row, scope: at.tree.subscription.scope }]);
    expect(await at.rowsOf(staged.importId)).toEqual(before);
    expect(await at.confirm(again, proofId)).toMatchObject(mfa);
    expect(await at.confirm(staged.importId, proofId)).toMatchObject({ ok: true });
    await applyImports(at.database);
    expect(await staged.given()).toHaveLength(1);
  });

  it("shows its age where it stands for something", async () => {
    const staged = await assignment();
    await staged.confirm();
    expect(await viewImport(at.database, at.owner, staged.importId)).toMatchObject({
      confirmedAt: start,
      proofUntil: addMinutes(start, 15),
    });
    now = addMinutes(start, 7);
    await applyImports(at.database);
    const events = await at.database.client.auditEvent.findMany({
      where: { details: { path: ["importId"], equals: staged.importId }, outcome: "Success" },
      orderBy: { sequence: "asc" },
    });
    expect(events).toMatchObject([
      { kind: "ImportStaged" },
      { kind: "ImportConfirmed" },
      { kind: "ActiveAssignmentAdded", details: { proofAgeSeconds: 420 } },
      { kind: "ImportApplied", details: { proofAgeSeconds: 420 }, factor: "Totp" },
    ]);
  });

  it("and the right of whoever confirmed count at each batch: of a thousand rows half may be left", async () => {
    const { caller } = await at.peopleManager();
    const rows = Array.from({ length: 1_000 }, (_, index) => azureUser(80_000 + index));
    const { id } = await at.database.client.principal.create({
      data: {
        ...{ type: "User", displayName: "Old name" },
        ...{ email: azureUser(80_500).userPrincipalName, externalId: azureUser(80_500).id },
      },
    });
    const importId = await at.stage("Users", rows, { caller });
    await at.confirm(importId, null, caller);
    // The second batch waits for a person whom it changes; the first is done.
    const lock = await holdLock(at.test, "SELECT id FROM principals WHERE id = $1 FOR UPDATE", [id]);
    const applied = applyImports(at.database);
    await lock.waitedFor();
    await at.database.client.principal.update({ where: { id: caller.userId }, data: { disabledAt: now } });
    await lock.release();
    await applied;
    expect(await at.viewed(importId)).toMatchObject({ status: "Stopped", left: 500 });
    expect(await at.database.client.principal.findUnique({ where: { id } })).toMatchObject({
      displayName: "Old name",
    });
  });
});

it("rows that name a program in several batches find the one that the first has made", async () => {
  const role = await at.protectedRole({ assignmentRequiresMfa: false, activeMaximumDays: null });
  const program = `app-${randomUUID()}`;
  const places = await at.database.client.resource.createManyAndReturn({
    data: Array.from({ length: 600 }, (_, index) => ({
      parentId: at.tree.group.id,
      scope: `${at.tree.group.scope}/providers/A.B/things/${index}`,
      displayName: `${index}`,
      resourceType: "A.B/things",
    })),
  });
  const rows = places.map(({ scope }) => ({
    principal: program,
    principalType: "ServicePrincipal",
    principalName: "deploy-bot",
    role: role.id,
    scope,
  }));
  const importId = await at.stage("RoleAssignments", rows, { capToMaximum: true });
  await at.applyAll(importId, await at.proofFor(importId));
  expect(
    await at.database.client.importRow.groupBy({ by: ["state"], where: { importId }, _count: true }),
  ).toEqual([{ state: "Applied", _count: 600 }]);
});

describe("whom a row means is shown", () => {
  it("with address and id", async () => {
    const staged = await assignment();
    const [row] = await at.rowsOf(staged.importId);
    expect(row?.shown).toMatchObject({
      about: {
        principals: [
          {
            as: "Member",
            id: staged.person.userId,
            email: staged.person.email,
            externalId: staged.externalId,
          },
        ],
      },
    });
  });

  it("of a file with a byte-order mark like of any", async () => {
    const importId = await at.stage("Users", `\u{feff}displayName,email\nBo Mark,bo.mark@contoso.example\n`);
    expect(await at.outcomes(importId)).toEqual(["Add"]);
  });
});
