import { type EventFacts, type EventNotice, noticeOf } from "@/lib/domain/notifications/event-facts";

export const notYou = "If this was not you, tell your administrators and end your other sessions.";

/** Makes a notice about sign-in or factors, for the actor or the person whom the event is about. */
export function ownNotice(event: EventFacts) {
  return (title: string, body: string = notYou, audience: "actor" | "target" = "actor"): EventNotice[] => [
    noticeOf(event, audience, "security", { title, body, href: "/account/security" }),
  ];
}
