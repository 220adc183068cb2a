import { afterAll, beforeAll, expect, it } from "vitest";
import { addMinutes } from "@/lib/domain/time/schedule";
import { activateRole } from "@/lib/operations/activation/activate-role";
import { addFavourite, raiseFavourite, removeFavourite } from "@/lib/operations/preferences/keep-favourite";
import { dailyRoles } from "@/lib/queries/activation/daily-roles";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { allBehind, holdLock } from "../../support/database/held-lock";
import { grant, makeCaller, makeRole, makeTree, makeUser, pastTheRules } from "../../support/factories";

let now = new Date("2026-03-02T09:00:00Z");
let test: TestDatabase;
let tree: Awaited<ReturnType<typeof makeTree>>;
beforeAll(async () => {
  test = await createTestDatabase({ clock: () => now });
  tree = await makeTree(test.database);
});
afterAll(() => test.drop());

async function arrange() {
  const { database } = test;
  const user = await makeUser(database);
  const caller = await makeCaller(database, user);
  const eligible = async (name: string) => {
    const role = await makeRole(database, name, { actions: ["*"] });
    await database.client.roleManagementPolicy.create({
      data: { resourceId: tree.subscription.id, roleDefinitionId: role.id, activationRequiresMfa: false },
    });
    await database.client.roleManagementPolicy.create({
      data: { resourceId: tree.group.id, roleDefinitionId: role.id, activationRequiresMfa: false },
    });
    const eligibility = await grant(database, "eligible", user.id, role.id, tree.subscription.id);
    return { roleDefinitionId: role.id, eligibilityId: eligibility.id };
  };
  return { user, caller, contributor: await eligible("Contributor"), reader: await eligible("Reader") };
}

const activate = (
  caller: Awaited<ReturnType<typeof makeCaller>>,
  eligibilityId: string,
  durationMinutes: number,
  justification: string,
) =>
  activateRole(test.database, caller, {
    eligibilityId,
    resourceId: tree.group.id,
    startsAt: null,
    durationMinutes,
    justification,
    ticketNumber: null,
    ticketSystem: null,
    proofId: null,
  });

it("proposes the newest activation of each role and scope again, with its duration and reason", async () => {
  const { caller, contributor, reader } = await arrange();
  await activate(caller, contributor.eligibilityId, 60, "First");
  now = addMinutes(now, 90);
  await activate(caller, contributor.eligibilityId, 150, "Second");
  now = addMinutes(now, 200);
  await activate(caller, reader.eligibilityId, 30, "Look");
  const rows = await dailyRoles(test.database, caller);
  expect(rows).toMatchObject([
    { roleName: "Reader", resourceName: "web", favourite: false, lastTime: { durationMinutes: 30 } },
    {
      roleName: "Contributor",
      eligibilityId: contributor.eligibilityId,
      taken: null,
      lastTime: { resourceId: tree.group.id, durationMinutes: 150, justification: "Second" },
    },
  ]);
  expect(rows[0]?.taken).toMatchObject({ state: "Active", endsAt: addMinutes(now, 30) });
});

it("puts favourites first in their owner's order, and shows nothing one is no longer eligible for", async () => {
  const { caller, contributor, reader } = await arrange();
  const at = (role: { roleDefinitionId: string }, resourceId: string) => ({
    roleDefinitionId: role.roleDefinitionId,
    resourceId,
  });
  await activate(caller, contributor.eligibilityId, 60, "Work");
  expect(await addFavourite(test.database, caller, at(reader, tree.subscription.id))).toEqual({ ok: true });
  expect(await addFavourite(test.database, caller, at(reader, tree.group.id))).toEqual({ ok: true });
  expect(await addFavourite(test.database, caller, at(reader, tree.group.id))).toEqual({ ok: true });
  const names = async () =>
    (await dailyRoles(test.database, caller)).map((row) => `${row.roleName} ${row.resourceName}`);
  expect(await names()).toEqual(["Reader Production", "Reader web", "Contributor web"]);
  await raiseFavourite(test.database, caller, at(reader, tree.group.id));
  expect(await names()).toEqual(["Reader web", "Reader Production", "Contributor web"]);
  await removeFavourite(test.database, caller, at(reader, tree.group.id));
  expect(await names()).toEqual(["Reader Production", "Contributor web"]);
  await pastTheRules(test.database, (to) =>
    to.eligibility.update({
      where: { id: contributor.eligibilityId },
      data: { endsAt: now },
    }),
  );
  expect(await names()).toEqual(["Reader Production"]);
});

it("stars only what the caller is eligible for, and never touches another person's favourites", async () => {
  const mine = await arrange();
  const other = await arrange();
  const theirs = { roleDefinitionId: other.reader.roleDefinitionId, resourceId: tree.subscription.id };
  await addFavourite(test.database, other.caller, theirs);
  const notFound = { ok: false, error: { code: "NotFound" } };
  expect(await addFavourite(test.database, mine.caller, theirs)).toMatchObject(notFound);
  expect(
    await addFavourite(test.database, mine.caller, {
      roleDefinitionId: mine.reader.roleDefinitionId,
      resourceId: tree.root.id,
    }),
  ).toMatchObject(notFound);
  expect(await raiseFavourite(test.database, mine.caller, theirs)).toMatchObject(notFound);
  await removeFavourite(test.database, mine.caller, theirs);
  expect(await dailyRoles(test.database, other.caller)).toHaveLength(1);
  expect(await dailyRoles(test.database, mine.caller)).toEqual([]);
});

it("gives each favourite a place of its own when two windows star at once", async () => {
  const { caller, reader, contributor, user } = await arrange();
  const person = await holdLock(test, "SELECT FROM principals WHERE id = $1 FOR UPDATE", [user.id]);
  await allBehind(
    person,
    [reader, contributor].flatMap(({ roleDefinitionId }) =>
      [tree.subscription.id, tree.group.id].map(
        (resourceId) => () => addFavourite(test.database, caller, { roleDefinitionId, resourceId }),
      ),
    ),
  );
  const places = await test.database.client.favourite.findMany({ where: { userId: user.id } });
  expect(new Set(places.map((each) => each.position)).size).toBe(4);
});
