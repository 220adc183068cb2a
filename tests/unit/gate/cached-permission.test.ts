import { readdirSync, readFileSync } from "node:fs";
import { describe, expect, it } from "vitest";

/**
 * The database is asked for permissions at each request and each call (docs/rules.md, rule 8). Nothing caches
 * an answer, neither the framework nor a variable of the process.
 */
const files = ["app", "lib", "components", "scripts"].flatMap((folder) =>
  readdirSync(folder, { recursive: true, encoding: "utf8" })
    .filter((file) => /\.(ts|tsx|mjs)$/.test(file) && !file.includes("generated"))
    .map((file) => ({ file: `${folder}/${file}`, text: readFileSync(`${folder}/${file}`, "utf8") })),
);

describe("permissions", () => {
  it("are kept by no cache of the framework", () => {
    expect(files.length).toBeGreaterThan(300);
    const caching =
      /unstable_cache|["']use cache["']|cacheLife|cacheTag|force-static|force-cache|export const revalidate|staleTimes/;
    expect(files.filter(({ text }) => caching.test(text)).map(({ file }) => file)).toEqual([]);
  });

  it("are kept for one request at the most, where a page asks twice", () => {
    const perRequest = files
      .filter(({ text }) => /import \{[^}]*\bcache\b[^}]*\} from "react"/.test(text))
      .map(({ file }) => file);
    for (const file of perRequest)
      expect(file, `${file} keeps an answer beyond pages`).toMatch(
        /^(app|components)\/|^lib\/web\/(request|known-times)\.ts$/,
      );
  });

  it("are kept in no variable of the process that answers who may do what", () => {
    const deciding = files.filter(({ file }) =>
      /authority|permission|power|stage-approvals|may-attempt|refuse-disabled|readable-access/.test(file),
    );
    expect(deciding.length).toBeGreaterThan(5);
    for (const { file, text } of deciding)
      expect(/^(export )?(let |const \w+ = new (Weak)?(Map|Set)\()/m.test(text), file).toBe(false);
  });
});
