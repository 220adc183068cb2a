import { minimumActivationMinutes } from "@/lib/domain/roles/role-settings";
import { addMinutes, type Schedule } from "@/lib/domain/time/schedule";

/**
 * By how much an activation may be requested to outlast its eligibility. It then ends with the eligibility. It is the
 * life of a proof, so that what was left when the panel was opened is still valid when the code is entered.
 */
export const overrunMinutes = 5;

/** The whole minutes from a start to an end, such as that of an eligibility; null without an end. */
export function minutesLeft(startsAt: Date, endsAt: Date | null): number | null {
  return endsAt === null ? null : Math.max(0, Math.floor((endsAt.getTime() - startsAt.getTime()) / 60_000));
}

/**
 * The shortest activation from a start, in minutes: half an hour, or what the eligibility has left if that is less
 * (docs/rules.md, "Times and durations").
 */
export function shortestActivation(startsAt: Date, eligibility: Pick<Schedule, "endsAt">): number {
  const left = minutesLeft(startsAt, eligibility.endsAt) ?? minimumActivationMinutes;
  return Math.max(1, Math.min(minimumActivationMinutes, left));
}

/**
 * When an activation lasts: from its start for its duration, or to the end of its eligibility if that
 * comes slightly earlier.
 */
export function activationSchedule(
  startsAt: Date,
  durationMinutes: number,
  eligibility: Pick<Schedule, "endsAt"> | null,
): { readonly startsAt: Date; readonly endsAt: Date } {
  const endsAt = addMinutes(startsAt, durationMinutes);
  const last = eligibility?.endsAt ?? null;
  if (last === null || endsAt <= last || last <= startsAt || endsAt > addMinutes(last, overrunMinutes))
    return { startsAt, endsAt };
  return { startsAt, endsAt: last };
}

/** The durations that are offered, in minutes: half an hour, one and four hours, and the longest. */
export function offeredDurations(shortest: number, longest: number): number[] {
  const usual = [30, 60, 240].filter((minutes) => minutes >= shortest && minutes < longest);
  return [...usual, longest];
}

/**
 * The shortest and the longest activation from now on, in minutes. `eligibilityMinutes` is what the
 * eligibility has left, and `freeMinutes` the time before the next activation of the same role; null if
 * nothing limits it. If the longest is shorter than the shortest, no activation is possible.
 */
export function possibleDurations(
  maximumMinutes: number,
  eligibilityMinutes: number | null,
  freeMinutes: number | null,
): { readonly shortest: number; readonly longest: number } {
  const left = Math.max(1, eligibilityMinutes ?? Number.POSITIVE_INFINITY);
  return {
    shortest: Math.min(minimumActivationMinutes, left),
    longest: Math.min(maximumMinutes, left, freeMinutes ?? Number.POSITIVE_INFINITY),
  };
}
