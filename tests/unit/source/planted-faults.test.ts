import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";
import { plantedFaults } from "../../model/planted-faults.mjs";

const root = join(import.meta.dirname, "../../..");
const migrations = readdirSync(join(root, "prisma/migrations"), { recursive: true, encoding: "utf8" })
  .filter((path) => path.endsWith(".sql"))
  .map((path) => `prisma/migrations/${path}`);

it.each(plantedFaults)("$name: the code still has what the fault replaces", ({ file, from }) => {
  const files = file === "prisma/migrations" ? migrations : [file];
  expect(files.some((path) => readFileSync(join(root, path), "utf8").includes(from))).toBe(true);
});
