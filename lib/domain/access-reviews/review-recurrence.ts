import type { ReviewRecurrence } from "@/lib/domain/access-reviews/access-review";
import { addDays } from "@/lib/domain/time/schedule";

const months = { Monthly: 1, Quarterly: 3, SemiAnnually: 6, Yearly: 12 } as const;

/** Adds calendar months in UTC. If the day does not exist in that month, its last day is used. */
export function addMonths(time: Date, count: number): Date {
  const later = new Date(time);
  later.setUTCDate(1);
  later.setUTCMonth(later.getUTCMonth() + count);
  const lastDay = new Date(Date.UTC(later.getUTCFullYear(), later.getUTCMonth() + 1, 0)).getUTCDate();
  later.setUTCDate(Math.min(time.getUTCDate(), lastDay));
  return later;
}

/** When an occurrence of a series starts. It is computed from the first one, so that starts do not drift. */
export function occurrenceStart(
  seriesStartsAt: Date,
  recurrence: Exclude<ReviewRecurrence, "None">,
  occurrence: number,
): Date {
  return recurrence === "Weekly"
    ? addDays(seriesStartsAt, 7 * occurrence)
    : addMonths(seriesStartsAt, months[recurrence] * occurrence);
}

/** A series so far, and how it ends: after a number of occurrences, at a date, or by an administrator. */
export interface Series {
  readonly seriesStartsAt: Date;
  readonly recurrence: ReviewRecurrence;
  readonly occurrence: number;
  readonly seriesTimes: number | null;
  readonly seriesUntil: Date | null;
  readonly seriesEndedAt: Date | null;
}

/**
 * The occurrence after one that has ended: the next, or the latest due if several were missed. Null for a review that
 * does not recur, and after the last occurrence.
 */
export function nextOccurrence(series: Series, now: Date): { occurrence: number; startsAt: Date } | null {
  const { seriesStartsAt, recurrence, seriesTimes, seriesUntil } = series;
  if (recurrence === "None" || series.seriesEndedAt !== null) return null;
  const start = (occurrence: number) => occurrenceStart(seriesStartsAt, recurrence, occurrence);
  const belongs = (occurrence: number) =>
    (seriesTimes === null || occurrence < seriesTimes) &&
    (seriesUntil === null || start(occurrence) <= seriesUntil);
  let occurrence = series.occurrence + 1;
  if (!belongs(occurrence)) return null;
  while (start(occurrence + 1) <= now && belongs(occurrence + 1)) occurrence += 1;
  return { occurrence, startsAt: start(occurrence) };
}
