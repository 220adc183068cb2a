import { visibleLines } from "@/lib/domain/visible-text";

/**
 * One field of a CSV file (RFC 4180), quoted where needed. An apostrophe stands before what a spreadsheet would take
 * for a formula (OWASP, CSV injection). Characters that are invisible or turn text around are written out.
 */
export function csvField(value: string): string {
  const shown = visibleLines(value);
  const safe = /^[=+\-@\t\r]/.test(shown) ? `'${shown}` : shown;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function csvLine(values: readonly string[]): string {
  return `${values.map(csvField).join(",")}\r\n`;
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
