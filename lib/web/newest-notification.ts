import { withoutMark } from "@/lib/domain/notifications/activate-first";
import { dayInWords, exactMoment } from "@/lib/domain/time/day-words";
import { formatIn, inReadersZone } from "@/lib/domain/time/moment-format";
import { dayOf } from "@/lib/domain/time/reader-day";
import type { ReaderTimes } from "@/lib/domain/time/reader-times";
import type { NotificationRow } from "@/lib/queries/notifications/notifications";

/** A notification as the bell's list shows it, with its times in the reader's zone. All of it goes to the browser. */
export interface NewestNotification {
  readonly id: string;
  readonly title: string;
  /** The reader must activate a role before they can act on it. */
  readonly activateFirst: boolean;
  readonly body: string;
  readonly href: string;
  readonly unread: boolean;
  /** In ISO 8601. */
  readonly at: string;
  /** Only the time for today's; otherwise with its day. */
  readonly when: string;
  /** In UTC, to the second. */
  readonly exact: string;
}

/** A row of the bell's list at this moment, for a reader with these time settings. */
export function newestNotification(row: NotificationRow, times: ReaderTimes, now: Date): NewestNotification {
  const { title, activateFirst } = withoutMark(row);
  const time = formatIn(times).time(row.createdAt);
  const day = dayOf(row.createdAt, times.zone);
  return {
    id: row.id,
    title: inReadersZone(title, times),
    activateFirst,
    body: inReadersZone(row.body, times),
    href: row.href,
    unread: row.readAt === null,
    at: row.createdAt.toISOString(),
    when:
      day === dayOf(now, times.zone)
        ? time
        : `${dayInWords(new Date(`${day}T00:00:00Z`), false, times.language)}, ${time}`,
    exact: exactMoment(row.createdAt),
  };
}
