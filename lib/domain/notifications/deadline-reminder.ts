import { addDays, addMinutes } from "@/lib/domain/time/schedule";

const minute = 60_000;
const day = 24 * 60;

/**
 * How many minutes before the deadline: a quarter of the whole time, at least half an hour, at most a
 * day.
 */
function minutesBefore(from: Date, deadline: Date): number {
  const quarter = (deadline.getTime() - from.getTime()) / minute / 4;
  return Math.min(Math.max(quarter, 30), day);
}

/**
 * When approvers are reminded that the open stage times out: a quarter of the stage's time before, at least 30
 * minutes, at most a day. Never before the stage opened.
 */
export function requestRemindsAt(openedAt: Date, expiresAt: Date): Date {
  const at = addMinutes(expiresAt, -minutesBefore(openedAt, expiresAt));
  return at < openedAt ? openedAt : at;
}

/**
 * When reviewers with open items are reminded that an access review ends: a day before, or after three
 * quarters of its time if it is shorter than two days.
 */
export function reviewRemindsAt(begunAt: Date, endsAt: Date): Date {
  const long = endsAt >= addDays(begunAt, 2);
  return long
    ? addDays(endsAt, -1)
    : addMinutes(endsAt, -(endsAt.getTime() - begunAt.getTime()) / minute / 4);
}
