import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import type { StandingFilter } from "@/lib/domain/assignments/standing-access";
import { standingPoints } from "@/lib/domain/figures/access-figures";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import { addDays } from "@/lib/domain/time/schedule";
import type { Caller } from "@/lib/platform/caller";
import { noIssuers } from "@/lib/platform/sql/factors-in-force";
import { listStandingAccess } from "@/lib/queries/assignments/standing-access";
import { topOfStandingAccess } from "@/lib/queries/assignments/standing-roles";
import { accessFigures } from "@/lib/queries/figures/access-figures";
import { firstPage, type PagePlace } from "@/lib/queries/pages";
import { makeAdministration } from "../../support/administration";
import { grant, makeActivation, makeGroup, makeRole, pastTheRules } from "../../support/factories";
import { makeDatabase } from "../../support/own-places";

const now = new Date("2026-03-02T09:00:00Z");
let at: Awaited<ReturnType<typeof makeAdministration>>;
let roles: Record<"admin" | "writer" | "data" | "some" | "reader", { id: string }>;
beforeAll(async () => {
  at = await makeAdministration(() => now);
  const make = (name: string, permission: Parameters<typeof makeRole>[2]) =>
    makeRole(at.database, name, permission);
  roles = {
    admin: await make("Access admin", { actions: ["Microsoft.Authorization/*"] }),
    writer: await make("Writer", { actions: ["*"], notActions: ["Microsoft.Authorization/*"] }),
    data: await make("Data reader", { actions: ["*/read"], dataActions: ["Contoso.Shop/orders/read"] }),
    some: await make("Operator", { actions: ["Contoso.Shop/pods/restart/action"] }),
    reader: await make("Reader", { actions: ["*/read"] }),
  };
});
afterAll(() => at.test.drop());

const everything: StandingFilter = { risk: null, roleDefinitionId: null, kind: null, search: "" };
const list = (
  filter: Partial<StandingFilter> = {},
  { caller = at.owner, resourceId = at.tree.root.id, place = firstPage as PagePlace } = {},
) => listStandingAccess(at.database, caller, resourceId, { ...everything, ...filter }, place, noIssuers);

async function standing(role: keyof typeof roles, resourceId: string, endsAt: Date | null = null) {
  const member = await at.person(`${role} member`);
  await pastTheRules(at.database, (to) =>
    to.totpFactor.create({
      data: {
        ...{ userId: member.userId, keyId: "k1", confirmedAt: addDays(now, -9) },
        ...{ nonce: new Uint8Array(12), ciphertext: new Uint8Array(32) },
      },
    }),
  );
  const assignment = await grant(at.database, "active", member.userId, roles[role].id, resourceId, {
    startsAt: addDays(now, -30),
    endsAt,
  });
  return { member, assignment };
}

