/** More than all names of time zones. Formats beyond that are not kept. */
const maximumKept = 700;
const kept = new Map<string, Intl.DateTimeFormat | null>();

/**
 * The format of times in an IANA time zone (2 Mar 2026, 09:30); null if there is no such zone. Each is made once: one
 * takes tens of kilobytes outside the heap, and a page has a hundred times on it.
 */
export function momentFormat(timeZone: string): Intl.DateTimeFormat | null {
  const known = kept.get(timeZone);
  if (known !== undefined) return known;
  const made = formatOf(timeZone);
  if (made !== null && kept.size < maximumKept) kept.set(timeZone, made);
  return made;
}

function formatOf(timeZone: string): Intl.DateTimeFormat | null {
  try {
    return new Intl.DateTimeFormat("en-GB", { dateStyle: "medium", timeStyle: "short", timeZone });
  } catch {
    return null;
  }
}

/** A time in a time zone, in words; in UTC if there is no such zone. */
export function inWords(value: Date, timeZone: string): string {
  return (momentFormat(timeZone) ?? momentFormat("UTC"))?.format(value) ?? value.toISOString();
}

const day = { day: "numeric", month: "short", timeZone: "UTC" } as const;
const shortDay = new Intl.DateTimeFormat("en-GB", day);
const longDay = new Intl.DateTimeFormat("en-GB", { ...day, weekday: "short" });

/** The day of a time in UTC: 2 Mar, or Mon 2 Mar where there is more room. */
export function dayInWords(value: Date | number, long = false): string {
  return (long ? longDay : shortDay).format(value);
}
