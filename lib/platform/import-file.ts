import { parse } from "csv-parse/sync";
import { z } from "zod";
import { type FileRow, type ImportKind, importKinds, maximumImportRows } from "@/lib/domain/import-kinds";
import { entryShapes } from "@/lib/domain/import-shapes";

export type FileResult =
  | { readonly ok: true; readonly rows: readonly FileRow[] }
  | { readonly ok: false; readonly message: string };

/**
 * Takes a file apart: JSON as the Azure command line writes it, or CSV with a header. Bad rows come back as such.
 * Members that name no group are of `group`.
 */
export function readImportFile(kind: ImportKind, text: string, group: string | null = null): FileResult {
  const content = text.replace(/^\uFEFF/, "");
  if (content.includes("\0")) return { ok: false, message: "This is not a text file." };
  const read = /^\s*\[/.test(content) ? readJson(kind, content, group) : readCsv(kind, content, group);
  if (!read.ok) return read;
  if (read.rows.length === 0) return { ok: false, message: "The file has no rows." };
  if (read.rows.length > maximumImportRows) {
    const message = `The file has ${read.rows.length} rows. Import at most ${maximumImportRows} at once.`;
    return { ok: false, message };
  }
  return read;
}

function readJson(kind: ImportKind, text: string, group: string | null): FileResult {
  const entries = splitArray(text);
  if (!entries.ok) return entries;
  return {
    ok: true,
    rows: entries.entries.map((entry, index) => {
      const place = { number: index + 1, line: entry.line };
      let value: unknown;
      try {
        value = JSON.parse(entry.text);
      } catch {
        return { ...place, title: "", fault: "This is not JSON." };
      }
      return rowOf(kind, place, ofGroup(kind, value, group));
    }),
  };
}

/** The entries of a JSON array with the line that each begins on, without reading into them. */
export function splitArray(
  text: string,
): { ok: true; entries: { line: number; text: string }[] } | { ok: false; message: string } {
  const entries: { line: number; text: string }[] = [];
  let [line, depth, start, startLine] = [1, 0, -1, 0];
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const character = text[index];
    if (character === "\n") line += 1;
    if (quoted) {
      if (character === "\\") index += 1;
      else if (character === '"') quoted = false;
      continue;
    }
    if (character === '"') quoted = true;
    if (depth === 1 && start < 0 && character !== undefined && !/[\s,\]]/.test(character)) {
      start = index;
      startLine = line;
    }
    if (character === "{" || character === "[") depth += 1;
    else if (character === "}" || character === "]") depth -= 1;
    const ended = depth === 0 || (depth === 1 && character === ",");
    if (start >= 0 && ended) {
      entries.push({ line: startLine, text: text.slice(start, index) });
      start = -1;
    }
    if (depth === 0 && character === "]") {
      const rest = text.slice(index + 1).trim();
      return rest === ""
        ? { ok: true, entries }
        : { ok: false, message: `Line ${line}: the list ends before the file does.` };
    }
  }
  return { ok: false, message: "The file ends in the middle of its list: it is not whole." };
}

const listColumns = new Set(["actions", "notActions", "dataActions", "notDataActions", "assignableScopes"]);

/** What csv-parse answers with `info`: each record with the line that it ends on. */
const csvRecords = z.array(
  z
    .object({ record: z.array(z.string()), info: z.object({ lines: z.number() }) })
    .transform(({ record, info }) => ({ record, line: info.lines })),
);

