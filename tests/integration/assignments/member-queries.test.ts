import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { action } from "@/lib/domain/roles/permissions";
import { activationRules, defaultRoleSettings } from "@/lib/domain/roles/role-settings";
import { addMinutes } from "@/lib/domain/time/schedule";
import { addFavourite } from "@/lib/operations/preferences/keep-favourite";
import { addFavouriteResource } from "@/lib/operations/preferences/keep-favourite-resource";
import type { Caller } from "@/lib/platform/caller";
import { activationChoices } from "@/lib/queries/activation/activation-choices";
import {
  activeRoles,
  administratorEligibilities,
  eligibleRoles,
  eligibleRolesById,
  expiredRoles,
  type OwnRoles,
  type OwnRolesFilter,
  wholeList,
} from "@/lib/queries/activation/my-roles";
import { myRequests } from "@/lib/queries/requests/requests";
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

const start = new Date("2026-03-02T09:00:00Z");
let now = start;
let test: TestDatabase;
let tree: Awaited<ReturnType<typeof makeTree>>;
let reader: Awaited<ReturnType<typeof makeRole>>;
let administrator: Awaited<ReturnType<typeof makeRole>>;

beforeAll(async () => {
  test = await createTestDatabase({ clock: () => now });
  tree = await makeTree(test.database);
  reader = await makeRole(test.database, "Reader", { actions: ["*/read"] });
  administrator = await makeRole(test.database, "Administrator", { actions: [action.writeRoleSettings] });
});
beforeEach(() => {
  now = start;
});
afterAll(() => test.drop());

async function person(): Promise<Caller> {
  return makeCaller(test.database, await makeUser(test.database));
}

async function choices(caller: Caller, eligibilityId: string, search = "", chosenId: string = randomUUID()) {
  return (await activationChoices(test.database, caller, { eligibilityId, search, chosenId })).choices;
}

describe("eligible roles", () => {
  it("are one's own and one's groups', named as such, and nobody else's", async () => {
    const { database } = test;
    const [member, other] = [await person(), await person()];
    const group = await makeGroup(database, [member.userId], "Operators");
    const own = await grant(database, "eligible", member.userId, reader.id, tree.group.id);
    const shared = await grant(database, "eligible", group.id, administrator.id, tree.group.id);
    await grant(database, "eligible", other.userId, reader.id, tree.root.id);
    const { rows } = await eligibleRoles(database, member, wholeList);
    expect(rows.map(({ id, group: through }) => [id, through?.displayName ?? null])).toEqual([
      [shared.id, "Operators"],
      [own.id, null],
    ]);
  });

  it("are there from their start until their end, to the moment, and are shown as expired from then on", async () => {
    const { database } = test;
    const member = await person();
    const times = { startsAt: addMinutes(start, 10), endsAt: addMinutes(start, 20) };
    const { id } = await grant(database, "eligible", member.userId, reader.id, tree.group.id, times);
    const counts = async (minutes: number) => {
      now = addMinutes(start, minutes);
      return [
        (await eligibleRoles(database, member, wholeList)).rows.length,
        (await expiredRoles(database, member, wholeList)).rows.map((row) => row.id),
      ];
    };
    expect(await counts(9)).toEqual([0, []]);
    expect(await counts(10)).toEqual([1, []]);
    expect(await counts(20)).toEqual([0, [id]]);
  });
});

describe("active roles", () => {
  it("hold what is in effect and, marked as scheduled, what is to come", async () => {
    const { database } = test;
    const member = await person();
    const ending = addMinutes(start, 30);
    const held = await grant(database, "active", member.userId, reader.id, tree.group.id, { endsAt: ending });
    const planned = await grant(database, "active", member.userId, administrator.id, tree.group.id, {
      startsAt: addMinutes(start, 60),
      endsAt: addMinutes(start, 120),
    });
    const states = async () =>
      (await activeRoles(database, member, wholeList)).rows.map(({ id, scheduled }) => [id, scheduled]);
    expect(await states()).toEqual([
      [held.id, false],
      [planned.id, true],
    ]);
    now = ending;
    expect(await states()).toEqual([[planned.id, true]]);
  });
});

