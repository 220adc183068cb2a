import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "../../..");
const pages = ["app", "components"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .filter((name) => name.endsWith(".tsx"))
    .map((name) => ({ path: `${folder}/${name}`, text: readFileSync(join(root, folder, name), "utf8") })),
);
/** The tags of fields for passwords, by their names. */
const fields = pages.flatMap(({ path, text }) =>
  [...text.matchAll(/<[A-Z]\w*Field\b[^>]*\/>|<input\b[^>]*\/>/g)]
    .map(([tag]) => tag)
    .filter((tag) => /name="\w*password"/i.test(tag))
    .map((tag) => ({ path, tag })),
);

it("masks every password that is typed, and names it to password managers", () => {
  expect(fields.length).toBeGreaterThan(5);
  for (const { path, tag } of fields) {
    expect(tag, path).toContain('type="password"');
    expect(tag, path).toMatch(/autoComplete="(current|new)-password"/);
  }
});

it("stops no paste, and keeps no hint and no secret question", () => {
  for (const { path, text } of pages) expect(text, path).not.toContain("onPaste=");
  const columns = readFileSync(join(root, "prisma/schema.prisma"), "utf8").match(/^ {2}\w+ +\w+/gm) ?? [];
  expect(columns.length).toBeGreaterThan(300);
  expect(columns.filter((each) => /hint|question|secretAnswer/i.test(each))).toEqual([]);
});
