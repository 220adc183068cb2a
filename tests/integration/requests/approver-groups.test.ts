import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addGroupMembers, addGroupMembersOperation } from "@/lib/operations/people/add-group-members";
import { disablePrincipal } from "@/lib/operations/people/disable-principal";
import { enablePrincipal } from "@/lib/operations/people/enable-principal";
import { issueSignIn } from "@/lib/operations/people/issue-sign-in";
import { removeGroupMember } from "@/lib/operations/people/remove-group-member";
import type { Caller } from "@/lib/platform/caller";
import { viewPerson } from "@/lib/queries/people/person";
import { requestsToDecide } from "@/lib/queries/requests/approvals";
import { makeAdministration, refusedBy, refusedWith } from "../../support/administration";
import { approvedBy, arrangeApproval, setSettings, stageOf } from "../../support/approval";
import { approveRequest } from "../../support/decide-one";
import { grant, makeCaller, makeGroup, makeProof, makeRole, makeUser } from "../../support/factories";

const now = new Date("2026-03-02T09:00:00Z");
let organisation: Awaited<ReturnType<typeof makeAdministration>>;
let manager: Caller;
beforeAll(async () => {
  organisation = await makeAdministration(() => now);
  const { database, tree } = organisation;
  // May manage people and assign any role, and may edit no role settings.
  const user = await makeUser(database, "Petra People");
  const role = await makeRole(database, "People manager", {
    actions: [
      "Microsoft.Authorization/principals/*",
      "Microsoft.Authorization/roleAssignments/*",
      "Microsoft.Authorization/roleEligibilitySchedules/*",
    ],
  });
  await grant(database, "active", user.id, role.id, tree.root.id);
  manager = await makeCaller(database, user);
});
afterAll(() => organisation.test.drop());

/** An approval whose approvers, or escalation approvers, are a group. */
async function approvalBy(named: "approvers" | "escalation approvers") {
  const { database, tree } = organisation;
  const group = await makeGroup(database, [], "Gatekeepers");
  const approval = await arrangeApproval(database, {
    tree,
    stages: (ids) => [
      named === "approvers" ? stageOf([group.id]) : stageOf(ids, { escalationApproverIds: [group.id] }),
    ],
  });
  return { ...approval, group };
}

function joining(groupId: string, memberIds: string[], proofId: string | null = null) {
  return { groupId, memberIds, justification: "Joins the team", proofId };
}

async function proved(caller: Caller, groupId: string, memberIds: string[]) {
  const operation = addGroupMembersOperation({ groupId, memberIds });
  return joining(groupId, memberIds, await makeProof(organisation.database, caller, operation));
}

describe("joining a group that role settings name as approver", () => {
  it.each(["approvers", "escalation approvers"] as const)(
    "takes the right to edit those settings, as one of their %s",
    async (named) => {
      const { database, tree } = organisation;
      const { group, role } = await approvalBy(named);
      const outer = await makeGroup(database, [], "Inner gatekeepers");
      await database.client.groupMember.create({ data: { groupId: group.id, memberId: outer.id } });
      for (const groupId of [group.id, outer.id]) {
        const confederate = await makeUser(database);
        const input = await proved(manager, groupId, [confederate.id]);
        const refused = await addGroupMembers(database, manager, input);
        expect(refused).toMatchObject(refusedWith("AuthorizationFailed"));
        expect(refused.ok ? "" : JSON.stringify(refused.error)).toContain(
          `approves activations of ${role.roleName}`,
        );
        const event = await database.client.auditEvent.findFirstOrThrow({
          where: { kind: "GroupMemberAdded", outcome: "Failure", actorId: manager.userId },
          orderBy: { sequence: "desc" },
        });
        expect(event.details).toMatchObject({
          missingPermission: "Microsoft.Authorization/roleManagementPolicies/write",
          scope: tree.subscription.scope,
          roleSettings: role.roleName,
        });
      }
    },
  );

  it("takes a proof of whoever may, as naming a new approver does", async () => {
    const { database, owner } = organisation;
    const { group, waiting } = await approvalBy("approvers");
    const member = await makeUser(database);
    const request = await waiting();
    expect(await addGroupMembers(database, owner, joining(group.id, [member.id]))).toMatchObject(
      refusedBy("MfaRule"),
    );
    const input = await proved(owner, group.id, [member.id]);
    expect(await addGroupMembers(database, owner, input)).toMatchObject({ ok: true });
    const waits = await requestsToDecide(database, await makeCaller(database, member), {
      search: "",
      after: null,
    });
    expect(waits.rows.map((row) => row.id)).toEqual([request]);
    const event = await database.client.auditEvent.findFirstOrThrow({
      where: { kind: "GroupMemberAdded", outcome: "Success", targetId: member.id },
    });
    expect(event).toMatchObject({ proofId: input.proofId, factor: "Totp" });
  });

  it("counts while a request asks the group, though its settings no longer do", async () => {
    const { database, tree } = organisation;
    const { group, role, settings, waiting } = await approvalBy("approvers");
    await waiting();
    await setSettings(database, role.id, tree.subscription.id, { ...settings, approvalRequired: false });
    const member = await makeUser(database);
    const input = await proved(manager, group.id, [member.id]);
    expect(await addGroupMembers(database, manager, input)).toMatchObject(refusedWith("AuthorizationFailed"));
  });

  it("is free where the settings name the group and require no approval, and nothing waits", async () => {
    const { database, tree } = organisation;
    const { group, role, settings } = await approvalBy("approvers");
    await setSettings(database, role.id, tree.subscription.id, { ...settings, approvalRequired: false });
    const member = await makeUser(database);
    expect(await addGroupMembers(database, manager, joining(group.id, [member.id]))).toMatchObject({
      ok: true,
    });
  });

  it("never lets anybody decide on their own request", async () => {
    const { database, owner } = organisation;
    const { group, user, member, waiting } = await approvalBy("approvers");
    const request = await waiting();
    const input = await proved(owner, group.id, [user.id]);
    expect(await addGroupMembers(database, owner, input)).toMatchObject({ ok: true });
    const approval = { requestId: request, justification: "Mine", proofId: null };
    expect(await approveRequest(database, member, approval)).toMatchObject(refusedWith("OwnRequest"));
    const waits = await requestsToDecide(database, member, { search: "", after: null });
    expect(waits.rows).toEqual([]);
  });
});

