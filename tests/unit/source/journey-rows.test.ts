import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, it } from "vitest";
import { journeyRows } from "../../support/e2e/rows";

const folder = join(import.meta.dirname, "../../e2e");
const journeys = readdirSync(folder, { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".spec.ts"))
  .map((path) => ({
    name: basename(path, ".spec.ts"),
    text: readFileSync(join(folder, path), "utf8"),
  }));

/** Rows by their subject: a row about any person conflicts with one about each person. */
const claims = Object.entries(journeyRows).flatMap(([journey, rows]) =>
  Object.values(rows).map(({ account, role, resource }) => ({
    journey,
    account,
    of: `${role} on ${resource}`,
  })),
);

it("no row of the demo is claimed by two journeys", () => {
  const twice = claims.filter(({ journey, account, of }) =>
    claims.some(
      (other) =>
        other.journey !== journey &&
        other.of === of &&
        (other.account === account || other.account === null || account === null),
    ),
  );
  expect(twice).toEqual([]);
});

it("each journey uses rows of its own alone, and all that it claims", () => {
  for (const { name, text } of journeys) {
    const used = [...text.matchAll(/journeyRows\.(\w+)\.(\w+)/g)].map((match) => `${match[1]} ${match[2]}`);
    const own = Object.entries(journeyRows)
      .filter(([journey]) => journey === name)
      .flatMap(([journey, rows]) => Object.keys(rows).map((row) => `${journey} ${row}`));
    expect([...new Set(used)].sort(), name).toEqual(own.sort());
  }
  expect(
    Object.keys(journeyRows).filter((journey) => !journeys.some(({ name }) => name === journey)),
  ).toEqual([]);
});
