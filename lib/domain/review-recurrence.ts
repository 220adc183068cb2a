import type { ReviewRecurrence } from "@/lib/domain/access-review";
import { addDays } from "@/lib/domain/schedule";

const months = { Monthly: 1, Quarterly: 3, Yearly: 12 } as const;

/** So many calendar months later in UTC, at the month's last day where the day does not exist there. */
export function addMonths(time: Date, count: number): Date {
  const later = new Date(time);
  later.setUTCDate(1);
  later.setUTCMonth(later.getUTCMonth() + count);
  const lastDay = new Date(Date.UTC(later.getUTCFullYear(), later.getUTCMonth() + 1, 0)).getUTCDate();
  later.setUTCDate(Math.min(time.getUTCDate(), lastDay));
  return later;
}

/** When an occurrence of a series starts; counted from the first, so that no start drifts. */
export function occurrenceStart(
  seriesStartsAt: Date,
  recurrence: Exclude<ReviewRecurrence, "None">,
  occurrence: number,
): Date {
  return recurrence === "Weekly"
    ? addDays(seriesStartsAt, 7 * occurrence)
    : addMonths(seriesStartsAt, months[recurrence] * occurrence);
}

/**
 * The occurrence that follows one that has ended: the next one, or, where several have been missed, the latest that is
 * due by now. Null for a review that does not recur.
 */
export function nextOccurrence(
  series: { seriesStartsAt: Date; recurrence: ReviewRecurrence; occurrence: number },
  now: Date,
): { occurrence: number; startsAt: Date } | null {
  const { seriesStartsAt, recurrence } = series;
  if (recurrence === "None") return null;
  let occurrence = series.occurrence + 1;
  while (occurrenceStart(seriesStartsAt, recurrence, occurrence + 1) <= now) occurrence += 1;
  return { occurrence, startsAt: occurrenceStart(seriesStartsAt, recurrence, occurrence) };
}
