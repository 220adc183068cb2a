import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { applyImports } from "@/lib/operations/imports/apply-imports";
import type { Caller } from "@/lib/platform/caller";
import { grant, makeGroup, makeRole, makeUser, pastTheRules } from "../../support/factories";
import { makeImports } from "../../support/imports";

const now = new Date("2026-03-02T09:00:00Z");
let at: Awaited<ReturnType<typeof makeImports>>;
beforeAll(async () => {
  at = await makeImports(() => now);
});
afterAll(() => at.test.drop());

let count = 0;
/** A group with a unique name, and the columns that name its members. */
async function group(name: string, memberIds: string[] = []) {
  count += 1;
  return makeGroup(at.database, memberIds, `${name} ${count}`);
}
async function user(name: string) {
  count += 1;
  const externalId = `member-${count}`;
  const { id } = await makeUser(at.database, name);
  return at.database.client.principal.update({ where: { id }, data: { externalId } });
}
/** A group that holds a role. On request, its settings require a proof. */
async function groupWithAccess(requiresMfa: boolean) {
  const role = requiresMfa
    ? await at.protectedRole()
    : await makeRole(at.database, "Deployer", { actions: ["Microsoft.Web/*"] });
  const made = await group("Powerful");
  await grant(at.database, "active", made.id, role.id, at.tree.subscription.id);
  return made;
}
const membersOf = async (groupId: string) =>
  (await at.database.client.groupMember.findMany({ where: { groupId } }))
    .map(({ memberId }) => memberId)
    .sort();
const csv = (...rows: readonly (readonly [group: string, member: string])[]) =>
  `group,member\n${rows.map((row) => row.join(",")).join("\n")}\n`;
const outcomesOf = async (importId: string) =>
  (await at.rowsOf(importId)).map(({ outcome, state }) => `${outcome} ${state}`);
const mfa = { ok: false, error: { failures: [{ rule: "MfaRule" }] } };

describe("members of a group", () => {
  it("are read from what the Azure command line writes of the group that is named, and a second time change nothing", async () => {
    const [ada, bob] = [await user("Ada"), await user("Bob")];
    const away = await user("Dan Disabled");
    await at.database.client.principal.update({ where: { id: away.id }, data: { disabledAt: now } });
    const team = await group("Web Team", [bob.id]);
    const entry = (member: { externalId: string | null; displayName: string }, type = "user") => ({
      "@odata.type": `#microsoft.graph.${type}`,
      id: member.externalId,
      displayName: member.displayName,
      userPrincipalName: null,
    });
    const rows = [
      entry(ada),
      entry(bob),
      entry(away),
      entry({ externalId: "nobody", displayName: "No One" }),
      entry(ada),
    ];
    const importId = await at.stage("GroupMembers", rows, { group: team.displayName.toUpperCase() });
    expect(await outcomesOf(importId)).toEqual([
      "Add Pending",
      "Unchanged Unchanged",
      "Bad Failed",
      "Bad Failed",
      "Bad Failed",
    ]);
    expect(await at.rowsOf(importId)).toMatchObject([
      {
        title: expect.stringContaining("Ada"),
        difference: { after: { group: team.displayName, member: "Ada" } },
      },
      {},
      { reason: "Dan Disabled is disabled." },
      { reason: "nobody is not known. Import users and groups first." },
      { reason: "It is the same as row 1." },
    ]);
    expect(await membersOf(team.id)).toEqual([bob.id]);
    await at.applyAll(importId);
    expect(await membersOf(team.id)).toEqual([ada.id, bob.id].sort());
    expect(
      await at.database.client.auditEvent.findMany({ where: { kind: "GroupMemberAdded", targetId: ada.id } }),
    ).toMatchObject([
      {
        actorId: at.owner.userId,
        justification: "Moving in",
        details: { importId, groupName: team.displayName },
      },
    ]);
    expect(await outcomesOf(await at.stage("GroupMembers", rows.slice(0, 2), { group: team.id }))).toEqual([
      "Unchanged Unchanged",
      "Unchanged Unchanged",
    ]);
  });

  it("never close a circle, of rows that would close one together either", async () => {
    const [outer, inner, third] = [await group("Outer"), await group("Inner"), await group("Third")];
    const importId = await at.stage(
      "GroupMembers",
      csv(
        [outer.id, inner.displayName],
        [inner.id, third.id],
        [third.displayName, outer.id],
        [outer.id, outer.id],
      ),
    );
    expect(await outcomesOf(importId)).toEqual(["Add Pending", "Add Pending", "Bad Failed", "Bad Failed"]);
    expect((await at.rowsOf(importId))[2]?.reason).toMatch(/would be a circle/);
    await at.applyAll(importId);
    expect(await membersOf(outer.id)).toEqual([inner.id]);
    expect(await membersOf(third.id)).toEqual([]);
  });

  it("take the authority over all that they get, through groups that the same file puts in each other too", async () => {
    const privileged = await groupWithAccess(false);
    const [plain, ada] = [await group("Plain"), await user("Ada")];
    const { caller } = await at.peopleManager();
    const staged = async (by: Caller, ...rows: [group: string, member: string][]) =>
      outcomesOf(await at.stage("GroupMembers", csv(...rows), { caller: by }));
    expect(await staged(caller, [privileged.id, ada.id], [plain.id, ada.id])).toEqual([
      "Bad Failed",
      "Add Pending",
    ]);
    expect(await staged(caller, [privileged.id, plain.id], [plain.id, ada.id])).toEqual([
      "Bad Failed",
      "Add Pending",
    ]);
    expect(await staged(at.owner, [privileged.id, plain.id], [plain.id, ada.id])).toEqual([
      "Add Pending",
      "Add Pending",
    ]);
    // An import that an Owner has read is hidden from somebody who may give nothing of it. Without the Owner's
    // right it does nothing.
    const importId = await at.stage("GroupMembers", csv([privileged.id, ada.id], [plain.id, ada.id]));
    expect(await at.confirm(importId, null, caller)).toMatchObject({ error: { code: "NotFound" } });
  });

  it("take the code that the role settings require for what they get, however deep the file puts it", async () => {
    const privileged = await groupWithAccess(true);
    const [plain, ada] = [await group("Plain"), await user("Ada")];
    const importId = await at.stage("GroupMembers", csv([privileged.id, plain.id], [plain.id, ada.id]));
    expect(await outcomesOf(importId)).toEqual(["Add NeedsProof", "Add NeedsProof"]);
    expect(await at.confirm(importId)).toMatchObject(mfa);
    await applyImports(at.database);
    expect(await membersOf(plain.id)).toEqual([]);
    const proofId = await at.proofFor(importId);
    await at.applyAll(importId, proofId);
    expect([await membersOf(privileged.id), await membersOf(plain.id)]).toEqual([[plain.id], [ada.id]]);
    const events = await at.database.client.auditEvent.findMany({
      where: { kind: "GroupMemberAdded", details: { path: ["importId"], equals: importId } },
    });
    expect(events).toMatchObject([
      { proofId, factor: "Totp" },
      { proofId, factor: "Totp" },
    ]);
  });

  it("need to be of groups, one of a name, and of a group at all", async () => {
    const ada = await user("Ada");
    await makeGroup(at.database, [], "Twins");
    await makeGroup(at.database, [], "twins");
    const importId = await at.stage(
      "GroupMembers",
      csv([ada.id, ada.id], ["Twins", ada.id], ["unheard of", ada.id], ["", ada.id]),
    );
    expect((await at.rowsOf(importId)).map((row) => row.reason)).toEqual([
      "Ada is not a group.",
      "Several groups are called Twins. Use an id.",
      "unheard of is not known. Import users and groups first.",
      "group is missing: name the group.",
    ]);
  });
});

