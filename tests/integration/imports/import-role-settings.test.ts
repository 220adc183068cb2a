import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { applyImports } from "@/lib/operations/imports/apply-imports";
import { grant, makeGroup, makeRole, pastTheRules } from "../../support/factories";
import { makeImports } from "../../support/imports";
import { answer, exampleRules, policyAssignment } from "../../support/pim-answers";

/** Requirements of roles in PIM, as `az rest` writes them. */
let at: Awaited<ReturnType<typeof makeImports>>;
beforeAll(async () => {
  at = await makeImports();
});
afterAll(() => at.test.drop());

async function subject() {
  const role = await makeRole(at.database, `Role ${randomUUID()}`, { actions: ["*/read"] });
  const of = { roleDefinitionId: role.id, scope: at.tree.subscription.scope };
  const pair = { roleDefinitionId: role.id, resourceId: at.tree.subscription.id };
  const settings = () => at.database.client.roleManagementPolicy.findFirst({ where: pair });
  return { role, of, pair, settings };
}
const approver = async () => {
  const group = await makeGroup(
    at.database,
    [(await at.person("Anna Approver")).userId],
    `Team ${randomUUID()}`,
  );
  return at.database.client.principal.update({ where: { id: group.id }, data: { externalId: randomUUID() } });
};
const stage = (entries: readonly object[], more = {}) => at.stage("RoleSettings", answer(entries), more);
const ticket = [
  {
    id: "Enablement_EndUser_Assignment",
    enabledRules: ["MultiFactorAuthentication", "Justification", "Ticketing"],
  },
];
const weaker = [{ id: "Enablement_EndUser_Assignment", enabledRules: ["Justification"] }];

describe("role settings of PIM", () => {
  it("are shown before and after, saved with a code where they weaken, and unchanged a second time", async () => {
    const { of, pair, role, settings } = await subject();
    const group = await approver();
    const entries = [policyAssignment(of, exampleRules([group.externalId ?? ""]))];
    const importId = await stage(entries);
    expect(await at.rowsOf(importId)).toMatchObject([
      {
        outcome: "Change",
        state: "NeedsProof",
        reason: expect.stringMatching(/^It weakens: Allow permanent active assignment/),
        difference: {
          before: { "Require approval to activate": "No", "Activation maximum duration (hours)": "8" },
          after: {
            "Require approval to activate": "Yes",
            "Activation maximum duration (hours)": "7",
            Approvers: expect.stringContaining(group.displayName),
          },
        },
      },
    ]);
    expect(await settings()).toBeNull();
    expect(await at.confirm(importId)).toMatchObject({ ok: false });
    await at.applyAll(importId, await at.proofFor(importId));
    expect(await at.rowsOf(importId)).toMatchObject([{ state: "Applied" }]);
    expect(await settings()).toMatchObject({
      version: 1,
      updatedById: at.owner.userId,
      activationMaximumMinutes: 420,
      activationRequiresTicket: true,
      approvalStages: [{ approverIds: [group.id], timeoutHours: 24, approvalsNeeded: 1 }],
      eligibleMaximumDays: 90,
      activeMaximumDays: null,
    });
    const event = await at.database.client.auditEvent.findFirstOrThrow({
      where: { kind: "RoleSettingsUpdated", roleDefinitionId: role.id, resourceId: pair.resourceId },
    });
    expect(event).toMatchObject({ outcome: "Success", details: { importId, weakened: expect.anything() } });
    expect(event.proofId).not.toBeNull();
    expect(await at.outcomes(await stage(entries))).toEqual(["Unchanged"]);
  });

  it("take no code where they only require more, and say what has no place here", async () => {
    const { of, settings } = await subject();
    const rules = [...ticket, { id: "Enablement_Admin_Eligibility", enabledRules: ["Justification"] }];
    const importId = await stage([policyAssignment(of, rules)]);
    expect(await at.rowsOf(importId)).toMatchObject([
      {
        outcome: "Change",
        state: "Pending",
        reason: expect.stringContaining("which Postern has no setting for"),
      },
    ]);
    await at.applyAll(importId);
    expect(await settings()).toMatchObject({ activationRequiresTicket: true, version: 1 });
    expect(await at.rowsOf(importId)).toMatchObject([
      { state: "Applied", reason: expect.stringContaining("which Postern has no setting for") },
    ]);
  });

  it("take the right to edit settings there, an approver who is known, and a role and scope that are", async () => {
    const { of } = await subject();
    const { caller } = await at.peopleManager();
    const reasonOf = async (entry: object, more = {}) =>
      (await at.rowsOf(await stage([entry], more)))[0]?.reason;
    expect(await reasonOf(policyAssignment(of, ticket), { caller })).toMatch(/may not edit role settings/);
    expect(await reasonOf(policyAssignment(of, exampleRules([randomUUID()])))).toMatch(
      /approver .* is not known/,
    );
    expect(await reasonOf(policyAssignment(of, exampleRules([])))).toMatch(/at least one approver/);
    expect(await reasonOf(policyAssignment({ ...of, roleDefinitionId: randomUUID() }, ticket))).toMatch(
      /role .* is not known/,
    );
    expect(await reasonOf(policyAssignment({ ...of, scope: "/subscriptions/none" }, ticket))).toMatch(
      /scope .* is not known/,
    );
    const elsewhere = await makeRole(at.database, `Role ${randomUUID()}`, { actions: ["*/read"] });
    await at.database.client.roleDefinition.update({
      where: { id: elsewhere.id },
      data: { assignableScopes: ["/subscriptions/other"] },
    });
    expect(await reasonOf(policyAssignment({ ...of, roleDefinitionId: elsewhere.id }, ticket))).toMatch(
      /cannot be assigned at/,
    );
  });

  it("are left out where somebody saved the settings since the preview, or the right is gone", async () => {
    const [one, two] = [await subject(), await subject()];
    const importId = await stage([policyAssignment(one.of, ticket), policyAssignment(two.of, ticket)]);
    await at.database.client.roleManagementPolicy.create({
      data: { ...one.pair, version: 1, activationMaximumMinutes: 60 },
    });
    await at.applyAll(importId);
    expect(await at.rowsOf(importId)).toMatchObject([
      { state: "Failed", reason: expect.stringContaining("has changed since the preview") },
      { state: "Applied" },
    ]);
    expect(await one.settings()).toMatchObject({
      activationRequiresTicket: false,
      activationMaximumMinutes: 60,
    });

    const third = await subject();
    const role = await makeRole(at.database, `Settings ${randomUUID()}`, {
      actions: ["Microsoft.Authorization/*"],
    });
    const editor = (await at.peopleManager()).caller;
    const held = await grant(at.database, "active", editor.userId, role.id, at.tree.subscription.id);
    const own = await stage([policyAssignment(third.of, ticket)], { caller: editor });
    expect(await at.outcomes(own)).toEqual(["Change"]);
    expect(await at.confirm(own, null, editor)).toMatchObject({ ok: true });
    await pastTheRules(at.database, (to) =>
      to.assignment.update({ where: { id: held.id }, data: { endsAt: held.startsAt } }),
    );
    await applyImports(at.database);
    expect(await at.rowsOf(own)).toMatchObject([
      { state: "Failed", reason: expect.stringContaining("may not edit") },
    ]);
    expect((await third.settings())?.activationRequiresTicket ?? false).toBe(false);
  });

  it("in one file weaken only where their row shows it, each role once", async () => {
    const [one, two] = [await subject(), await subject()];
    const importId = await stage([
      policyAssignment(one.of, weaker),
      policyAssignment(two.of, ticket),
      policyAssignment({ ...one.of, roleDefinitionId: one.role.id.toUpperCase() }, ticket),
    ]);
    expect((await at.rowsOf(importId)).map(({ outcome, state }) => `${outcome} ${state}`)).toEqual([
      "Change NeedsProof",
      "Change Pending",
      "Bad Failed",
    ]);
    await at.applyAll(importId, await at.proofFor(importId));
    expect(await one.settings()).toMatchObject({ activationRequiresMfa: false });
    const events = await at.database.client.auditEvent.findMany({
      where: { kind: "RoleSettingsUpdated", roleDefinitionId: { in: [one.role.id, two.role.id] } },
    });
    expect(new Map(events.map((event) => [event.roleDefinitionId, event.proofId !== null]))).toEqual(
      new Map([
        [one.role.id, true],
        [two.role.id, false],
      ]),
    );
  });
});

