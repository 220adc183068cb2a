import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { addFavourite } from "@/lib/operations/preferences/keep-favourite";
import type { Caller } from "@/lib/platform/caller";
import { searchPalette } from "@/lib/queries/preferences/palette";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import {
  grant,
  makeCaller,
  makeOwnerRole,
  makeRole,
  makeTree,
  makeUser,
  pastTheRules,
} from "../../support/factories";

let test: TestDatabase;
let tree: Awaited<ReturnType<typeof makeTree>>;
let callers: Record<"owner" | "reader" | "eligible" | "nobody", Caller>;
let other: { id: string };
let eligibilityId: string;

beforeAll(async () => {
  test = await createTestDatabase();
  const { database } = test;
  tree = await makeTree(database);
  other = await database.client.resource.create({
    data: {
      parentId: tree.root.id,
      scope: `/subscriptions/${randomUUID()}`,
      displayName: "Staging",
      resourceType: "Microsoft.Resources/subscriptions",
    },
  });
  for (const [name, parent, type] of [
    ["web-shop", tree.group, "Microsoft.Web/sites"],
    ["50%_off", tree.subscription, "Microsoft.Sql/servers"],
  ] as const)
    await database.client.resource.create({
      data: {
        parentId: parent.id,
        scope: `${parent.scope}/providers/${type}/${name}`,
        displayName: name,
        resourceType: type,
      },
    });
  await database.client.resource.create({
    data: {
      parentId: other.id,
      scope: `/subscriptions/${other.id}/resourceGroups/web-staging`,
      displayName: "web-staging",
      resourceType: "Microsoft.Resources/resourceGroups",
    },
  });
  const reader = await makeRole(database, "Reader", { actions: ["*/read"] });
  const contributor = await makeRole(database, "Contributor", { actions: ["*"] });
  const person = async (name: string) => {
    const user = await makeUser(database, name);
    return { id: user.id, caller: await makeCaller(database, user) };
  };
  const [owner, ada, ellen, noor] = await Promise.all(
    ["Olga Owner", "Ada Reader", "Ellen Eligible", "Noor Nobody"].map(person),
  );
  if (!owner || !ada || !ellen || !noor) throw new Error("no people");
  await grant(database, "active", owner.id, (await makeOwnerRole(database)).id, tree.root.id);
  await grant(database, "active", ada.id, reader.id, tree.group.id);
  eligibilityId = (await grant(database, "eligible", ellen.id, contributor.id, tree.subscription.id)).id;
  callers = { owner: owner.caller, reader: ada.caller, eligible: ellen.caller, nobody: noor.caller };
});
afterAll(() => test.drop());

const names = async (who: keyof typeof callers, typed: string) => {
  const found = await searchPalette(test.database, callers[who], typed);
  return Object.fromEntries(
    Object.entries(found).map(([kind, items]) => [
      kind,
      (items as { label: string }[]).map((item) => item.label),
    ]),
  );
};

