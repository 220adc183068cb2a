import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, expect, it } from "vitest";
import { mostFavouriteResources } from "@/lib/domain/preferences/favourite-resources";
import {
  addFavouriteResource,
  removeFavouriteResource,
} from "@/lib/operations/preferences/keep-favourite-resource";
import type { Caller } from "@/lib/platform/caller";
import { searchPalette } from "@/lib/queries/preferences/palette";
import { favouriteResources } from "@/lib/queries/resources/favourite-resources";
import { listResources } from "@/lib/queries/resources/resource-list";
import { viewResource } from "@/lib/queries/resources/resources";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { allBehind, holdLock } from "../../support/database/held-lock";
import { grant, makeCaller, makeRole, makeTree, makeUser, pastTheRules } from "../../support/factories";

let test: TestDatabase;
let tree: Awaited<ReturnType<typeof makeTree>>;
let beside: { id: string };
beforeAll(async () => {
  test = await createTestDatabase();
  tree = await makeTree(test.database);
  beside = await place(tree.root.id, "Staging");
});
afterAll(() => test.drop());

function place(parentId: string, displayName: string) {
  return test.database.client.resource.create({
    data: {
      parentId,
      scope: `/subscriptions/${randomUUID()}`,
      displayName,
      resourceType: "Microsoft.Resources/subscriptions",
    },
  });
}

/** Somebody who is eligible at the subscription. Returns functions that remove that and restore it. */
async function arrange() {
  const { database } = test;
  const user = await makeUser(database);
  const role = await makeRole(database, `Contributor ${randomUUID()}`, { actions: ["*/read"] });
  const { id } = await grant(database, "eligible", user.id, role.id, tree.subscription.id);
  const until = (endsAt: Date) =>
    pastTheRules(database, (to) => to.eligibility.update({ where: { id }, data: { endsAt } }));
  return { user, caller: await makeCaller(database, user), until };
}

const add = (caller: Caller, resourceId: string) => addFavouriteResource(test.database, caller, resourceId);
const names = async (caller: Caller) =>
  (await favouriteResources(test.database, caller)).map(({ displayName }) => displayName);
const starred = (caller: Caller) =>
  test.database.client.favouriteResource.count({ where: { userId: caller.userId } });

it("whoever is only eligible stars a resource, what is below it and what is on the way to it, by name", async () => {
  const { caller } = await arrange();
  const other = await arrange();
  for (const id of [tree.group.id, tree.subscription.id, tree.root.id, tree.group.id])
    expect(await add(caller, id)).toEqual({ ok: true });
  const all = [tree.root, tree.subscription, tree.group].map(({ displayName }) => displayName);
  expect(await names(caller)).toEqual(
    all.sort((left, right) => (left.toLowerCase() < right.toLowerCase() ? -1 : 1)),
  );
  expect(await viewResource(test.database, caller, tree.group.id)).toMatchObject({ favourite: true });
  expect(await viewResource(test.database, other.caller, tree.group.id)).toMatchObject({ favourite: false });
  expect(await names(other.caller)).toEqual([]);
  await removeFavouriteResource(test.database, other.caller, tree.group.id);
  await removeFavouriteResource(test.database, caller, tree.root.id);
  await removeFavouriteResource(test.database, caller, tree.root.id);
  expect(await names(caller)).toHaveLength(2);
});

it("a resource that one may not know of cannot be starred, and says no more than one that does not exist", async () => {
  const { caller } = await arrange();
  const hidden = await add(caller, beside.id);
  expect(hidden).toMatchObject({ ok: false, error: { code: "NotFound" } });
  expect(hidden).toEqual(await add(caller, randomUUID()));
  expect(await starred(caller)).toBe(0);
});

it("nothing is shown of a favourite that one may no longer know of, until one may again", async () => {
  const { caller, until } = await arrange();
  await add(caller, tree.subscription.id);
  await until(new Date());
  expect(await names(caller)).toEqual([]);
  expect((await searchPalette(test.database, caller, "")).resources).toEqual([]);
  expect((await searchPalette(test.database, caller, "production")).resources).toEqual([]);
  expect(await viewResource(test.database, caller, tree.subscription.id)).toBeNull();
  await until(new Date(Date.now() + 3_600_000));
  expect(await names(caller)).toEqual(["Production"]);
});

it("refuses one more than fifty, and those out of sight make room for new ones", async () => {
  const { caller, user } = await arrange();
  const reader = await makeRole(test.database, `Reader ${randomUUID()}`, { actions: ["*/read"] });
  const above = await grant(test.database, "active", user.id, reader.id, beside.id);
  const places = await Promise.all(
    Array.from({ length: mostFavouriteResources }, (_, index) =>
      place(index < 10 ? tree.subscription.id : beside.id, `Place ${index}`),
    ),
  );
  for (const { id } of places) expect(await add(caller, id)).toEqual({ ok: true });
  // A resource that already has a star does not count again, and is refused as any other would be.
  expect(await add(caller, tree.group.id)).toMatchObject({ ok: false, error: { code: "Conflict" } });
  expect(await starred(caller)).toBe(mostFavouriteResources);
  const ended = { endsAt: new Date() };
  await pastTheRules(test.database, (to) => to.assignment.update({ where: { id: above.id }, data: ended }));
  expect(await names(caller)).toHaveLength(10);
  expect(await add(caller, tree.group.id)).toEqual({ ok: true });
  expect(await starred(caller)).toBe(11);
});

it("two windows cannot both take the last place", async () => {
  const { caller, user } = await arrange();
  const places = await Promise.all(
    Array.from({ length: mostFavouriteResources + 1 }, (_, index) =>
      place(tree.subscription.id, `Last ${index}`),
    ),
  );
  for (const { id } of places.slice(0, -2)) await add(caller, id);
  const person = await holdLock(test, "SELECT FROM principals WHERE id = $1 FOR UPDATE", [user.id]);
  const answers = await allBehind(
    person,
    places.slice(-2).map(
      ({ id }) =>
        () =>
          add(caller, id),
    ),
  );
  expect(answers.filter((answer) => answer.ok)).toHaveLength(1);
  expect(await starred(caller)).toBe(mostFavouriteResources);
});

it("favourites come first in the palette, and among equal matches of a search", async () => {
  const { caller } = await arrange();
  const [first, second] = [
    await place(tree.subscription.id, "qs-a-store"),
    await place(tree.subscription.id, "qs-b-store"),
  ];
  const search = async (text: string) =>
    (await searchPalette(test.database, caller, text)).resources.map(({ label }) => label);
  const listed = async () => {
    const filter = { search: "store", type: "", order: null };
    const page = await listResources(test.database, caller, filter, { after: "", before: "" });
    return page.rows.map(({ displayName }) => displayName);
  };
  expect(await search("store")).toEqual(["qs-a-store", "qs-b-store"]);
  expect(await listed()).toEqual(["qs-a-store", "qs-b-store"]);
  await add(caller, second.id);
  expect(await search("store")).toEqual(["qs-b-store", "qs-a-store"]);
  expect(await search("")).toEqual(["qs-b-store"]);
  expect(await listed()).toEqual(["qs-b-store", "qs-a-store"]);
  await add(caller, first.id);
  expect(await search("qs-a-store")).toEqual(["qs-a-store"]);
});
