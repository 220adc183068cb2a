import { afterAll, beforeAll, expect, it } from "vitest";
import { allAccess } from "@/lib/domain/assignments/access-filter";
import { usualOrder } from "@/lib/domain/assignments/member-filter";
import { addDays } from "@/lib/domain/time/schedule";
import { activateRole } from "@/lib/operations/activation/activate-role";
import { assignRole } from "@/lib/operations/assignments/assign-role";
import { removeAssignment } from "@/lib/operations/assignments/remove-assignment";
import type { Caller } from "@/lib/platform/caller";
import { noIssuers } from "@/lib/platform/sql/factors-in-force";
import { accessFile } from "@/lib/queries/assignments/access-columns";
import { accessReach, accessToExport, membersToExport } from "@/lib/queries/assignments/access-export";
import { makeAdministration } from "../../support/administration";
import { grant, makeGroup, makeRole, pastTheRules } from "../../support/factories";

const now = new Date("2026-03-02T09:00:00Z");
let at: Awaited<ReturnType<typeof makeAdministration>>;
beforeAll(async () => {
  at = await makeAdministration(() => now);
});
afterAll(() => at.test.drop());

const list = {
  tab: "all",
  where: "below",
  roleDefinitionId: null,
  state: null,
  kind: null,
  search: "",
  order: usualOrder("all"),
} as const;

it("an export with what lies below has each row once, in batches, and no other role's", async () => {
  const role = await makeRole(at.database, "Exported", { actions: ["*/read"] });
  const users = await at.database.client.principal.createManyAndReturn({
    data: Array.from({ length: 1_240 }, (_, n) => ({ type: "Group" as const, displayName: `Exported ${n}` })),
    select: { id: true },
  });
  const data = users.map(({ id }, n) => ({
    principalId: id,
    roleDefinitionId: role.id,
    resourceId: n % 2 === 0 ? at.tree.group.id : at.tree.subscription.id,
    startsAt: addDays(now, -9),
    endsAt: n % 3 === 0 ? null : addDays(now, (n % 7) - 3),
  }));
  await pastTheRules(at.database, (to) => to.eligibility.createMany({ data }));
  const filter = { ...list, roleDefinitionId: role.id };
  const everything = async (read: (after: string) => ReturnType<typeof membersToExport>) => {
    const ids: string[] = [];
    for (let after: string | null = ""; after !== null; ) {
      const batch: Awaited<ReturnType<typeof membersToExport>> = await read(after);
      ids.push(...(batch?.rows ?? []).map(({ id }) => id));
      after = batch?.next ?? null;
    }
    return ids;
  };
  const { database, owner } = at;
  const members = await everything((after) =>
    membersToExport(database, owner, at.tree.subscription.id, filter, after),
  );
  expect([members.length, new Set(members).size]).toEqual([1_240, 1_240]);
  const reach = await accessReach(database, owner);
  const all = { ...allAccess, when: "any" as const, roleDefinitionId: role.id };
  const access = await everything((after) => accessToExport(database, owner, all, noIssuers, after, reach));
  expect(access.sort()).toEqual(members.sort());
});

it("an export breaks off when its reader loses the right to read, and does not begin without it", async () => {
  const role = await makeRole(at.database, "Reader of exports", { actions: ["*/read"] });
  const reader = await at.person("Rita Reader");
  const subscription = at.tree.subscription.id;
  const read = () => membersToExport(at.database, reader, subscription, list, "");
  expect(await read()).toBeNull();
  const { id } = await grant(at.database, "active", reader.userId, role.id, subscription);
  const reach = await accessReach(at.database, reader);
  const readAll = () => accessToExport(at.database, reader, allAccess, noIssuers, "", reach);
  expect((await read())?.rows.length).toBeGreaterThan(0);
  expect((await readAll())?.rows.length).toBeGreaterThan(0);
  await removeAssignment(at.database, at.owner, { assignmentType: "Active", id, justification: null });
  expect(await read()).toBeNull();
  expect(await readAll()).toBeNull();
});

