/** The time zones that an organisation can choose, as IANA names. */
export const timeZones: readonly string[] = [
  "UTC",
  ...Intl.supportedValuesOf("timeZone").filter((name) => name !== "UTC"),
];

const known: ReadonlySet<string> = new Set(timeZones);

/** Whether this is exactly the name of a time zone: no offset, no other spelling. */
export function isTimeZone(name: string): boolean {
  return known.has(name);
}
