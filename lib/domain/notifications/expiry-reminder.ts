import { addDays, type Schedule } from "@/lib/domain/gate/schedule";

/** How many days before its end a member is reminded of an access, furthest first. */
export const reminderDays = [14, 1] as const;
export type ReminderDays = (typeof reminderDays)[number];

/**
 * The reminder that is due for an access at a moment: the nearest one whose time has come, and only if the access had
 * begun before that (whoever is given ten days needs no reminder of fourteen). Null when none is, or it has ended.
 */
export function dueReminder({ startsAt, endsAt }: Schedule, now: Date): ReminderDays | null {
  if (endsAt === null || endsAt <= now) return null;
  const reached = reminderDays.filter((days) => now >= addDays(endsAt, -days)).at(-1);
  return reached !== undefined && startsAt < addDays(endsAt, -reached) ? reached : null;
}
