import { afterAll, beforeAll, describe, expect, it } from "vitest";
import {
  type MemberFilter,
  type MemberOrder,
  memberColumns,
  usualOrder,
} from "@/lib/domain/assignments/member-filter";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import { removeAssignment } from "@/lib/operations/assignments/remove-assignment";
import { listMembers } from "@/lib/queries/assignments/members";
import { firstPage, type PagePlace } from "@/lib/queries/pages";
import { makeAdministration } from "../../support/administration";
import { grant, makeGroup, makeRole, makeUser, pastTheRules } from "../../support/factories";

const now = new Date("2026-03-02T09:00:00Z");
let at: Awaited<ReturnType<typeof makeAdministration>>;
beforeAll(async () => {
  at = await makeAdministration(() => now);
});
afterAll(() => at.test.drop());

const all: MemberFilter = {
  tab: "eligible",
  where: "above",
  roleDefinitionId: null,
  state: null,
  kind: null,
  search: "",
  order: usualOrder("eligible"),
};

function list(resourceId: string, filter: Partial<MemberFilter>, place: Partial<PagePlace> = {}) {
  return listMembers(at.database, at.owner, resourceId, { ...all, ...filter }, { ...firstPage, ...place });
}

async function everyPage(resourceId: string, filter: Partial<MemberFilter>) {
  const pages = [];
  let after = "";
  do {
    const page = await list(resourceId, filter, { after });
    pages.push(page.rows);
    after = page.next ?? "";
  } while (after !== "" && pages.length < 10);
  return pages;
}

it("pages in the order of ends, permanent last, each row once, though many end together", async () => {
  const role = await makeRole(at.database, "Paged", { actions: ["*/read"] });
  const users = await Promise.all(
    Array.from({ length: 120 }, (_, n) => makeUser(at.database, `Person ${n}`)),
  );
  await pastTheRules(at.database, (to) =>
    to.eligibility.createMany({
      data: users.map((user, n) => ({
        principalId: user.id,
        roleDefinitionId: role.id,
        resourceId: at.tree.group.id,
        startsAt: addDays(now, -1),
        endsAt: n % 4 === 0 ? null : addDays(now, 1 + (n % 3)),
      })),
    }),
  );
  const pages = await everyPage(at.tree.group.id, { roleDefinitionId: role.id });
  expect(pages.map((page) => page.length)).toEqual([50, 50, 20]);
  const rows = pages.flat();
  expect(new Set(rows.map((row) => row.id)).size).toBe(120);
  const ends = rows.map((row) => row.endsAt?.getTime() ?? Number.POSITIVE_INFINITY);
  expect(ends).toEqual([...ends].sort((left, right) => left - right));
});

it("pages in every order both ways, also where names, starts and ends are the same, and here and above", async () => {
  const role = await makeRole(at.database, "Sorted", { actions: ["*/read"] });
  const users = await Promise.all(
    Array.from({ length: 70 }, (_, n) => makeUser(at.database, n % 3 === 0 ? "Sorted same" : `Sorted ${n}`)),
  );
  const data = users.map((user, n) => ({
    principalId: user.id,
    roleDefinitionId: role.id,
    resourceId: n % 2 === 0 ? at.tree.group.id : at.tree.subscription.id,
    startsAt: addMinutes(now, -60 - (n % 7)),
    endsAt: n % 5 === 0 ? null : addDays(now, 1 + (n % 4)),
  }));
  await pastTheRules(at.database, (to) => to.eligibility.createMany({ data }));
  const value = {
    member: (row: { member: { displayName: string } }) => row.member.displayName.toLowerCase(),
    start: (row: { startsAt: Date }) => row.startsAt.getTime(),
    end: (row: { endsAt: Date | null }) => row.endsAt?.getTime() ?? Number.POSITIVE_INFINITY,
  };
  for (const by of memberColumns) {
    const listed = async (order: MemberOrder) =>
      (await everyPage(at.tree.group.id, { search: "Sorted", order })).flat();
    const up = await listed({ by, descending: false });
    expect(new Set(up.map((row) => row.id)).size).toBe(70);
    const values: (string | number)[] = up.map((row) => value[by](row));
    expect(values).toEqual([...values].sort((left, right) => (left < right ? -1 : left > right ? 1 : 0)));
    const down = await listed({ by, descending: true });
    expect(down.map((row) => row.id)).toEqual(up.map((row) => row.id).reverse());
    const own = await everyPage(at.tree.group.id, {
      roleDefinitionId: role.id,
      where: "here",
      order: { by, descending: false },
    });
    expect(own.flat()).toHaveLength(35);
  }
});

