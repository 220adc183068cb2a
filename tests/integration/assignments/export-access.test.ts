import { afterAll, beforeAll, expect, it } from "vitest";
import { allAccess } from "@/lib/domain/assignments/access-filter";
import { usualOrder } from "@/lib/domain/assignments/member-filter";
import { addDays } from "@/lib/domain/time/schedule";
import { removeAssignment } from "@/lib/operations/assignments/remove-assignment";
import { accessReach, accessToExport, membersToExport } from "@/lib/queries/assignments/access-export";
import { makeAdministration } from "../../support/administration";
import { grant, makeRole, pastTheRules } from "../../support/factories";

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
    data: Array.from({ length: 620 }, (_, n) => ({ type: "Group" as const, displayName: `Exported ${n}` })),
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
  expect([members.length, new Set(members).size]).toEqual([620, 620]);
  const reach = await accessReach(database, owner);
  const all = { ...allAccess, when: "any" as const, roleDefinitionId: role.id };
  const access = await everything((after) => accessToExport(database, owner, all, after, reach));
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
  const readAll = () => accessToExport(at.database, reader, allAccess, "", reach);
  expect((await read())?.rows.length).toBeGreaterThan(0);
  expect((await readAll())?.rows.length).toBeGreaterThan(0);
  await removeAssignment(at.database, at.owner, { assignmentType: "Active", id, justification: null });
  expect(await read()).toBeNull();
  expect(await readAll()).toBeNull();
});
