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

/** Types whose values are kept as JSON in a table. */
const storedAsJson = /\b(Permission|AlertDetails|ShownRow|ApprovalStage|NotificationSettings|RoleSettings)\b/;

/** The text between a bracket and the one that closes it. */
function bracketed(text: string, from: number, open: string, close: string): string {
  let depth = 0;
  for (let index = from; index < text.length; index += 1) {
    if (text[index] === open) depth += 1;
    if (text[index] === close && text[index - 1] !== "=") depth -= 1;
    if (depth === 0) return text.slice(from + 1, index);
  }
  return "";
}

/** The type of a row, with the types of the same file that it names. Fields that are left out are not read. */
function rowType(file: string, type: string): string {
  const own = narrowed(file, type);
  return [own, ...[...new Set(own.match(/\b[A-Z]\w+/g))].map((name) => declared(file, name))].join("\n");
}

function narrowed(file: string, type: string): string {
  return type.replaceAll(/(?:Omit|Pick)<[^>]*>/g, (part) => {
    const [, kind, name = "", fields = ""] = /^(Omit|Pick)<(\w+),([^>]*)>/.exec(part) ?? [];
    const names = new Set([...fields.matchAll(/"(\w+)"/g)].map((match) => match[1]));
    return declared(file, name)
      .split("\n")
      .filter((line) => names.has(/^\s*(?:readonly )?(\w+)\??:/.exec(line)?.[1]) === (kind === "Pick"))
      .join("\n");
  });
}

function declared(file: string, name: string): string {
  const at = new RegExp(`\\b(?:interface ${name}\\b[^{]*|type ${name} = [^;{]*)`).exec(file);
  if (!at) return "";
  const head = at[0];
  const begins = at.index + head.length;
  const body = file[begins] === "{" ? narrowed(file, bracketed(file, begins, "{", "}")) : "";
  return head.includes("Omit<") ? `${rowType(file, head.slice(head.indexOf("Omit<")))}\n${body}` : body;
}

it("no row of a query has the type of JSON that is stored: it is parsed where it is read", () => {
  const unparsed = code.flatMap(({ path, text }) =>
    [...text.matchAll(/\$queryRaw(?:Unsafe)?</g)].flatMap((call) => {
      const row = rowType(text, bracketed(text, call.index + call[0].length - 1, "<", ">"));
      const found = storedAsJson.exec(row)?.[1];
      return found ? [`${path}: ${found}`] : [];
    }),
  );
  expect(unparsed).toEqual([]);
});
