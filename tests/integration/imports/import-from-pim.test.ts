import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import type { ImportKind } from "@/lib/domain/imports/import-kinds";
import { makeRole } from "../../support/factories";
import { makeImports } from "../../support/imports";
import { answer, assignmentInstance, eligibilityInstance } from "../../support/pim-answers";

/** What an organisation has in PIM, as `az rest` writes it. */
const start = new Date("2026-03-02T09:00:00Z");
const inDays = (days: number) => new Date(start.getTime() + days * 86_400_000).toISOString();
let at: Awaited<ReturnType<typeof makeImports>>;
beforeAll(async () => {
  at = await makeImports(() => start);
});
afterAll(() => at.test.drop());

/** A role that may be assigned anywhere, and a member for it. */
async function subject() {
  const role = await makeRole(at.database, `Role ${randomUUID()}`, { actions: ["*/read"] });
  const member = await at.person(`Member ${randomUUID()}`);
  const scope = at.tree.subscription.scope;
  return { role, member, of: { principalId: member.userId, roleDefinitionId: role.id, scope } };
}
const settle = (kind: ImportKind, entries: readonly object[], more: Parameters<typeof at.stage>[2] = {}) =>
  at.stage(kind, answer(entries), more);

describe("eligibilities of PIM", () => {
  it("are there after the import, until the end that they have, and a second import changes nothing", async () => {
    const { role, member, of } = await subject();
    const entries = [eligibilityInstance({ ...of, endDateTime: inDays(100) })];
    const importId = await settle("Eligibilities", entries);
    expect(await at.rowsOf(importId)).toMatchObject([
      { outcome: "Add", state: "Pending", difference: { after: { endsAt: inDays(100) } } },
    ]);
    const held = { principalId: member.userId, roleDefinitionId: role.id };
    expect(await at.database.client.eligibility.count({ where: held })).toBe(0);
    await at.applyAll(importId);
    expect(await at.database.client.eligibility.findMany({ where: held })).toMatchObject([
      { startsAt: start, endsAt: new Date(inDays(100)), origin: "Import" },
    ]);
    expect(await at.eventsOf(member.userId)).toEqual(["EligibleAssignmentAdded Success"]);
    const request = await at.database.client.request.findFirstOrThrow({ where: held });
    expect(request).toMatchObject({
      requestType: "AdminAssign",
      status: "Provisioned",
      eligibilityId: expect.anything(),
    });
    const later = [eligibilityInstance({ ...of, endDateTime: inDays(50) })];
    expect(await at.rowsOf(await settle("Eligibilities", [...entries]))).toMatchObject([
      { outcome: "Unchanged", reason: null },
    ]);
    expect(await at.rowsOf(await settle("Eligibilities", later))).toMatchObject([
      { outcome: "Unchanged", reason: "It keeps the end that it has here." },
    ]);
  });

  it("last no longer than the settings allow: left out, or cut where the administrator chose so", async () => {
    const { member, of } = await subject();
    const entries = [
      eligibilityInstance(of),
      eligibilityInstance({ ...of, scope: at.tree.group.scope, endDateTime: inDays(10) }),
    ];
    expect(await at.rowsOf(await settle("Eligibilities", entries))).toMatchObject([
      { outcome: "Bad", reason: expect.stringContaining("do not allow a permanent assignment") },
      { outcome: "Add" },
    ]);
    const capped = await settle("Eligibilities", entries, { capToMaximum: true });
    await at.applyAll(capped);
    const ends = await at.database.client.eligibility.findMany({
      where: { principalId: member.userId },
      orderBy: { endsAt: "asc" },
    });
    expect(ends.map(({ endsAt }) => endsAt?.toISOString())).toEqual([inDays(10), inDays(365)]);
  });

  it("take the permission to make somebody eligible, and are given to nobody who cannot activate", async () => {
    const { of } = await subject();
    const { caller } = await at.peopleManager();
    expect(
      await at.rowsOf(await settle("Eligibilities", [eligibilityInstance(of)], { caller })),
    ).toMatchObject([{ outcome: "Bad", reason: expect.stringContaining("may not make anybody eligible") }]);
    const bot = eligibilityInstance({ ...of, principalId: randomUUID(), principalType: "ServicePrincipal" });
    expect(await at.rowsOf(await settle("Eligibilities", [bot]))).toMatchObject([
      { outcome: "Bad", reason: expect.stringContaining("cannot be eligible") },
    ]);
    const ended = eligibilityInstance({ ...of, endDateTime: inDays(-1) });
    expect(await at.rowsOf(await settle("Eligibilities", [ended]))).toMatchObject([
      { outcome: "Bad", reason: "It has ended, as the file says." },
    ]);
  });

  it("for oneself take a code for exactly this import, whatever the settings say", async () => {
    const { role } = await subject();
    const entry = eligibilityInstance({
      ...{ principalId: at.owner.userId, roleDefinitionId: role.id, scope: at.tree.subscription.scope },
      endDateTime: inDays(20),
    });
    const importId = await settle("Eligibilities", [entry]);
    expect(await at.rowsOf(importId)).toMatchObject([{ outcome: "Add", state: "NeedsProof" }]);
    expect(await at.confirm(importId)).toMatchObject({ ok: false });
    const other = await at.proofFor(await settle("Eligibilities", [entry]));
    expect(await at.confirm(importId, other)).toMatchObject({ ok: false });
    const held = { principalId: at.owner.userId, roleDefinitionId: role.id };
    expect(await at.database.client.eligibility.count({ where: held })).toBe(0);
    await at.applyAll(importId, await at.proofFor(importId));
    expect(await at.database.client.eligibility.count({ where: held })).toBe(1);
  });
});

