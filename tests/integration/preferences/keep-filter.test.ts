import { afterAll, beforeAll, expect, it } from "vitest";
import { type FilteredList, filteredLists, mostSavedFilters } from "@/lib/domain/preferences/saved-filter";
import { chooseShortcuts } from "@/lib/operations/preferences/choose-shortcuts";
import { deleteFilter, renameFilter, saveFilter } from "@/lib/operations/preferences/keep-filter";
import { savedFilters } from "@/lib/queries/preferences/saved-filters";
import { readShell } from "@/lib/queries/preferences/shell";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { allBehind, holdLock } from "../../support/database/held-lock";
import { makeCaller, makeTree, makeUser } from "../../support/factories";

let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase();
  await makeTree(test.database);
});
afterAll(() => test.drop());

const person = async () => makeCaller(test.database, await makeUser(test.database));
const audit = (name: string, query = "kind=RoleActivated") => ({ list: "audit" as const, name, query });

it("keeps a filter for its owner alone, replaces one of the same name, renames and deletes it", async () => {
  const mine = await person();
  const theirs = await person();
  expect(await saveFilter(test.database, mine, audit("Night shift"))).toEqual({ ok: true, replaced: false });
  expect(await saveFilter(test.database, mine, audit("night SHIFT", "range=24h"))).toEqual({
    ok: true,
    replaced: true,
  });
  const [kept] = await savedFilters(test.database, mine, "audit");
  expect(kept).toMatchObject({ name: "night SHIFT", query: "range=24h" });
  expect(await savedFilters(test.database, mine, "resources")).toEqual([]);
  expect(await savedFilters(test.database, theirs, "audit")).toEqual([]);
  const filterId = kept?.id ?? "";
  const notFound = { ok: false, error: { code: "NotFound" } };
  expect(await renameFilter(test.database, theirs, { filterId, name: "Taken" })).toMatchObject(notFound);
  expect(await deleteFilter(test.database, theirs, filterId)).toMatchObject(notFound);
  await saveFilter(test.database, mine, audit("Other"));
  expect(await renameFilter(test.database, mine, { filterId, name: "OTHER" })).toMatchObject({
    ok: false,
    error: { code: "Conflict" },
  });
  expect(await renameFilter(test.database, mine, { filterId, name: "Day shift" })).toEqual({ ok: true });
  expect(await deleteFilter(test.database, mine, filterId)).toEqual({ ok: true });
  expect(await deleteFilter(test.database, mine, filterId)).toMatchObject(notFound);
  expect((await savedFilters(test.database, mine, "audit")).map((each) => each.name)).toEqual(["Other"]);
});

it("keeps filters of every list that has any, each for itself", async () => {
  const mine = await person();
  const lists: readonly FilteredList[] = filteredLists;
  for (const list of lists)
    expect(await saveFilter(test.database, mine, { list, name: "Ada", query: "search=Ada" })).toEqual({
      ok: true,
      replaced: false,
    });
  for (const list of lists) expect(await savedFilters(test.database, mine, list)).toHaveLength(1);
});

it("gives one name once when two windows save at the same time, and stops at the most one may keep", async () => {
  const mine = await person();
  const row = await holdLock(test, "SELECT FROM principals WHERE id = $1 FOR UPDATE", [mine.userId]);
  await allBehind(
    row,
    Array.from({ length: 5 }, () => () => saveFilter(test.database, mine, audit("Same"))),
  );
  expect(await savedFilters(test.database, mine, "audit")).toHaveLength(1);
  for (let index = 1; index < mostSavedFilters; index += 1)
    await saveFilter(test.database, mine, audit(`Filter ${index}`));
  expect(await saveFilter(test.database, mine, audit("One too many"))).toMatchObject({
    ok: false,
    error: { code: "Conflict" },
  });
});

it("remembers whether single keys are shortcuts, which they are until turned off", async () => {
  const mine = await person();
  const enabled = async () => (await readShell(test.database, mine)).shortcuts;
  expect(await enabled()).toBe(true);
  await chooseShortcuts(test.database, mine, false);
  expect(await enabled()).toBe(false);
  await chooseShortcuts(test.database, mine, true);
  expect(await enabled()).toBe(true);
});