describe("long lists of one's own roles", () => {
  /** The ids of all pages in order, and how long each page was. */
  async function pages<Row extends { readonly id: string }>(
    list: (filter: OwnRolesFilter) => Promise<OwnRoles<Row>>,
    search = "",
  ) {
    const [ids, lengths]: [string[], number[]] = [[], []];
    for (let after: string | null = ""; after !== null; ) {
      const page: OwnRoles<Row> = await list({ search, after });
      ids.push(...page.rows.map((row) => row.id));
      lengths.push(page.rows.length);
      after = page.next;
    }
    return { ids, lengths };
  }

  it("are read page by page, each row once and in order, also where names and ends are the same", async () => {
    const { database } = test;
    const member = await person();
    const resources = await database.client.resource.createManyAndReturn({
      data: Array.from({ length: 60 }, (_, index) => ({
        parentId: tree.root.id,
        scope: `/providers/Contoso.Own/things/${index}`,
        displayName: index % 2 === 0 ? "Same" : `thing-${index}`,
        resourceType: "Contoso.Own/things",
      })),
      select: { id: true },
    });
    const access = {
      principalId: member.userId,
      roleDefinitionId: reader.id,
      startsAt: addMinutes(start, -60),
    };
    const over = resources.map(({ id }, index) => ({
      ...access,
      resourceId: id,
      endsAt: addMinutes(start, index < 30 ? -5 : -index),
    }));
    const running = resources.map(({ id }, index) => ({
      ...access,
      resourceId: id,
      startsAt: start,
      endsAt: index < 20 ? null : addMinutes(start, index < 40 ? 30 : index),
    }));
    await pastTheRules(database, (to) => to.eligibility.createMany({ data: [...over, ...running] }));
    await pastTheRules(database, (to) =>
      to.assignment.createMany({
        data: [...over, ...running].map((row) => ({ ...row, assignmentType: "Assigned" as const })),
      }),
    );
    const eligible = await pages((filter) => eligibleRoles(database, member, filter));
    const active = await pages((filter) => activeRoles(database, member, filter));
    const expired = await pages((filter) => expiredRoles(database, member, filter));
    expect([eligible.lengths, active.lengths, expired.lengths]).toEqual([
      [50, 10],
      [50, 10],
      [50, 50, 20],
    ]);
    for (const { ids } of [eligible, active, expired]) expect(new Set(ids).size).toBe(ids.length);

    expect((await pages((filter) => eligibleRoles(database, member, filter), "SAME")).ids).toHaveLength(30);
    expect((await pages((filter) => activeRoles(database, member, filter), "thing-7")).ids).toHaveLength(1);
    expect((await pages((filter) => expiredRoles(database, member, filter), "reader")).lengths).toEqual([
      50, 50, 20,
    ]);
    expect((await pages((filter) => expiredRoles(database, member, filter), "100%")).ids).toEqual([]);
    const last = eligible.ids.at(-1) ?? "";
    expect((await eligibleRolesById(database, member, [last])).map((row) => row.id)).toEqual([last]);
    expect(await eligibleRolesById(database, await person(), [last])).toEqual([]);
    expect(await choices(member, last)).toHaveLength(1);
    const mistyped = await eligibleRoles(database, member, { search: "", after: "[1,2,3]" });
    expect(mistyped.rows.map((row) => row.id)).toEqual(eligible.ids.slice(0, 50));
  });
});

describe("the banner of a resource", () => {
  it("names eligible administrator roles held there or above, until one of them is active", async () => {
    const { database } = test;
    const member = await person();
    await grant(database, "eligible", member.userId, reader.id, tree.subscription.id);
    const eligibility = await grant(
      database,
      "eligible",
      member.userId,
      administrator.id,
      tree.subscription.id,
    );
    const shown = async (resourceId: string) =>
      (await administratorEligibilities(database, member, resourceId)).map((row) => row.id);
    expect(await shown(tree.root.id)).toEqual([]);
    expect(await shown(tree.subscription.id)).toEqual([eligibility.id]);
    expect(await shown(tree.group.id)).toEqual([eligibility.id]);
    await grant(database, "active", member.userId, administrator.id, tree.group.id, {
      endsAt: addMinutes(start, 30),
    });
    expect(await shown(tree.group.id)).toEqual([]);
    expect(await shown(tree.subscription.id)).toEqual([eligibility.id]);
    now = addMinutes(start, 30);
    expect(await shown(tree.group.id)).toEqual([eligibility.id]);
  });
});

