const day = 24 * 60 * 60_000;

/**
 * The periods of role settings, by the number that stores them: their words, and their longest length in days. The
 * longest one counts, so that the same day the given number of months later is always within the period, whatever the
 * months and the zone: 20 November 2027 to 20 November 2028 is 366 days (docs/decisions/lengths-of-periods.md).
 */
const periods: Readonly<Record<number, { readonly words: string; readonly days: number }>> = {
  15: { words: "15 days", days: 15 },
  30: { words: "1 month", days: 31 },
  90: { words: "3 months", days: 92 },
  180: { words: "6 months", days: 184 },
  365: { words: "1 year", days: 366 },
};

/** Summer time moves clocks by two hours at most, so the same time of day may come that much later. */
const clockChange = 2 * 60 * 60_000;

/** A period of role settings, as pages word it. */
export function periodInWords(period: number): string {
  return periods[period]?.words ?? `${period} days`;
}

/** The last moment that is within a period from a start. */
export function endOfPeriod(start: Date, period: number): Date {
  return new Date(start.getTime() + (periods[period]?.days ?? period) * day + clockChange);
}

/** Whether a schedule lasts longer than a period. A permanent one exceeds every period. */
export function exceedsPeriod(
  schedule: { readonly startsAt: Date; readonly endsAt: Date | null },
  period: number | null,
): boolean {
  if (period === null) return false;
  return schedule.endsAt === null || schedule.endsAt > endOfPeriod(schedule.startsAt, period);
}