it("lists standing access here and below by what the role allows, then by how widely, and says why some is not proposed", async () => {
  const { root, subscription, group } = at.tree;
  const narrow = await standing("admin", group.id);
  const wide = await standing("admin", subscription.id);
  const writer = await standing("writer", group.id);
  const data = await standing("data", root.id);
  const some = await standing("some", subscription.id, addDays(now, 14));
  const reader = await standing("reader", root.id, addDays(now, 15));
  const robot = await at.database.client.principal.create({
    data: { type: "ServicePrincipal", displayName: "Robot" },
  });
  const ofRobot = await grant(at.database, "active", robot.id, roles.reader.id, subscription.id);
  const eligible = await at.person("Ella Eligible");
  const eligibility = await grant(at.database, "eligible", eligible.userId, roles.admin.id, root.id);
  await pastTheRules(at.database, (to) => makeActivation(to, eligibility, now, 60));
  await standing("writer", subscription.id, addDays(now, -1));

  const { rows, total } = await list();
  expect(rows.map(({ id, risk, below, notProposed }) => ({ id, risk, below, notProposed }))).toEqual([
    { id: at.ownerAssignment.id, risk: "GivesAccess", below: 2, notProposed: "LastOwner" },
    { id: wide.assignment.id, risk: "GivesAccess", below: 1, notProposed: null },
    { id: narrow.assignment.id, risk: "GivesAccess", below: 0, notProposed: null },
    { id: writer.assignment.id, risk: "ChangesEverything", below: 0, notProposed: null },
    { id: data.assignment.id, risk: "ReachesData", below: 2, notProposed: null },
    { id: some.assignment.id, risk: "ChangesSome", below: 1, notProposed: "EndsSoon" },
    { id: reader.assignment.id, risk: "Reads", below: 2, notProposed: null },
    { id: ofRobot.id, risk: "Reads", below: 1, notProposed: "ServicePrincipal" },
  ]);
  expect(total.count).toBe(8);

  const ids = async (filter: Partial<StandingFilter>, where = {}) =>
    (await list(filter, where)).rows.map(({ id }) => id);
  expect(await ids({ risk: "GivesAccess" }, { resourceId: subscription.id })).toEqual([
    wide.assignment.id,
    narrow.assignment.id,
  ]);
  expect(await ids({ roleDefinitionId: roles.data.id })).toEqual([data.assignment.id]);
  expect(await ids({ kind: "ServicePrincipal" })).toEqual([ofRobot.id]);
  expect(await ids({ search: "writer mem" })).toEqual([writer.assignment.id]);
});

it("proposes nobody without a factor where activating takes one, nor a break-glass account, and groups for their members", async () => {
  const { group } = at.tree;
  const bare = await at.person("Barbara Bare");
  const without = await grant(at.database, "active", bare.userId, roles.some.id, group.id);
  const kept = await standing("some", group.id);
  await at.database.client.breakGlassAccount.create({
    data: { userId: kept.member.userId, namedById: at.owner.userId, reason: "Fire" },
  });
  const team = await makeGroup(at.database, [bare.userId], "Team");
  const ofTeam = await grant(at.database, "active", team.id, roles.some.id, group.id);
  const why = async () =>
    Object.fromEntries(
      (await list({ roleDefinitionId: roles.some.id }, { resourceId: group.id })).rows.map((row) => [
        row.id,
        row.notProposed,
      ]),
    );
  const found = { [kept.assignment.id]: "BreakGlass", [ofTeam.id]: null };
  expect(await why()).toEqual({ ...found, [without.id]: "NoFactor" });
  await at.database.client.roleManagementPolicy.create({
    data: { resourceId: group.id, roleDefinitionId: roles.some.id, activationRequiresMfa: false },
  });
  expect(await why()).toEqual({ ...found, [without.id]: null });
});

it("says of last use only what the log and sessions show, and only to whoever may read them", async () => {
  const { root, subscription } = at.tree;
  const reader = await at.person("Rita Reader");
  const narrow = await makeRole(at.database, "Only assignments", {
    actions: ["Microsoft.Authorization/roleAssignments/read"],
  });
  await grant(at.database, "active", reader.userId, narrow.id, root.id);
  const { member, assignment } = await standing("admin", subscription.id);
  const lookedAt = async (caller: Caller) =>
    (await list({ roleDefinitionId: roles.admin.id }, { caller })).rows.find(
      ({ id }) => id === assignment.id,
    );
  expect(await lookedAt(at.owner)).toMatchObject({ actedAt: null, seenAt: expect.any(Date) });
  await pastTheRules(at.database, (to) =>
    to.auditEvent.create({
      data: {
        ...{ kind: "ActiveAssignmentRemoved", outcome: "Success", actorId: member.userId },
        ...{ resourceId: at.tree.group.id, resourcePath: at.tree.group.path, details: {} },
      },
    }),
  );
  expect(await lookedAt(at.owner)).toMatchObject({ actedAt: now });
  expect(await lookedAt(reader)).toMatchObject({ actedAt: null, seenAt: null });
  const stranger = await at.person("Eve Else");
  expect(await list({}, { caller: stranger })).toMatchObject({ rows: [], total: { count: 0 } });
  expect(await topOfStandingAccess(at.database, reader)).toBe(root.id);
  expect(await topOfStandingAccess(at.database, stranger)).toBeNull();
});

