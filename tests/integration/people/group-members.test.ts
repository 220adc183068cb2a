import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { may } from "@/lib/authority/authority";
import { addMinutes } from "@/lib/domain/time/schedule";
import { assignRole, assignRoleOperation } from "@/lib/operations/assignments/assign-role";
import { addGroupMembers, addGroupMembersOperation } from "@/lib/operations/people/add-group-members";
import { removeGroupMember } from "@/lib/operations/people/remove-group-member";
import { inTransaction } from "@/lib/platform/transaction";
import { type Administration, makeAdministration } from "../../support/administration";
import { atOnce } from "../../support/database/held-lock";
import {
  grant,
  makeCaller,
  makeGroup,
  makeProof,
  makeRole,
  makeUser,
  pastTheRules,
} from "../../support/factories";

let now = new Date("2026-03-02T09:00:00Z");
let test: Administration["test"];
let tree: Administration["tree"];
let owner: Administration["owner"];
beforeAll(async () => {
  ({ test, tree, owner } = await makeAdministration(() => now));
});
afterAll(() => test.drop());
beforeEach(() => {
  now = new Date("2026-03-02T09:00:00Z");
});

const deploy = "Microsoft.Web/sites/publish/action";

/** A group that holds a role whose settings require MFA on direct assignment. */
async function protectedGroup() {
  const { database } = test;
  const role = await makeRole(database, "Deployer", { actions: ["Microsoft.Web/*"] });
  await database.client.roleManagementPolicy.create({
    data: { resourceId: tree.subscription.id, roleDefinitionId: role.id, assignmentRequiresMfa: true },
  });
  const group = await makeGroup(database, [], "Deployers");
  await grant(database, "active", group.id, role.id, tree.subscription.id);
  return { role, group };
}

function input(groupId: string, memberIds: string[], proofId: string | null = null) {
  return { groupId, memberIds, justification: "Joins the team", proofId };
}

const mayDeploy = (userId: string) =>
  inTransaction(test.database, (transaction) =>
    may(transaction, userId, deploy as Parameters<typeof may>[2], tree.group.id),
  );
const mfa = { ok: false, error: { failures: [{ rule: "MfaRule" }] } };

describe("joining a group that holds a role whose settings require MFA on direct assignment", () => {
  it("takes the administrator's proof for exactly these members, once", async () => {
    const { database } = test;
    const { group } = await protectedGroup();
    const [member, other] = [await makeUser(database), await makeUser(database)];
    expect(await addGroupMembers(database, owner, input(group.id, [member.id]))).toMatchObject(mfa);
    expect(await mayDeploy(member.id)).toBe(false);

    const operation = addGroupMembersOperation({ groupId: group.id, memberIds: [member.id] });
    const proofId = await makeProof(database, owner, operation);
    expect(await addGroupMembers(database, owner, input(group.id, [other.id], proofId))).toMatchObject(mfa);
    expect(await addGroupMembers(database, owner, input(group.id, [member.id], proofId))).toMatchObject({
      ok: true,
      added: 1,
    });
    expect(await mayDeploy(member.id)).toBe(true);
    expect(await addGroupMembers(database, owner, input(group.id, [other.id], proofId))).toMatchObject(mfa);
    const event = await database.client.auditEvent.findFirstOrThrow({
      where: { kind: "GroupMemberAdded", outcome: "Success", targetId: member.id },
    });
    expect(event).toMatchObject({ proofId, factor: "Totp", details: { groupName: "Deployers" } });
  });

  it("takes it through groups in groups too, and for a group that is disabled", async () => {
    const { database } = test;
    const { group } = await protectedGroup();
    const middle = await makeGroup(database, [], "Middle");
    const inner = await makeGroup(database, [], "Inner");
    await database.client.groupMember.create({ data: { groupId: group.id, memberId: middle.id } });
    await database.client.groupMember.create({ data: { groupId: middle.id, memberId: inner.id } });
    const member = await makeUser(database);
    expect(await addGroupMembers(database, owner, input(inner.id, [member.id]))).toMatchObject(mfa);
    await database.client.principal.update({ where: { id: middle.id }, data: { disabledAt: now } });
    expect(await addGroupMembers(database, owner, input(inner.id, [member.id]))).toMatchObject(mfa);
    const nested = await makeGroup(database, [member.id], "Nested");
    expect(await addGroupMembers(database, owner, input(group.id, [nested.id]))).toMatchObject(mfa);
  });

  it("takes the reason that the settings require", async () => {
    const { database } = test;
    const role = await makeRole(database, "Reader", { actions: ["*/read"] });
    const group = await makeGroup(database, [], "Readers");
    await grant(database, "active", group.id, role.id, tree.group.id);
    const member = await makeUser(database);
    const silent = { ...input(group.id, [member.id]), justification: " " };
    expect(await addGroupMembers(database, owner, silent)).toMatchObject({
      ok: false,
      error: { failures: [{ rule: "JustificationRule" }] },
    });
    expect(await addGroupMembers(database, owner, input(group.id, [member.id]))).toMatchObject({ ok: true });
  });
});

