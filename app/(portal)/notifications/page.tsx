import type { Metadata } from "next";
import { NotificationItem } from "@/components/notifications/notification-item";
import { ListFrame } from "@/components/ui/lists/list-frame";
import { EmptyState, LinkTabs, PageHeader } from "@/components/ui/page-parts";
import { Rows, Section } from "@/components/ui/section";
import { formatIn } from "@/lib/domain/time/moment-format";
import type { ReaderTimes } from "@/lib/domain/time/reader-times";
import { application } from "@/lib/platform/application";
import { countedRows } from "@/lib/queries/count-rows";
import {
  countNotifications,
  listNotifications,
  type NotificationRow,
  notificationPageSize,
} from "@/lib/queries/notifications/notifications";
import { pageLinks } from "@/lib/web/page-links";
import { oneId, type Query } from "@/lib/web/page-query";
import { readerTimes, textInReadersZone } from "@/lib/web/reader-zone";
import { frame } from "../frame-data";
import { markAllRead, markRead } from "./actions";

export const metadata: Metadata = { title: "Notifications" };

/** The rows by the day on which they came, in the reader's zone. */
function byDay(rows: readonly NotificationRow[], times: ReaderTimes) {
  const format = formatIn(times);
  const days = new Map<string, { name: string; title: string; rows: NotificationRow[] }>();
  for (const row of rows) {
    const name = format.day(row.createdAt);
    const day = days.get(name) ?? { name, title: format.longDay(row.createdAt), rows: [] };
    day.rows.push(row);
    days.set(name, day);
  }
  return [...days.values()];
}

export default async function NotificationsPage({ searchParams }: { searchParams: Promise<Query> }) {
  const { caller, unread } = await frame();
  const query = await searchParams;
  const unreadOnly = query.show === "unread";
  const before = oneId(query, "before");
  const { database } = application();
  const [found, count] = await Promise.all([
    listNotifications(database, caller, { unreadOnly, before }),
    countNotifications(database, caller, { unreadOnly }),
  ]);
  const rows = await Promise.all(
    found.map(async (row) => ({
      ...row,
      title: await textInReadersZone(row.title),
      body: await textInReadersZone(row.body),
    })),
  );
  const days = byDay(rows, await readerTimes());
  const last = rows.length === notificationPageSize ? rows.at(-1) : undefined;
  const base = unreadOnly ? "/notifications?show=unread" : "/notifications";
  return (
    <>
      <PageHeader title="Notifications" description="Events that concern you, newest first.">
        <a className="button" href="/account/notifications">
          Choose which notifications are mailed
        </a>
        {unread.unread > 0 ? (
          <form action={markAllRead}>
            <button type="submit" className="button">
              Mark all as read
            </button>
          </form>
        ) : null}
      </PageHeader>
      <LinkTabs
        label="Which notifications"
        tabs={[
          { href: "/notifications", label: "All", current: !unreadOnly },
          { href: "/notifications?show=unread", label: "Unread", current: unreadOnly },
        ]}
      />
      {rows.length === 0 ? (
        <EmptyState title={unreadOnly ? "Nothing unread" : "No notifications"}>
          {unreadOnly
            ? "You have read everything."
            : "You are notified here when you get a role, when one is about to end, or when something waits for you."}
        </EmptyState>
      ) : (
        <ListFrame
          total={{ count, most: countedRows, one: "notification", many: "notifications" }}
          pages={pageLinks({
            query,
            cursor: "before",
            address: (cursor) => (cursor ? `${base}${unreadOnly ? "&" : "?"}before=${cursor}` : base),
            next: last?.id ?? null,
          })}
        >
          {days.map((day) => (
            <Section key={day.name} id={`day-${day.name}`} title={day.title} className="mb-5">
              <Rows>
                {day.rows.map((row) => (
                  <NotificationItem key={row.id} row={row} markRead={markRead} />
                ))}
              </Rows>
            </Section>
          ))}
        </ListFrame>
      )}
    </>
  );
}
