import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { usualOrder } from "@/lib/domain/assignments/member-filter";
import type { StepUpMethod } from "@/lib/domain/gate/step-up-method";
import { defaultRoleSettings, type RoleSettings } from "@/lib/domain/roles/role-settings";
import { activateRole } from "@/lib/operations/activation/activate-role";
import { applyImports } from "@/lib/operations/imports/apply-imports";
import { confirmImport } from "@/lib/operations/imports/confirm-import";
import { applyImportOperation } from "@/lib/operations/imports/load-import";
import { stageImport } from "@/lib/operations/imports/stage-import";
import { updateRoleSettings } from "@/lib/operations/roles/update-role-settings";
import { listMembers } from "@/lib/queries/assignments/members";
import { firstPage } from "@/lib/queries/pages";
import { breakGlassTerms } from "@/lib/queries/requests/break-glass";
import { requestById } from "@/lib/queries/requests/requests";
import { makeAdministration } from "../../support/administration";
import { arrangeApproval, setSettings } from "../../support/approval";
import { approveRequest } from "../../support/decide-one";
import { grant, makeProof, makeRole } from "../../support/factories";
import type { Organisation } from "../../support/privileges";

const now = new Date("2026-03-02T09:00:00Z");
let at: Organisation;
beforeAll(async () => {
  at = await makeAdministration(() => now);
});
afterAll(() => at.test.drop());

const open: RoleSettings = { ...defaultRoleSettings, activationRequiresMfa: false };
const passkey: RoleSettings = { ...defaultRoleSettings, activationPhishingResistant: true };
const refused = { ok: false, error: { failures: [{ rule: "MfaRule", field: "passkey" }] } };

describe("an activation", () => {
  it.each([
    ["the level of the eligibility", passkey, open],
    ["the level that is chosen", open, passkey],
  ])("takes a passkey if %s asks for one, and none of what has no effect", async (_level, above, here) => {
    const role = await makeRole(at.database, "Operator", { actions: ["*/read"] });
    const member = await at.person("Max Member");
    const { id } = await grant(at.database, "eligible", member.userId, role.id, at.tree.subscription.id);
    const settle = async (wide: RoleSettings, narrow: RoleSettings) => {
      await setSettings(at.database, role.id, at.tree.subscription.id, wide);
      await setSettings(at.database, role.id, at.tree.group.id, narrow);
    };
    const target = { eligibilityId: id, resourceId: at.tree.group.id, startsAt: null, durationMinutes: 60 };
    const activate = async (method: StepUpMethod | null) =>
      activateRole(at.database, member, {
        ...{ ...target, justification: "As agreed", ticketNumber: null, ticketSystem: null },
        proofId:
          method && (await makeProof(at.database, member, { kind: "ActivateRole", ...target }, method)),
      });
    await settle(above, here);
    for (const method of [null, "Totp", "RecoveryCode"] as const)
      expect(await activate(method), String(method)).toMatchObject(refused);
    // Where it requires no factor at all, its choice of factors has no effect.
    await settle(
      { ...open, activationPhishingResistant: true },
      { ...defaultRoleSettings, activationRequiresMfa: above === passkey },
    );
    expect(await activate(above === passkey ? "Totp" : null)).toMatchObject({ ok: true });
  });

  it("that was asked for with a code fails at its approval once only a passkey is accepted", async () => {
    const one = await arrangeApproval(at.database, { tree: at.tree });
    const asked = await one.ask();
    if (!asked.ok || !("requestId" in asked)) throw new Error("it was not asked for");
    await at.database.client.roleManagementPolicy.updateMany({
      where: { roleDefinitionId: one.role.id },
      data: { activationPhishingResistant: true },
    });
    const decided = await approveRequest(at.database, one.first, {
      ...{ requestId: asked.requestId, justification: "Fine", proofId: null },
    });
    expect(decided).toMatchObject({ ok: true, status: "Failed" });
    const request = await one.read(asked.requestId);
    expect(request.failureReasons).toEqual([
      "The role settings now accept only a phishing-resistant factor, and the request was made without one.",
    ]);
  });
});

