import { type EventFacts, type EventNotice, noticeOf } from "@/lib/domain/notifications/event-facts";

export const notYou = "If this was not you, tell your administrators and end your other sessions.";

/** Makes the notice of an event about one's own sign-in or factors, for whoever did it or whose they are. */
export function ownNotice(event: EventFacts) {
  return (title: string, body: string = notYou, audience: "actor" | "target" = "actor"): EventNotice[] => [
    noticeOf(event, audience, "security", { title, body, href: "/account/security" }),
  ];
}
