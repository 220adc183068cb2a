import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { visibleResource } from "@/lib/authority/authority";
import type { TreeNode, TreePart } from "@/lib/domain/resources/resource-tree";
import { addMinutes } from "@/lib/domain/time/schedule";
import type { Caller } from "@/lib/platform/caller";
import { inTransaction } from "@/lib/platform/transaction";
import { firstPage } from "@/lib/queries/pages";
import { listResources, type ResourceOrder, resourceColumns } from "@/lib/queries/resources/resource-list";
import { childrenOf, treePageSize, treeTop } from "@/lib/queries/resources/resource-tree";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { grant, makeCaller, makeGroup, makeRole, makeTree, makeUser } from "../../support/factories";

const start = new Date("2026-03-02T09:00:00Z");
let now = start;
let test: TestDatabase;
let tree: Awaited<ReturnType<typeof makeTree>>;
let reader: Awaited<ReturnType<typeof makeRole>>;
const all: { id: string; parentId: string | null; displayName: string }[] = [];

async function person(): Promise<Caller> {
  return makeCaller(test.database, await makeUser(test.database));
}

async function below(parentId: string, scope: string, names: string[], resourceType: string) {
  const rows = await test.database.client.resource.createManyAndReturn({
    data: names.map((name) => ({ parentId, scope: `${scope}/${name}`, displayName: name, resourceType })),
  });
  all.push(...rows);
  return rows;
}

/** The resources that somebody may know of, checked one by one. */
async function known(caller: Caller): Promise<string[]> {
  return inTransaction(test.database, async (transaction) => {
    const seen: string[] = [];
    for (const { id } of all) if (await visibleResource(transaction, caller.userId, id)) seen.push(id);
    return seen.sort();
  });
}

const byName: ResourceOrder = { by: "name", descending: false };

/** The rows of the list on all of its pages, however many it reads before it sorts all of them. */
async function listed(caller: Caller, order: ResourceOrder = byName): Promise<string[]> {
  const pages = async (first?: number) => {
    const ids: string[] = [];
    const types = new Set<string>();
    let after: string | null = "";
    do {
      const asked = { search: "", type: "", order };
      const page: Awaited<ReturnType<typeof listResources>> = await listResources(
        test.database,
        caller,
        asked,
        { after, before: "" },
        first,
      );
      ids.push(...page.rows.map((row) => row.id));
      for (const type of page.types) types.add(type);
      after = page.next;
    } while (after !== null);
    return { ids, types };
  };
  const usual = await pages();
  for (const first of [1, 60]) expect(await pages(first)).toEqual(usual);
  return usual.ids;
}

/** The resources that can be reached in the tree by opening every node. */
async function walked(caller: Caller): Promise<string[]> {
  const top = await treeTop(test.database, caller);
  if (!top) return [];
  const ids = [top.root.id];
  let open = [top.root.id];
  while (open.length > 0) {
    const next: string[] = [];
    for (const id of open) {
      let after: string | null = null;
      do {
        const part: TreePart | undefined = (await childrenOf(test.database, caller, [id], after)).get(id);
        const nodes: readonly TreeNode[] = part?.nodes ?? [];
        ids.push(...nodes.map((node) => node.id));
        next.push(...nodes.filter((node) => node.hasChildren).map((node) => node.id));
        after = part?.more ? (nodes.at(-1)?.key ?? null) : null;
      } while (after !== null);
    }
    open = next;
  }
  return ids.sort();
}

beforeAll(async () => {
  test = await createTestDatabase({ clock: () => now });
  tree = await makeTree(test.database);
  reader = await makeRole(test.database, "Reader", { actions: ["*/read"] });
  all.push(tree.root, tree.subscription, tree.group);
  const names = Array.from({ length: treePageSize * 2 + 7 }, (_, index) => `vm-${index}`);
  await below(tree.group.id, `${tree.group.scope}/providers/x/machines`, names, "Contoso.Compute/machines");
  const [other] = await below(
    tree.root.id,
    "/subscriptions",
    [randomUUID()],
    "Microsoft.Resources/subscriptions",
  );
  if (!other) throw new Error("no second subscription");
  const groups = await below(
    other.id,
    `${other.scope}/resourceGroups`,
    ["Alpha", "alpha_2", "beta"],
    "groups",
  );
  for (const group of groups)
    await below(group.id, `${group.scope}/providers/x/vaults`, ["kv-1", "kv 100%"], "Contoso.Vaults/vaults");
});
afterAll(() => test.drop());