it("an import that a code confirmed stops at rows whose settings came to accept only a passkey", async () => {
  const member = await at.person("Max Member");
  const role = await at.protectedRole({ activeMaximumDays: null });
  const row = { principalId: member.userId, roleDefinitionId: role.id, scope: at.tree.subscription.scope };
  const staged = await stageImport(at.database, at.owner, {
    ...{ kind: "RoleAssignments", fileName: "rows.json", content: JSON.stringify([row]) },
    ...{ capToMaximum: false, group: null, removeMembers: false },
  });
  if (!staged.ok) throw new Error(JSON.stringify(staged.error));
  const { importId } = staged;
  const confirm = async (method: StepUpMethod) => {
    const found = await at.database.client.import.findUniqueOrThrow({ where: { id: importId } });
    const proofId = await makeProof(at.database, at.owner, applyImportOperation(found), method);
    return confirmImport(at.database, at.owner, { importId, justification: "Moving in", proofId });
  };
  const held = () => at.database.client.assignment.count({ where: { principalId: member.userId } });
  expect(await confirm("Totp")).toMatchObject({ ok: true });
  await at.database.client.roleManagementPolicy.updateMany({
    where: { roleDefinitionId: role.id },
    data: { assignmentPhishingResistant: true },
  });
  await applyImports(at.database);
  expect(await held()).toBe(0);
  expect(await at.database.client.import.findUniqueOrThrow({ where: { id: importId } })).toMatchObject({
    confirmedAt: null,
    stopReason: "The role settings of the remaining rows accept only a phishing-resistant factor.",
  });
  expect(await confirm("Totp")).toMatchObject(refused);
  expect(await confirm("Passkey")).toMatchObject({ ok: true });
  await applyImports(at.database);
  expect(await held()).toBe(1);
});

it("to accept any factor again weakens role settings, and to accept fewer does not", async () => {
  const role = await makeRole(at.database, "Operator", { actions: ["*/read"] });
  const resourceId = at.tree.subscription.id;
  const edit = async (expectedVersion: number, change: Partial<RoleSettings>) =>
    updateRoleSettings(at.database, at.owner, {
      ...{ roleDefinitionId: role.id, resourceId, expectedVersion, proofId: null },
      settings: { ...defaultRoleSettings, ...change },
    });
  await setSettings(at.database, role.id, resourceId, defaultRoleSettings);
  expect(await edit(1, { activationPhishingResistant: true })).toMatchObject({ ok: true });
  expect(await edit(2, {})).toMatchObject({ ok: false, error: { failures: [{ rule: "MfaRule" }] } });
  const event = await at.database.client.auditEvent.findFirstOrThrow({
    where: { kind: "RoleSettingsUpdated", roleDefinitionId: role.id, outcome: "Success" },
  });
  expect(event.details).toMatchObject({
    before: { activationPhishingResistant: false },
    after: { activationPhishingResistant: true },
  });
});

describe("what forms offer from the start", () => {
  const needs = { activationPhishingResistant: true };
  const everything = {
    ...{ tab: "all" as const, where: "above" as const, state: null, kind: null, search: "" },
    order: usualOrder("all"),
  };
  const here = () => at.tree.subscription.id;

  it.each([
    ["at the level of the eligibility", here, true],
    ["below, where it is not activated", () => at.tree.group.id, false],
  ])(
    "is a passkey for an approved request if the settings ask for one %s",
    async (_where, level, expected) => {
      const one = await arrangeApproval(at.database, {
        tree: at.tree,
        settings: { provisioningRequiresMfa: true },
      });
      const requestId = await one.approved();
      const row = async () => (await requestById(at.database, requestId))?.resistantOnly;
      expect(await row()).toBe(false);
      await setSettings(at.database, one.role.id, level(), { ...one.settings, ...needs });
      expect(await row()).toBe(expected);
      // Where no factor is required, its choice of factors has no effect.
      const none = { ...one.settings, ...needs, activationRequiresMfa: false };
      await setSettings(at.database, one.role.id, level(), none);
      expect(await row()).toBe(false);
    },
  );

  it("is a passkey in an emergency if the settings ask for one", async () => {
    const one = await arrangeApproval(at.database, {
      tree: at.tree,
      settings: { breakGlassMaximumMinutes: 60 },
    });
    const requestId = await one.waiting();
    await setSettings(at.database, one.role.id, here(), { ...one.settings, ...needs });
    expect(await breakGlassTerms(at.database, one.member, requestId)).toMatchObject({ resistantOnly: true });
  });

  it("is a passkey for a change of an active assignment if the settings ask for one on direct assignment", async () => {
    const role = await makeRole(at.database, "Auditor", { actions: ["*/read"] });
    const { userId } = await at.person("Mia Member");
    for (const type of ["eligible", "active"] as const)
      await grant(at.database, type, userId, role.id, here());
    const rows = async () => {
      const page = await listMembers(
        at.database,
        at.owner,
        here(),
        { ...everything, roleDefinitionId: role.id },
        firstPage,
      );
      return Object.fromEntries(page.rows.map((row) => [row.state, row.resistantOnly]));
    };
    expect(await rows()).toEqual({ Eligible: false, Assigned: false });
    const asks = { ...open, assignmentRequiresMfa: true, assignmentPhishingResistant: true };
    await setSettings(at.database, role.id, here(), asks);
    expect(await rows()).toEqual({ Eligible: false, Assigned: true });
  });
});
