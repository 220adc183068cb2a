import { afterAll, beforeAll, expect, it } from "vitest";
import type { ApprovalStage } from "@/lib/domain/roles/approval-settings";
import { emptyApprovalStage } from "@/lib/domain/roles/empty-approval-stage";
import { defaultRoleSettings } from "@/lib/domain/roles/role-settings";
import { addDays } from "@/lib/domain/time/schedule";
import { assignRole, assignRoleOperation } from "@/lib/operations/assignments/assign-role";
import { removeAssignment } from "@/lib/operations/assignments/remove-assignment";
import { updateRoleSettings } from "@/lib/operations/roles/update-role-settings";
import type { Caller } from "@/lib/platform/caller";
import { readRoleSettings } from "@/lib/queries/assignments/role-members";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { atOnce } from "../../support/database/held-lock";
import {
  grant,
  makeCaller,
  makeOwnerRole,
  makeProof,
  makeRole,
  makeTree,
  makeUser,
} from "../../support/factories";

const now = new Date("2026-03-02T09:00:00Z");
const mfaOnly = {
  ok: false,
  error: { code: "RoleAssignmentRequestPolicyValidationFailed", failures: [{ rule: "MfaRule" }] },
};
let test: TestDatabase;
let tree: Awaited<ReturnType<typeof makeTree>>;
let owner: Caller;
let ownerRole: { id: string };
let ownerAssignment: { id: string };
beforeAll(async () => {
  test = await createTestDatabase({ clock: () => now });
  tree = await makeTree(test.database);
  const user = await makeUser(test.database, "Olga Owner");
  ownerRole = await makeOwnerRole(test.database);
  ownerAssignment = await grant(test.database, "active", user.id, ownerRole.id, tree.root.id);
  owner = await makeCaller(test.database, user);
});
afterAll(() => test.drop());

async function arrange() {
  const role = await makeRole(test.database, "Reader", { actions: ["*/read"] });
  const member = await makeUser(test.database, "Max Member");
  return {
    role,
    member,
    input: {
      assignmentType: "Active" as "Active" | "Eligible",
      roleDefinitionId: role.id,
      resourceId: tree.subscription.id,
      principalIds: [member.id],
      startsAt: null,
      endsAt: addDays(now, 30),
      justification: "Cover" as string | null,
      proofId: null as string | null,
    },
  };
}

it("assigns directly only with the administrator's proof where the settings require it", async () => {
  const { input, role, member } = await arrange();
  await test.database.client.roleManagementPolicy.create({
    data: { resourceId: tree.subscription.id, roleDefinitionId: role.id, assignmentRequiresMfa: true },
  });
  expect(await assignRole(test.database, owner, input)).toMatchObject(mfaOnly);
  const proofId = await makeProof(test.database, owner, assignRoleOperation(input));
  const somebodyElse = await makeUser(test.database, "Eve Else");
  expect(
    await assignRole(test.database, owner, { ...input, principalIds: [somebodyElse.id], proofId }),
  ).toMatchObject(mfaOnly);
  expect(await assignRole(test.database, owner, { ...input, proofId })).toMatchObject({ ok: true });
  expect(
    await test.database.client.auditEvent.count({
      where: { targetId: member.id, outcome: "Success", factor: "Totp" },
    }),
  ).toBe(1);
});

it("gives several members all or nothing, and refuses what overlaps", async () => {
  const { input, member } = await arrange();
  expect(await assignRole(test.database, owner, input)).toMatchObject({ ok: true });
  const other = await makeUser(test.database);
  const both = { ...input, principalIds: [other.id, member.id] };
  expect(await assignRole(test.database, owner, both)).toMatchObject({
    ok: false,
    error: { code: "RoleAssignmentExists" },
  });
  expect(await test.database.client.assignment.count({ where: { principalId: other.id } })).toBe(0);
});

it("refuses whoever may not, and reveals nothing to whoever may not know", async () => {
  const { input, member, role } = await arrange();
  const caller = await makeCaller(test.database, member);
  expect(await assignRole(test.database, caller, input)).toMatchObject({
    ok: false,
    error: { code: "NotFound" },
  });
  await grant(test.database, "active", member.id, role.id, tree.root.id);
  expect(await assignRole(test.database, caller, input)).toMatchObject({
    ok: false,
    error: { code: "AuthorizationFailed" },
  });
});

