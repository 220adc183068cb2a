import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { permissionsAt, roleKnownAt, visibleResource } from "@/lib/authority/authority";
import { inTransaction } from "@/lib/platform/transaction";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { grant, makeRole, makeTree, makeUser } from "../../support/factories";

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
});
afterAll(() => test.drop());

/** A tree as the numbers of each node's parent; node 0 is the root. */
const tree = fc
  .array(fc.nat(), { minLength: 3, maxLength: 14 })
  .map((choices) => [-1, ...choices.map((choice, index) => choice % (index + 1))]);

it("contains itself and everything below it, and nothing beside or above, in any tree", async () => {
  const { database } = test;
  const { root } = await makeTree(database);
  const role = await makeRole(database, "Reader", { actions: ["*/read"] });
  let made = 0;
  await fc.assert(
    fc.asyncProperty(tree, fc.nat(), fc.nat(), async (parents, heldChoice, movedChoice) => {
      made += 1;
      const ids: string[] = [];
      for (const [node, parent] of parents.entries()) {
        const parentId = ids[parent] ?? root.id;
        // Scopes differ by name alone here: management groups contain by parentage, not by their text.
        const scope = `/providers/Microsoft.Management/managementGroups/g${made}-${node}`;
        const created = await database.client.resource.create({
          data: { parentId, scope, displayName: `g${node}`, resourceType: "group" },
        });
        ids.push(created.id);
      }
      const held = heldChoice % parents.length;
      const user = await makeUser(database);
      await grant(database, "active", user.id, role.id, ids[held] ?? "");
      const above = (node: number, all: readonly number[]): number[] =>
        node < 0 ? [] : [node, ...above(all[node] ?? -1, all)];
      const check = async (all: readonly number[]) => {
        for (const [node, id] of ids.entries()) {
          const [permissions, visible] = await inTransaction(database, async (transaction) => [
            await permissionsAt(transaction, user.id, id),
            await visibleResource(transaction, user.id, id),
          ]);
          const below = above(node, all).includes(held);
          expect(permissions.length > 0, `${all} held ${held} at ${node}`).toBe(below);
          expect(visible !== null).toBe(below || above(held, all).includes(node));
        }
      };
      await check(parents);

      // Moving a node moves everything below it.
      const moved = movedChoice % parents.length;
      const outside = ids.findIndex((_, node) => !above(node, parents).includes(moved));
      if (moved === 0 || outside < 0) return;
      await test.asOwner("UPDATE resources SET parent_id = $1 WHERE id = $2", [ids[outside], ids[moved]]);
      await check(parents.map((parent, node) => (node === moved ? outside : parent)));
      await expect(
        test.asOwner("UPDATE resources SET parent_id = id WHERE id = $1", [ids[moved]]),
      ).rejects.toThrow(/below itself/);
    }),
    { numRuns: 12 },
  );
});

it("knows a scope whatever its letters' case, and only once", async () => {
  const { database } = test;
  const parent = await database.client.resource.findFirstOrThrow({ where: { parentId: null } });
  const make = (scope: string) =>
    database.client.resource.create({
      data: {
        parentId: parent.id,
        scope,
        displayName: "x",
        resourceType: "Microsoft.Resources/subscriptions",
      },
    });
  await make("/subscriptions/ABC");
  await expect(make("/Subscriptions/abc")).rejects.toThrow();
});

it("knows a role where it can be assigned, above and below, and nowhere beside", async () => {
  const { database } = test;
  const root = await database.client.resource.findFirstOrThrow({ where: { parentId: null } });
  const make = (name: string, parentId: string) =>
    database.client.resource.create({
      data: {
        parentId,
        scope: `/providers/Microsoft.Management/managementGroups/${name}`,
        displayName: name,
        resourceType: "group",
      },
    });
  const above = await make("above", root.id);
  const own = await make("own", above.id);
  const below = await make("below", own.id);
  const beside = await make("beside", above.id);
  const besideAbove = await make("besideAbove", root.id);
  const role = await makeRole(database, "Of its own", { actions: ["*/read"] });
  const assignableAt = (scopes: string[]) =>
    test.asOwner("UPDATE role_definitions SET assignable_scopes = $2 WHERE id = $1", [role.id, scopes]);
  const knownAt = async (resourceId: string) => {
    const rows = await inTransaction(
      database,
      (transaction) => transaction.$queryRaw<unknown[]>`
        SELECT FROM role_definitions d WHERE d.id = ${role.id}::uuid AND ${roleKnownAt("d", resourceId)}`,
    );
    return rows.length === 1;
  };
  const places = { root, above, own, below, beside, besideAbove };
  const known = async () => {
    const answers = await Promise.all(Object.values(places).map(({ id }) => knownAt(id)));
    return Object.keys(places).filter((_, index) => answers[index]);
  };
  await assignableAt([own.scope.toUpperCase()]);
  expect(await known()).toEqual(["root", "above", "own", "below"]);
  await assignableAt([own.scope, besideAbove.scope]);
  expect(await known()).toEqual(["root", "above", "own", "below", "besideAbove"]);
  await assignableAt(["/"]);
  expect(await known()).toEqual(Object.keys(places));
});