describe("browsing resources", () => {
  it("shows the same in the tree and in the list as one may know of, wherever one has roles", async () => {
    let state = 11;
    const random = (below: number) => {
      state = (state * 1103515245 + 12345) % 2147483648;
      return state % below;
    };
    for (let round = 0; round < 8; round += 1) {
      const caller = await person();
      const group = await makeGroup(test.database, [caller.userId]);
      const places = new Set(Array.from({ length: 1 + random(3) }, () => all[random(all.length)]?.id ?? ""));
      for (const place of places) {
        const holder = random(2) === 0 ? caller.userId : group.id;
        await grant(test.database, random(2) === 0 ? "eligible" : "active", holder, reader.id, place);
      }
      const expected = await known(caller);
      expect((await listed(caller)).sort()).toEqual(expected);
      expect(await walked(caller)).toEqual(expected);
    }
  });

  it("shows nothing to whoever has no role, or had one until a moment ago", async () => {
    const caller = await person();
    const endsAt = addMinutes(start, 30);
    await grant(test.database, "eligible", caller.userId, reader.id, tree.group.id, { endsAt });
    expect((await listed(caller)).length).toBeGreaterThan(treePageSize);
    now = endsAt;
    expect(await listed(caller)).toEqual([]);
    expect(await treeTop(test.database, caller)).toBeNull();
    expect(await childrenOf(test.database, caller, [tree.root.id])).toEqual(new Map());
    now = start;
  });

  it("opens at first what leads to one's roles, and answers for a hidden node as for an unknown one", async () => {
    const caller = await person();
    await grant(test.database, "eligible", caller.userId, reader.id, tree.group.id);
    const top = await treeTop(test.database, caller);
    expect(top?.open).toEqual([tree.root.id, tree.subscription.id]);
    const parts = await childrenOf(test.database, caller, [tree.root.id, tree.subscription.id]);
    expect(parts.get(tree.root.id)?.nodes.map((node) => node.id)).toEqual([tree.subscription.id]);
    const hidden = all.find((each) => each.displayName === "beta")?.id ?? "";
    expect(await childrenOf(test.database, caller, [hidden, randomUUID()])).toEqual(new Map());
  });

  it("pages in every order both ways, for whoever sees everything and for whoever sees a part", async () => {
    const [above, below] = [await person(), await person()];
    await grant(test.database, "active", above.userId, reader.id, tree.root.id);
    await grant(test.database, "active", below.userId, reader.id, tree.subscription.id);
    for (const caller of [above, below]) {
      const usual = await listed(caller);
      for (const by of resourceColumns) {
        const up = await listed(caller, { by, descending: false });
        expect([...up].sort()).toEqual([...usual].sort());
        expect(await listed(caller, { by, descending: true })).toEqual([...up].reverse());
        if (by === "name") continue;
        const rows = await test.database.client.resource.findMany({ where: { id: { in: up } } });
        const shown = up.map((id) => rows.find((each) => each.id === id));
        const values = shown.map((each) => (by === "type" ? each?.resourceType : each?.scope.toLowerCase()));
        expect(values).toEqual([...values].sort());
      }
    }
  });

  it("finds names and scopes by words without regard to case, wildcards of SQL being words like others", async () => {
    const caller = await person();
    await grant(test.database, "active", caller.userId, reader.id, tree.root.id);
    const names = async (search: string, type = "") =>
      (await listResources(test.database, caller, { search, type, order: byName }, firstPage)).rows
        .map((row) => row.displayName)
        .sort();
    expect(await names("ALPHA", "groups")).toEqual(["Alpha", "alpha_2"]);
    expect(await names("alpha_")).toEqual(["alpha_2", "kv 100%", "kv-1"]);
    expect(await names("100%")).toEqual(["kv 100%", "kv 100%", "kv 100%"]);
    expect(await names("100\\")).toEqual([]);
    expect(await names("", "no such type")).toEqual([]);
  });

  it("finds for a reader of a part what the whole list has of a word, be it rare elsewhere or in thousands of names", async () => {
    const caller = await person();
    const [alpha, vault] = ["Alpha", "kv-1"].map((name) => all.find((each) => each.displayName === name));
    if (!alpha || !vault) throw new Error("the tree has no such groups");
    await grant(test.database, "active", caller.userId, reader.id, alpha.id);
    await grant(test.database, "eligible", caller.userId, reader.id, vault.id);
    await test.database.client.$executeRaw`
      INSERT INTO resources (parent_id, scope, display_name, resource_type)
      SELECT id, scope || '/vaults/often-' || n, 'often kv-' || n, 'often' FROM resources, generate_series(1, 2100) n
      WHERE id = ${tree.group.id}::uuid`;
    try {
      const mine = await test.database.client.resource.findMany({
        where: { id: { in: await listed(caller) } },
      });
      for (const word of ["alpha", "kv-", "kv", "vaults", "/", "resourceGroups", "often", "nowhere"]) {
        const asked = { search: word, type: "", order: byName };
        const { rows } = await listResources(test.database, caller, asked, firstPage);
        const best = await listResources(test.database, caller, { ...asked, order: null }, firstPage);
        expect(best.rows.map((row) => row.id).sort(), word).toEqual(rows.map((row) => row.id).sort());
        const expected = mine.filter((each) =>
          `${each.displayName} ${each.scope}`.toLowerCase().includes(word.toLowerCase()),
        );
        expect(rows.map((row) => row.id).sort(), word).toEqual(expected.map((each) => each.id).sort());
      }
    } finally {
      await test.asOwner("DELETE FROM resources WHERE resource_type = 'often'");
    }
  });

  it("finds the exact name first, then names that begin so, words in any order, on every page once", async () => {
    const caller = await person();
    await grant(test.database, "active", caller.userId, reader.id, tree.root.id);
    const add = (names: readonly string[]) =>
      test.database.client.resource.createMany({
        data: names.map((displayName, n) => ({
          parentId: tree.group.id,
          scope: `${tree.group.scope}/providers/Contoso.Ranked/things/${names.length}-${n}`,
          displayName,
          resourceType: "ranked",
        })),
      });
    const page = (search: string, place = {}) =>
      listResources(test.database, caller, { search, type: "", order: null }, { ...firstPage, ...place });
    try {
      await add(["old-qed", "qed-2", "qed", "coqed", "qed-shop old", ...Array(60).fill("a qed")]);
      const first = await page("QED");
      const names = first.rows.map(({ displayName }) => displayName);
      expect(names.slice(0, 4)).toEqual(["qed", "qed-2", "qed-shop old", "a qed"]);
      const second = await page("QED", { after: first.next ?? "" });
      const both = [...first.rows, ...second.rows].map(({ id }) => id);
      expect([new Set(both).size, second.next, first.total]).toEqual([both.length, null, both.length]);
      expect((await page("QED", { before: second.previous ?? "" })).rows).toEqual(first.rows);
      expect((await page("old shop qed")).rows.map(({ displayName }) => displayName)).toEqual([
        "qed-shop old",
      ]);
      // More than are ranked: read in three ranges of an index.
      await add(Array.from({ length: 2_100 }, (_, n) => `many a qed ${n}`));
      const many = await page("qed");
      expect(many.rows.slice(0, 3).map(({ displayName }) => displayName)).toEqual([
        "qed",
        "qed-2",
        "qed-shop old",
      ]);
      expect(many.total).toBe(1_001);
      const next = await page("qed", { after: many.next ?? "" });
      expect(next.rows.some(({ id }) => many.rows.some((row) => row.id === id))).toBe(false);
      expect((await page("qed", { before: next.previous ?? "" })).rows).toEqual(many.rows);
    } finally {
      await test.asOwner("DELETE FROM resources WHERE resource_type = 'ranked'");
    }
  });

  it("offers only the types among what one may know of", async () => {
    const caller = await person();
    const vault = all.find((each) => each.displayName === "kv-1")?.id ?? "";
    await grant(test.database, "active", caller.userId, reader.id, vault);
    const page = await listResources(
      test.database,
      caller,
      { search: "", type: "", order: byName },
      firstPage,
    );
    expect([...page.types].sort()).toEqual(
      ["Contoso.Vaults/vaults", "Microsoft.Resources/subscriptions", "groups", "root"].sort(),
    );
  });
});
