/** A text without NUL and half surrogate pairs, since PostgreSQL's JSON accepts neither. */
export function storableText(text: string): string {
  return text.replaceAll(/[\0\p{Surrogate}]/gu, "\uFFFD");
}

/** Rows as JSON for one statement that writes all of them, whatever their number (`jsonb_populate_recordset`). */
export function jsonRows(rows: readonly object[]): string {
  return JSON.stringify(rows, (_key, each: unknown) =>
    typeof each === "string" ? storableText(each) : each,
  );
}
