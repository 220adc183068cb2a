import { existsSync, readdirSync, readFileSync } from "node:fs";
import { basename, dirname, join, relative } from "node:path";
import { describe, expect, it } from "vitest";
import { architectureDocument } from "../../../scripts/architecture-picture";

const root = join(import.meta.dirname, "../../..");

/** The files below a folder, by their paths from the root. */
function filesBelow(folder: string): string[] {
  return readdirSync(join(root, folder), { recursive: true, withFileTypes: true }).flatMap((entry) =>
    entry.isFile() ? [relative(root, join(entry.parentPath, entry.name))] : [],
  );
}

const read = (path: string) => readFileSync(join(root, path), "utf8");
const tests = filesBelow("tests").filter(
  (path) => /\.(test|spec)\.ts$/.test(path) && !path.includes("node_modules"),
);
const decisions = filesBelow("docs/decisions").filter((path) => basename(path) !== "README.md");
const documents = [
  ...readdirSync(root).filter((name) => name.endsWith(".md")),
  ...filesBelow("docs").filter((path) => path.endsWith(".md")),
];

/** The names of tests in a text that do not exist: a path from the root, or the name of a file of integration tests. */
function unknownTests(names: readonly string[]): string[] {
  return names.filter((name) => {
    const file = name.replace(/(\.(test|spec))?\.ts$/, "");
    return !tests.some(
      (path) =>
        path === `${file}.test.ts` ||
        path === `${file}.spec.ts` ||
        (path.startsWith("tests/integration/") && basename(path) === `${file}.test.ts`),
    );
  });
}

describe("A document", () => {
  it.each(documents)("%s links to files that exist", (path) => {
    const links = [...read(path).matchAll(/\]\(([^)#\s]+)(?:#[^)]*)?\)/g)].map(([, link]) => link ?? "");
    const broken = links.filter(
      (link) => !/^[a-z]+:/.test(link) && !existsSync(join(root, dirname(path), link)),
    );
    expect(broken).toEqual([]);
  });

  it.each(documents)("%s names files of tests that exist", (path) => {
    const names = [...read(path).matchAll(/`([\w/.-]+\.(?:test|spec)\.ts)`/g)].map(([, name]) => name ?? "");
    expect(unknownTests(names)).toEqual([]);
  });
});

describe("The rules", () => {
  it("name tests that exist", () => {
    const names = [...read("docs/rules.md").matchAll(/\(tests: ([^)]*)\)/g)].flatMap(([, list]) =>
      [...(list ?? "").matchAll(/`([^`]+)`/g)].map(([, name]) => name ?? ""),
    );
    expect(names.length).toBeGreaterThan(60);
    expect(unknownTests(names)).toEqual([]);
  });

  it("are fourteen, each named once and each with a section of its own", () => {
    const text = read("docs/rules.md");
    const listed = [...text.matchAll(/^\| (\d+) +\|/gm)].map(([, number]) => Number(number));
    const sections = [...text.matchAll(/^## (\d+)\. /gm)].map(([, number]) => Number(number));
    expect(listed).toEqual(Array.from({ length: 14 }, (_, index) => index + 1));
    expect(sections).toEqual([0, ...listed]);
  });
});

describe("A decision", () => {
  const sections = ["Context", "Decision", "Alternatives", "Consequences"];

  it.each(decisions)("%s has its date, its status and the four sections", (path) => {
    const text = read(path);
    expect(text).toMatch(
      /^# [^\n]+\n\nDate: \d{4}-\d\d-\d\d(, last changed \d{4}-\d\d-\d\d)?\. Status: (in force|replaced by \[[^\n]+)\.\n\n/,
    );
    expect([...text.matchAll(/^## ([^\n]+)$/gm)].map(([, title]) => title)).toEqual(sections);
  });

  it("is listed in the index, under its title", () => {
    const listed = [...read("docs/decisions/README.md").matchAll(/^\| \[([^\]]+)\]\(([\w-]+\.md)\)/gm)];
    const titles = decisions.map((path) => [/^# (.+)$/m.exec(read(path))?.[1], basename(path)]);
    expect(listed.map(([, title, name]) => [title, name]).sort()).toEqual(titles.sort());
  });
});

it("The picture of the architecture is that of the imports (`npm run diagrams`)", () => {
  expect(read("docs/architecture.md")).toBe(architectureDocument());
});
