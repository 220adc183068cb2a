import { execFileSync } from "node:child_process";
import { readFileSync } from "node:fs";
import { expect, it } from "vitest";
import { advisoryLocks } from "@/lib/platform/sql/advisory-locks";

const list = "lib/platform/sql/advisory-locks.ts";
const numbers: readonly number[] = Object.values(advisoryLocks);

const files = execFileSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  encoding: "utf8",
})
  .split("\n")
  .filter((path) => /\.(tsx?|mjs|sql)$/.test(path) && !path.startsWith("prisma/seed/data/"))
  .filter((path) => path !== list && path !== "tests/unit/source/advisory-locks.test.ts")
  .map((path) => ({ path, text: readFileSync(path, "utf8") }));

/** Each call that takes, tries or releases an advisory lock, with the text after it. */
const calls = files.flatMap(({ path, text }) =>
  [...text.matchAll(/pg_(?:try_)?advisory_(?:xact_)?(?:un)?lock(?:_shared)?\(/g)].map(({ index }) => ({
    path,
    before: text.slice(0, index),
    after: text.slice(index, index + 160),
  })),
);

it("finds the calls", () => {
  expect(calls.length).toBeGreaterThanOrEqual(10);
});

it("each number stands for one thing", () => {
  expect(new Set(numbers).size).toBe(numbers.length);
});

it("every lock that code takes is taken by its name", () => {
  const nameless = calls.filter(
    ({ path, after }) => !path.endsWith(".sql") && !/advisoryLocks\.\w+/.test(after),
  );
  expect(nameless.map(({ path }) => path)).toEqual([]);
});

it("no number of the list, or near it, stands anywhere else in code", () => {
  const copies = files.filter(({ path, text }) => !path.endsWith(".sql") && /\b7_?362_?4\d\d\b/.test(text));
  expect(copies.map(({ path }) => path)).toEqual([]);
});

it("every lock that a function of the database takes is in the list, and each for its own thing", () => {
  const taken = calls
    .filter(({ path }) => path.endsWith(".sql"))
    .map(({ before, after }) => ({
      by: [...before.matchAll(/FUNCTION (\w+)\(/g)].at(-1)?.[1],
      lock: Object.entries(advisoryLocks).find(
        ([, number]) => String(number) === /^\w+\((\d+)[,)]/.exec(after)?.[1],
      )?.[0],
    }));
  const used = [...new Set(taken.map(({ by, lock }) => `${by}: ${lock}`))];
  expect(used.sort()).toEqual([
    "group_members_wait_for_turn: groupGraph",
    "lock_access_totals: accessTotals",
    "lock_role_conflicts: conflictMemberships",
    "lock_role_conflicts: conflictPerson",
    "lock_role_conflicts: conflictRule",
    "lock_role_conflicts: conflictRules",
    "lock_tree_shape: treeShape",
  ]);
});

it("every lock of the list is taken somewhere", () => {
  const named = files.map(({ text }) => text).join("\n");
  const idle = Object.entries(advisoryLocks).filter(
    ([name, number]) =>
      !named.includes(`advisoryLocks.${name}`) &&
      !named.includes(`(${number})`) &&
      !named.includes(`(${number}, `),
  );
  expect(idle).toEqual([]);
});

it("integration tests look only at locks and backends of their own database, since all share a server", () => {
  const shared = files.filter(
    ({ path, text }) =>
      path.startsWith("tests/integration/") &&
      (text.includes("pg_locks") ||
        [...text.matchAll(/pg_stat_activity/g)].some(
          ({ index }) => !/current_database\(\)|\bpid = /.test(text.slice(index, index + 200)),
        )),
  );
  expect(shared.map(({ path }) => path)).toEqual([]);
});
