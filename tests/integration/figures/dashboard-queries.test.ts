import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type AccessFilter, allAccess } from "@/lib/domain/assignments/access-filter";
import { addDaysTo, dayOf } from "@/lib/domain/time/reader-day";
import { addDays, addMinutes } from "@/lib/domain/time/schedule";
import type { Caller } from "@/lib/platform/caller";
import { noIssuers } from "@/lib/platform/sql/factors-in-force";
import { firstOfAccess, listAccess } from "@/lib/queries/assignments/access";
import { accessFigures } from "@/lib/queries/figures/access-figures";
import { listCoverage } from "@/lib/queries/figures/coverage-list";
import { mfaCoverage } from "@/lib/queries/figures/mfa-coverage";
import { firstPage } from "@/lib/queries/pages";
import { listPendingRequests } from "@/lib/queries/requests/pending-requests";
import { accessFilter } from "@/lib/web/access-address";
import { coverageFilter } from "@/lib/web/coverage-address";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import {
  grant,
  makeCaller,
  makeGroup,
  makeRole,
  makeTree,
  makeUser,
  pastTheRules,
} from "../../support/factories";

const now = new Date("2026-03-02T09:30:00Z");
const day = 86_400_000;
let test: TestDatabase;
let tree: Awaited<ReturnType<typeof makeTree>>;
let other: { id: string };
let reader: Awaited<ReturnType<typeof makeRole>>;
let blind: Awaited<ReturnType<typeof makeRole>>;

interface Held {
  id: string;
  state: string;
  principalId: string;
  roleDefinitionId: string;
  resourceId: string;
  startsAt: Date;
  endsAt: Date | null;
  createdAt: Date;
}

async function person(): Promise<Caller> {
  return makeCaller(test.database, await makeUser(test.database));
}

async function readerAt(resourceId: string): Promise<Caller> {
  const caller = await person();
  await grant(test.database, "active", caller.userId, reader.id, resourceId);
  return caller;
}

/** All access at some resources, to be counted again by hand. */
async function everything(resourceIds: string[]): Promise<Held[]> {
  const { client } = test.database;
  const where = { resourceId: { in: resourceIds } };
  const eligible = await client.eligibility.findMany({ where });
  const assigned = await client.assignment.findMany({ where });
  return [
    ...eligible.map((row) => ({ ...row, state: "Eligible" })),
    ...assigned.map((row) => ({ ...row, state: String(row.assignmentType) })),
  ];
}

const isInEffect = (row: Held, at = now) => row.startsAt <= at && (row.endsAt === null || row.endsAt > at);

async function inOrder(
  caller: Caller,
  filter: Partial<AccessFilter>,
  bounds?: Parameters<typeof listAccess>[5],
): Promise<string[]> {
  const ids: string[] = [];
  for (let after: string | null = ""; after !== null; ) {
    const page: Awaited<ReturnType<typeof listAccess>> = await listAccess(
      test.database,
      caller,
      { ...allAccess, ...filter },
      { after, before: "" },
      noIssuers,
      bounds,
    );
    ids.push(...(page?.rows.map((row) => row.id) ?? []));
    after = page?.next ?? null;
  }
  return ids;
}

const byEnd = { by: "end", descending: false } as const;

const listed = async (...asked: Parameters<typeof inOrder>) => (await inOrder(...asked)).sort();

const ids = (rows: Held[]) => rows.map((row) => row.id).sort();

