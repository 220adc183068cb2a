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

const breakGlassPage = "/organisation/sign-in#break-glass";

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
    case "BreakGlassAccountNamed":
      return [
        noticeOf(event, "administrators", "decisions", {
          title: `${targetText(event)} is now a break-glass account`,
          body: `${actorText(event)} named it.${reasonText(event)} It cannot be disabled, and all administrators are notified of each sign-in with it.`,
          href: breakGlassPage,
        }),
      ];
    case "BreakGlassAccountRemoved":
      return [
        noticeOf(event, "administrators", "decisions", {
          title: `${targetText(event)} is no longer a break-glass account`,
          body: `${actorText(event)} took it off the list.${reasonText(event)}`,
          href: breakGlassPage,
        }),
      ];
    case "BreakGlassSignIn":
      return [
        noticeOf(event, "administrators", "decisions", {
          title: `Emergency: somebody signed in with the break-glass account ${targetText(event)}`,
          body: "Find out who it was and why. Close the review with a note: it stays open until another administrator does.",
          href: breakGlassPage,
        }),
      ];
    case "BreakGlassSignInReviewed":
      return [
        noticeOf(event, "target", "decisions", {
          title: "Your sign-in with a break-glass account was reviewed",
          body: `${actorText(event)} closed the review.${reasonText(event)}`,
          href: breakGlassPage,
        }),
      ];
    default:
      return [];
  }
}