describe("members whom the file does not name", () => {
  it("are shown and stay, and are taken out, with what the group gave them, where that was chosen", async () => {
    const { client } = at.database;
    const role = await makeRole(at.database, "Deployer", { actions: ["Microsoft.Web/*"] });
    const [ada, bob] = [await user("Ada"), await user("Bob")];
    const team = await group("Web Team", [ada.id, bob.id]);
    const eligibility = await grant(at.database, "eligible", team.id, role.id, at.tree.group.id);
    const activation = await pastTheRules(at.database, (to) =>
      to.assignment.create({
        data: {
          principalId: bob.id,
          roleDefinitionId: role.id,
          resourceId: at.tree.group.id,
          assignmentType: "Activated",
          eligibilityId: eligibility.id,
          startsAt: new Date(now.getTime() - 60_000),
          endsAt: new Date(now.getTime() + 3_600_000),
        },
      }),
    );
    const rows = [{ id: ada.externalId, displayName: "Ada" }];
    const shown = await at.stage("GroupMembers", rows, { group: team.id });
    expect(await outcomesOf(shown)).toEqual(["Unchanged Unchanged", "Missing Unchanged"]);
    await at.applyAll(shown);
    expect(await membersOf(team.id)).toEqual([ada.id, bob.id].sort());

    const importId = await at.stage("GroupMembers", rows, { group: team.id, removeMembers: true });
    expect(await outcomesOf(importId)).toEqual(["Unchanged Unchanged", "Remove Pending"]);
    expect((await at.rowsOf(importId))[1]).toMatchObject({
      title: `Bob, in ${team.displayName}`,
      difference: { before: { group: team.displayName, member: "Bob" } },
      reason: expect.stringContaining("Removes Deployer"),
    });
    const late = await user("Added After Reading");
    await client.groupMember.create({ data: { groupId: team.id, memberId: late.id } });
    await at.applyAll(importId);
    expect(await membersOf(team.id)).toEqual([ada.id, late.id].sort());
    expect(await client.assignment.findUniqueOrThrow({ where: { id: activation.id } })).toMatchObject({
      endsAt: now,
    });
    const events = { kind: "GroupMemberRemoved", targetId: bob.id };
    expect(await client.auditEvent.findMany({ where: events })).toMatchObject([
      {
        actorId: at.owner.userId,
        justification: "Moving in",
        details: { importId, groupName: team.displayName, endedActivations: 1 },
      },
    ]);
    expect(
      await outcomesOf(
        await at.stage("GroupMembers", rows.slice(0, 1), { group: team.id, removeMembers: true }),
      ),
    ).toEqual(["Unchanged Unchanged", "Remove Pending"]);
  });

  it("stay where a row of the file is not understood, and may be them", async () => {
    const [ada, bob] = [await user("Ada"), await user("Bob")];
    const [first, second] = [await group("First", [ada.id, bob.id]), await group("Second", [bob.id])];
    const staged = async (...rows: [group: string, member: string][]) => {
      const importId = await at.stage("GroupMembers", csv(...rows), { removeMembers: true });
      return (await outcomesOf(importId)).slice(rows.length);
    };
    const [ofFirst, ofSecond] = [
      [first.id, ada.id],
      [second.id, ada.id],
    ] as const;
    expect(await staged([...ofFirst], [...ofSecond], [first.id, "somebody else"])).toEqual([
      "Missing Unchanged",
      "Remove Pending",
    ]);
    expect(await staged([...ofFirst], [...ofSecond], ["Furst", bob.id])).toEqual([
      "Missing Unchanged",
      "Missing Unchanged",
    ]);
    expect(await staged([...ofFirst], [...ofSecond], [first.id, ""])).toEqual([
      "Missing Unchanged",
      "Missing Unchanged",
    ]);
    // A repeated row does not hide anybody.
    expect(await staged([...ofFirst], [...ofFirst])).toEqual(["Remove Pending"]);
  });

  it("are taken out by nobody who may not decide over what the group gives", async () => {
    const privileged = await groupWithAccess(true);
    const [ada, bob] = [await user("Ada"), await user("Bob")];
    await at.database.client.groupMember.createMany({
      data: [ada, bob].map(({ id }) => ({ groupId: privileged.id, memberId: id })),
    });
    const { caller } = await at.peopleManager();
    const rows = csv([privileged.id, ada.id]);
    const refused = await at.stage("GroupMembers", rows, { caller, removeMembers: true });
    expect(await outcomesOf(refused)).toEqual(["Unchanged Unchanged", "Bad Failed"]);
    const importId = await at.stage("GroupMembers", rows, { removeMembers: true });
    expect(await at.confirm(importId, null, caller)).toMatchObject({ error: { code: "NotFound" } });
    expect(await membersOf(privileged.id)).toHaveLength(2);
    // Removing requires no code, whatever giving requires.
    await at.applyAll(await at.stage("GroupMembers", rows, { removeMembers: true }));
    expect(await membersOf(privileged.id)).toEqual([ada.id]);
  });
});

