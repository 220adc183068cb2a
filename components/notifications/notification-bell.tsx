"use client";

import { usePathname, useRouter } from "next/navigation";
import { Suspense, useEffect, useRef, useState } from "react";
import { BarPanel } from "@/components/shell/bar-panel";
import { Icon } from "@/components/ui/icon";
import { later } from "@/components/ui/later";
import { visibleSentence } from "@/lib/domain/text/visible-text";
import type { UnreadState } from "@/lib/queries/notifications/notifications";

const NewestList = later(() =>
  import("@/components/notifications/newest-list").then((module) => module.NewestList),
);

const retryMilliseconds = 20_000;

function isUnread(value: unknown): value is UnreadState {
  return typeof value === "object" && value !== null && "unread" in value && typeof value.unread === "number";
}

/**
 * Listens while the page is visible. A hidden page closes its connection, since browsers allow only a few, and gets the
 * current state when it is shown again. After a refusal it waits before it retries.
 */
function useUnread(initial: UnreadState, onChange: (state: UnreadState) => void): UnreadState {
  const [state, setState] = useState(initial);
  const listener = useRef(onChange);
  listener.current = onChange;
  useEffect(() => {
    let source: EventSource | null = null;
    let timer: ReturnType<typeof setTimeout> | undefined;
    const stop = () => {
      clearTimeout(timer);
      source?.close();
      source = null;
    };
    const start = () => {
      stop();
      if (document.hidden) return;
      const opened = new EventSource("/notifications/stream");
      source = opened;
      opened.addEventListener("unread", (event) => {
        const value: unknown = JSON.parse(event.data);
        if (!isUnread(value)) return;
        setState(value);
        listener.current(value);
      });
      opened.addEventListener("error", () => {
        if (opened.readyState === EventSource.CLOSED) timer = setTimeout(start, retryMilliseconds);
      });
    };
    start();
    document.addEventListener("visibilitychange", start);
    return () => {
      document.removeEventListener("visibilitychange", start);
      stop();
    };
  }, []);
  return state;
}

/**
 * The bell of the top bar, with a live count of unread notifications. It opens the newest of them in place. New ones are
 * announced to screen readers.
 */
export function NotificationBell(props: {
  readonly initial: UnreadState;
  readonly markRead: (form: FormData) => Promise<void>;
  readonly markAllRead: (form: FormData) => Promise<void>;
}) {
  const { initial, markRead, markAllRead } = props;
  const router = useRouter();
  const path = usePathname();
  const known = useRef(initial.newest?.id ?? "");
  const [announcement, setAnnouncement] = useState("");
  const state = useUnread(initial, ({ newest }) => {
    // Ids grow with time. When a newer notification is read, an older one becomes the newest unread.
    if (newest && newest.id > known.current) {
      known.current = newest.id;
      setAnnouncement(`New notification: ${visibleSentence(newest.title)}`);
    }
    if (path === "/notifications") router.refresh();
  });
  const count = state.unread > 99 ? "99+" : String(state.unread);
  return (
    <>
      <BarPanel
        href="/notifications"
        className="button button-quiet bell"
        panelClass="bar-panel-bell"
        label={state.unread === 0 ? "Notifications, none unread" : `Notifications, ${count} unread`}
        current={path === "/notifications"}
        panel="Notifications"
        preload={NewestList.comeNear}
        face={
          <>
            <Icon name="bell" size={17} />
            {state.unread > 0 ? (
              <span aria-hidden className="bell-count">
                {count}
              </span>
            ) : null}
          </>
        }
      >
        {(close) => (
          <Suspense>
            <NewestList state={state} markRead={markRead} markAllRead={markAllRead} onFollow={close} />
          </Suspense>
        )}
      </BarPanel>
      <span role="status" className="sr-only">
        {announcement}
      </span>
    </>
  );
}
