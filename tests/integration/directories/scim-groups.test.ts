import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import { activateRole } from "@/lib/operations/activation/activate-role";
import { deliverNotifications } from "@/lib/operations/notifications/deliver-notifications";
import { createConflictRule } from "@/lib/operations/roles/create-conflict-rule";
import { databaseNow } from "@/lib/platform/transaction";
import { type Administration, makeAdministration } from "../../support/administration";
import { approvedBy, setSettings, stageOf } from "../../support/approval";
import { entraUser, makeDirectory, patchOf } from "../../support/directories";
import {
  grant,
  makeActivation,
  makeCaller,
  makeGroup,
  makeRole,
  pastTheRules,
} from "../../support/factories";

let at: Administration;
let directory: Awaited<ReturnType<typeof makeDirectory>>;
beforeAll(async () => {
  at = await makeAdministration();
  directory = await makeDirectory(at, "Contoso Entra");
});
afterAll(() => at.test.drop());

async function user() {
  return (await directory.scim("POST", "/Users", entraUser())).body.id;
}
async function group(...members: readonly string[]) {
  const answer = await directory.scim("POST", "/Groups", {
    schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"],
    ...{ externalId: randomUUID(), displayName: `Group ${randomUUID()}` },
    members: members.map((value) => ({ value })),
  });
  expect(answer.status, JSON.stringify(answer.body)).toBe(201);
  return answer.body.id;
}
const membersOf = async (groupId: string) =>
  (await at.database.client.groupMember.findMany({ where: { groupId } }))
    .map(({ memberId }) => memberId)
    .sort();
const filterOf = (name: string, value: string) => encodeURIComponent(`${name} eq "${value}"`);
const patch = (id: string, ...operations: readonly object[]) =>
  directory.scim("PATCH", `/Groups/${id}`, patchOf(...operations));

describe("a user's groups", () => {
  it("are answered where they are asked for, only those of the directory, and never changed from there", async () => {
    const id = await user();
    const [mine, ours] = [await group(id), await makeGroup(at.database, [id])];
    const before = await directory.scim("GET", `/Users/${id}`);
    expect(before.body).not.toHaveProperty("groups");
    const read = () => directory.scim("GET", `/Users/${id}?attributes=groups,userName`);
    const { body } = await read();
    expect(body.groups).toMatchObject([{ value: mine, type: "direct" }]);
    expect(body.groups?.[0]?.$ref).toMatch(new RegExp(`/Groups/${mine}$`));
    expect(JSON.stringify(body)).not.toContain(ours.id);
    const list = await directory.scim("GET", `/Users?attributes=groups&filter=${filterOf("id", id)}`);
    expect(list.body.Resources).toMatchObject([{ id, groups: [{ value: mine }] }]);
    const put = patchOf({ op: "add", path: "groups", value: [{ value: ours.id }] });
    expect(await directory.scim("PATCH", `/Users/${id}`, put)).toMatchObject({ status: 400 });

    await patch(mine, { op: "remove", path: `members[value eq "${id}"]` });
    expect((await read()).body.groups).toEqual([]);
  });
});