it("members of thousands of groups are read and applied from one file", async () => {
  const names = Array.from({ length: 2_000 }, (_, index) => `Many ${index}`);
  const groups = await at.database.client.principal.createManyAndReturn({
    data: names.map((displayName) => ({ type: "Group" as const, displayName })),
  });
  const role = await makeRole(at.database, "Reader of many", { actions: ["*/read"] });
  await pastTheRules(at.database, (to) =>
    to.eligibility.createMany({
      data: groups.map(({ id }) => ({
        principalId: id,
        roleDefinitionId: role.id,
        resourceId: at.tree.group.id,
        startsAt: now,
      })),
    }),
  );
  const ada = await user("Ada");
  const importId = await at.stage("GroupMembers", csv(...names.map((name) => [name, ada.id] as const)));
  await at.applyAll(importId);
  expect(await at.viewed(importId)).toMatchObject({ status: "Applied", left: 0 });
  expect(await at.database.client.groupMember.count({ where: { memberId: ada.id } })).toBe(2_000);
});

it("a thousand groups, each in the next, are nested from one file, and the database closes no circle of them", async () => {
  const { client } = at.database;
  const names = Array.from({ length: 1_001 }, (_, index) => `Nested ${index}`);
  const made = await client.principal.createManyAndReturn({
    data: names.map((displayName) => ({ type: "Group" as const, displayName })),
  });
  const idOf = (name: string | undefined) => made.find((each) => each.displayName === name)?.id ?? "";
  const pairs = names.slice(1).map((name, index) => [names[index] ?? "", name] as const);
  const importId = await at.stage("GroupMembers", csv(...pairs));
  // Walking up from each row separately takes longer than a transaction may.
  await at.applyAll(importId);
  expect(await at.viewed(importId)).toMatchObject({ status: "Applied", left: 0 });
  const joined = (groupId: string, memberId: string) => ({ groupId, memberId });
  const circle = joined(idOf(names.at(-1)), idOf(names[0]));
  await expect(client.groupMember.create({ data: circle })).rejects.toThrow("member of itself");
  const [first, second] = [await group("First"), await group("Second")];
  const bothWays = [joined(first.id, second.id), joined(second.id, first.id)];
  await expect(client.groupMember.createMany({ data: bothWays })).rejects.toThrow("member of itself");
  await client.groupMember.create({ data: joined(first.id, second.id) });
  await expect(
    client.groupMember.updateMany({ where: { groupId: first.id }, data: joined(second.id, second.id) }),
  ).rejects.toThrow(/member of itself|group_members_check/);
});
