import { zoneFormat } from "@/lib/domain/time/moment-format";
import { timesIn } from "@/lib/domain/time/reader-times";

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

const longestName = 64;
const nameOfZone = /^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/;

/**
 * The zone that a browser names; null unless it is one. Browsers differ in which of two names of one zone they use
 * (Asia/Kolkata, Asia/Calcutta), so any name will do. An offset is no zone: it is wrong after the next change of clocks.
 */
export function zoneOfBrowser(name: string | undefined): string | null {
  if (name === undefined || name.length > longestName || !nameOfZone.test(name)) return null;
  return zoneFormat(timesIn(name)) === null ? null : name;
}
