import { isSessionGood, isTokenGood, type SessionToken } from "@/lib/identity/sessions";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import type { NotificationListener } from "@/lib/platform/notification-listener";
import { unreadNotifications } from "@/lib/queries/notifications/notifications";

const encoder = new TextEncoder();

/**
 * What a person has not read, told at once and after each change, as server-sent events. The session is asked about
 * with every event and at every heartbeat: when it is no longer good, or the cookie that the stream was opened with is
 * not, the stream ends; a page opens another with the cookie that it has by then. `openStreams` gets the way to end it
 * from outside.
 */
export function notificationStream(options: {
  readonly database: Database;
  readonly notifications: NotificationListener;
  readonly openStreams: Set<() => void>;
  readonly caller: Caller;
  /** What the cookie carried. */
  readonly token?: SessionToken;
  readonly signal: AbortSignal;
  readonly heartbeatMilliseconds: number;
  readonly onEnd: () => void;
}): ReadableStream<Uint8Array> {
  const { database, notifications, openStreams, caller, token, signal } = options;
  let end = () => {};
  return new ReadableStream<Uint8Array>({
    start(controller) {
      let ended = false;
      let sent = "";
      let asking: Promise<void> | null = null;
      let again = false;
      const tell = async () => {
        const state = JSON.stringify(await unreadNotifications(database, caller.userId));
        // Asked after the reading, so that nothing is told that came once the session had ended.
        const good = token
          ? await isTokenGood(database, token)
          : await isSessionGood(database, caller.sessionId);
        if (!good) return end();
        if (ended) return;
        controller.enqueue(
          encoder.encode(state === sent ? ": still here\n\n" : `event: unread\ndata: ${state}\n\n`),
        );
        sent = state;
      };
      // Changes that come while the database is being asked are told together afterwards.
      const ask = () => {
        if (asking) {
          again = true;
          return;
        }
        asking = tell()
          // The page asks again by itself when the stream ends.
          .catch(() => end())
          .then(() => {
            asking = null;
            if (!again || ended) return;
            again = false;
            ask();
          });
      };
      const unsubscribe = notifications.subscribe(caller.userId, ask);
      const heartbeat = setInterval(ask, options.heartbeatMilliseconds);
      end = () => {
        if (ended) return;
        ended = true;
        clearInterval(heartbeat);
        unsubscribe();
        openStreams.delete(end);
        signal.removeEventListener("abort", end);
        options.onEnd();
        try {
          controller.close();
        } catch {
          // The reader has gone already.
        }
      };
      openStreams.add(end);
      signal.addEventListener("abort", end);
      controller.enqueue(encoder.encode("retry: 3000\n\n"));
      ask();
    },
    cancel: () => end(),
  });
}