describe("the command palette finds", () => {
  it("all below the root for who holds a role there, the best match first", async () => {
    expect((await names("owner", "web")).resources).toEqual(["web", "web-staging", "web-shop"]);
    expect((await names("owner", "we")).resources).toEqual(["web", "web-staging", "web-shop"]);
    expect((await names("owner", "shop web")).resources).toEqual(["web-shop"]);
  });

  it("only what is at, below or on the way to the person's own roles", async () => {
    expect((await names("reader", "web")).resources).toEqual(["web", "web-shop"]);
    expect((await names("reader", "production")).resources).toEqual(["Production"]);
    expect((await names("reader", "staging")).resources).toEqual([]);
    expect((await names("eligible", "web")).resources).toEqual(["web", "web-shop"]);
    expect(await names("nobody", "web")).toEqual({
      activations: [],
      resources: [],
      roles: [],
      people: [],
      next: [],
    });
  });

  it("people only for who may read them at the root, roles only where role definitions may be read", async () => {
    expect((await names("owner", "ada reader")).people).toEqual(["Ada Reader"]);
    expect((await names("reader", "ada reader")).people).toEqual([]);
    expect((await names("owner", "contrib")).roles).toEqual(["Contributor"]);
    expect((await names("reader", "contrib")).roles).toEqual(["Contributor"]);
    expect((await names("eligible", "contrib")).roles).toEqual([]);
  });

  it("what is often wanted next of the best role and resource, as far as it may be read", async () => {
    expect((await names("owner", "contrib")).next).toEqual([
      expect.stringMatching(/^Assignments of .*Contributor.* on /),
      expect.stringMatching(/^Role settings of .*Contributor.* on /),
    ]);
    const { next } = await searchPalette(test.database, callers.owner, "web-staging");
    expect(next.map(({ href }) => href)).toEqual([
      expect.stringMatching(/^\/resources\/[\w-]+\/assignments$/),
      expect.stringMatching(/^\/resources\/[\w-]+\/settings$/),
    ]);
    // Production is above the reader's own group, and none of its details may be read there.
    expect((await names("reader", "production")).next).toEqual([]);
    expect((await names("eligible", "web")).next).toEqual([]);
  });

  it("activations of the person's own, at the scope that is typed", async () => {
    expect((await names("eligible", "contrib")).activations).toEqual(["Activate Contributor on Production"]);
    const found = await searchPalette(test.database, callers.eligible, "activate contributor on web-sh");
    expect(found.activations).toMatchObject([
      {
        label: "Activate Contributor on web-shop",
        href: expect.stringContaining(`activate=${eligibilityId}&at=`),
      },
    ]);
    expect((await names("eligible", "activate contributor on staging")).activations).toEqual([]);
    expect((await names("eligible", "activate reader")).activations).toEqual([]);
    expect((await names("reader", "activate")).activations).toEqual([]);
    expect((await names("eligible", "Activate")).activations).toEqual(["Activate Contributor on Production"]);
  });

  it("what is typed and no pattern: wildcards, quotes and NUL stand for themselves", async () => {
    expect((await names("owner", "50%_")).resources).toEqual(["50%_off"]);
    expect((await names("owner", "%")).resources).toEqual([]);
    expect((await names("owner", "w_b")).resources).toEqual([]);
    expect((await names("owner", "we\0b' OR 1=1 --\\")).resources).toEqual([]);
    expect((await names("owner", "x".repeat(5000))).resources).toEqual([]);
  });

  it("nothing any more once the role has ended", async () => {
    const user = await makeUser(test.database, "Brief");
    const reader = await makeRole(test.database, "Brief reader", { actions: ["*/read"] });
    const held = await grant(test.database, "active", user.id, reader.id, tree.root.id);
    const caller = await makeCaller(test.database, user);
    expect((await searchPalette(test.database, caller, "web")).resources).toHaveLength(3);
    await pastTheRules(test.database, (to) =>
      to.assignment.update({ where: { id: held.id }, data: { endsAt: held.startsAt } }),
    );
    expect((await searchPalette(test.database, caller, "web")).resources).toEqual([]);
  });

  it("the same among thousands of resources that one may see, by any number of letters, and none of the others", async () => {
    const { database } = test;
    const place = (displayName: string) =>
      database.client.resource.create({
        data: {
          parentId: tree.root.id,
          scope: `/subscriptions/${randomUUID()}`,
          displayName,
          resourceType: "Microsoft.Resources/subscriptions",
        },
      });
    const [mine, theirs] = [await place("Mine"), await place("Theirs")];
    const many = (parentId: string, prefix: string, number: number) =>
      test.asOwner(
        `INSERT INTO resources (parent_id, scope, display_name, resource_type)
         SELECT p.id, p.scope || '/resourceGroups/' || $2 || n, $2 || n, 'Microsoft.Resources/resourceGroups'
         FROM resources p, generate_series(1, $3::int) n WHERE p.id = $1`,
        [parentId, prefix, number],
      );
    await many(mine.id, "group-", 2_200);
    await many(mine.id, "qz-", 1);
    await many(theirs.id, "group-", 2_200);
    await many(theirs.id, "secret-", 3);
    const reader = await makeRole(database, "Reader of much", { actions: ["*/read"] });
    const user = await makeUser(database, "Wanda Wide");
    await grant(database, "active", user.id, reader.id, mine.id);
    const caller = await makeCaller(database, user);
    const found = async (typed: string) => (await searchPalette(database, caller, typed)).resources;
    for (const typed of ["group", "gr", "mine group-2", "group-2200"])
      for (const { hint } of await found(typed)) expect(hint).toContain(mine.scope);
    expect((await found("group-2200")).map(({ label }) => label)).toEqual(["group-2200"]);
    expect(await found("gr")).toHaveLength(6);
    expect((await found("qz")).map(({ label }) => label)).toEqual(["qz-1"]);
    expect((await found("zmine")).map(({ label }) => label)).toEqual([]);
    expect((await found("mine")).map(({ label }) => label)).toEqual(["Mine"]);
    for (const typed of ["secret", "theirs", "se"]) expect(await found(typed)).toEqual([]);
  });
});

