import { visibleLines } from "@/lib/domain/visible-text";

/**
 * One field of a CSV file (RFC 4180): quoted where needed, and with an apostrophe in front where a spreadsheet would
 * take it for a formula (OWASP, CSV injection). What would turn the text around, or would not be seen, is written out.
 */
export function csvField(value: string): string {
  const shown = visibleLines(value);
  const safe = /^[=+\-@\t\r]/.test(shown) ? `'${shown}` : shown;
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe;
}

export function csvLine(values: readonly string[]): string {
  return `${values.map(csvField).join(",")}\r\n`;
}

/** One line of JSON; what acts on the text around it, or is not seen, is escaped as JSON escapes it. */
export function jsonLine(value: object): string {
  return JSON.stringify(value).replaceAll(/[\p{Cf}\p{Zl}\p{Zp}]/gu, (character) =>
    [...character]
      .flatMap((each) => each.split(""))
      .map((unit) => `\\u${unit.charCodeAt(0).toString(16).padStart(4, "0")}`)
      .join(""),
  );
}