describe("scopes to narrow an activation to", () => {
  it("are the eligibility's and those below it, each with the stricter settings", async () => {
    const { database } = test;
    const member = await person();
    const role = await makeRole(database, "Operator", { actions: ["*/read"] });
    await database.client.roleManagementPolicy.createMany({
      data: [
        { roleDefinitionId: role.id, resourceId: tree.subscription.id, activationMaximumMinutes: 120 },
        {
          roleDefinitionId: role.id,
          resourceId: tree.group.id,
          activationMaximumMinutes: 600,
          activationRequiresMfa: false,
          activationRequiresTicket: true,
        },
      ],
    });
    const { id } = await grant(database, "eligible", member.userId, role.id, tree.subscription.id);
    const atSubscription = { ...activationRules(defaultRoleSettings), activationMaximumMinutes: 120 };
    expect((await choices(member, id)).map((each) => [each.id, each.settings])).toEqual([
      [tree.subscription.id, atSubscription],
      [tree.group.id, { ...atSubscription, activationRequiresTicket: true }],
    ]);
  });

  it("are searched, the chosen one staying, and never reach above or beside", async () => {
    const { database } = test;
    const member = await person();
    const { id } = await grant(database, "eligible", member.userId, reader.id, tree.subscription.id);
    const ids = async (search: string, chosenId?: string) =>
      (await choices(member, id, search, chosenId)).map((each) => each.id);
    expect(await ids("no such name")).toEqual([tree.subscription.id]);
    expect(await ids("%")).toEqual([tree.subscription.id]);
    expect(await ids("WEB")).toEqual([tree.subscription.id, tree.group.id]);
    expect(await ids("no such name", tree.group.id)).toEqual([tree.subscription.id, tree.group.id]);
    expect(await ids("no such name", tree.root.id)).toEqual([tree.subscription.id]);
  });

  it("come best first: the exact name, one's own, names that begin so, the rest; and are found among thousands", async () => {
    const { database } = test;
    const member = await person();
    const place = (displayName: string) =>
      database.client.resource.create({
        data: {
          parentId: tree.subscription.id,
          scope: `${tree.subscription.scope}/resourceGroups/${randomUUID()}`,
          displayName,
          resourceType: "Microsoft.Resources/resourceGroups",
        },
      });
    await test.asOwner(
      `INSERT INTO resources (parent_id, scope, display_name, resource_type)
       SELECT p.id, p.scope || '/resourceGroups/store-' || n, 'store-' || n, 'Microsoft.Resources/resourceGroups'
       FROM resources p, generate_series(1, 700) n WHERE p.id = $1`,
      [tree.subscription.id],
    );
    const inside = await place("big-store");
    const starred = await place("my-store");
    const recent = await place("old-store");
    const exact = await place("store");
    const { id } = await grant(database, "eligible", member.userId, reader.id, tree.subscription.id);
    await addFavourite(database, member, { roleDefinitionId: reader.id, resourceId: starred.id });
    await addFavouriteResource(database, member, recent.id);
    await addFavouriteResource(database, member, tree.subscription.id);
    const names = async (search: string) =>
      (await choices(member, id, search, tree.subscription.id)).map(({ displayName }) => displayName);
    expect((await names("store")).slice(0, 4)).toEqual(["Production", "store", "my-store", "old-store"]);
    expect(await names("STORE-699")).toEqual(["Production", "store-699"]);
    expect(await names("store big")).toEqual(["Production", inside.displayName]);
    // Without a search, one's own come before the others.
    const all = await names("");
    expect(all.slice(0, 3)).toEqual(["Production", "my-store", "old-store"]);
    expect(all).toHaveLength(50);
    expect((await choices(member, id, "", exact.id)).map((each) => each.id).slice(0, 2)).toEqual([
      tree.subscription.id,
      exact.id,
    ]);
  });

  it("are nobody's for another's eligibility, or one that has ended", async () => {
    const { database } = test;
    const [member, other] = [await person(), await person()];
    const { id } = await grant(database, "eligible", member.userId, reader.id, tree.group.id, {
      endsAt: addMinutes(start, 10),
    });
    expect(await choices(other, id)).toEqual([]);
    expect(await choices(member, id)).toHaveLength(1);
    now = addMinutes(start, 10);
    expect(await choices(member, id)).toEqual([]);
  });
});

describe("my requests", () => {
  it("are the caller's alone, newest first, each on one page", async () => {
    const { database } = test;
    const [member, other] = [await person(), await person()];
    const request = (requestorId: string) => ({
      requestType: "SelfActivate" as const,
      status: "Provisioned" as const,
      requestorId,
      principalId: requestorId,
      roleDefinitionId: reader.id,
      resourceId: tree.group.id,
    });
    await database.client.request.createMany({
      data: [...Array.from({ length: 60 }, () => request(member.userId)), request(other.userId)],
    });
    const first = await myRequests(database, member, { before: null, waiting: false });
    const second = await myRequests(database, member, { before: first.at(-1)?.id ?? null, waiting: false });
    expect([first.length, second.length]).toEqual([50, 10]);
    const ids = [...first, ...second].map((row) => row.id);
    expect(new Set(ids).size).toBe(60);
    expect(ids).toEqual([...ids].sort().reverse());
  });
});