it("shows what is inherited and from where, or only what was given here", async () => {
  const role = await makeRole(at.database, "Inherited", { actions: ["*/read"] });
  const member = await at.person("Ines Inherits");
  const above = await grant(at.database, "active", member.userId, role.id, at.tree.subscription.id, {
    endsAt: addDays(now, 3),
  });
  const here = await grant(at.database, "active", member.userId, role.id, at.tree.group.id, {
    endsAt: addDays(now, 2),
  });
  const search = "Ines";
  const seen = async (resourceId: string, filter: Partial<MemberFilter>) =>
    (await list(resourceId, { tab: "active", search, ...filter })).rows.map((row) => [
      row.id,
      row.resourceName,
    ]);
  expect(await seen(at.tree.group.id, {})).toEqual([
    [here.id, "web"],
    [above.id, "Production"],
  ]);
  expect(await seen(at.tree.group.id, { roleDefinitionId: role.id, where: "here" })).toEqual([
    [here.id, "web"],
  ]);
  expect(await seen(at.tree.root.id, {})).toEqual([]);
});

it("lists the expired with the latest first, shows removed apart from run out, and leaves out what never was", async () => {
  const role = await makeRole(at.database, "Past", { actions: ["*/read"] });
  const member = await at.person("Paul Past");
  const give = (endsAt: Date, startsAt = addDays(now, -90)) =>
    grant(at.database, "eligible", member.userId, role.id, at.tree.subscription.id, { startsAt, endsAt });
  const old = await give(addDays(now, -60));
  const recent = await give(addDays(now, -1), addDays(now, -50));
  const planned = await give(addDays(now, 9), addDays(now, 5));
  const running = await give(addDays(now, 4), addMinutes(now, -30));
  for (const { id } of [planned, running])
    await removeAssignment(at.database, at.owner, { assignmentType: "Eligible", id, justification: null });
  const filter = {
    ...all,
    tab: "expired" as const,
    roleDefinitionId: role.id,
    order: usualOrder("expired"),
  };
  const { rows } = await list(at.tree.subscription.id, filter);
  expect(rows.map(({ id, removed }) => [id, removed])).toEqual([
    [running.id, true],
    [recent.id, false],
    [old.id, false],
  ]);
  const current = await list(at.tree.subscription.id, { ...filter, tab: "eligible" });
  expect(current.rows).toEqual([]);
});

it("carries the role settings where each row was given, and the end to propose", async () => {
  const role = await at.protectedRole({ activeMaximumDays: 30, eligibleMaximumDays: null });
  const member = await at.person("Sam Settings");
  const times = { startsAt: addDays(now, -60), endsAt: addDays(now, 5) };
  await grant(at.database, "active", member.userId, role.id, at.tree.subscription.id, times);
  await grant(at.database, "eligible", member.userId, role.id, at.tree.subscription.id, times);
  const of = async (tab: "eligible" | "active") =>
    (await list(at.tree.subscription.id, { tab, roleDefinitionId: role.id })).rows[0];
  expect(await of("active")).toMatchObject({
    maximumDays: 30,
    needsCode: true,
    proposedEnd: addDays(now, 30),
  });
  expect(await of("eligible")).toMatchObject({
    maximumDays: null,
    needsCode: false,
    proposedEnd: addDays(now, 70),
  });
});

it("shows nothing to whoever may not read assignments, and takes no harm from a forged place or search", async () => {
  const stranger = await at.person("Eve Else");
  const { rows: hidden } = await listMembers(at.database, stranger, at.tree.root.id, all, firstPage);
  expect(hidden).toEqual([]);
  const id = crypto.randomUUID();
  const forged = [
    "x",
    "{}",
    JSON.stringify(["end", "99999999999999999", id]),
    JSON.stringify(["end", "1' OR 1=1", id]),
    JSON.stringify(["-end", "1", id]),
    JSON.stringify(["member", "zzz", id, id]),
  ];
  for (const place of forged)
    for (const asked of [{ after: place }, { before: place }]) {
      const { rows } = await list(at.tree.root.id, { tab: "active" }, asked);
      expect(rows.length).toBeGreaterThan(0);
    }
  const search = "100%_\\";
  expect((await list(at.tree.root.id, { tab: "active", search })).rows).toEqual([]);
});

