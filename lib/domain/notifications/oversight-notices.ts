import {
  detailText,
  type EventFacts,
  type EventNotice,
  noticeOf,
  targetText,
  untilText,
} from "@/lib/domain/notifications/event-facts";
import { isolated } from "@/lib/domain/text/visible-text";

/** The notices about alerts and access reviews. */
export function oversightNotices(event: EventFacts): EventNotice[] {
  const resource = isolated(event.resourceName ?? "a resource");
  const review = detailText(event, "accessReviewId");
  const name = isolated(detailText(event, "accessReviewName") ?? "Access review");
  switch (event.kind) {
    case "AlertRaised":
      // Low severity stays on the page of alerts.
      if (event.details.severity === "Low") return [];
      return [
        noticeOf(
          event,
          "administrators",
          "administration",
          {
            title: `${detailText(event, "alert") ?? "Alert"}: ${resource}`,
            body: [
              event.targetName === null ? null : targetText(event),
              event.roleName === null ? null : isolated(event.roleName),
            ]
              .filter((each) => each !== null)
              .join(", "),
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
    case "AccessReviewRemindedByHand":
      return review === null
        ? []
        : [
            noticeOf(event, "reviewersWithOpenItems", "decisions", {
              title: `An access review still waits for your answers: ${name}`,
              body: `It is open${untilText(event)}.`,
              href: `/access-reviews/${review}`,
            }),
          ];
    case "AccessReviewUpdated":
      return review === null
        ? []
        : [
            noticeOf(event, "addedReviewers", "decisions", {
              title: `You are asked to review who has access: ${name}`,
              body: `It is open${untilText(event)}.`,
              href: `/access-reviews/${review}`,
            }),
          ];
    case "AccessReviewHeld":
      return review === null ? [] : heldNotices(event, review, name);
    case "AccessReviewEnded":
      return review === null
        ? []
        : [
            noticeOf(event, "reviewOwner", "administration", {
              title: `Your access review has ended: ${name}`,
              body: "You can see its decisions, and apply them if that has not been done.",
              href: `/resources/${event.resourceId}/access-reviews/${review}`,
            }),
          ];
    default:
      return [];
  }
}

/** The notice about a review that waits for an administrator: to start it, or to apply its results. */
function heldNotices(event: EventFacts, review: string, name: string): EventNotice[] {
  const href = `/resources/${event.resourceId}/access-reviews/${review}`;
  const [title, body] =
    event.details.held === "Start"
      ? [
          `An access review waits to be taken over: ${name}`,
          "It should have started, but its administrator may no longer start it. Take it over, or stop it.",
        ]
      : event.details.held === "LateDecisions"
        ? [
            `An access review waits to be applied: ${name}`,
            "Some decisions come from reviewers who joined after it began. Look at them, then apply it.",
          ]
        : [
            `An access review waits to be applied: ${name}`,
            "Its administrator may no longer remove assignments there. Look at it, then apply it.",
          ];
  return (["reviewStarters", "reviewOwner"] as const).map((audience) =>
    noticeOf(event, audience, "administration", { title, body, href }),
  );
}