beforeAll(async () => {
  test = await createTestDatabase({ clock: () => now });
  const { database } = test;
  tree = await makeTree(database);
  other = await database.client.resource.create({
    data: {
      parentId: tree.root.id,
      scope: `/subscriptions/${randomUUID()}`,
      displayName: "Sandbox",
      resourceType: "Microsoft.Resources/subscriptions",
    },
  });
  reader = await makeRole(database, "Reader", { actions: ["*/read"] });
  blind = await makeRole(database, "Blind", { actions: ["*"], notActions: ["*/read"] });
  let state = 5;
  const random = (below: number) => {
    state = (state * 1103515245 + 12345) % 2147483648;
    return state % below;
  };
  const roles = await Promise.all(
    Array.from({ length: 12 }, (_, index) => makeRole(database, `Role ${index}`, { actions: [] })),
  );
  const members = await Promise.all(Array.from({ length: 9 }, () => makeUser(database)));
  const group = await makeGroup(database, [members[0]?.id ?? "", members[1]?.id ?? ""]);
  const holders = [...members, group].map(({ id }) => id);
  const places = [tree.root.id, tree.subscription.id, tree.group.id, other.id];
  await pastTheRules(database, async (transaction) => {
    for (const holder of holders.slice(0, 4))
      if (holder !== group.id)
        await transaction.totpFactor.create({
          data: {
            userId: holder,
            keyId: "1",
            nonce: Buffer.from("nonce"),
            ciphertext: Buffer.from("secret"),
            confirmedAt: now,
            removedAt: holder === holders[3] ? now : null,
          },
        });
    for (const principalId of holders)
      for (const { id: roleDefinitionId } of roles)
        for (const resourceId of places) {
          if (random(3) > 0) continue;
          const startsAt = new Date(now.getTime() - random(120) * day + random(1440) * 60_000);
          const createdAt = new Date(startsAt.getTime() - random(3) * day);
          const length = [0, 2, 9, 40, 400][random(5)] ?? 0;
          const endsAt = random(6) === 0 ? null : addDays(startsAt, length);
          const common = { principalId, roleDefinitionId, resourceId, createdAt };
          const eligibility = await transaction.eligibility.create({ data: { ...common, startsAt, endsAt } });
          if (random(2) === 0)
            await transaction.assignment.create({
              data: { ...common, startsAt, endsAt, assignmentType: "Assigned" },
            });
          else
            for (const back of [random(7), 8 + random(20)]) {
              const start = new Date(now.getTime() - back * day + random(300) * 60_000);
              await transaction.assignment.create({
                data: {
                  ...common,
                  startsAt: start,
                  endsAt: addMinutes(start, random(4) * 120),
                  assignmentType: "Activated",
                  eligibilityId: eligibility.id,
                },
              });
            }
        }
    for (const { id: roleDefinitionId } of roles.slice(0, 4))
      await transaction.roleManagementPolicy.create({
        data: { roleDefinitionId, resourceId: tree.group.id, activationRequiresMfa: random(2) === 0 },
      });
    for (const resourceId of places)
      for (const status of ["PendingApproval", "Provisioned", "Denied"] as const)
        await transaction.request.create({
          data: {
            requestType: "SelfRenew",
            status,
            requestorId: holders[0] ?? "",
            principalId: holders[0] ?? "",
            roleDefinitionId: roles[0]?.id ?? "",
            resourceId,
          },
        });
  });
});
afterAll(() => test.drop());