it("finds names with letters of other languages, in either case", async () => {
  await makeUser(test.database, "Łukasz Öztürk");
  for (const typed of ["łukasz", "ŁUKASZ ÖZ", "öztürk"]) {
    const { people } = await searchPalette(test.database, callers.owner, typed);
    expect(
      people.map((each) => each.label),
      typed,
    ).toEqual(["Łukasz Öztürk"]);
  }
});

it("finds a role with the word on in its name, by the name and by the very text that it offers", async () => {
  const { database } = test;
  const role = await makeRole(database, "Desktop Power On Off Contributor", { actions: ["*"] });
  const user = await makeUser(database, "Pia Power");
  await grant(database, "eligible", user.id, role.id, tree.subscription.id);
  const caller = await makeCaller(database, user);
  const found = async (typed: string) =>
    (await searchPalette(database, caller, typed)).activations.map(({ label }) => label);
  const offered = "Activate Desktop Power On Off Contributor on Production";
  for (const typed of ["power on", "activate power on", "activate desktop power on off", offered])
    expect((await found(typed))[0], typed).toBe(offered);
  for (const end of offered.split("").keys())
    if (end > 8) expect(await found(offered.slice(0, end)), offered.slice(0, end)).toContain(offered);
  expect(await found("activate power on off contributor on web-shop")).toEqual([
    "Activate Desktop Power On Off Contributor on web-shop",
  ]);
  expect(await found("activate desktop power on staging")).toEqual([]);
});

it("finds a role at the place that is typed after it, only where roles may be read", async () => {
  const found = await searchPalette(test.database, callers.owner, "Contributor on Staging");
  const [best] = found.roles;
  expect(best?.label).toBe("Contributor");
  expect(best?.href).toMatch(new RegExp(`^/resources/${other.id}/roles/`));
  expect(found.next.map(({ label }) => label)).toContain("Assignments of Contributor on Staging");
  expect((await names("reader", "Contributor on Staging")).roles).toEqual([]);
  expect((await names("eligible", "Contributor on Staging")).roles).toEqual([]);
});