it("rows that weaken only together take a code: a stage that becomes that of the level above is passed once for both", async () => {
  const { role, of } = await subject();
  const below = { ...of, scope: at.tree.group.scope };
  const group = await approver();
  const approval = (days: number) =>
    exampleRules([group.externalId ?? ""])
      .filter(({ id }) => id === "Approval_EndUser_Assignment")
      .map((rule) =>
        JSON.parse(
          JSON.stringify(rule).replace(
            '"approvalStageTimeOutInDays":1',
            `"approvalStageTimeOutInDays":${days}`,
          ),
        ),
      );
  const first = await stage([policyAssignment(below, approval(2))]);
  await at.applyAll(first);
  const states = async (importId: string) => (await at.rowsOf(importId)).map(({ state }) => state);
  // Its waiting time is shorter, and that alone is stricter.
  expect(await states(await stage([policyAssignment(below, approval(1))]))).toEqual(["Pending"]);

  const together = await stage([policyAssignment(of, approval(1)), policyAssignment(below, approval(1))]);
  expect(await states(together)).toEqual(["Pending", "NeedsProof"]);
  expect((await at.rowsOf(together))[1]?.reason).toContain("It weakens: Approvers");
  expect(await at.confirm(together)).toMatchObject({ ok: false });
  await at.applyAll(together, await at.proofFor(together));
  expect(await states(together)).toEqual(["Applied", "Applied"]);
  const events = await at.database.client.auditEvent.findMany({
    where: { kind: "RoleSettingsUpdated", roleDefinitionId: role.id },
    orderBy: { sequence: "asc" },
  });
  expect(events.map(({ proofId }) => proofId !== null)).toEqual([false, false, true]);
});
