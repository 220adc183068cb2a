import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { planOnce } from "@/lib/platform/prepared-statements";
import { readOnce } from "@/lib/platform/transaction";
import { countedRows } from "@/lib/queries/count-rows";

export const notificationPageSize = 50;
/** More than this are shown as "99+". */
const countedAtMost = 100;

export interface NotificationRow {
  readonly id: string;
  readonly category: string;
  readonly title: string;
  readonly body: string;
  readonly href: string;
  readonly createdAt: Date;
  readonly readAt: Date | null;
}

/** The caller's own notifications, newest first, by page. `before` is the last one of the previous page. */
export function listNotifications(
  database: Database,
  caller: Caller,
  filter: { readonly unreadOnly: boolean; readonly before: string | null },
): Promise<NotificationRow[]> {
  return database.client.notification.findMany({
    where: {
      recipientId: caller.userId,
      ...(filter.unreadOnly ? { readAt: null } : {}),
      ...(filter.before === null ? {} : { id: { lt: filter.before } }),
    },
    select: { id: true, category: true, title: true, body: true, href: true, createdAt: true, readAt: true },
    orderBy: { id: "desc" },
    take: notificationPageSize,
  });
}

/** As many as the bell's list shows. */
const newestShown = 10;

/** The caller's newest notifications, and the database's clock. Bounded, read by an index. */
export async function newestNotifications(
  database: Database,
  caller: Caller,
): Promise<{ readonly rows: readonly NotificationRow[]; readonly now: Date }> {
  const rows = await readOnce(
    database,
    (client) => client.$queryRaw<(NotificationRow & { now: Date })[]>`
      SELECT ${planOnce} id, category, title, body, href, created_at AS "createdAt", read_at AS "readAt",
        postern_now() AS now
      FROM notifications WHERE recipient_id = ${caller.userId}::uuid ORDER BY id DESC LIMIT ${newestShown}::int`,
  );
  return { rows, now: rows[0]?.now ?? new Date(0) };
}

/** How many `listNotifications` has on all its pages. Counting stops at one more than `countedRows`. */
export function countNotifications(
  database: Database,
  caller: Caller,
  filter: { readonly unreadOnly: boolean },
): Promise<number> {
  return database.client.notification.count({
    where: { recipientId: caller.userId, ...(filter.unreadOnly ? { readAt: null } : {}) },
    take: countedRows + 1,
  });
}

export interface UnreadState {
  /** At most a hundred are counted. */
  readonly unread: number;
  /** The newest unread one, to be announced. */
  readonly newest: { readonly id: string; readonly title: string } | null;
}

/** How many notifications a person has not read, and the newest of them, as a value within a statement. */
export function unreadState(userId: string): Prisma.Sql {
  return Prisma.sql`(
    WITH counted AS MATERIALIZED (
      SELECT id, title FROM notifications WHERE recipient_id = ${userId}::uuid AND read_at IS NULL
      ORDER BY id DESC LIMIT ${countedAtMost}::int)
    SELECT json_build_object('unread', (SELECT count(*) FROM counted), 'newest',
      (SELECT json_build_object('id', id, 'title', title) FROM counted ORDER BY id DESC LIMIT 1)))`;
}

/** How many notifications a person has not read, and the newest of them. */
export async function unreadNotifications(database: Database, userId: string): Promise<UnreadState> {
  const [row] = await readOnce(
    database,
    (client) => client.$queryRaw<{ state: UnreadState }[]>`
      SELECT ${planOnce} ${unreadState(userId)} AS state`,
  );
  if (!row) throw new Error("the notifications were not counted");
  return row.state;
}

/** The categories of mail that the caller switched off. */
export async function mutedCategories(database: Database, caller: Caller): Promise<readonly string[]> {
  const row = await database.client.notificationPreference.findUnique({ where: { userId: caller.userId } });
  return row?.mutedCategories ?? [];
}
