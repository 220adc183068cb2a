import { formatIn } from "@/lib/domain/time/moment-format";
import { timesIn } from "@/lib/domain/time/reader-times";

/** A calendar day, `2026-03-02`. */
export type Day = string;

const hour = 3_600_000;
const minute = 60_000;
/** No zone's clock was ever further from UTC. */
const farthest = 16 * hour;

/** The day on which a moment lies in a time zone. */
export function dayOf(moment: Date, timeZone: string): Day {
  return formatIn(timesIn(timeZone)).day(moment);
}

/** The day this many days later or earlier. */
export function addDaysTo(day: Day, days: number): Day {
  const moment = new Date(`${day}T00:00:00Z`);
  moment.setUTCDate(moment.getUTCDate() + days);
  return moment.toISOString().slice(0, 10);
}

/** When days begin; the newest is last. A page of figures needs a month of them, and the same ones each time. */
const starts = new Map<string, number>();
/** A few years of a dozen zones. */
const mostStarts = 10_000;

/**
 * The moment at which a day begins in a time zone: midnight, or the end of the gap if the clock skips
 * midnight. A day lasts from its beginning to that of the next one: 23, 24 or 25 hours. To the minute,
 * since no clock is moved by less today.
 */
export function startOfDay(day: Day, timeZone: string): Date {
  const key = `${day} ${timeZone}`;
  const known = starts.get(key);
  if (known !== undefined) return new Date(known);
  const found = searchStart(day, timeZone);
  const [oldest] = starts.keys();
  if (oldest !== undefined && starts.size >= mostStarts) starts.delete(oldest);
  starts.set(key, found);
  return new Date(found);
}

function searchStart(day: Day, timeZone: string): number {
  const midnight = Date.parse(`${day}T00:00:00Z`);
  let before = midnight - farthest;
  let at = midnight + farthest;
  while (at - before > minute) {
    const middle = before + Math.floor((at - before) / minute / 2) * minute;
    if (dayOf(new Date(middle), timeZone) < day) before = middle;
    else at = middle;
  }
  return at;
}
