"use client";

import Link from "next/link";
import { usePathname, useRouter } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { Icon } from "@/components/ui/icon";
import { visibleSentence } from "@/lib/domain/text/visible-text";
import type { UnreadState } from "@/lib/queries/notifications/notifications";

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

/** The bell of the top bar, with a live count of unread notifications. New ones are announced to screen readers. */
export function NotificationBell({ initial }: { initial: UnreadState }) {
  const router = useRouter();
  const path = usePathname();
  const known = useRef(initial.newest?.id ?? "");
  const [announcement, setAnnouncement] = useState("");
  const { unread } = useUnread(initial, ({ newest }) => {
    // Ids grow with time. When a newer notification is read, an older one becomes the newest unread.
    if (newest && newest.id > known.current) {
      known.current = newest.id;
      setAnnouncement(`New notification: ${visibleSentence(newest.title)}`);
    }
    if (path === "/notifications") router.refresh();
  });
  const count = unread > 99 ? "99+" : String(unread);
  return (
    <>
      <Link
        href="/notifications"
        className="button button-quiet relative px-2"
        aria-label={unread === 0 ? "Notifications, none unread" : `Notifications, ${count} unread`}
        aria-current={path === "/notifications" ? "page" : undefined}
      >
        <Icon name="bell" size={17} />
        {unread > 0 ? (
          <span
            aria-hidden
            className="absolute top-0 left-1/2 min-w-4.5 rounded-full bg-accent px-1 text-center text-[0.7rem]/4.5 font-bold text-on-accent tabular-nums"
          >
            {count}
          </span>
        ) : null}
      </Link>
      <span role="status" className="sr-only">
        {announcement}
      </span>
    </>
  );
}
