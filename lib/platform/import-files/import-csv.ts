import { parse } from "csv-parse/sync";
import { z } from "zod";
import {
  type FileRow,
  type ImportKind,
  importKinds,
  maximumImportRows,
} from "@/lib/domain/imports/import-kinds";
import { rowOf } from "@/lib/domain/imports/read-row";
import { ofGroup, refused, tooManyRows } from "@/lib/platform/import-files/import-rows";

const listColumns = new Set(["actions", "notActions", "dataActions", "notDataActions", "assignableScopes"]);

const csvOptions = {
  info: true,
  relax_column_count: true,
  skip_empty_lines: true,
  // A spreadsheet may write rows of only commas. They do not count towards the limit.
  skip_records_with_empty_values: true,
  trim: true,
  bom: true,
  // Concatenated files have several kinds of line ends.
  record_delimiter: ["\r\n", "\n", "\r"],
  max_record_size: 500_000,
};

/** More than four times the columns of any kind. */
const maximumFields = 40;

/**
 * The line of the first record with more fields than any kind has; null if there is none. Splitting one line
 * into millions of fields would block the server.
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

/** `empty`: how many rows were empty. */
export type CsvResult =
  | { readonly ok: true; readonly rows: readonly FileRow[]; readonly empty: number }
  | { readonly ok: false; readonly message: string };

/** The rows of a CSV file with a header, as its lines are numbered. */
export function readCsv(
  kind: ImportKind,
  text: string,
  group: string | null,
  most: number = maximumImportRows,
): CsvResult {
  let records: z.infer<typeof csvRecords>;
  const columns: readonly string[] = importKinds[kind].columns;
  if (columns.length === 0)
    return refused("This is not JSON. This kind can be read only as the Azure command line writes it.");
  // If the file is something else, one line may be the whole file.
  const isTable = text.length < 1_000 || /[\r\n]/.test(text.slice(0, 1_000));
  const tooWide = isTable ? tooWideLine(text) : null;
  if (tooWide !== null)
    return refused(`This is not CSV: line ${tooWide} has more than ${maximumFields} fields.`);
  const empty = isTable ? emptyRows(text, most) : 0;
  if (empty > most) return tooManyRows(most);
  try {
    records = isTable
      ? // Reading stops at the limit: more would block the server.
        csvRecords.parse(parse(text, { ...csvOptions, to: most + 2 }))
      : [];
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
    empty,
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

/** How many rows consist of commas only, as a spreadsheet writes them. Counted no further than a file may have rows. */
function emptyRows(text: string, most: number): number {
  let count = 0;
  // Only one class of characters, so that it takes linear time.
  for (const [line] of text.matchAll(/^[ \t",]+\r?$/gm)) {
    if (line.includes(",")) count += 1;
    if (count > most) break;
  }
  return count;
}

/** Empty cells after the last named column are left out, as spreadsheets write them. */
function withoutEmptyColumns(records: z.infer<typeof csvRecords>): z.infer<typeof csvRecords> {
  const width = (records[0]?.record.findLastIndex((name) => name !== "") ?? -1) + 1;
  return records.map((each) =>
    each.record.slice(width).every((cell) => cell === "")
      ? { ...each, record: each.record.slice(0, width) }
      : each,
  );
}

function listOf(value: string): string[] {
  return value
    .split(";")
    .map((part) => part.trim())
    .filter(Boolean);
}