it("an auditor sees in an export how, by whom and through which group access came to exist", async () => {
  const { database, tree, owner } = at;
  const role = await makeRole(database, "Audited", { actions: ["*/read"] });
  const member = await at.person("Mia Member");
  const group = await makeGroup(database, [member.userId], "Night shift");
  const without = { roleDefinitionId: role.id, activationRequiresMfa: false, version: 1 };
  await database.client.roleManagementPolicy.createMany({
    data: [tree.subscription, tree.group].map(({ id }) => ({ ...without, resourceId: id })),
  });
  const assigned = await assignRole(database, owner, {
    assignmentType: "Eligible",
    roleDefinitionId: role.id,
    resourceId: tree.subscription.id,
    principalIds: [group.id],
    startsAt: null,
    endsAt: addDays(now, 30),
    justification: "On call",
    proofId: null,
  });
  const eligibility = await database.client.eligibility.findFirstOrThrow({
    where: { principalId: group.id },
  });
  const activated = await activateRole(database, member, {
    eligibilityId: eligibility.id,
    resourceId: tree.group.id,
    startsAt: null,
    durationMinutes: 60,
    justification: "Disk is full",
    ticketNumber: "INC-7",
    ticketSystem: "Desk",
    proofId: null,
  });
  expect([assigned, activated]).toMatchObject([{ ok: true }, { ok: true }]);
  const filter = { ...list, roleDefinitionId: role.id };
  const page = await membersToExport(database, owner, tree.subscription.id, filter, "");
  const below = accessFile({ resourceId: tree.subscription.id, where: "below" });
  expect((page?.rows ?? []).map(below.json)).toMatchObject([
    {
      ...{ state: "Eligible", place: "here", memberName: "Night shift", memberType: "Group" },
      ...{ requestType: "AdminAssign", requestedByName: "Olga Owner", justification: "On call" },
      ...{ createdAt: now, origin: "Portal", permanent: false, throughGroupName: null },
    },
    {
      ...{ state: "Activated", place: "below", memberName: "Mia Member", throughGroupId: group.id },
      ...{ throughGroupName: "Night shift", eligibilityId: eligibility.id, requestType: "SelfActivate" },
      ...{ requestedById: member.userId, justification: "Disk is full", ticketSystem: "Desk" },
      ...{ ticketNumber: "INC-7", scope: tree.group.scope },
    },
  ]);
  expect(page?.rows.map((row) => below.csv(row).length)).toEqual([
    below.columns.length,
    below.columns.length,
  ]);
});

it("an export marks what is inherited, and shows no request from above its reader's reach", async () => {
  const { database, tree, owner } = at;
  const role = await makeRole(database, "Inherited", { actions: ["*/read"] });
  const member = await at.person("Mia Member");
  for (const resourceId of [tree.root.id, tree.subscription.id])
    await assignRole(database, owner, {
      assignmentType: "Eligible",
      roleDefinitionId: role.id,
      resourceId,
      principalIds: [member.userId],
      startsAt: null,
      endsAt: addDays(now, 30),
      justification: "Cover",
      proofId: null,
    });
  const reader = await at.person("Rita Reader");
  await grant(database, "active", reader.userId, role.id, tree.subscription.id);
  const filter = { ...list, where: "above", tab: "eligible", roleDefinitionId: role.id } as const;
  const shown = async (caller: Caller) => {
    const page = await membersToExport(database, caller, tree.subscription.id, filter, "");
    const { json } = accessFile({ resourceId: tree.subscription.id, where: "above" });
    const rows = (page?.rows ?? []).map(json) as { place: string; justification: string | null }[];
    return Object.fromEntries(rows.map((row) => [row.place, row.justification]));
  };
  expect(await shown(owner)).toEqual({ here: "Cover", inherited: "Cover" });
  expect(await shown(reader)).toEqual({ here: "Cover", inherited: null });
});
