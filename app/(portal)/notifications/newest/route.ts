import { application } from "@/lib/platform/application";
import { newestNotifications } from "@/lib/queries/notifications/notifications";
import { newestNotification } from "@/lib/web/newest-notification";
import { readerTimes } from "@/lib/web/reader-zone";
import { currentCaller } from "@/lib/web/request";

/** Answers the caller's newest notifications, as JSON, for the list of the bell. */
export async function GET(): Promise<Response> {
  const caller = await currentCaller();
  if (!caller) return new Response("Sign in first.", { status: 401 });
  const { rows, now } = await newestNotifications(application().database, caller);
  const times = await readerTimes();
  return Response.json(
    rows.map((row) => newestNotification(row, times, now)),
    { headers: { "cache-control": "no-store" } },
  );
}
