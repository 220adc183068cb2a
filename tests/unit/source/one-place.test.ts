import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "../../..");

function* sources(folder: string): Generator<string> {
  for (const entry of readdirSync(join(root, folder), { withFileTypes: true })) {
    const path = `${folder}/${entry.name}`;
    if (entry.isDirectory() && entry.name !== "generated") yield* sources(path);
    else if (/\.tsx?$/.test(entry.name)) yield path;
  }
}

const code = ["app", "components", "lib"]
  .flatMap((folder) => [...sources(folder)])
  .map((path) => ({ path, text: readFileSync(join(root, path), "utf8") }));

it("the pattern of an id is written once", () => {
  const patterns = code.filter(({ text }) => /\[0-9a-f\]\{8\}(?!-\?)/.test(text)).map(({ path }) => path);
  expect(patterns).toEqual(["lib/domain/text/uuid.ts"]);
});
