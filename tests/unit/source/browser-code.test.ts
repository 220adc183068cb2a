import { existsSync, readdirSync, readFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "../../..");
/** Imports and re-exports of values, with their source. Types leave nothing in the compiled code. */
const values = /^(?:import|export)\s+(?!type\b)(?:([^"';]*?)\s+from\s+)?"([^"]+)"/gm;

function valuesFrom(file: string): string[] {
  const text = readFileSync(join(root, file), "utf8");
  // The browser gets no code of an action, only its address.
  if (text.startsWith('"use server"')) return [];
  return [...text.matchAll(values)]
    .filter(([, names = ""]) => !/^\{(\s*type\s+[\w$]+( as [\w$]+)?\s*,?)+\s*\}$/.test(names.trim()))
    .map(([, , from = ""]) => from);
}

/** The file of an import from this project; null for a package. */
function fileOf(from: string, by: string): string | null {
  if (!from.startsWith("@/") && !from.startsWith(".")) return null;
  const path = from.startsWith("@/") ? from.slice(2) : join(dirname(by), from);
  return [".tsx", ".ts"].map((end) => path + end).find((each) => existsSync(join(root, each))) ?? null;
}

/** The packages that the browser loads with a file, with the chain of imports to each. */
function packagesOf(file: string): Map<string, string> {
  const found = new Map<string, string>();
  const ways = new Map([[file, file]]);
  for (const [at, way] of ways)
    for (const from of valuesFrom(at)) {
      const next = fileOf(from, at);
      if (next === null) found.set(from, way);
      else if (!ways.has(next)) ways.set(next, `${way} > ${next}`);
    }
  return found;
}

const clients = ["app", "components"]
  .flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((path) => `${folder}/${path}`),
  )
  .filter((file) => /\.tsx?$/.test(file))
  .filter((file) => readFileSync(join(root, file), "utf8").startsWith('"use client"'));

/** Loaded when a dialog or the palette opens, or after the page is ready. */
const loadedLater = new Set([
  "components/ui/open-dialog.tsx",
  "components/ui/toasts.tsx",
  "components/preferences/palette-dialog.tsx",
]);

it("no page makes the browser load what checks forms, or what it needs only later", () => {
  expect(clients.length).toBeGreaterThan(80);
  const heavy = clients.flatMap((file) => {
    const packages = packagesOf(file);
    const kept = loadedLater.has(file) ? ["zod"] : ["zod", "radix-ui", "cmdk", "sonner"];
    return kept.filter((name) => packages.has(name)).map((name) => `${name}: ${packages.get(name)}`);
  });
  expect(heavy).toEqual([]);
});

it("nothing that the browser loads reads the request, with which no build would be made", () => {
  const ofServer = ["next/headers", "server-only", "next-auth", "next-auth/jwt", "pg"];
  const faults = clients.flatMap((file) => {
    const packages = packagesOf(file);
    return ofServer.filter((name) => packages.has(name)).map((name) => `${name}: ${packages.get(name)}`);
  });
  expect(faults).toEqual([]);
});

it("links are plain ones, which cost no code, no data and no requests of their own", () => {
  const files = ["app", "components"].flatMap((folder) =>
    readdirSync(join(root, folder), { recursive: true, encoding: "utf8" }).map((path) => `${folder}/${path}`),
  );
  const others = files.filter((file) => /\.tsx?$/.test(file) && valuesFrom(file).includes("next/link"));
  expect(others).toEqual([]);
});

/** Files that measure elapsed time by two readings of the browser's clock, and the server's clock itself. */
const countsPassing = new Set([
  "components/ui/server-clock.tsx",
  "components/ui/use-passed.ts",
  "components/ui/countdown.tsx",
]);

it("nothing in the browser reckons from its own clock, which may be wrong by hours", () => {
  const asking = clients.filter(
    (file) =>
      !countsPassing.has(file) && /\bDate\.now\(|\bnew Date\(\)/.test(readFileSync(join(root, file), "utf8")),
  );
  expect(asking, "ask serverNow(), of components/ui/server-clock").toEqual([]);
});
