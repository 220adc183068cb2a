import {
  actorText,
  type EventFacts,
  type EventNotice,
  noticeOf,
  reasonText,
  roleText,
  targetText,
  untilText,
} from "@/lib/domain/notifications/event-facts";

/** The notices about break-glass. No role setting and no preference switches them off. */
export function breakGlassNotices(event: EventFacts): EventNotice[] {
  const href = event.requestId === null ? "/approvals" : `/requests/${event.requestId}`;
  switch (event.kind) {
    case "BreakGlassUsed":
      return [
        noticeOf(event, "emergencyReviewers", "decisions", {
          title: `Emergency: ${targetText(event)} approved their own request for ${roleText(event)}`,
          body: `The role is active${untilText(event)}.${reasonText(event)} Review it: it stays open until somebody closes it.`,
          href,
        }),
      ];
    case "BreakGlassReviewed": {
      const words = event.details.reviewOutcome === "Justified" ? "justified" : "not justified";
      const ended = event.details.ended === true ? " The activation was ended." : "";
      return [
        noticeOf(event, "target", "decisions", {
          title: `Your emergency activation of ${roleText(event)} was reviewed: ${words}`,
          body: `${actorText(event)} closed the review.${ended}${reasonText(event)}`,
          href,
        }),
      ];
    }
    default:
      return [];
  }
}
