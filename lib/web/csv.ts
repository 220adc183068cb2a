import { stringify } from "csv-stringify/sync";
import { visibleLines } from "@/lib/domain/text/visible-text";

/** By this mark Excel knows UTF-8. Without it, it garbles every letter beyond ASCII. */
const byteOrderMark = "\uFEFF";
export const csvContentType = "text/csv; charset=utf-8";

/**
 * What a spreadsheet may take for a formula, wherever a cell may begin. Where the list separator is a semicolon or a
 * tab, Excel splits a field there, and at its line breaks, whatever quotes are around it. Full-width signs count too.
 */
const formula = /(^|[;,|\t\r\n])([\s"]*)(?=[=+\-@＝＋－＠])/g;

/**
 * A text as a field: an apostrophe stands before each formula (OWASP, CSV injection), and characters that are
 * invisible or turn text around are written out.
 */
export function csvText(value: string): string {
  return visibleLines(value).replaceAll(formula, "$1$2'").replace(/^\t/, "'\t");
}

function cellOf(value: unknown): string | number | bigint {
  if (typeof value === "number" || typeof value === "bigint") return value;
  if (value instanceof Date) return value.toISOString();
  return csvText(Array.isArray(value) ? value.join(" ") : String(value ?? ""));
}

/** One line of a CSV file (RFC 4180), with quotes where needed. */
export function csvLine(values: readonly unknown[]): string {
  // What another separator would split is quoted too.
  return stringify([values.map(cellOf)], { record_delimiter: "\r\n", quoted_match: /[;\t\r\n]/ });
}

/** The beginning of a CSV file: the mark, and the names of its columns. */
export function csvHead(columns: readonly string[]): string {
  return `${byteOrderMark}${csvLine(columns)}`;
}

/** A CSV file as an address from which it can be saved. */
export function csvAddress(columns: readonly string[], rows: readonly (readonly unknown[])[]): string {
  return `data:${csvContentType.replace(" ", "")},${encodeURIComponent(csvHead(columns) + rows.map(csvLine).join(""))}`;
}

/** One line of JSON. Characters that are invisible or act on the text around them are escaped. */
export function jsonLine(value: object): string {
  return JSON.stringify(value).replaceAll(/[\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    [...character]
      .flatMap((each) => each.split(""))
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}