it("asks the same of whoever takes an approver's say away or could become the approver", async () => {
  const { database, tree } = organisation;
  const { group } = await approvalBy("approvers");
  const approver = await makeUser(database, "Anna Approver");
  await database.client.groupMember.create({ data: { groupId: group.id, memberId: approver.id } });
  const denied = refusedWith("AuthorizationFailed");
  const removal = { groupId: group.id, memberId: approver.id, justification: null };
  expect(await removeGroupMember(database, manager, removal)).toMatchObject(denied);
  const change = { principalId: approver.id, justification: null };
  expect(await disablePrincipal(database, manager, change)).toMatchObject(denied);
  const operation = { kind: "IssueSignIn" as const, principalId: approver.id };
  const proofId = await makeProof(database, manager, operation);
  const signIn = { kind: "OneTimePassword" as const, passwordHash: "$argon2id$none" };
  expect(await issueSignIn(database, manager, { ...change, signIn, proofId })).toMatchObject(denied);
  await database.client.principal.update({ where: { id: approver.id }, data: { disabledAt: now } });
  expect(await enablePrincipal(database, manager, { ...change, proofId: null })).toMatchObject(denied);

  // Named directly, without any group, and in settings below the manager's own place.
  const direct = await makeUser(database, "Boris Approver");
  const role = await makeRole(database, "Contributor", { actions: ["*"] });
  await setSettings(database, role.id, tree.group.id, approvedBy([stageOf([direct.id])]));
  expect(
    await disablePrincipal(database, manager, { principalId: direct.id, justification: null }),
  ).toMatchObject(denied);
});

it("is shown on the page of a group, and of whoever is in it, as far as the reader may read the settings", async () => {
  const { database, tree, owner } = organisation;
  const user = await makeUser(database, "Greta Gate");
  const inner = await makeGroup(database, [user.id], "Inner gate");
  const outer = await makeGroup(database, [inner.id], "Outer gate");
  const [above, below] = [
    await makeRole(database, "Above", { actions: ["*"] }),
    await makeRole(database, "Below", { actions: ["*"] }),
  ];
  const someone = stageOf([(await makeUser(database)).id]);
  const both = stageOf([inner.id], { escalationApproverIds: [outer.id] });
  await setSettings(database, above.id, tree.subscription.id, approvedBy([someone, both]));
  await setSettings(database, below.id, tree.group.id, approvedBy([stageOf([outer.id])]));
  // The approvers of settings that require no approval do not matter.
  await setSettings(database, below.id, tree.subscription.id, {
    ...approvedBy([stageOf([inner.id])]),
    approvalRequired: false,
  });
  const stagesFor = async (caller: Caller, id: string) =>
    (await viewPerson(database, caller, id))?.approverRights.map((say) => [
      say.roleName,
      say.resourceName,
      say.escalation ? "escalation" : `stage ${say.stage} of ${say.stages}`,
      say.group?.displayName ?? null,
    ]);
  const { subscription, group } = tree;
  expect(await stagesFor(owner, inner.id)).toEqual([
    ["Above", subscription.displayName, "stage 2 of 2", null],
    ["Above", subscription.displayName, "escalation", "Outer gate"],
    ["Below", group.displayName, "stage 1 of 1", "Outer gate"],
  ]);
  expect(await stagesFor(owner, user.id)).toHaveLength(3);
  expect(await stagesFor(owner, outer.id)).toEqual([
    ["Above", subscription.displayName, "escalation", null],
    ["Below", group.displayName, "stage 1 of 1", null],
  ]);
  expect(await stagesFor(manager, inner.id)).toEqual([]);
  const reader = await makeRole(database, "Settings reader", {
    actions: ["Microsoft.Authorization/roleManagementPolicies/read"],
  });
  await grant(database, "active", manager.userId, reader.id, tree.group.id);
  expect(await stagesFor(manager, inner.id)).toEqual([
    ["Below", group.displayName, "stage 1 of 1", "Outer gate"],
  ]);
});
