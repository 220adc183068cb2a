import { NotificationLink } from "@/components/notifications/notification-link";
import { Icon } from "@/components/ui/icon";
import type { IconName } from "@/components/ui/icon-names";
import { Moment } from "@/components/ui/moment";
import { Sentence } from "@/components/ui/name";
import { withoutMark } from "@/lib/domain/notifications/activate-first";
import { type NoticeCategory, noticeCategories } from "@/lib/domain/notifications/notice";
import { visibleSentence } from "@/lib/domain/text/visible-text";
import type { NotificationRow } from "@/lib/queries/notifications/notifications";

const icons: Readonly<Record<NoticeCategory, IconName>> = {
  security: "shield-alert",
  decisions: "clipboard-check",
  asked: "clipboard-check",
  requests: "list-checks",
  access: "user-key",
  expiry: "calendar-clock",
  administration: "user-cog",
  exports: "file-clock",
  digest: "newspaper",
};

function lookOf(category: string): { icon: IconName; label: string } {
  const known = Object.hasOwn(icons, category) ? (category as NoticeCategory) : "access";
  return { icon: icons[known], label: noticeCategories[known].label };
}

/** A notification of a day, with what it asks to do first and **Mark as read**. */
export function NotificationItem(props: {
  readonly row: NotificationRow;
  readonly markRead: (form: FormData) => Promise<void>;
}) {
  const { row, markRead } = props;
  const { icon, label } = lookOf(row.category);
  const { title, activateFirst } = withoutMark(row);
  const unread = row.readAt === null;
  return (
    <li className="grid grid-cols-[auto_minmax(0,1fr)_auto] items-start gap-x-3 px-4 py-3 sm:grid-cols-[auto_minmax(0,1fr)_auto_2.3rem] sm:px-5">
      <span title={label} className={`mt-0.5 ${unread ? "" : "text-muted"}`}>
        <Icon name={icon} size={16} />
      </span>
      <div className="min-w-0 wrap-anywhere">
        <p className={unread ? "font-medium" : ""}>
          {unread ? <span className="sr-only">Unread: </span> : null}
          <NotificationLink id={row.id} href={row.href} unread={unread} markRead={markRead}>
            <Sentence of={title} />
          </NotificationLink>
          {activateFirst ? <span className="badge badge-warning ml-2">Activate first</span> : null}
        </p>
        {row.body ? (
          <p className="text-muted">
            <Sentence of={row.body} />
          </p>
        ) : null}
      </div>
      <span className="text-muted max-sm:col-start-2 max-sm:row-start-2">
        <Moment value={row.createdAt} short />
      </span>
      {unread ? (
        <form action={markRead} className="max-sm:col-start-3 max-sm:row-start-1">
          <input type="hidden" name="id" value={row.id} />
          <button
            type="submit"
            className="button button-quiet button-icon -my-1.5"
            title="Mark as read"
            aria-label={`Mark as read: ${visibleSentence(title)}`}
          >
            <Icon name="check" size={16} />
          </button>
        </form>
      ) : null}
    </li>
  );
}
