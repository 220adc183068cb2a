/** A pattern for LIKE and ILIKE that matches everything that contains the literal text. */
export function containing(text: string): string {
  return `%${text.replaceAll(/[\\%_]/g, "\\$&")}%`;
}