describe("active assignments of PIM", () => {
  it("are brought along until their end, under the settings here, and activations are not", async () => {
    const { member, of } = await subject();
    const entries = [
      assignmentInstance({ ...of, endDateTime: inDays(30) }),
      assignmentInstance({
        ...of,
        scope: at.tree.group.scope,
        assignmentType: "Activated",
        endDateTime: inDays(1),
      }),
    ];
    const importId = await settle("ActiveAssignments", entries);
    expect(await at.rowsOf(importId)).toMatchObject([
      { outcome: "Add" },
      { outcome: "Bad", reason: expect.stringContaining("is Activated") },
    ]);
    await at.applyAll(importId);
    expect(
      await at.database.client.assignment.findMany({ where: { principalId: member.userId } }),
    ).toMatchObject([{ assignmentType: "Assigned", origin: "Import", endsAt: new Date(inDays(30)) }]);
    expect(await at.outcomes(await settle("ActiveAssignments", entries))).toEqual(["Unchanged", "Bad"]);
  });

  it("take a code where the settings require MFA on direct assignment, and an eligibility does not", async () => {
    const member = await at.person("Max Member");
    const role = await at.protectedRole();
    const of = { principalId: member.userId, roleDefinitionId: role.id, scope: at.tree.subscription.scope };
    const endDateTime = inDays(30);
    const active = await settle("ActiveAssignments", [assignmentInstance({ ...of, endDateTime })]);
    const eligible = await settle("Eligibilities", [eligibilityInstance({ ...of, endDateTime })]);
    expect((await at.rowsOf(active)).map(({ state }) => state)).toEqual(["NeedsProof"]);
    expect((await at.rowsOf(eligible)).map(({ state }) => state)).toEqual(["Pending"]);
    await at.applyAll(eligible);
    expect(await at.rowsOf(eligible)).toMatchObject([{ state: "Applied" }]);
  });

  it("that begin later begin then, and one that exists by then is no second one", async () => {
    const { member, of } = await subject();
    const entry = assignmentInstance({ ...of, startDateTime: inDays(5), endDateTime: inDays(30) });
    const importId = await settle("ActiveAssignments", [entry, { ...entry }]);
    expect(await at.outcomes(importId)).toEqual(["Add", "Bad"]);
    await at.applyAll(importId);
    const [made] = await at.database.client.assignment.findMany({ where: { principalId: member.userId } });
    expect(made).toMatchObject({ startsAt: new Date(inDays(5)) });
    expect(
      await at.database.client.request.findFirstOrThrow({ where: { assignmentId: made?.id ?? "" } }),
    ).toMatchObject({ status: "ScheduleCreated" });
    expect(await at.outcomes(await settle("ActiveAssignments", [entry]))).toEqual(["Unchanged"]);
    const now = assignmentInstance({ ...of, endDateTime: inDays(30) });
    expect(await at.rowsOf(await settle("ActiveAssignments", [now]))).toMatchObject([
      { outcome: "Bad", reason: expect.stringContaining("starts later") },
    ]);
  });
});

describe("a list of subscriptions", () => {
  const subscription = (more: object) => ({ id: randomUUID(), name: `Sub ${randomUUID()}`, ...more });
  const refusal = (kind: ImportKind, rows: readonly object[]) =>
    at.stage(kind, rows).then(
      () => null,
      (fault: Error) => fault.message,
    );

  it("is imported below the root, and refused where it is of several tenants or of another one", async () => {
    const [one, two] = [randomUUID(), randomUUID()];
    const importId = await at.stage("Subscriptions", [subscription({ tenantId: one })]);
    await at.applyAll(importId);
    expect(await at.rowsOf(importId)).toMatchObject([{ state: "Applied" }]);
    const mixed = [subscription({ tenantId: one }), subscription({ tenantId: two })];
    expect(await refusal("Subscriptions", mixed)).toMatch(/several tenants/);
    const rootGroup = {
      id: `/providers/Microsoft.Management/managementGroups/${one}`,
      displayName: "Tenant Root Group",
      tenantId: one,
    };
    await at.applyAll(await at.stage("ManagementGroups", [rootGroup]));
    expect(await refusal("Subscriptions", [subscription({ tenantId: two })])).toMatch(/of the tenant/);
    expect(await refusal("Subscriptions", [subscription({ tenantId: one })])).toBeNull();
    const below = [
      { id: `/subscriptions/${randomUUID()}`, displayName: "Below", parent: { id: rootGroup.id } },
    ];
    const hierarchy = await at.stage("Hierarchy", below);
    await at.applyAll(hierarchy);
    expect(await at.rowsOf(hierarchy)).toMatchObject([{ state: "Applied" }]);
  });
});
