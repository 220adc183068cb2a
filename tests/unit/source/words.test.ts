import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import { expect, it } from "vitest";

const root = join(import.meta.dirname, "../../..");

/** Words that names used although the field has another word for the same thing (docs/glossary.md). */
const gone: readonly (readonly [old: RegExp, instead: string])[] = [
  [/(^|[a-z])([Tt]ake|[Tt]aken)(Up|Away)(?![a-z])/, "activate, remove"],
  [/[Pp]rolong/, "extend, renew, or extend or renew for both"],
  [/^gift|Gift|^giveRole|^giveAccess/, "assign, grant"],
  [/[Ss]trand(ed|ing)/, "orphaned"],
  [/[Rr]estage(?!dRequests$)/, "apply new stages"],
  [/^wish|Wish/, "request, proposal"],
  [/^goOn$/, "advance"],
  [/^tell(ing|People|Of)|^told(?!$)|Telling$/, "notify"],
  [/^told$/, "what it is: notices, events, messages"],
  [/^say$/, "what it does: note, show, step"],
  [/^power|^distinctPower|[a-z]Power$|^Power$|[a-z]Says?$/, "privilege, decision right"],
];

/** Names of columns and of details in the log, which stay as they are stored. */
const stored: Readonly<Record<string, readonly string[]>> = {
  "lib/identity/attempts/throttle.ts": ["toldAt"],
  "lib/operations/imports/finish-import-run.ts": ["told"],
  "lib/operations/imports/run-import-schedules.ts": ["told"],
  "tests/unit/notifications/import-notices.test.ts": ["told"],
};

const files = ["app", "components", "lib", "scripts", "tests"].flatMap((folder) =>
  readdirSync(join(root, folder), { recursive: true, encoding: "utf8" })
    .map((path) => `${folder}/${path}`)
    .filter((path) => /\.(tsx?|mjs)$/.test(path) && !/generated\/|node_modules\//.test(path)),
);

/** The names that a text declares, without those in comments, strings and SQL. */
function declared(text: string): string[] {
  const code = text.replaceAll(/\/\*[\s\S]*?\*\/|\/\/[^\n]*|`[^`]*`|"[^"\n]*"/g, "");
  const names = /\b(?:function|const|let|class|interface|type)\s+(\w+)|\b(\w+)\s*(?:\?)?:\s/g;
  return [...code.matchAll(names)].map(([, declaration, field]) => declaration ?? field ?? "");
}

it.each(files)("%s names things by the words of the field", (path) => {
  const file = basename(path)
    .replace(/\.\w+$/, "")
    .replaceAll(/-(\w)/g, (_, letter) => letter.toUpperCase());
  const names = declared(readFileSync(join(root, path), "utf8"));
  const found = [file, ...names.filter((name) => !stored[path]?.includes(name))].flatMap((name) =>
    gone.flatMap(([old, instead]) => (old.test(name) ? [`${name}: rather ${instead}`] : [])),
  );
  expect([...new Set(found)]).toEqual([]);
});

/** Words that comments used although the field has another word for the same thing. */
const oldWords =
  /\b(told(?! apart)|takes? up|taken up|the say|gifts?|prolongs?|wish(es)?|goes on|gives? up)\b/i;

it("comments use the words of the field", () => {
  const found = files.flatMap((path) => {
    const text = readFileSync(join(root, path), "utf8");
    const comments = text.match(/^\s*\/\*\*?[\s\S]*?\*\/|^\s*\/\/[^\n]*/gm) ?? [];
    return comments
      .filter((comment) => oldWords.test(comment))
      .map((comment) => `${path}: ${comment.trim()}`);
  });
  expect(found).toEqual([]);
});

/** Words of titles that say less than those of the field. */
const vague =
  /\b(told(?! apart)|takes? up|taken up|the say|gifts?|prolongs?|wish(es)?|goes on)\b|[Ss]trand|^tells? (?!.*\bapart\b)/;

it("titles of tests use the words of the field", () => {
  const titles = ["integration", "model", "property", "unit"].flatMap((folder) =>
    readdirSync(join(root, "tests", folder), { recursive: true, encoding: "utf8" })
      .filter((path) => path.endsWith(".test.ts"))
      .flatMap((path) =>
        [
          ...readFileSync(join(root, "tests", folder, path), "utf8").matchAll(
            /\b(?:it|test|describe)(?:\.\w+)*(?:\([^"`\n]*\))?\(\s*["`]((?:[^"`\\]|\\.)*)["`]/g,
          ),
        ].map(([, title = ""]) => ({ path, title })),
      ),
  );
  expect(titles.length).toBeGreaterThan(500);
  expect(titles.filter(({ title }) => vague.test(title))).toEqual([]);
});
