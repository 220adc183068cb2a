import type { Metadata } from "next";
import Link from "next/link";
import { z } from "zod";
import { NotificationLink } from "@/components/notifications/notification-link";
import { Icon } from "@/components/ui/icon";
import type { IconName } from "@/components/ui/icon-names";
import { Moment } from "@/components/ui/moment";
import { Sentence } from "@/components/ui/name";
import { EmptyState, LinkTabs, PageHeader, Pager } from "@/components/ui/page-parts";
import { type NoticeCategory, noticeCategories } from "@/lib/domain/notifications/notice";
import { visibleSentence } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import { listNotifications, notificationPageSize } from "@/lib/queries/notifications/notifications";
import { textInReadersZone } from "@/lib/web/reader-zone";
import { requireCaller } from "@/lib/web/request";
import { markAllRead, markRead } from "./actions";

export const metadata: Metadata = { title: "Notifications" };

const icons: Readonly<Record<NoticeCategory, IconName>> = {
  security: "shield-exclamation-point",
  decisions: "clipboard-check",
  requests: "list-checks",
  access: "user-key",
  expiry: "calendar-clock",
  administration: "user-cog",
  digest: "newspaper",
};

function lookOf(category: string): { icon: IconName; label: string } {
  const known = Object.hasOwn(icons, category) ? (category as NoticeCategory) : "access";
  return { icon: icons[known], label: noticeCategories[known].label };
}

export default async function NotificationsPage({
  searchParams,
}: {
  searchParams: Promise<{ show?: string | string[]; before?: string | string[] }>;
}) {
  const caller = await requireCaller();
  const query = await searchParams;
  const unreadOnly = query.show === "unread";
  const before = z.uuid().safeParse(query.before).data ?? null;
  const found = await listNotifications(application().database, caller, { unreadOnly, before });
  const rows = await Promise.all(
    found.map(async (row) => ({
      ...row,
      title: await textInReadersZone(row.title),
      body: await textInReadersZone(row.body),
    })),
  );
  const last = rows.length === notificationPageSize ? rows.at(-1) : undefined;
  const base = unreadOnly ? "/notifications?show=unread" : "/notifications";
  return (
    <>
      <PageHeader title="Notifications" description="Events that concern you, newest first.">
        <Link className="button" href="/account/notifications">
          Choose which notifications are mailed
        </Link>
        <form action={markAllRead}>
          <button type="submit" className="button">
            Mark all as read
          </button>
        </form>
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
        <ul className="card grid gap-0 p-0" aria-label="Notifications">
          {rows.map((row) => {
            const { icon, label } = lookOf(row.category);
            const unread = row.readAt === null;
            return (
              <li
                key={row.id}
                className="flex items-start gap-3 border-b border-line px-4 py-3 last:border-0 sm:px-5"
              >
                <span
                  title={label}
                  className={`mt-0.5 grid size-8 shrink-0 place-items-center rounded-full ${unread ? "bg-tint text-accent-strong" : "bg-sunken text-muted"}`}
                >
                  <Icon name={icon} size={16} />
                </span>
                <div className="min-w-0 flex-1">
                  <p className="wrap-anywhere">
                    {unread ? <span className="sr-only">Unread: </span> : null}
                    <NotificationLink id={row.id} href={row.href} unread={unread} markRead={markRead}>
                      <Sentence of={row.title} />
                    </NotificationLink>
                  </p>
                  {row.body ? (
                    <p className="text-muted wrap-anywhere">
                      <Sentence of={row.body} />
                    </p>
                  ) : null}
                  <p className="text-muted">
                    <Moment value={row.createdAt} />
                  </p>
                </div>
                {unread ? (
                  <form action={markRead} className="shrink-0">
                    <input type="hidden" name="id" value={row.id} />
                    <button
                      type="submit"
                      className="button px-2 sm:px-3"
                      aria-label={`Mark as read: ${visibleSentence(row.title)}`}
                    >
                      <Icon name="check" size={16} className="sm:hidden" />
                      <span className="hidden sm:inline">Mark as read</span>
                    </button>
                  </form>
                ) : null}
              </li>
            );
          })}
        </ul>
      )}
      <Pager
        first={before ? base : null}
        next={last ? `${base}${unreadOnly ? "&" : "?"}before=${last.id}` : null}
      />
    </>
  );
}
