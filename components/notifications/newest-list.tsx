"use client";

import { useEffect, useRef, useState } from "react";
import { BarListNote, useBarList } from "@/components/shell/bar-list";
import { Sentence } from "@/components/ui/name";
import type { UnreadState } from "@/lib/queries/notifications/notifications";
import type { NewestNotification } from "@/lib/web/newest-notification";

/** The newest notifications, read when the bell's list opens and with each change. Each links to what it is about. */
export function NewestList(props: {
  /** The bell's count. A change means that a notification arrived or was read. */
  readonly state: UnreadState;
  readonly markRead: (form: FormData) => Promise<void>;
  readonly markAllRead: (form: FormData) => Promise<void>;
  /** A link was followed. */
  readonly onFollow: () => void;
}) {
  const { state, onFollow } = props;
  const list = useBarList<NewestNotification>("/notifications/newest");
  const { items, read } = list;
  const known = useRef(state);
  const [marking, setMarking] = useState<"no" | "now" | "failed">("no");
  useEffect(() => {
    if (state === known.current) return;
    known.current = state;
    read();
  }, [state, read]);

  async function markAll(panel: HTMLElement | null) {
    setMarking("now");
    try {
      await props.markAllRead(new FormData());
      // The button disappears.
      panel?.focus();
      setMarking("no");
      read();
    } catch {
      setMarking("failed");
    }
  }

  function follow(row: NewestNotification, event: React.MouseEvent) {
    if (row.unread) {
      const form = new FormData();
      form.set("id", row.id);
      // It stays unread if the answer is lost.
      props.markRead(form).catch(() => undefined);
    }
    if (!event.metaKey && !event.ctrlKey && !event.shiftKey) onFollow();
  }

  return (
    <>
      <div className="bar-panel-head">
        <h2>Notifications</h2>
        {items && state.unread > 0 ? (
          <button
            type="button"
            className="button button-quiet"
            aria-busy={marking === "now"}
            onClick={({ currentTarget }) => markAll(currentTarget.closest<HTMLElement>("[popover]"))}
          >
            Mark all as read
          </button>
        ) : null}
      </div>
      {marking === "failed" ? (
        <p role="alert" className="bar-panel-note">
          They could not be marked. Try again.
        </p>
      ) : null}
      <BarListNote
        list={list}
        empty="You are notified here when you get a role, when one is about to end, or when something waits for you."
      />
      {items && items.length > 0 ? (
        <ul>
          {items.map((row) => (
            <li key={row.id}>
              <a
                href={row.href}
                className="newest"
                data-unread={row.unread ? "" : undefined}
                onClick={(event) => follow(row, event)}
              >
                <span className="newest-title">
                  {row.unread ? <span className="sr-only">Unread: </span> : null}
                  <Sentence of={row.title} />
                </span>
                {row.body ? (
                  <span className="newest-body">
                    <Sentence of={row.body} />
                  </span>
                ) : null}
                <span className="newest-when">
                  {row.activateFirst ? <span className="badge badge-warning">Activate first</span> : null}
                  <time dateTime={row.at} title={row.exact}>
                    {row.when}
                  </time>
                </span>
              </a>
            </li>
          ))}
        </ul>
      ) : null}
      <div className="bar-panel-foot">
        <a href="/notifications" className="button" onClick={onFollow}>
          All notifications
        </a>
      </div>
    </>
  );
}