describe("Entra ID's requests about groups", () => {
  it("create, find by name, rename, and answer without members where they are not wanted", async () => {
    const displayName = `Displayed ${randomUUID()}`;
    const made = await directory.scim("POST", "/Groups", {
      schemas: [
        "urn:ietf:params:scim:schemas:core:2.0:Group",
        "http://schemas.microsoft.com/2006/11/ResourceManagement/ADSCIM/2.0/Group",
      ],
      ...{ externalId: randomUUID(), displayName, meta: { resourceType: "Group" } },
    });
    expect(made).toMatchObject({ status: 201, body: { displayName, members: [] } });
    const filter = encodeURIComponent(`displayName eq "${displayName}"`);
    const found = await directory.scim("GET", `/Groups?excludedAttributes=members&filter=${filter}`);
    expect(found.body).toMatchObject({ totalResults: 1, Resources: [{ id: made.body.id, displayName }] });
    expect(found.body.Resources[0]).not.toHaveProperty("members");
    const renamed = await patch(made.body.id, {
      op: "Replace",
      path: "displayName",
      value: `${displayName} 2`,
    });
    expect(renamed).toMatchObject({ status: 204, body: null });
    const read = await directory.scim("GET", `/Groups/${made.body.id}?excludedAttributes=members`);
    expect(read.body).toMatchObject({ displayName: `${displayName} 2` });
    expect((await directory.scim("DELETE", `/Groups/${made.body.id}`)).status).toBe(204);
  });

  it("add by hundreds, and remove by filter paths, by values, and all", async () => {
    const people: string[] = [];
    while (people.length < 100) people.push(...(await Promise.all(Array.from({ length: 20 }, user))));
    const [one = "", two = "", three = "", ...rest] = people;
    const id = await group();
    const add = { op: "Add", path: "members", value: people.map((value) => ({ $ref: null, value })) };
    expect((await patch(id, add)).status).toBe(204);
    expect(await membersOf(id)).toEqual([...people].sort());
    // Sent again, it changes nothing and is not an error.
    expect((await patch(id, add)).status).toBe(204);
    expect((await patch(id, { op: "Remove", path: `members[value eq "${one}"]` })).status).toBe(204);
    expect((await patch(id, { op: "Remove", path: "members", value: [{ value: two }] })).status).toBe(204);
    expect(await membersOf(id)).toEqual([three, ...rest].sort());
    const events = await at.database.client.auditEvent.findMany({
      where: { kind: "GroupMemberRemoved", targetId: { in: [one, two] } },
    });
    expect(events.map(({ actorName }) => actorName)).toEqual(Array(2).fill("Contoso Entra (directory)"));
    expect((await patch(id, { op: "Remove", path: "members" })).status).toBe(204);
    expect(await membersOf(id)).toEqual([]);
  });

  it("refuse whoever is not of this directory, whole", async () => {
    const stranger = await at.person("Sam Stranger");
    const [id, member] = [await group(), await user()];
    const answer = await patch(id, {
      op: "Add",
      path: "members",
      value: [{ value: member }, { value: stranger.userId }],
    });
    expect(answer).toMatchObject({ status: 400, body: { scimType: "invalidValue" } });
    expect(answer.body.detail).toContain(stranger.userId);
    expect(await membersOf(id)).toEqual([]);
  });
});

it("Okta's PUT replaces name and members", async () => {
  const [one, two] = [await user(), await user()];
  const id = await group(one);
  const displayName = `Okta ${id}`;
  const answer = await directory.scim("PUT", `/Groups/${id}`, {
    ...{ schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], id, displayName },
    members: [{ value: two, display: "two" }],
  });
  expect(answer).toMatchObject({
    status: 200,
    body: { displayName, members: [{ value: two, type: "User" }] },
  });
  expect(await membersOf(id)).toEqual([two]);
  const body = patchOf(
    { op: "replace", value: { id, displayName: `${displayName} again` } },
    { op: "add", path: "members", value: [{ value: one, display: "one" }] },
  );
  expect((await directory.scim("PATCH", `/Groups/${id}`, body)).status).toBe(204);
  expect(await membersOf(id)).toEqual([one, two].sort());
});

