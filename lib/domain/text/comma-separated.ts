import { stringify } from "csv-stringify/sync";
import { visibleLines } from "@/lib/domain/text/visible-text";

/** Excel recognises UTF-8 by this mark. Without it, letters beyond ASCII are garbled. */
const byteOrderMark = "\uFEFF";
export const csvContentType = "text/csv; charset=utf-8";

/**
 * The characters with which a spreadsheet may begin a formula, wherever a cell may begin. If the list separator is a
 * semicolon or a tab, Excel splits a field there and at line breaks, even inside quotes. Full-width signs count too.
 */
const formula = /(^|[;,|\t\r\n])([\s"]*)(?=[=+\-@＝＋－＠])/g;

/**
 * A text as a field. An apostrophe precedes each formula (OWASP, CSV injection). Characters that are
 * invisible or change the direction of text are written out.
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
  // Fields that another separator would split are quoted too.
  return stringify([values.map(cellOf)], { record_delimiter: "\r\n", quoted_match: /[;\t\r\n]/ });
}

/** The start of a CSV file: the mark and the column names. */
export function csvHead(columns: readonly string[]): string {
  return `${byteOrderMark}${csvLine(columns)}`;
}

/** A CSV file as a data address, for a download link. */
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