function readCsv(kind: ImportKind, text: string, group: string | null): FileResult {
  let records: z.infer<typeof csvRecords>;
  try {
    const options = { info: true, relax_column_count: true, skip_empty_lines: true, trim: true };
    records = csvRecords.parse(parse(text, options));
  } catch (error) {
    return {
      ok: false,
      message: error instanceof Error ? `This is not CSV: ${error.message}.` : "This is not CSV.",
    };
  }
  const [head, ...body] = records;
  const columns: readonly string[] = importKinds[kind].columns;
  const names = (head?.record ?? []).map((name) =>
    columns.find((each) => each.toLowerCase() === name.toLowerCase()),
  );
  const unknown = head?.record[names.indexOf(undefined)];
  if (!head || unknown !== undefined) {
    const message = `The first line names the columns ${columns.join(", ")}${unknown ? `; “${unknown}” is none of them` : ""}.`;
    return { ok: false, message };
  }
  return {
    ok: true,
    rows: body.map(({ record, line }, index): FileRow => {
      const place = { number: index + 1, line };
      if (record.length !== names.length) {
        const fault = `It has ${record.length} fields where the first line has ${names.length}.`;
        return { ...place, title: record[0] ?? "", fault };
      }
      const fields = names.flatMap((name, index) => {
        const value = record[index] ?? "";
        return name ? [[name, listColumns.has(name) ? listOf(value) : value] as const] : [];
      });
      const entry = Object.fromEntries(fields);
      const row = kind === "RoleDefinitions" ? { ...entry, permissions: [entry] } : entry;
      return rowOf(kind, place, ofGroup(kind, row, group));
    }),
  };
}

/** An entry that names no group is one of the group that was named with the file. */
function ofGroup(kind: ImportKind, value: unknown, group: string | null): unknown {
  if (kind !== "GroupMembers" || typeof value !== "object" || value === null) return value;
  return "group" in value && value.group ? value : { ...value, group };
}

function listOf(value: string): string[] {
  return value
    .split(";")
    .map((part) => part.trim())
    .filter(Boolean);
}

function rowOf(kind: ImportKind, place: Pick<FileRow, "number" | "line">, value: unknown): FileRow {
  // PostgreSQL's JSON holds neither NUL nor half a surrogate pair; JSON.stringify escapes just these.
  if (/\\u(0000|d[89a-f])/i.test(JSON.stringify(value))) {
    return { ...place, title: "", fault: "There is a character in it that is no text." };
  }
  const shape: z.ZodType<object> = entryShapes[kind];
  const parsed = shape.safeParse(value);
  if (parsed.success) return { ...place, title: titleOf(parsed.data), data: parsed.data };
  return {
    ...place,
    title: titleOf(typeof value === "object" && value !== null ? value : {}),
    fault: faultsInWords(parsed.error.issues, value),
  };
}

/** What is wrong with a row, the first fault of each field, at most three of them. */
function faultsInWords(issues: readonly z.core.$ZodIssue[], value: unknown): string {
  const ofField = new Map<string, string>();
  for (const issue of issues) {
    const field = issue.path.join(".");
    if (!ofField.has(field)) ofField.set(field, faultInWords(issue, value));
  }
  const faults = [...ofField]
    .slice(0, 3)
    .map(([field, fault]) => (field ? `${field}: ${fault}` : `It ${fault}`));
  return `${faults.join("; ").replace(/\.$/, "")}.`;
}

const kindsOfValues: Readonly<Record<string, string>> = {
  string: "is not a text",
  array: "is not a list",
  boolean: "is neither true nor false",
  object: "is not an object of names and values",
};

function faultInWords(issue: z.core.$ZodIssue, value: unknown): string {
  if (issue.code !== "invalid_type") return issue.message;
  const given = issue.path.reduce<unknown>(
    (inside, name) => (typeof inside === "object" && inside !== null ? Reflect.get(inside, name) : undefined),
    value,
  );
  return issue.path.length > 0 && (given === undefined || given === null)
    ? "is missing"
    : (kindsOfValues[issue.expected] ?? issue.message);
}

/** What a row is about, for the list of rows. */
function titleOf(data: object): string {
  const record: Readonly<Record<string, unknown>> = { ...data };
  const name =
    record.displayName ??
    record.memberName ??
    record.member ??
    record.roleName ??
    record.principalName ??
    record.principal ??
    record.name;
  const more =
    typeof record.group === "string"
      ? `in ${record.group}`
      : typeof record.role !== "string" || typeof record.scope !== "string"
        ? (record.scope ?? record.email)
        : `${record.role} at ${record.scope}`;
  return [name, more]
    .filter((part) => typeof part === "string" && part !== "")
    .join(", ")
    .slice(0, 300);
}
