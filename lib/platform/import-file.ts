import { parse } from "csv-parse/sync";
import { z } from "zod";
import { kindOfColumns, kindOfEntries } from "@/lib/domain/imports/detect-kind";
import { counted, withoutNoise } from "@/lib/domain/imports/file-noise";
import {
  type FileRow,
  type ImportKind,
  importKinds,
  maximumImportRows,
} from "@/lib/domain/imports/import-kinds";
import { rowOf } from "@/lib/domain/imports/read-row";
import { splitArray } from "@/lib/platform/json-entries";

export type FileResult =
  /** `skipped`: what was left out, in words. */
  | { readonly ok: true; readonly rows: readonly FileRow[]; readonly skipped: readonly string[] }
  | { readonly ok: false; readonly message: string };

/**
 * Parses a file: JSON as the Azure command line writes it, or CSV with a header. Bad rows are returned as such.
 * Members that name no group belong to `group`.
 */
export function readImportFile(kind: ImportKind, file: string, group: string | null = null): FileResult {
  const { text, skipped } = withoutNoise(file, importKinds[kind].columns);
  if (text.includes("\0")) return refused("This is not a text file.");
  const read = /^\s*[[{]/.test(text) ? readJson(kind, text, group) : readCsv(kind, text, group);
  if (!read.ok) return read;
  if (read.rows.length === 0) return refused("The file has no rows.");
  if (read.rows.length > maximumImportRows) {
    return tooManyRows;
  }
  return { ...read, skipped: [...skipped, ...read.skipped] };
}

/**
 * What a file is a list of, by its content: `Empty` for a list without entries, null if it is of no kind that is known.
 */
export function kindOfFile(file: string): ImportKind | "Empty" | null {
  const { text } = withoutNoise(file, allColumns);
  if (!/^\s*[[{]/.test(text)) {
    const first = text.split(/[\r\n]/).find((line) => line.trim() !== "");
    return kindOfColumns(
      (first ?? "")
        .slice(0, 2_000)
        .replace(/^\p{Cf}/u, "")
        .split(","),
    );
  }
  const entries = splitArray(text, entriesLookedAt);
  if (!entries.ok) return null;
  if (entries.entries.length === 0) return "Empty";
  return kindOfEntries(entries.entries.slice(0, entriesLookedAt).flatMap(({ text: entry }) => parsed(entry)));
}

/** A few, since the first may be the one that is bad. */
const entriesLookedAt = 20;
const allColumns = [
  ...new Set(Object.values(importKinds).flatMap(({ columns }): readonly string[] => columns)),
];

function parsed(text: string): unknown[] {
  try {
    return [JSON.parse(text)];
  } catch {
    return [];
  }
}

/** The text of a file: UTF-8, or UTF-16 with its mark, as PowerShell writes it; otherwise null. */
export function textOf(bytes: Uint8Array): string | null {
  const mark = `${bytes[0]} ${bytes[1]}`;
  const encoding = mark === "255 254" ? "utf-16le" : mark === "254 255" ? "utf-16be" : "utf-8";
  try {
    return new TextDecoder(encoding, { fatal: true }).decode(bytes);
  } catch {
    return null;
  }
}

const tooManyRows = refused(
  `The file has more than ${maximumImportRows} rows. Import at most so many at once.`,
);

const firstPage =
  "This is the first page of an answer that has more: its “nextLink” is not empty. Read the other pages as well, and put all entries into one list.";

function refused(message: string): FileResult {
  return { ok: false, message };
}

function readJson(kind: ImportKind, text: string, group: string | null): FileResult {
  const entries = splitArray(text, maximumImportRows);
  if (!entries.ok) {
    const single = /^\s*\{/.test(text) && !entries.message.includes("not whole");
    return refused(
      single
        ? `This is a single JSON object. Choose the list that ${importKinds[kind].command} writes.`
        : entries.message,
    );
  }
  const next = entries.beside.get("nextLink");
  if (next !== undefined && next !== "null" && next !== '""') return refused(firstPage);
  return {
    ok: true,
    skipped: [],
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

const listColumns = new Set(["actions", "notActions", "dataActions", "notDataActions", "assignableScopes"]);

const csvOptions = {
  info: true,
  relax_column_count: true,
  skip_empty_lines: true,
  // A spreadsheet writes rows of commas alone. They do not count towards the limit.
  skip_records_with_empty_values: true,
  trim: true,
  bom: true,
  // Concatenated files have several kinds of line ends.
  record_delimiter: ["\r\n", "\n", "\r"],
  // Reading stops at the limit: more would block the server.
  to: maximumImportRows + 2,
  max_record_size: 500_000,
};

/** More than four times the columns of any kind. */
const maximumFields = 40;

/**
 * The line of the first record with more fields than any kind has; null if there is none. Making millions of fields
 * out of one line would block the server.
 */
function tooWideLine(text: string): number | null {
  const [quote, comma, lineFeed, carriageReturn] = [34, 44, 10, 13];
  let [line, fields] = [1, 1];
  let quoted = false;
  for (let index = 0; index < text.length; index += 1) {
    const code = text.charCodeAt(index);
    if (code === quote) quoted = !quoted;
    if (code === lineFeed || (code === carriageReturn && text.charCodeAt(index + 1) !== lineFeed)) line += 1;
    if (quoted) continue;
    if (code === comma) fields += 1;
    else if (code === lineFeed || code === carriageReturn) fields = 1;
    if (fields > maximumFields) return line;
  }
  return null;
}

/** The result of csv-parse with `info`: each record with the line that it ends on. */
const csvRecords = z.array(
  z
    .object({ record: z.array(z.string()), info: z.object({ lines: z.number() }) })
    .transform(({ record, info }) => ({ record, line: info.lines })),
);

function readCsv(kind: ImportKind, text: string, group: string | null): FileResult {
  let records: z.infer<typeof csvRecords>;
  const columns: readonly string[] = importKinds[kind].columns;
  if (columns.length === 0)
    return refused("This is not JSON. This kind is read as the Azure command line writes it only.");
  // If the file is something else, one line may be all of it.
  const isTable = text.length < 1_000 || /[\r\n]/.test(text.slice(0, 1_000));
  const tooWide = isTable ? tooWideLine(text) : null;
  if (tooWide !== null)
    return refused(`This is not CSV: line ${tooWide} has more than ${maximumFields} fields.`);
  const empty = isTable ? emptyRows(text) : 0;
  if (empty > maximumImportRows) return tooManyRows;
  try {
    records = isTable ? csvRecords.parse(parse(text, csvOptions)) : [];
  } catch (error) {
    return refused(error instanceof Error ? `This is not CSV: ${error.message}.` : "This is not CSV.");
  }
  const [head, ...body] = withoutEmptyColumns(records);
  const names = (head?.record ?? []).map((name) =>
    columns.find((each) => each.toLowerCase() === name.toLowerCase()),
  );
  const unknown = head?.record[names.indexOf(undefined)];
  if (!head || unknown !== undefined) {
    const about =
      unknown === undefined
        ? ""
        : /[;\t]/.test(unknown)
          ? ", with commas between them"
          : `; “${unknown.slice(0, 50)}” is none of them`;
    return refused(`The first line names the columns ${columns.join(", ")}${about}.`);
  }
  const twice = names.find((name, index) => names.indexOf(name) < index);
  if (twice !== undefined) return refused(`The first line names the column ${twice} twice.`);
  return {
    ok: true,
    skipped: empty > 0 ? [counted(empty, "empty row")] : [],
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

/** How many rows are commas alone, as a spreadsheet writes them; counted no further than a file may have rows. */
function emptyRows(text: string): number {
  let count = 0;
  // One class of characters alone, so that it takes linear time.
  for (const [line] of text.matchAll(/^[ \t",]+\r?$/gm)) {
    if (line.includes(",")) count += 1;
    if (count > maximumImportRows) break;
  }
  return count;
}

/** Cells beyond the last named column are left out where they are empty, as spreadsheets write them. */
function withoutEmptyColumns(records: z.infer<typeof csvRecords>): z.infer<typeof csvRecords> {
  const width = (records[0]?.record.findLastIndex((name) => name !== "") ?? -1) + 1;
  return records.map((each) =>
    each.record.slice(width).every((cell) => cell === "")
      ? { ...each, record: each.record.slice(0, width) }
      : each,
  );
}

/** An entry without a group belongs to the group that was chosen with the file. */
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
