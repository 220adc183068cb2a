import {
  detailText,
  type EventFacts,
  type EventNotice,
  noticeOf,
  reasonText,
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
      // Alerts of low severity are only shown on their page.
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
          {
            portalOnly: event.details.severity !== "High",
            toAlertAddresses: event.details.severity === "High",
          },
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
              body: "You can see its decisions, and apply them if they have not been applied yet.",
              href: `/resources/${event.resourceId}/access-reviews/${review}`,
            }),
            informedNotice(event, review, {
              title: `An access review has ended: ${name}`,
              body: decisionsText(event.details.decisions),
            }),
          ];
    case "AccessReviewStopped":
      return review === null
        ? []
        : [
            informedNotice(event, review, {
              title: `An access review was stopped: ${name}`,
              body: `No more decisions are made.${reasonText(event)}`,
            }),
          ];
    case "AccessReviewApplied":
      return review === null
        ? []
        : [
            informedNotice(event, review, {
              title: `An access review was applied: ${name}`,
              body: resultText(event.details),
            }),
          ];
    default:
      return [];
  }
}

/** The notice for those whom a review names to be notified of its end. */
function informedNotice(
  event: EventFacts,
  review: string,
  words: { readonly title: string; readonly body: string },
): EventNotice {
  const href = `/resources/${event.resourceId}/access-reviews/${review}`;
  return noticeOf(event, "reviewInformed", "administration", { ...words, href });
}

/** Numbers in words, "3 denied, 1 without an answer". Zeros are left out. */
function counted(counts: unknown, words: readonly (readonly [string, string])[]): string {
  const of = new Map(Object.entries(counts ?? {}));
  const parts = words.flatMap(([name, word]) => {
    const count = Number(of.get(name) ?? 0);
    return count > 0 ? [`${count} ${word}`] : [];
  });
  return parts.length === 0 ? "Nothing was under review." : `${parts.join(", ")}.`;
}

const decisionsText = (decisions: unknown) =>
  counted(decisions, [
    ["Approve", "approved"],
    ["Deny", "denied"],
    ["DontKnow", "not known"],
    ["NoAnswer", "without an answer"],
  ]);

const resultText = (details: EventFacts["details"]) =>
  counted(details, [
    ["removed", "removed"],
    ["kept", "kept"],
    ["failed", "could not be removed"],
    ["alreadyGone", "already gone"],
  ]);

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
        : event.details.held === "Memberships"
          ? [
              `An access review could not remove everybody from their group: ${name}`,
              "Its results say why for each. Remove them from the group, then apply it again.",
            ]
          : [
              `An access review waits to be applied: ${name}`,
              "Its administrator may no longer remove assignments there. Look at it, then apply it.",
            ];
  const asked = event.details.held === "Memberships" ? "membershipManagers" : "reviewStarters";
  return ([asked, "reviewOwner"] as const).map((audience) =>
    noticeOf(event, audience, "administration", { title, body, href }),
  );
}
