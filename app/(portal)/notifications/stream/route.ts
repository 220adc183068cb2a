import { application } from "@/lib/platform/application";
import { currentCaller, currentToken } from "@/lib/web/request";
import { notificationStream } from "./notification-stream";

/** How many streams one person may have open in one process. */
const mostStreams = 12;
const heartbeatMilliseconds = 15_000;
const open = new Map<string, number>();

/** Streams the caller's unread notifications until their session ends or the page is closed. */
export async function GET(request: Request): Promise<Response> {
  const caller = await currentCaller();
  if (!caller) return new Response("Sign in first.", { status: 401 });
  const { userId } = caller;
  const already = open.get(userId) ?? 0;
  if (already >= mostStreams) return new Response("Too many pages are open.", { status: 429 });
  open.set(userId, already + 1);
  const { database, notifications, openStreams } = application();
  const stream = notificationStream({
    ...{ database, notifications, openStreams, caller, heartbeatMilliseconds },
    token: (await currentToken()) ?? undefined,
    signal: request.signal,
    onEnd: () => {
      const left = (open.get(userId) ?? 1) - 1;
      if (left > 0) open.set(userId, left);
      else open.delete(userId);
    },
  });
  return new Response(stream, {
    headers: {
      "content-type": "text/event-stream; charset=utf-8",
      // `no-transform` prevents compression, which would delay events.
      "cache-control": "no-store, no-transform",
      "x-accel-buffering": "no",
    },
  });
}
