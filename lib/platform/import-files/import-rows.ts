import { type FileRow, type ImportKind, maximumImportRows } from "@/lib/domain/imports/import-kinds";
import { rowOf } from "@/lib/domain/imports/read-row";
import { counted } from "@/lib/domain/text/number-format";
import type { JsonEntry } from "@/lib/platform/import-files/json-entries";

/** What a file lists, or why it is refused. */
export type FileResult =
  /** `skipped`: what was left out, in words. */
  | { readonly ok: true; readonly rows: readonly FileRow[]; readonly skipped: readonly string[] }
  | { readonly ok: false; readonly message: string };

/** From this number on there are too many rows. */
export const tooManyRows = (most: number = maximumImportRows) =>
  refused(`The file has more than ${counted(most)} rows. Import fewer at a time.`);

/** Why an answer of an API is incomplete; null if it is complete. */
export function pageFault(beside: ReadonlyMap<string, string>): string | null {
  const next = beside.get("nextLink");
  return next !== undefined && next !== "null" && next !== '""' ? firstPage : null;
}

const firstPage =
  "This is the first page of an answer that has more: its “nextLink” is not empty. Read the other pages as well, and put all entries into one list.";

export function refused(message: string) {
  return { ok: false, message } as const;
}

/** A row of a list in JSON. */
export function rowOfJson(kind: ImportKind, group: string | null, entry: JsonEntry, number: number): FileRow {
  const place = { number, line: entry.line };
  let value: unknown;
  try {
    value = JSON.parse(entry.text);
  } catch {
    return { ...place, title: "", fault: "This is not JSON." };
  }
  return rowOf(kind, place, ofGroup(kind, value, group));
}

/** An entry without a group belongs to the group that was chosen with the file. */
export function ofGroup(kind: ImportKind, value: unknown, group: string | null): unknown {
  if (kind !== "GroupMembers" || typeof value !== "object" || value === null) return value;
  return "group" in value && value.group ? value : { ...value, group };
}