describe("who has Owner here?", () => {
  it("is answered by one list: eligible, assigned, activated, scheduled, inherited and expired", async () => {
    const role = await makeRole(at.database, "Whoever", { actions: ["*/read"] });
    const [root, subscription, group] = [at.tree.root.id, at.tree.subscription.id, at.tree.group.id];
    const give = async (
      kind: "eligible" | "active",
      resourceId: string,
      days: readonly [number, number | null],
    ) => {
      const member = await at.person("Whoever");
      const endsAt = days[1] === null ? null : addDays(now, days[1]);
      return grant(at.database, kind, member.userId, role.id, resourceId, {
        startsAt: addDays(now, days[0]),
        endsAt,
      });
    };
    const rows = {
      permanent: await give("active", root, [-9, null]),
      scheduled: await give("active", subscription, [2, 9]),
      eligible: await give("eligible", subscription, [-1, 5]),
      below: await give("active", group, [-1, 3]),
      expired: await give("eligible", subscription, [-9, -1]),
      long: await give("active", subscription, [-9, -5]),
    };
    const names = async (filter: Partial<MemberFilter>, resourceId = subscription) => {
      const asked = { tab: "all" as const, roleDefinitionId: role.id, order: usualOrder("all"), ...filter };
      const page = await list(resourceId, asked);
      expect(page.total.count).toBe(page.rows.length);
      return page.rows.map(({ id }) => Object.entries(rows).find(([, row]) => row.id === id)?.[0]);
    };
    expect(await names({})).toEqual(["permanent", "scheduled", "eligible", "expired", "long"]);
    expect(await names({ where: "here" })).toEqual(["scheduled", "eligible", "expired", "long"]);
    expect(await names({ where: "below" })).toEqual(["scheduled", "eligible", "below", "expired", "long"]);
    expect(await names({ where: "below" }, root)).toEqual(Object.keys(rows));
    expect(await names({ tab: "active" })).toEqual(["permanent", "scheduled"]);
    expect(await names({ tab: "eligible" })).toEqual(["eligible"]);
    expect(await names({ tab: "expired", where: "below" })).toEqual(["expired", "long"]);
    expect(await names({ tab: "expired", state: "Eligible" })).toEqual(["expired"]);
    expect(await names({ state: "Activated" })).toEqual([]);
  });

  it("is narrowed to users, groups or service principals, here, above and below", async () => {
    const role = await makeRole(at.database, "Of kinds", { actions: ["*/read"] });
    const group = await makeGroup(at.database, [], "A group of kinds");
    const user = await at.person("A user of kinds");
    for (const principalId of [group.id, user.userId])
      await grant(at.database, "active", principalId, role.id, at.tree.subscription.id);
    for (const where of ["above", "below"] as const)
      for (const [kind, ids] of [
        ["User", [user.userId]],
        ["Group", [group.id]],
        ["ServicePrincipal", []],
      ] as const) {
        const { rows } = await list(at.tree.subscription.id, {
          tab: "all",
          where,
          kind,
          roleDefinitionId: role.id,
        });
        expect(rows.map(({ member }) => member.id)).toEqual(ids);
      }
  });

  it("counts what it found, and leads back page by page as it leads on", async () => {
    const role = await makeRole(at.database, "Counted", { actions: ["*/read"] });
    const users = await Promise.all(
      Array.from({ length: 130 }, (_, n) => makeUser(at.database, `Counted ${n}`)),
    );
    await pastTheRules(at.database, (to) =>
      to.eligibility.createMany({
        data: users.map(({ id }, n) => ({
          principalId: id,
          roleDefinitionId: role.id,
          resourceId: at.tree.group.id,
          startsAt: addDays(now, -1),
          endsAt: n % 4 === 0 ? null : addDays(now, 1 + (n % 3)),
        })),
      }),
    );
    const orders: [Partial<MemberFilter>, MemberOrder][] = [
      [{ where: "above" }, { by: "end", descending: true }],
      [{ where: "above" }, { by: "member", descending: false }],
      [{ where: "below" }, { by: "end", descending: false }],
    ];
    for (const [filter, order] of orders) {
      const asked = { ...filter, order, tab: "all" as const, roleDefinitionId: role.id };
      const first = await list(at.tree.group.id, asked);
      const second = await list(at.tree.group.id, asked, { after: first.next ?? "" });
      const third = await list(at.tree.group.id, asked, { after: second.next ?? "" });
      expect([first, second, third].map(({ rows }) => rows.length)).toEqual([50, 50, 30]);
      expect([first, second, third].map(({ total }) => total)).toEqual(
        Array(3).fill({ count: 130, most: 1_000 }),
      );
      expect([first.previous, third.next]).toEqual([null, null]);
      const back = await list(at.tree.group.id, asked, { before: third.previous ?? "" });
      expect(back.rows).toEqual(second.rows);
      expect(back.next).toBe(second.next);
      const start = await list(at.tree.group.id, asked, { before: back.previous ?? "" });
      expect(start).toMatchObject({ previous: null, next: first.next });
      expect(start.rows).toEqual(first.rows);
    }
  });
});
