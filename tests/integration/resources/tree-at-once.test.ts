import { afterAll, beforeAll, expect, it } from "vitest";
import { addResource } from "@/lib/operations/resources/add-resource";
import { type Administration, makeAdministration } from "../../support/administration";
import { oneAfterTheOther } from "../../support/database/held-lock";
import { makeDatabase } from "../../support/own-places";
import { done, treeChanges } from "../../support/tree-changes";

let at: Administration;
beforeAll(async () => {
  at = await makeAdministration();
});
afterAll(() => at.test.drop());

const stored = (id: string) => at.database.client.resource.findUniqueOrThrow({ where: { id } });
/** A resource with another below it, in one of two places. */
async function arrange() {
  const [here, there] = [await makeDatabase(at, at.tree.root), await makeDatabase(at, at.tree.root)];
  const orders = await makeDatabase(at, here, "orders");
  const table = await makeDatabase(at, orders, "lines");
  return { here, there, orders, table, ...treeChanges(at) };
}
type Outcome = { readonly ok: boolean; readonly error?: { readonly code: string } };
const inWords = (outcomes: readonly Outcome[]) =>
  outcomes.map(({ ok, error }) => (ok ? "done" : error?.code));
/** Its place, by its chain of ids and by its path. */
async function placeOf(resource: { id: string }, above: { id: string }) {
  const [own, place] = [await stored(resource.id), await stored(above.id)];
  return {
    retired: own.retirementId !== null,
    below: own.path.startsWith(`${place.path}.`) && own.scope.startsWith(`${place.scope}/`),
  };
}

it.each([
  ["retired", ["done", "StaleEdit"], { retired: true, below: false }],
  ["moved", ["StaleEdit", "done"], { retired: false, below: true }],
] as const)("of a retirement and a move at once the first counts: it is %s", async (first, words, place) => {
  const { here, there, orders, table, readyToRetire, readyToMove } = await arrange();
  const [retire, move] = [await readyToRetire(orders), await readyToMove(orders, here, there)];
  const leading = first === "retired" ? "first" : "second";
  expect(inWords(await oneAfterTheOther(at.test, retire, move, leading))).toEqual(words);
  for (const each of [orders, table]) expect(await placeOf(each, there)).toEqual(place);
});

it.each([
  ["second", ["StaleEdit", "done"], { retired: true, below: false }],
  ["first", ["done", "StaleEdit"], { retired: false, below: true }],
] as const)(
  "of the undo and a move of the resource above it the %s waits, and is refused",
  async (leading, words, place) => {
    const { here, there, orders, table, readyToRetire, readyToMove, readyToUndo } = await arrange();
    const { retirementId } = await done((await readyToRetire(orders))());
    const [undo, move] = [await readyToUndo(retirementId), await readyToMove(here, at.tree.root, there)];
    expect(inWords(await oneAfterTheOther(at.test, undo, move, leading))).toEqual(words);
    for (const each of [orders, table]) expect(await placeOf(each, here)).toEqual(place);
    expect((await placeOf(here, there)).below).toBe(leading === "second");
  },
);

it.each([
  ["first", ["done", "NotFound"]],
  ["second", ["StaleEdit", "done"]],
] as const)(
  "nothing is added below what is retired at the same time: the %s wins",
  async (leading, words) => {
    const { orders, readyToRetire } = await arrange();
    const retire = await readyToRetire(orders);
    const add = () =>
      addResource(at.database, at.owner, {
        ...{ parentId: orders.id, resourceType: "databases", displayName: "added", pathName: null },
      });
    expect(inWords(await oneAfterTheOther(at.test, retire, add, leading))).toEqual(words);
    const below = await at.database.client.resource.findMany({ where: { parentId: orders.id } });
    const retired = (await stored(orders.id)).retirementId;
    expect(below.every(({ retirementId }) => retirementId === retired)).toBe(true);
  },
);

it.each([
  ["first", ["done", "StaleEdit"]],
  ["second", ["StaleEdit", "done"]],
] as const)(
  "of the retirements of a resource and of the one above it the %s wins",
  async (leading, words) => {
    const { orders, table, readyToRetire } = await arrange();
    const [above, below] = [await readyToRetire(orders), await readyToRetire(table)];
    expect(inWords(await oneAfterTheOther(at.test, above, below, leading))).toEqual(words);
  },
);

it.each([
  ["first", ["done", "StaleEdit"]],
  ["second", ["Conflict", "done"]],
] as const)("of an undo and the retirement of the resource above it the %s wins", async (leading, words) => {
  const { orders, table, readyToRetire, readyToUndo } = await arrange();
  const { retirementId } = await done((await readyToRetire(table))());
  const [undo, above] = [await readyToUndo(retirementId), await readyToRetire(orders)];
  expect(inWords(await oneAfterTheOther(at.test, undo, above, leading))).toEqual(words);
  expect((await stored(table.id)).retirementId === null).toBe(leading === "first");
});
