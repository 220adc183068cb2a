import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { applyImports } from "@/lib/operations/apply-imports";
import type { Caller } from "@/lib/platform/caller";
import { grant, makeGroup, makeRole, makeUser } from "../support/factories";
import { makeImports } from "../support/imports";

const now = new Date("2026-03-02T09:00:00Z");
let at: Awaited<ReturnType<typeof makeImports>>;
beforeAll(async () => {
  at = await makeImports(() => now);
});
afterAll(() => at.test.drop());

let count = 0;
/** A group of a name of its own, with what names its members. */
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
/** A group that holds a role, whose settings want a proof for it where asked. */
async function powerfulGroup(requiresMfa: boolean) {
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
const told = async (importId: string) =>
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
    expect(await told(importId)).toEqual([
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
    expect(await told(await at.stage("GroupMembers", rows.slice(0, 2), { group: team.id }))).toEqual([
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
    expect(await told(importId)).toEqual(["Add Pending", "Add Pending", "Bad Failed", "Bad Failed"]);
    expect((await at.rowsOf(importId))[2]?.reason).toMatch(/would be a circle/);
    await at.applyAll(importId);
    expect(await membersOf(outer.id)).toEqual([inner.id]);
    expect(await membersOf(third.id)).toEqual([]);
  });

  it("take the authority over all that they get, through groups that the same file puts in each other too", async () => {
    const powerful = await powerfulGroup(false);
    const [plain, ada] = [await group("Plain"), await user("Ada")];
    const { caller } = await at.peopleManager();
    const staged = async (by: Caller, ...rows: [group: string, member: string][]) =>
      told(await at.stage("GroupMembers", csv(...rows), { caller: by }));
    expect(await staged(caller, [powerful.id, ada.id], [plain.id, ada.id])).toEqual([
      "Bad Failed",
      "Add Pending",
    ]);
    expect(await staged(caller, [powerful.id, plain.id], [plain.id, ada.id])).toEqual([
      "Bad Failed",
      "Add Pending",
    ]);
    expect(await staged(at.owner, [powerful.id, plain.id], [plain.id, ada.id])).toEqual([
      "Add Pending",
      "Add Pending",
    ]);
    // What an Owner has read is confirmed by somebody who may give nothing: each row is judged by their rights.
    const importId = await at.stage("GroupMembers", csv([powerful.id, ada.id], [plain.id, ada.id]));
    await at.applyAll(importId, null, caller);
    expect(await membersOf(powerful.id)).toEqual([]);
    expect(await membersOf(plain.id)).toEqual([ada.id]);
    expect((await at.rowsOf(importId))[0]?.reason).toMatch(/access that you may not assign/);
  });

  it("take the code that the role settings require for what they get, however deep the file puts it", async () => {
    const powerful = await powerfulGroup(true);
    const [plain, ada] = [await group("Plain"), await user("Ada")];
    const importId = await at.stage("GroupMembers", csv([powerful.id, plain.id], [plain.id, ada.id]));
    expect(await told(importId)).toEqual(["Add NeedsProof", "Add NeedsProof"]);
    expect(await at.confirm(importId)).toMatchObject(mfa);
    await applyImports(at.database);
    expect(await membersOf(plain.id)).toEqual([]);
    const proofId = await at.proofFor(importId);
    await at.applyAll(importId, proofId);
    expect([await membersOf(powerful.id), await membersOf(plain.id)]).toEqual([[plain.id], [ada.id]]);
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
      "Several groups are called Twins: use an id.",
      "unheard of is not known. Import users and groups first.",
      "group: is missing: name the group.",
    ]);
  });
});