describe("what a directory may not give", () => {
  /** A group with access, and a member who cannot join it. */
  async function refused(id: string, because: string) {
    const member = await user();
    const answers = [
      await patch(id, { op: "Add", path: "members", value: [{ value: member }] }),
      await directory.scim("PUT", `/Groups/${id}`, {
        displayName: `Put ${id}`,
        members: [{ value: member }],
      }),
    ];
    for (const answer of answers) {
      expect(answer.status).toBe(403);
      expect(answer.body.detail).toContain(because);
    }
    expect(await membersOf(id)).toEqual([]);
    expect(await at.database.client.directoryDrift.findMany({ where: { groupId: id } })).toMatchObject([
      { principalId: member, times: 2 },
    ]);
    return member;
  }

  it("active access under MFA on direct assignment, also by a group above; eligibility is no such power", async () => {
    const role = await at.protectedRole();
    const [active, below, eligible] = [await group(), await group(), await group()];
    await grant(at.database, "active", active, role.id, at.tree.subscription.id);
    await grant(at.database, "eligible", eligible, role.id, at.tree.subscription.id);
    const member = await refused(active, "administrator's code");
    // A group cannot be added to get its members in, and a group below it would give the same access.
    const nested = await patch(active, { op: "Add", path: "members", value: [{ value: below }] });
    expect(nested.status).toBe(403);
    await pastTheRules(at.database, (transaction) =>
      transaction.groupMember.create({ data: { groupId: active, memberId: below } }),
    );
    await refused(below, "administrator's code");
    await at.test.asOwner("DELETE FROM group_members WHERE group_id = $1", [active]);
    // For whatever role: whoever made the group eligible confirmed that with a code.
    await grant(at.database, "eligible", eligible, ownerRoleId, at.tree.subscription.id);
    const joined = await patch(eligible, { op: "Add", path: "members", value: [{ value: member }] });
    expect(joined.status).toBe(204);
    // Once the settings no longer require it, the same request succeeds, and is no longer shown as refused.
    await at.test.asOwner(
      "UPDATE role_management_policies SET assignment_requires_mfa = FALSE WHERE role_definition_id = $1",
      [role.id],
    );
    expect((await patch(active, { op: "Add", path: "members", value: [{ value: member }] })).status).toBe(
      204,
    );
    expect(
      await at.database.client.directoryDrift.count({ where: { groupId: active, principalId: member } }),
    ).toBe(0);
  });

  it("an active role that writes authorisation, whatever its settings say", async () => {
    const role = await makeRole(at.database, "Assigner", {
      actions: ["Microsoft.Authorization/roleAssignmentScheduleRequests/write"],
    });
    await at.database.client.roleManagementPolicy.create({
      data: { resourceId: at.tree.root.id, roleDefinitionId: role.id, assignmentRequiresMfa: false },
    });
    await at.test.asOwner(
      "UPDATE role_management_policies SET assignment_requires_mfa = FALSE WHERE role_definition_id = $1",
      [role.id],
    );
    const id = await group();
    await grant(at.database, "active", id, role.id, at.tree.root.id);
    await refused(id, "Assigner");
  });

  it("a right to decide as approver, and administrators are notified once", async () => {
    const id = await group();
    const role = await makeRole(at.database, `Approved ${id}`, { actions: ["*/read"] });
    await setSettings(at.database, role.id, at.tree.subscription.id, approvedBy([stageOf([id])]));
    await refused(id, "to approve");
    await deliverNotifications(at.database, { mail: true });
    const notices = await at.database.client.notification.findMany({
      where: { recipientId: at.owner.userId, title: { contains: "Contoso Entra" } },
    });
    expect(notices).toHaveLength(1);
    expect(notices[0]).toMatchObject({ href: "/organisation/directories" });
  });

  it("conflicting roles, as forms do not", async () => {
    const [pays, approves] = [
      await makeRole(at.database, "Pays", { actions: ["*/read"] }),
      await makeRole(at.database, "Approves payments", { actions: ["*/read"] }),
    ];
    const rule = await createConflictRule(at.database, at.owner, {
      resourceId: at.tree.subscription.id,
      rule: {
        ...{ name: "Payments", reason: "Nobody does both." },
        ...{ firstRoleIds: [pays.id], secondRoleIds: [approves.id] },
      },
    });
    expect(rule).toMatchObject({ ok: true });
    for (const { id } of [pays, approves])
      await at.database.client.roleManagementPolicy.create({
        data: { resourceId: at.tree.subscription.id, roleDefinitionId: id, assignmentRequiresMfa: false },
      });
    const member = await user();
    await grant(at.database, "active", member, pays.id, at.tree.subscription.id);
    const id = await group();
    await grant(at.database, "active", id, approves.id, at.tree.subscription.id);
    const answer = await patch(id, { op: "Add", path: "members", value: [{ value: member }] });
    expect(answer.status, JSON.stringify(answer.body)).toBe(403);
    expect(await membersOf(id)).toEqual([]);
    expect(await at.database.client.directoryDrift.findFirst({ where: { groupId: id } })).toMatchObject({
      kind: "Conflict",
    });
  });
});

it("leaving a group ends at once what rested on it", async () => {
  const member = await user();
  const id = await group(member);
  const role = await at.protectedRole({
    activationRequiresMfa: false,
    activationRequiresJustification: false,
  });
  const eligibility = await grant(at.database, "eligible", id, role.id, at.tree.subscription.id);
  const activation = await pastTheRules(at.database, async (transaction) =>
    makeActivation(transaction, { ...eligibility, principalId: member }, await databaseNow(transaction), 60),
  );
  expect((await patch(id, { op: "remove", path: `members[value eq "${member}"]` })).status).toBe(204);
  const ended = await at.database.client.assignment.findUniqueOrThrow({ where: { id: activation.id } });
  expect(ended.removedAt).not.toBeNull();
  const found = await at.database.client.principal.findUniqueOrThrow({ where: { id: member } });
  const again = await activateRole(at.database, await makeCaller(at.database, found), {
    ...{ eligibilityId: eligibility.id, resourceId: at.tree.subscription.id, startsAt: null },
    ...{ durationMinutes: 60, justification: "Work", ticketNumber: null, ticketSystem: null, proofId: null },
  });
  expect(again.ok).toBe(false);
});