describe("who may change a group", () => {
  it("is whoever could assign all that it has: managing people alone gives no access", async () => {
    const { database } = test;
    const { group } = await protectedGroup();
    const user = await makeUser(database, "Petra People");
    const manager = await makeRole(database, "People manager", {
      actions: ["Microsoft.Authorization/principals/*"],
    });
    await grant(database, "active", user.id, manager.id, tree.root.id);
    const caller = await makeCaller(database, user);
    const denied = { ok: false, error: { code: "AuthorizationFailed" } };
    const operation = addGroupMembersOperation({ groupId: group.id, memberIds: [user.id] });
    const proofId = await makeProof(database, caller, operation);
    expect(await addGroupMembers(database, caller, input(group.id, [user.id], proofId))).toMatchObject(
      denied,
    );
    const eligible = await makeGroup(database, [], "Eligible only");
    const role = await makeRole(database, "Contributor", { actions: ["*"] });
    await grant(database, "eligible", eligible.id, role.id, tree.group.id, {
      startsAt: addMinutes(now, 600),
    });
    expect(await addGroupMembers(database, caller, input(eligible.id, [user.id]))).toMatchObject(denied);
    const empty = await makeGroup(database, [], "No access");
    expect(await addGroupMembers(database, caller, input(empty.id, [user.id]))).toMatchObject({ ok: true });

    const member = await makeUser(database);
    await database.client.groupMember.create({ data: { groupId: group.id, memberId: member.id } });
    const removal = { groupId: group.id, memberId: member.id, justification: null };
    expect(await removeGroupMember(database, caller, removal)).toMatchObject(denied);
    expect(await removeGroupMember(database, owner, removal)).toMatchObject({ ok: true });
    expect(await mayDeploy(member.id)).toBe(false);
  });

  it("is nobody below the root, and an unknown group answers like one that may not be known", async () => {
    const { database } = test;
    const role = await makeRole(database, "Access administrator", { actions: ["Microsoft.Authorization/*"] });
    const user = await makeUser(database);
    await grant(database, "active", user.id, role.id, tree.subscription.id);
    const caller = await makeCaller(database, user);
    const group = await makeGroup(database, []);
    const unknown = "00000000-0000-4000-8000-000000000000";
    const answers = await Promise.all(
      [group.id, unknown].map((id) => addGroupMembers(database, caller, input(id, [user.id]))),
    );
    expect(answers[0]).toEqual(answers[1]);
    expect(answers[0]).toMatchObject({ ok: false });
  });
});