describe("the figures of a place", () => {
  it("agree with a plain count of everything there, and each with the list behind it", async () => {
    const caller = await readerAt(tree.subscription.id);
    const places = {
      own: { resourceId: tree.subscription.id, below: false, all: [tree.subscription.id] },
      below: { resourceId: tree.subscription.id, below: true, all: [tree.subscription.id, tree.group.id] },
      leaf: { resourceId: tree.group.id, below: false, all: [tree.group.id] },
    };
    for (const { all, ...place } of Object.values(places)) {
      const figures = await accessFigures(test.database, caller, place, {
        days: 7,
        points: 1,
        timeZone: "UTC",
      });
      if (!figures) throw new Error("nothing to read");
      const rows = await everything(all);
      const current = rows.filter((row) => isInEffect(row));
      for (const state of ["Eligible", "Assigned", "Activated"] as const) {
        const expected = current.filter((row) => row.state === state);
        expect(figures.states[state]).toBe(expected.length);
        expect(await listed(caller, { ...place, state })).toEqual(ids(expected));
      }
      const made = rows.filter(
        (row) =>
          row.state !== "Activated" &&
          row.createdAt > addDays(now, -30) &&
          (row.endsAt === null || row.endsAt > row.startsAt),
      );
      expect(figures.newAssignments).toBe(made.length);
      expect(await listed(caller, { ...place, when: "any", createdWithinDays: 30 })).toEqual(ids(made));
      const earlier = rows.filter(
        (row) =>
          row.state !== "Activated" &&
          row.createdAt > addDays(now, -60) &&
          row.createdAt <= addDays(now, -30) &&
          (row.endsAt === null || row.endsAt > row.startsAt),
      );
      expect(figures.newAssignmentsBefore).toBe(earlier.length);
      const ending = current.filter(
        (row) => row.state !== "Activated" && row.endsAt !== null && row.endsAt <= addDays(now, 14),
      );
      expect(figures.endingSoon).toBe(ending.length);
      expect(await listed(caller, { ...place, endsWithinDays: 14 })).toEqual(ids(ending));
      // Days in any zone, also those that begin within an hour of UTC.
      for (const timeZone of ["UTC", "America/New_York", "Asia/Kolkata", "Asia/Kathmandu"]) {
        const ofZone = await accessFigures(test.database, caller, place, { days: 7, points: 1, timeZone });
        if (!ofZone) throw new Error("nothing to read");
        expect(ofZone.days).toHaveLength(7);
        expect(ofZone.days.at(-1)).toBe(dayOf(now, timeZone));
        const startedOn = (date: string) =>
          rows.filter(
            (row) =>
              row.state === "Activated" &&
              dayOf(row.startsAt, timeZone) === date &&
              row.endsAt !== null &&
              row.endsAt > row.startsAt,
          );
        // Beside each day is the one so many days before.
        const before = ofZone.days.map((date) => startedOn(addDaysTo(date, -7)).length);
        expect(ofZone.activationsBefore).toEqual(before);
        for (const date of ofZone.days) {
          const started = startedOn(date);
          const ofDay = ofZone.activations.filter((row) => row.day === date);
          expect(ofDay.reduce((sum, row) => sum + row.count, 0)).toBe(started.length);
          const aDay = { from: date, to: date, timeZone };
          expect(await listed(caller, { ...place, state: "Activated", when: "any", ...aDay })).toEqual(
            ids(started),
          );
        }
      }
      expect(figures.roles.length).toBeLessThanOrEqual(10);
      for (const role of figures.roles) {
        const held = current.filter((row) => row.roleDefinitionId === role.id);
        expect(role.eligible).toBe(held.filter((row) => row.state === "Eligible").length);
        expect(role.eligible + role.active).toBe(held.length);
        const of = { ...place, roleDefinitionId: role.id };
        const active = held.filter((row) => row.state !== "Eligible");
        expect(await listed(caller, of)).toEqual(ids(held));
        expect(await listed(caller, { ...of, state: "Active" })).toEqual(ids(active));
      }
      expect(figures.pendingRequests).toBe(all.length);
      expect((await listPendingRequests(test.database, caller, place, null))?.rows).toHaveLength(all.length);
      const { resourceId, below } = place;
      const covered = { resource: resourceId, ...(below ? { below: "1" } : {}), of: "people" };
      const list = await listCoverage(test.database, caller, coverageFilter(covered), "", noIssuers);
      const coverage = await mfaCoverage(test.database, caller, place, noIssuers);
      expect(list?.people).toHaveLength(coverage?.people ?? -1);
    }
  });

  it("lead to the same list in the same order whether it is found among the first rows or by itself", async () => {
    const callers = [
      await readerAt(tree.root.id),
      await readerAt(tree.subscription.id),
      await readerAt(tree.group.id),
    ];
    const [role] = await test.database.client.roleDefinition.findMany({ where: { roleName: "Role 3" } });
    if (!role) throw new Error("no role");
    const filters: Partial<AccessFilter>[] = [
      {},
      { when: "any" },
      { state: "Eligible" },
      { state: "Activated", when: "any" },
      { state: "Active", when: new Date(now.getTime() - 30 * day) },
      { roleDefinitionId: role.id, when: "any" },
      { withoutMfa: "people" },
      { withoutMfa: "resistant" },
      { withoutMfa: "settings" },
      { search: "role 1" },
      { search: role.roleName, state: "Assigned" },
      { search: "nobody is called this" },
      { resourceId: tree.subscription.id, below: true, endsWithinDays: 14 },
      { createdWithinDays: 60 },
      { order: byEnd },
      { order: { ...byEnd, descending: true }, when: "any" },
      { order: byEnd, roleDefinitionId: role.id, state: "Activated", when: "any" },
      { order: byEnd, when: "current", kind: "User" },
      { order: { ...byEnd, descending: true }, when: "ended", resourceId: tree.subscription.id, below: true },
    ];
    const ways = [
      { first: 3, places: 0, candidates: 5, few: 0 },
      { first: 3, places: 300, candidates: 5_000, few: 0 },
      { first: 60, places: 1, candidates: 0, few: 0 },
      { first: 60, places: 300, candidates: 0, few: 0 },
      { first: 60, places: 300, candidates: 5, few: 5_000 },
    ];
    for (const caller of callers)
      for (const filter of filters) {
        const usual = await inOrder(caller, filter);
        for (const limits of ways) expect(await inOrder(caller, filter, limits)).toEqual(usual);
      }
    const all = await everything([tree.root.id, tree.subscription.id, tree.group.id, other.id]);
    const current = all.filter((row) => isInEffect(row));
    const end = (row: Held) => row.endsAt?.getTime() ?? Number.POSITIVE_INFINITY;
    const byEndThenId = (one: Held, next: Held) =>
      end(one) === end(next) ? (one.id < next.id ? -1 : 1) : end(one) - end(next);
    const sorted = [...current].sort(byEndThenId).map((row) => row.id);
    for (const bounds of [undefined, { first: 60, places: 300, candidates: 70, few: 0 }]) {
      const [owner] = callers as [Caller];
      expect(await inOrder(owner, { order: byEnd }, bounds)).toEqual(sorted);
      const first = await firstOfAccess(test.database, owner, { ...allAccess, order: byEnd }, 3);
      expect(first.map((row) => row.id)).toEqual(sorted.slice(0, 3));
      expect(await inOrder(owner, { order: { ...byEnd, descending: true } }, bounds)).toEqual(
        [...sorted].reverse(),
      );
    }
    expect(await listed(callers[0] as Caller, {}, ways[0])).toEqual(
      ids(all.filter((row) => isInEffect(row))),
    );
  });

  it("count nothing of where the caller may not read, whatever they ask for", async () => {
    const { database } = test;
    const sandbox = await readerAt(other.id);
    const mine = await everything([other.id]);
    const current = mine.filter((row) => isInEffect(row));
    const figures = await accessFigures(
      database,
      sandbox,
      { resourceId: null, below: true },
      { days: 30, points: 1, timeZone: "UTC" },
    );
    const { Eligible = 0, Assigned = 0, Activated = 0 } = figures?.states ?? {};
    expect(Eligible + Assigned + Activated).toBe(current.length);
    expect(figures?.pendingRequests).toBe(1);
    expect(await listed(sandbox, {})).toEqual(ids(current));
    expect(await listed(sandbox, { resourceId: tree.root.id, below: true })).toEqual(ids(current));
    for (const resourceId of [tree.root.id, tree.subscription.id, tree.group.id, randomUUID()]) {
      const place = { resourceId, below: false };
      expect(
        await accessFigures(database, sandbox, place, { days: 7, points: 1, timeZone: "UTC" }),
      ).toBeNull();
      expect(
        await listAccess(database, sandbox, { ...allAccess, ...place }, firstPage, noIssuers),
      ).toBeNull();
      expect(await listPendingRequests(database, sandbox, { resourceId, below: false }, null)).toBeNull();
    }
  });

  it("take the right to read assignments, which being eligible or holding another role is not", async () => {
    const { database } = test;
    const eligible = await person();
    await grant(database, "eligible", eligible.userId, reader.id, tree.root.id);
    const holder = await person();
    await grant(database, "active", holder.userId, blind.id, tree.root.id);
    for (const caller of [eligible, holder, await person()]) {
      expect(
        await accessFigures(
          database,
          caller,
          { resourceId: null, below: true },
          { days: 7, points: 1, timeZone: "UTC" },
        ),
      ).toBeNull();
      expect(await mfaCoverage(database, caller, { resourceId: null, below: true }, noIssuers)).toBeNull();
      expect(await listCoverage(database, caller, coverageFilter({}), "", noIssuers)).toBeNull();
      expect(await listAccess(database, caller, allAccess, firstPage, noIssuers)).toBeNull();
      expect(await firstOfAccess(database, caller, allAccess, 6)).toEqual([]);
      expect(await listPendingRequests(database, caller, { resourceId: null, below: true }, null)).toBeNull();
    }
  });
});

