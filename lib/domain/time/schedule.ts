import { endOfPeriod } from "@/lib/domain/time/period";

/** A half-open range of time [startsAt, endsAt). A null end is permanent. */
export interface Schedule {
  readonly startsAt: Date;
  readonly endsAt: Date | null;
}

const minute = 60_000;
const day = 24 * 60 * minute;
/** The last moment at which something may start: within a year. */
export function latestStart(now: Date): Date {
  return endOfPeriod(now, 365);
}

export function addMinutes(time: Date, minutes: number): Date {
  return new Date(time.getTime() + minutes * minute);
}

export function addHours(time: Date, hours: number): Date {
  return addMinutes(time, hours * 60);
}

export function addDays(time: Date, days: number): Date {
  return new Date(time.getTime() + days * day);
}

/** Whether two schedules start and end at the same moments. */
export function sameSchedule(left: Schedule, right: Schedule): boolean {
  return (
    left.startsAt.getTime() === right.startsAt.getTime() && left.endsAt?.getTime() === right.endsAt?.getTime()
  );
}

/** Whether the moment lies in the schedule. */
export function isInEffect(schedule: Schedule, now: Date): boolean {
  return schedule.startsAt <= now && (schedule.endsAt === null || schedule.endsAt > now);
}

/**
 * Whether two schedules share a moment. An empty one shares none (docs/rules.md, rule 6; PostgreSQL's
 * `&&` on ranges).
 */
export function overlap(left: Schedule, right: Schedule): boolean {
  const leftEnd = left.endsAt?.getTime() ?? Number.POSITIVE_INFINITY;
  const rightEnd = right.endsAt?.getTime() ?? Number.POSITIVE_INFINITY;
  const start = Math.max(left.startsAt.getTime(), right.startsAt.getTime());
  return start < Math.min(leftEnd, rightEnd);
}

/** What is wrong with a requested schedule, regardless of the policy; null if nothing is. */
export function scheduleFault(
  schedule: Schedule,
  now: Date,
): { field: "startsAt" | "endsAt"; message: string } | null {
  if (schedule.startsAt > latestStart(now)) {
    return { field: "startsAt", message: "Choose a start within the next year." };
  }
  if (schedule.endsAt !== null && schedule.endsAt <= schedule.startsAt) {
    return { field: "endsAt", message: "Choose an end after the start." };
  }
  if (schedule.endsAt !== null && schedule.endsAt <= now) {
    return { field: "endsAt", message: "Choose an end in the future." };
  }
  return null;
}

function counted(count: number, unit: string): string {
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}

/** A duration: "45 minutes", "1 hour", "1.5 hours", "1 hour 20 minutes". */
export function minutesInWords(minutes: number): string {
  const whole = Math.round(minutes);
  if (whole < 60) return counted(whole, "minute");
  if (whole % 30 === 0) return counted(whole / 60, "hour");
  return `${counted(Math.floor(whole / 60), "hour")} ${counted(whole % 60, "minute")}`;
}

export function hoursInWords(hours: number): string {
  return minutesInWords(hours * 60);
}

/** How long ago something was, in its largest unit: "5 minutes", "3 hours", "2 days". */
export function ageInWords(minutes: number): string {
  const [count, unit] =
    minutes < 60
      ? [minutes, "minute"]
      : minutes < 48 * 60
        ? [Math.floor(minutes / 60), "hour"]
        : [Math.floor(minutes / 1_440), "day"];
  return `${count} ${unit}${count === 1 ? "" : "s"}`;
}