describe("groups in groups", () => {
  it("never close a circle, of two that would close one together either", async () => {
    const { database } = test;
    for (let round = 0; round < 2; round += 1) {
      const [a, b, c] = [
        await makeGroup(database, [], "A"),
        await makeGroup(database, [], "B"),
        await makeGroup(database, [], "C"),
      ];
      const results = await atOnce(test, [
        () => addGroupMembers(database, owner, input(a.id, [b.id])),
        () => addGroupMembers(database, owner, input(b.id, [c.id])),
        () => addGroupMembers(database, owner, input(c.id, [a.id])),
      ]);
      expect(results.filter((result) => result.ok)).toHaveLength(2);
      expect(results.find((result) => !result.ok)).toMatchObject({ error: { code: "MembershipCycle" } });
    }
    const group = await makeGroup(database, []);
    expect(await addGroupMembers(database, owner, input(group.id, [group.id]))).toMatchObject({
      error: { code: "MembershipCycle" },
    });
  });

  it("cannot close one past the operation either, and only groups have members", async () => {
    const { client } = test.database;
    const [a, b] = [await makeGroup(test.database, []), await makeGroup(test.database, [])];
    const user = await makeUser(test.database);
    await client.groupMember.create({ data: { groupId: a.id, memberId: b.id } });
    await expect(client.groupMember.create({ data: { groupId: b.id, memberId: a.id } })).rejects.toThrow();
    await expect(client.groupMember.create({ data: { groupId: user.id, memberId: a.id } })).rejects.toThrow();
  });

  it("give access through every level, and take it at once", async () => {
    const { database } = test;
    const member = await makeUser(database);
    const inner = await makeGroup(database, [member.id], "Inner");
    const outer = await makeGroup(database, [], "Outer");
    const role = await makeRole(database, "Deployer", { actions: ["Microsoft.Web/*"] });
    await grant(database, "active", outer.id, role.id, tree.subscription.id);
    expect(await addGroupMembers(database, owner, input(outer.id, [inner.id]))).toMatchObject({ ok: true });
    expect(await mayDeploy(member.id)).toBe(true);
    const removal = { groupId: outer.id, memberId: inner.id, justification: null };
    expect(await removeGroupMember(database, owner, removal)).toMatchObject({ ok: true });
    expect(await mayDeploy(member.id)).toBe(false);
  });
});

it("ends for good an activation that rested on the membership", async () => {
  const { database } = test;
  const member = await makeUser(database);
  const group = await makeGroup(database, [member.id]);
  const role = await makeRole(database, "Deployer", { actions: ["Microsoft.Web/*"] });
  const eligibility = await grant(database, "eligible", group.id, role.id, tree.subscription.id);
  await pastTheRules(database, (to) =>
    to.assignment.create({
      data: {
        principalId: member.id,
        roleDefinitionId: role.id,
        resourceId: tree.subscription.id,
        assignmentType: "Activated",
        eligibilityId: eligibility.id,
        startsAt: addMinutes(now, -10),
        endsAt: addMinutes(now, 240),
      },
    }),
  );
  expect(await mayDeploy(member.id)).toBe(true);
  const removal = { groupId: group.id, memberId: member.id, justification: null };
  expect(await removeGroupMember(database, owner, removal)).toMatchObject({ ok: true, endedActivations: 1 });
  now = addMinutes(now, 5);
  expect(await addGroupMembers(database, owner, input(group.id, [member.id]))).toMatchObject({ ok: true });
  expect(await mayDeploy(member.id)).toBe(false);
});

it("adds one member once, however often it is asked at the same time", async () => {
  const { database } = test;
  const member = await makeUser(database);
  const group = await makeGroup(database, []);
  const results = await atOnce(
    test,
    Array.from({ length: 6 }, () => () => addGroupMembers(database, owner, input(group.id, [member.id]))),
  );
  expect(results.filter((result) => result.ok && result.added === 1)).toHaveLength(1);
  const events = { kind: "GroupMemberAdded", outcome: "Success" as const, targetId: member.id };
  expect(await database.client.auditEvent.count({ where: events })).toBe(1);
});

it("races with a direct assignment to the group without opening a way around its proof", async () => {
  const { database } = test;
  const { role } = await protectedGroup();
  const group = await makeGroup(database, []);
  const member = await makeUser(database);
  const assignment = {
    assignmentType: "Active" as const,
    roleDefinitionId: role.id,
    resourceId: tree.subscription.id,
    principalIds: [group.id],
    startsAt: null,
    endsAt: addMinutes(now, 600),
    justification: "Cover",
  };
  const proofId = await makeProof(database, owner, assignRoleOperation(assignment));
  const [joined, assigned] = await atOnce(test, [
    () => addGroupMembers(database, owner, input(group.id, [member.id])),
    () => assignRole(database, owner, { ...assignment, proofId }),
  ]);
  expect(assigned).toMatchObject({ ok: true });
  // Either the member was there before the role, or joining required a proof that it did not have.
  expect(await mayDeploy(member.id)).toBe(joined.ok);
});