it("somebody with more than 500 places finds each of them, and what they may do there", async () => {
  const { database } = test;
  const root = await database.client.resource.create({
    data: {
      parentId: tree.root.id,
      scope: `/subscriptions/${randomUUID()}`,
      displayName: "Wide",
      resourceType: "Microsoft.Resources/subscriptions",
    },
  });
  const operator = await makeRole(database, "Wide operator", { actions: ["*"] });
  const user = await makeUser(database, "Mona Many");
  await test.asOwner(
    `WITH made AS (
       INSERT INTO resources (parent_id, scope, display_name, resource_type)
       SELECT p.id, p.scope || '/resourceGroups/wide-' || n, 'wide-' || n, 'Microsoft.Resources/resourceGroups'
       FROM resources p, generate_series(1, 620) n WHERE p.id = $1 RETURNING id)
     INSERT INTO eligibilities (principal_id, role_definition_id, resource_id, starts_at, ends_at)
     SELECT $2, $3, made.id, now() - interval '1 hour', now() + interval '1 day' FROM made`,
    [root.id, user.id, operator.id],
  );
  const caller = await makeCaller(database, user);
  for (const number of [1, 333, 620]) {
    const offered = [`Activate Wide operator on wide-${number}`];
    for (const typed of [`wide-${number}`, `activate wide operator on wide-${number}`]) {
      const { activations, resources } = await searchPalette(database, caller, typed);
      expect(activations.map(({ label }) => label).slice(0, 1), typed).toEqual(offered);
      if (!typed.startsWith("activate"))
        expect(resources.map(({ label }) => label).slice(0, 1)).toEqual([`wide-${number}`]);
    }
  }
  expect((await searchPalette(database, caller, "activate")).activations).toHaveLength(6);
  // A role with rights is found after hundreds of places without them.
  const reader = await makeRole(database, "Wide reader", { actions: ["*/read"] });
  const last = await database.client.resource.findFirstOrThrow({ where: { displayName: "wide-620" } });
  await grant(database, "active", user.id, reader.id, last.id);
  const { roles } = await searchPalette(database, caller, "wide reader");
  expect(roles).toMatchObject([{ label: "Wide reader", href: `/resources/${last.id}/roles/${reader.id}` }]);
});

it("offers the access and the log of the best person found, as far as they may be read", async () => {
  const user = await makeUser(test.database, "Frida Followed");
  const { people, next } = await searchPalette(test.database, callers.owner, "frida");
  expect(people).toMatchObject([{ label: "Frida Followed", href: `/people/${user.id}` }]);
  const search = new URLSearchParams({ search: user.email ?? "" });
  expect(next).toMatchObject([
    { label: expect.stringMatching(/^Access of .*Frida Followed/), href: `/assignments?${search}` },
    {
      label: expect.stringMatching(/^Audit log of .*Frida Followed/),
      href: expect.stringMatching(/^\/audit\?actor=/),
    },
  ]);
  // Somebody who may read people and nothing else gets no link to other things.
  const clerk = await makeUser(test.database, "Carl Clerk");
  const role = await makeRole(test.database, "People reader", {
    actions: ["Microsoft.Authorization/principals/read"],
  });
  await grant(test.database, "active", clerk.id, role.id, tree.root.id);
  const found = await searchPalette(test.database, await makeCaller(test.database, clerk), "frida");
  expect(found.people).toHaveLength(1);
  expect(found.next).toEqual([]);
  expect((await searchPalette(test.database, callers.reader, "frida")).next).toEqual([]);
});

it("before anything is typed, offers what was activated lately and is not active, favourites first", async () => {
  const { database } = test;
  const role = await makeRole(database, "Daily role", { actions: ["*"] });
  const user = await makeUser(database, "Dora Daily");
  await grant(database, "eligible", user.id, role.id, tree.subscription.id);
  const caller = await makeCaller(database, user);
  const offered = async () =>
    (await searchPalette(database, caller, " ")).activations.map(({ label }) => label);
  expect(await offered()).toEqual([]);
  for (const resourceId of [tree.group.id, tree.subscription.id])
    await addFavourite(database, caller, { roleDefinitionId: role.id, resourceId });
  expect(await offered()).toEqual(["Activate Daily role on web", "Activate Daily role on Production"]);
  await grant(database, "active", user.id, role.id, tree.group.id);
  expect(await offered()).toEqual(["Activate Daily role on Production"]);
  expect((await searchPalette(database, callers.nobody, "")).activations).toEqual([]);
});

it("offers a role whose name is written from right to left without turning the words around it", async () => {
  const { database } = test;
  const role = await makeRole(database, "مراقب المنصة", { actions: ["*/read"] });
  const user = await makeUser(database, "Rana Right");
  await grant(database, "eligible", user.id, role.id, tree.subscription.id);
  const { activations } = await searchPalette(database, await makeCaller(database, user), "مراقب");
  expect(activations[0]?.label).toBe("Activate \u2068مراقب المنصة\u2069 on Production");
});
