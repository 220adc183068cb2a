import { detailText, type EventFacts, type EventNotice, noticeOf, untilText } from "@/lib/domain/event-facts";

/** Whom to tell of alerts and of access reviews. */
export function oversightNotices(event: EventFacts): EventNotice[] {
  const resource = event.resourceName ?? "a resource";
  const review = detailText(event, "accessReviewId");
  const name = detailText(event, "accessReviewName") ?? "Access review";
  switch (event.kind) {
    case "AlertRaised":
      // What is only untidy stands on the page of alerts.
      if (event.details.severity === "Low") return [];
      return [
        noticeOf(
          event,
          "administrators",
          "administration",
          {
            title: `${detailText(event, "alert") ?? "Alert"}: ${resource}`,
            body: [event.targetName, event.roleName].filter((each) => each !== null).join(", "),
            href: `/resources/${event.resourceId}/alerts`,
          },
          { portalOnly: event.details.severity !== "High" },
        ),
      ];
    case "AccessReviewStarted":
      return review === null
        ? []
        : [
            noticeOf(event, "reviewers", "decisions", {
              title: `You are asked to review who has access: ${name}`,
              body: `It is open${untilText(event)}.`,
              href: `/access-reviews/${review}`,
            }),
          ];
    case "AccessReviewReminded":
      return review === null
        ? []
        : [
            noticeOf(event, "reviewersLeft", "decisions", {
              title: `An access review still waits for your answers: ${name}`,
              body: `It is open${untilText(event)}.`,
              href: `/access-reviews/${review}`,
            }),
          ];
    case "AccessReviewEnded":
      return review === null
        ? []
        : [
            noticeOf(event, "reviewOwner", "administration", {
              title: `Your access review has ended: ${name}`,
              body: "Its decisions can be seen, and applied where that was not done already.",
              href: `/resources/${event.resourceId}/access-reviews/${review}`,
            }),
          ];
    default:
      return [];
  }
}