it("offers roles that somebody holds there, and says of no other that it is held anywhere", async () => {
  const { root, group } = at.tree;
  const beside = await makeDatabase(at, root, "beside");
  const reader = await at.person("Gus Group");
  const narrow = await makeRole(at.database, "Only there", {
    actions: ["Microsoft.Authorization/roleAssignments/read"],
  });
  await grant(at.database, "active", reader.userId, narrow.id, group.id);
  const [here, elsewhere, unheld] = [
    await makeRole(at.database, "Held here", {}),
    await makeRole(at.database, "Held elsewhere", {}),
    await makeRole(at.database, "Held by nobody", {}),
  ];
  const other = await at.person("Else");
  const held = await grant(at.database, "active", other.userId, here.id, group.id);
  for (const { id } of [here, elsewhere]) await grant(at.database, "active", other.userId, id, beside.id);
  await grant(at.database, "eligible", other.userId, unheld.id, group.id);
  const asked = { days: 1, points: standingPoints, timeZone: "UTC" };
  // Other tests have roles there, too.
  const offered = async () =>
    (
      await accessFigures(at.database, reader, { resourceId: root.id, below: true }, asked)
    )?.assignedRoles.filter(({ roleName }) => /^(Held|Only)/.test(roleName));
  expect(await offered()).toEqual([
    { id: here.id, roleName: "Held here" },
    { id: narrow.id, roleName: "Only there" },
  ]);
  const chosen = async (roleDefinitionId: string) =>
    (await list({ roleDefinitionId }, { caller: reader, resourceId: group.id })).chosenRole;
  // A role in an address has the same name, whether or not somebody holds it elsewhere.
  expect([await chosen(elsewhere.id), await chosen(unheld.id)]).toEqual(["Held elsewhere", "Held by nobody"]);
  expect(await chosen(randomUUID())).toBeNull();
  await pastTheRules(at.database, (to) =>
    to.assignment.update({ where: { id: held.id }, data: { endsAt: now } }),
  );
  expect(await offered()).toEqual([{ id: narrow.id, roleName: "Only there" }]);
});

it("turns pages in order and back, across risks", async () => {
  const { subscription } = at.tree;
  for (let each = 0; each < 60; each++)
    await grant(
      at.database,
      "active",
      (await at.database.client.principal.create({ data: { type: "Group", displayName: `Team ${each}` } }))
        .id,
      (each % 2 === 0 ? roles.admin : roles.reader).id,
      subscription.id,
    );
  const first = await list();
  const second = await list({}, { place: { after: first.next ?? "", before: "" } });
  const back = await list({}, { place: { after: "", before: second.previous ?? "" } });
  expect([first.rows.length, first.previous, second.next]).toEqual([50, null, null]);
  expect(back.rows).toEqual(first.rows);
  const all = [...first.rows, ...second.rows];
  expect(new Set(all.map(({ id }) => id)).size).toBe(first.total.count);
  expect(all[0]?.roleDefinitionId).toBe(ownerRoleId);
  // A made-up place hides nothing, not even the roles of more risk that its rank claims to be past.
  const [id, rank] = [ownerRoleId, JSON.parse(second.previous ?? "")[1]];
  for (const keys of [
    ["x", "1", "a", "b"],
    ["4", "x", id, id],
    ["4", "1", id, "b"],
    [rank, "-1", id, id],
  ])
    for (const place of ["after", "before"] as const) {
      const forged = await list(
        {},
        { place: { ...firstPage, [place]: JSON.stringify(["risk", ...keys, id]) } },
      );
      expect([forged.rows, forged.previous]).toEqual([first.rows, null]);
    }
});