describe("the organisation's figures", () => {
  it("show standing access week by week, and MFA coverage, as a plain count does", async () => {
    const { client } = test.database;
    const caller = await readerAt(tree.root.id);
    const rows = await everything([tree.root.id, tree.subscription.id, tree.group.id, other.id]);
    const everywhere = { resourceId: null, below: true };
    const figures = await accessFigures(test.database, caller, everywhere, {
      days: 30,
      points: 14,
      timeZone: "UTC",
    });
    const mfa = await mfaCoverage(test.database, caller, everywhere, noIssuers);
    expect(figures?.standing).toHaveLength(14);
    expect(figures?.standing.at(-1)?.at).toEqual(now);
    for (const point of figures?.standing ?? []) {
      const held = rows.filter((row) => isInEffect(row, point.at));
      expect(point.assigned).toBe(held.filter((row) => row.state === "Assigned").length);
      expect(point.eligible).toBe(held.filter((row) => row.state === "Eligible").length);
      for (const state of ["Eligible", "Assigned"] as const)
        expect(await listed(caller, { state, when: point.at })).toEqual(
          ids(held.filter((row) => row.state === state)),
        );
    }
    const current = rows.filter((row) => isInEffect(row));
    const holders = new Set(current.map((row) => row.principalId));
    const members = await client.groupMember.findMany({ where: { groupId: { in: [...holders] } } });
    for (const { memberId } of members) holders.add(memberId);
    const people = await client.principal.findMany({
      where: { id: { in: [...holders] }, type: "User" },
      include: { factors: { where: { confirmedAt: { not: null }, removedAt: null } } },
    });
    expect(mfa?.people).toBe(people.length);
    expect(mfa?.peopleWithFactor).toBe(people.filter((each) => each.factors.length > 0).length);
    const bare = new Set(people.filter((each) => each.factors.length === 0).map((each) => each.id));
    for (const { groupId, memberId } of members) if (bare.has(memberId)) bare.add(groupId);
    expect(await listed(caller, { withoutMfa: "people" })).toEqual(
      ids(current.filter((row) => bare.has(row.principalId))),
    );

    const covered = async (query: Record<string, string>) => {
      const pages = [];
      for (let after = ""; ; ) {
        const page = await listCoverage(test.database, caller, coverageFilter(query), after, noIssuers);
        pages.push(...(page?.people ?? []).map((each) => each.id));
        pages.push(...(page?.settings ?? []).map((each) => each.roleDefinitionId + each.resourceId));
        if (!page?.next) return pages.sort();
        after = page.next;
      }
    };
    const withFactor = people.filter((each) => each.factors.length > 0);
    expect(await covered({})).toEqual(people.map((each) => each.id).sort());
    expect(await covered({ mfa: "with" })).toEqual(withFactor.map((each) => each.id).sort());
    expect(await covered({ mfa: "without" })).toHaveLength(people.length - withFactor.length);

    const policies = await client.roleManagementPolicy.findMany({ where: { activationRequiresMfa: false } });
    const key = (row: { roleDefinitionId: string; resourceId: string }) =>
      row.roleDefinitionId + row.resourceId;
    const open = new Set(policies.map(key));
    const eligible = current.filter((row) => row.state === "Eligible");
    const used = new Set(eligible.map(key));
    expect(mfa?.settings).toBe(used.size);
    expect(mfa?.settingsWithMfa).toBe([...used].filter((each) => !open.has(each)).length);
    expect(await listed(caller, { withoutMfa: "settings" })).toEqual(
      ids(eligible.filter((row) => open.has(key(row)))),
    );
    expect(await covered({ of: "settings" })).toEqual([...used].sort());
    expect(await covered({ of: "settings", mfa: "without" })).toEqual(
      [...used].filter((each) => open.has(each)).sort(),
    );
    const [first] = people;
    expect(await covered({ search: first?.email ?? "" })).toEqual([first?.id]);
    expect(await covered({ search: "%" })).toEqual([]);

    // At one resource, every figure equals the length of its list there.
    for (const resourceId of [tree.root.id, tree.group.id]) {
      const here = await mfaCoverage(test.database, caller, { resourceId, below: false }, noIssuers);
      const at = { resource: resourceId };
      expect(await covered(at)).toHaveLength(here?.people ?? -1);
      expect(await covered({ ...at, mfa: "with" })).toHaveLength(here?.peopleWithFactor ?? -1);
      expect(await covered({ ...at, of: "settings" })).toHaveLength(here?.settings ?? -1);
      expect(await covered({ ...at, of: "settings", mfa: "with" })).toHaveLength(here?.settingsWithMfa ?? -1);
    }
    const below = await readerAt(tree.group.id);
    expect(
      await listCoverage(test.database, below, coverageFilter({ resource: tree.root.id }), "", noIssuers),
    ).toBeNull();
    const inside = await mfaCoverage(test.database, below, everywhere, noIssuers);
    expect(
      (await listCoverage(test.database, below, coverageFilter({}), "", noIssuers))?.people,
    ).toHaveLength(Math.min(inside?.people ?? -1, 50));
  });
});

