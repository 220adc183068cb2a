import { formatIn } from "@/lib/domain/time/moment-format";
import { timesIn } from "@/lib/domain/time/reader-times";

/** No clock is moved twice within a day. */
const day = 86_400_000;

/** Within a day of this, a clock somewhere would show a year without four digits. */
const [firstMoment, lastMoment] = [Date.parse("0001-01-01T00:00Z"), Date.parse("9998-12-31T23:59:59.999Z")];

/**
 * The local time in the zone at a moment, to the minute, as a field for a date and a time contains it:
 * `2026-03-02T09:30`.
 */
export function typedIn(moment: Date, zone: string): string {
  const format = formatIn(timesIn(zone));
  return `${format.day(moment)}T${format.time(moment)}`;
}

/** How far the zone's clock is ahead of UTC at a moment, in milliseconds. */
function aheadAt(milliseconds: number, zone: string): number {
  const minute = Math.floor(milliseconds / 60_000) * 60_000;
  return Date.parse(`${typedIn(new Date(minute), zone)}Z`) - minute;
}

/**
 * The moment of a local time in the zone (`2026-03-02T09:30`, with or without seconds); null if that is
 * not a date and time. An hour that occurs twice is the first one. A skipped one is as long after the
 * change, as browsers do in their own zone.
 */
export function momentTyped(text: string, zone: string): Date | null {
  const asUtc = /^\d{4}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?$/.test(text)
    ? Date.parse(`${text}Z`)
    : Number.NaN;
  if (Number.isNaN(asUtc) || asUtc < firstMoment || asUtc > lastMoment) return null;
  const [before, after] = [aheadAt(asUtc - day, zone), aheadAt(asUtc + day, zone)];
  const found = [before, after]
    .map((ahead) => asUtc - ahead)
    .filter((at) => aheadAt(at, zone) === asUtc - at);
  return new Date(found.length > 0 ? Math.min(...found) : asUtc - before);
}
