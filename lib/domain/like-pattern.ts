/** A pattern for LIKE and ILIKE that matches whatever contains the text, taken literally. */
export function containing(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, "\\$&")}%`;
}
