import { isSessionGood, isTokenGood, type SessionToken } from "@/lib/identity/sessions/sessions";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import type { NotificationListener } from "@/lib/platform/notification-listener";
import { unreadNotifications } from "@/lib/queries/notifications/notifications";

const encoder = new TextEncoder();

/**
 * Sends a person's unread notifications as server-sent events: once at the start and after each change. Checks the
 * session at every event and every heartbeat. The stream ends when the session, or the cookie that it was opened with,
 * is no longer valid. The page then opens another with its current cookie. `openStreams` receives the function that
 * ends the stream from outside.
 */
export function notificationStream(options: {
  readonly database: Database;
  readonly notifications: NotificationListener;
  readonly openStreams: Set<() => void>;
  readonly caller: Caller;
  /** The token from the cookie. */
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
        // Checked after reading, so that nothing is sent that arrived after the session ended.
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
      // Changes that arrive during a read are sent together afterwards.
      const ask = () => {
        if (asking) {
          again = true;
          return;
        }
        asking = tell()
          // The page reconnects when the stream ends.
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
          // The reader has already disconnected.
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