describe("a list of MFA coverage", () => {
  it("is the same whether it is found among the first people or among all", async () => {
    const part = await readerAt(tree.subscription.id);
    for (const query of [{}, { mfa: "without" }, { search: "user" }, { of: "settings" }])
      for (const first of [1, 60]) {
        const usual = await listCoverage(test.database, part, coverageFilter(query), "", noIssuers);
        expect(
          await listCoverage(test.database, part, coverageFilter(query), "", noIssuers, { first, few: 0 }),
        ).toEqual(usual);
      }
  });
});

describe("a filter in an address", () => {
  it("leaves out what makes no sense in it, whoever wrote it", async () => {
    const caller = await readerAt(tree.root.id);
    const hostile = accessFilter({
      resource: "' OR 1=1",
      role: ["a", "b"],
      state: "Owner",
      when: "never",
      from: "2026-02-30",
      to: "yesterday",
      created: "-5",
      ends: "1e9",
      mfa: "x",
      search: "\0%_\\",
    });
    expect(hostile).toEqual({ ...allAccess, search: "%_\\" });
    expect(await listed(caller, hostile)).toEqual([]);
    for (const query of [{ from: "0000-01-01" }, { to: "0000-12-31" }, { to: "9999-12-31" }]) {
      const filter = accessFilter(query);
      expect(await listed(caller, { ...filter, when: "any" })).toBeInstanceOf(Array);
    }
    for (const when of ["0000-01-01T00:00:00Z", "9998-12-31T23:59:59.999Z", "9999-12-31T23:59:59-14:00"])
      expect(await listed(caller, accessFilter({ when }))).toBeInstanceOf(Array);
  });
});
