const uuid = "[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}";
const whole = new RegExp(`^${uuid}$`, "i");
const atEnd = new RegExp(`${uuid}$`, "i");

/** Whether a text is an id as the database writes it, in upper or lower case. PostgreSQL refuses to compare other texts. */
export function isUuid(text: unknown): text is string {
  return typeof text === "string" && whole.test(text);
}

/** The id at the end of a text. */
export function uuidAtEnd(text: string): string | undefined {
  return atEnd.exec(text)?.[0];
}
