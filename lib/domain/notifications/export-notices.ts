import {
  detailText,
  type EventFacts,
  type EventNotice,
  noticeOf,
} from "@/lib/domain/notifications/event-facts";
import { isolated } from "@/lib/domain/text/visible-text";

/**
 * The notices about a scheduled export that paused itself: to the person for whom it ran, and to those
 * who may take it over.
 */
export function exportNotices(event: EventFacts): EventNotice[] {
  const reason = detailText(event, "pauseReason");
  if (event.kind !== "ExportSchedulePaused" || reason === null) return [];
  const name = isolated(detailText(event, "administratorName") ?? "Somebody");
  const list = (detailText(event, "list") ?? "A list").toLowerCase();
  const title = `A scheduled export was paused: ${list} of ${isolated(event.resourceName ?? "a resource")}`;
  const href = `/resources/${event.resourceId}/scheduled-exports`;
  const why = reason === "Disabled" ? "was disabled" : "may no longer edit role settings there";
  return [
    noticeOf(event, "scheduleAdministrator", "administration", {
      ...{ title, href },
      body: "It ran for you, and you may no longer edit role settings there. Nothing is sent until an administrator resumes it.",
    }),
    noticeOf(event, "administrators", "administration", {
      ...{ title, href },
      body: `It ran for ${name}, who ${why}. Nothing is sent until an administrator resumes it. It then runs for them.`,
    }),
  ];
}
