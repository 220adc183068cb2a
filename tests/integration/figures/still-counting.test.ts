import { afterAll, beforeAll, expect, it } from "vitest";
import { countAccess } from "@/lib/operations/figures/count-access";
import type { Caller } from "@/lib/platform/caller";
import { accessNow } from "@/lib/queries/figures/access-now";
import { stillCounting } from "@/lib/queries/figures/still-counting";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { grant, makeCaller, makeOwnerRole, makeRole, makeTree, makeUser } from "../../support/factories";

const everywhere = { resourceId: null, below: true };
let test: TestDatabase;
let tree: Awaited<ReturnType<typeof makeTree>>;
let owner: Caller;

beforeAll(async () => {
  test = await createTestDatabase();
  tree = await makeTree(test.database);
  owner = await makeCaller(test.database, await makeUser(test.database, "Olga Owner"));
  const { id } = await makeOwnerRole(test.database);
  await grant(test.database, "active", owner.userId, id, tree.root.id);
  const reader = await makeRole(test.database, "Reader", { actions: ["*/read"] });
  for (const name of ["Ann", "Ben", "Cleo", "Dora"])
    await grant(
      test.database,
      "eligible",
      (await makeUser(test.database, name)).id,
      reader.id,
      tree.group.id,
    );
});
afterAll(() => test.drop());

it("figures of many rows wait for the first count, wherever the rows lie, and no longer", async () => {
  const { database } = test;
  const counting = (place: Parameters<typeof stillCounting>[2], most: number) =>
    stillCounting(database, owner, place, most);
  const [group, below] = [
    { resourceId: tree.group.id, below: false },
    { resourceId: tree.subscription.id, below: true },
  ];
  for (const place of [everywhere, group, below]) {
    const held = place === everywhere ? 5 : 4;
    expect(await counting(place, held - 1)).toBe(true);
    expect(await counting(place, held)).toBe(false);
  }
  expect(await counting({ resourceId: tree.subscription.id, below: false }, 0)).toBe(false);
  expect(await accessNow(database, owner, everywhere, 4)).toEqual({
    Activated: null,
    Assigned: null,
    pendingRequests: 0,
  });

  await countAccess(database, 1);
  for (const place of [everywhere, group, below]) expect(await counting(place, 0)).toBe(false);
  expect(await accessNow(database, owner, everywhere, 0)).toMatchObject({ Activated: 0, Assigned: 1 });
});

it("says nothing to somebody who may read nothing", async () => {
  const nobody = await makeCaller(test.database, await makeUser(test.database, "Nora"));
  expect(await stillCounting(test.database, nobody, everywhere, 0)).toBe(false);
  expect(await accessNow(test.database, nobody, everywhere)).toBeNull();
});
