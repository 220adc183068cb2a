import { zoneFormat } from "@/lib/domain/time/moment-format";
import { timesIn } from "@/lib/domain/time/reader-times";
import { formerZones, presentZone } from "@/lib/domain/time/zone-names";

/** The time zones that can be chosen, as IANA names of today. */
export const timeZones: readonly string[] = [
  "UTC",
  ...[...new Set(Intl.supportedValuesOf("timeZone").map(presentZone))]
    .filter((name) => name !== "UTC")
    .sort(),
];

const known: ReadonlySet<string> = new Set([...timeZones, ...formerZones]);

/** Whether this is exactly the name of a time zone, a present or a former one. Offsets and other spellings are not. */
export function isTimeZone(name: string): boolean {
  return known.has(name);
}

const longestName = 64;
const nameOfZone = /^[A-Za-z][A-Za-z0-9_+-]*(\/[A-Za-z0-9_+-]+)*$/;

/**
 * The zone that a browser names, by its present name; null if it is not one. Browsers differ in which
 * of two names of one zone they use (Asia/Kolkata, Asia/Calcutta). An offset is not a zone, since it is
 * wrong after the next clock change.
 */
export function zoneOfBrowser(name: string | undefined): string | null {
  if (name === undefined || name.length > longestName || !nameOfZone.test(name)) return null;
  return zoneFormat(timesIn(name)) === null ? null : presentZone(name);
}
