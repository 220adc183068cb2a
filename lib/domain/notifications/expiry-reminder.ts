import { addDays, type Schedule } from "@/lib/domain/time/schedule";

/** How many days before the end a member is reminded, furthest first. */
export const reminderDays = [14, 1] as const;
export type ReminderDays = (typeof reminderDays)[number];

/** How many minutes before the end of an activation its member is reminded. */
export const minutesBeforeEnd = 15;

/** An activation that is shorter than this, in minutes, ends without a reminder, since its member knows. */
export const shortestReminded = 30;

/**
 * The reminder that is due at a moment: the nearest one whose time has come, if the access began before that time. So
 * access of ten days gets no reminder at fourteen days. Null if none is due, or the access has ended.
 */
export function dueReminder({ startsAt, endsAt }: Schedule, now: Date): ReminderDays | null {
  if (endsAt === null || endsAt <= now) return null;
  const reached = reminderDays.filter((days) => now >= addDays(endsAt, -days)).at(-1);
  return reached !== undefined && startsAt < addDays(endsAt, -reached) ? reached : null;
}