it("weakens settings only with a proof, tightens them without, and refuses a stale edit", async () => {
  const { role } = await arrange();
  const target = { roleDefinitionId: role.id, resourceId: tree.subscription.id };
  const tightened = { ...defaultRoleSettings, assignmentRequiresMfa: true };
  expect(
    await updateRoleSettings(test.database, owner, {
      ...target,
      expectedVersion: 0,
      settings: tightened,
      proofId: null,
    }),
  ).toMatchObject({ ok: true, version: 1 });
  expect(
    await updateRoleSettings(test.database, owner, {
      ...target,
      expectedVersion: 0,
      settings: defaultRoleSettings,
      proofId: null,
    }),
  ).toMatchObject({
    ok: false,
    error: { code: "StaleRoleSettings", currentVersion: 1, changedBy: "Olga Owner" },
  });
  const weaker = { ...target, expectedVersion: 1, settings: { ...tightened, activationRequiresMfa: false } };
  expect(await updateRoleSettings(test.database, owner, { ...weaker, proofId: null })).toMatchObject(mfaOnly);
  const proofId = await makeProof(test.database, owner, { kind: "UpdateRoleSettings", ...weaker });
  expect(await updateRoleSettings(test.database, owner, { ...weaker, proofId })).toMatchObject({
    ok: true,
    version: 2,
  });
});

it("requires approval only by approvers who exist, and asks for a proof before it is made easier", async () => {
  const { role, member } = await arrange();
  const second = await makeUser(test.database, "Sue Second");
  const target = { roleDefinitionId: role.id, resourceId: tree.subscription.id };
  const approved = (changes: Partial<ApprovalStage>, version = 0) => ({
    ...target,
    expectedVersion: version,
    settings: {
      ...defaultRoleSettings,
      approvalRequired: true,
      approvalStages: [{ ...emptyApprovalStage, approverIds: [member.id], ...changes }],
    },
    proofId: null,
  });
  for (const wrong of [{ approverIds: [] }, { approverIds: [role.id] }, { approvalsNeeded: 2 }])
    expect(await updateRoleSettings(test.database, owner, approved(wrong))).toMatchObject({
      error: { code: "InvalidSettings", faults: [{ field: "approvalStages" }] },
    });
  expect(await updateRoleSettings(test.database, owner, approved({}))).toMatchObject({ ok: true });
  const stored = await readRoleSettings(test.database, target.resourceId, role.id);
  expect(stored).toMatchObject({
    settings: approved({}).settings,
    approvers: [{ displayName: "Max Member" }],
  });
  const easier = approved({ approverIds: [member.id, second.id] }, 1);
  expect(await updateRoleSettings(test.database, owner, easier)).toMatchObject(mfaOnly);
  const { proofId: _, ...operation } = easier;
  const proofId = await makeProof(test.database, owner, { kind: "UpdateRoleSettings", ...operation });
  expect(await updateRoleSettings(test.database, owner, { ...easier, proofId })).toMatchObject({
    ok: true,
    version: 2,
  });
});

it("keeps the last permanent active Owner at the root, of two that remove each other too", async () => {
  expect(
    await removeAssignment(test.database, owner, {
      assignmentType: "Active",
      id: ownerAssignment.id,
      justification: null,
    }),
  ).toMatchObject({
    ok: false,
    error: { code: "LastOwner" },
  });
  const second = await makeUser(test.database, "Otto Owner");
  const assignment = await grant(test.database, "active", second.id, ownerRole.id, tree.root.id);
  const caller = await makeCaller(test.database, second);
  const remove = (by: Caller, id: string) =>
    removeAssignment(test.database, by, { assignmentType: "Active", id, justification: null });
  const results = await atOnce(test, [
    () => remove(owner, assignment.id),
    () => remove(caller, ownerAssignment.id),
  ]);
  expect(results.filter((result) => result.ok)).toHaveLength(1);
});

it("keeps the last Owner who is enabled: one who is disabled is no way in", async () => {
  const owners = await test.database.client.assignment.findMany({
    where: { roleDefinitionId: ownerRole.id, resourceId: tree.root.id, endsAt: null },
  });
  const [last] = owners;
  if (!last || owners.length > 1) throw new Error("there is one Owner left");
  const disabled = await makeUser(test.database, "Dora Disabled");
  await grant(test.database, "active", disabled.id, ownerRole.id, tree.root.id);
  await test.database.client.principal.update({ where: { id: disabled.id }, data: { disabledAt: now } });
  const user = await test.database.client.principal.findUniqueOrThrow({ where: { id: last.principalId } });
  const by = await makeCaller(test.database, user);
  const removal = { assignmentType: "Active" as const, id: last.id, justification: null };
  expect(await removeAssignment(test.database, by, removal)).toMatchObject({ error: { code: "LastOwner" } });
});

it("keeps the log: the application may neither change nor delete it, nor may its owner", async () => {
  await expect(test.database.client.$executeRaw`DELETE FROM audit_events`).rejects.toThrow(
    /permission denied/,
  );
  await expect(test.database.client.$executeRaw`UPDATE audit_events SET kind = 'x'`).rejects.toThrow(
    /permission denied/,
  );
  await expect(test.asOwner("DELETE FROM audit_events")).rejects.toThrow(/never changed or deleted/);
  await expect(test.asOwner("TRUNCATE audit_events CASCADE")).rejects.toThrow(/never changed or deleted/);
});
