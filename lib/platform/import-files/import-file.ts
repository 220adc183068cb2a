import { kindOfColumns, kindOfEntries } from "@/lib/domain/imports/detect-kind";
import { counted, withoutFirstNoise, withoutNoise } from "@/lib/domain/imports/file-noise";
import { type ImportKind, importKinds, maximumImportRows } from "@/lib/domain/imports/import-kinds";
import { readCsv } from "@/lib/platform/import-files/import-csv";
import {
  type FileResult,
  pageFault,
  refused,
  rowOfJson,
  tooManyRows,
} from "@/lib/platform/import-files/import-rows";
import {
  incompleteList,
  JsonEntries,
  type JsonEntry,
  splitArray,
} from "@/lib/platform/import-files/json-entries";
import { areAllPolicies, policiesAlone } from "@/lib/platform/import-files/policy-files";

/**
 * Parses a file: JSON as the Azure command line writes it, or CSV with a header. Bad rows are returned as such.
 * Members that name no group belong to `group`.
 */
export function readImportFile(
  kind: ImportKind,
  file: string,
  group: string | null = null,
  most: number = maximumImportRows,
): FileResult {
  const { text, skipped } = withoutNoise(file, importKinds[kind].columns);
  if (kind === "RoleSettings" && areAllPolicies(text)) return refused(policiesAlone);
  if (text.includes("\0")) return refused("This is not a text file.");
  const read = /^\s*[[{]/.test(text) ? readJson(kind, text, group, most) : readTable(kind, text, group, most);
  if (!read.ok) return read;
  if (read.rows.length === 0) return refused("The file has no rows.");
  if (read.rows.length > most) return tooManyRows(most);
  return { ...read, skipped: [...skipped, ...read.skipped] };
}

/** What a file lists, by its content. `Empty` for a list without entries, null if no known kind matches. */
export function kindOfFile(file: string): ImportKind | "Empty" | null {
  const { text } = withoutNoise(file, allColumns);
  if (!beginsJson.test(text)) return kindOfTable(text);
  const entries = splitArray(text, entriesLookedAt);
  if (!entries.ok) return null;
  return entries.entries.length === 0 ? "Empty" : kindOfFirst(entries.entries);
}

/** The same by the beginning of a file; undefined where that is too short to tell, and `willing` to wait for more. */
export function kindOfBeginning(beginning: string, willing: boolean): ImportKind | null | undefined {
  const { text } = withoutFirstNoise(beginning, allColumns);
  if (text.trim() === "" && willing) return undefined;
  if (!beginsJson.test(text)) return kindOfTable(text);
  const entries: JsonEntry[] = [];
  const split = new JsonEntries((entry) => {
    if (entries.length < entriesLookedAt) entries.push(entry);
  });
  split.push(text);
  if (entries.length < entriesLookedAt && willing) return undefined;
  return entries.length === 0 ? null : kindOfFirst(entries);
}

function kindOfTable(text: string): ImportKind | null {
  const first = text.split(/[\r\n]/).find((line) => line.trim() !== "");
  return kindOfColumns(
    (first ?? "")
      .slice(0, 2_000)
      .replace(/^\p{Cf}/u, "")
      .split(","),
  );
}

function kindOfFirst(entries: readonly JsonEntry[]): ImportKind | null {
  return kindOfEntries(entries.slice(0, entriesLookedAt).flatMap(({ text }) => parsed(text)));
}

const beginsJson = /^\s*[[{]/;
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

function readTable(kind: ImportKind, text: string, group: string | null, most: number): FileResult {
  const read = readCsv(kind, text, group, most);
  if (!read.ok) return read;
  return { ok: true, rows: read.rows, skipped: read.empty > 0 ? [counted(read.empty, "empty row")] : [] };
}

function readJson(kind: ImportKind, text: string, group: string | null, most: number): FileResult {
  const entries = splitArray(text, most);
  if (!entries.ok) {
    const single = /^\s*\{/.test(text) && entries.message !== incompleteList;
    return refused(
      single
        ? `This is a single JSON object. Choose the list that ${importKinds[kind].command} writes.`
        : entries.message,
    );
  }
  const part = pageFault(entries.beside);
  if (part !== null) return refused(part);
  return {
    ok: true,
    skipped: [],
    rows: entries.entries.map((entry, index) => rowOfJson(kind, group, entry, index + 1)),
  };
}
