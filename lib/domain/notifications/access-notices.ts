import {
  actorText,
  detailText,
  detailTime,
  type EventFacts,
  type EventNotice,
  membersPage,
  newsTime,
  noticeOf,
  reasonText,
  requestPage,
  roleText,
  targetText,
  untilText,
} from "@/lib/domain/notifications/event-facts";
import type { NotificationEvent, NotificationRecipient } from "@/lib/domain/roles/notification-settings";
import { isolated } from "@/lib/domain/text/visible-text";
import { momentText } from "@/lib/domain/time/moment-text";

const informs = (event: NotificationEvent, recipient: NotificationRecipient) => ({
  rule: { event, recipient, importance: "Informational" as const },
});

function assignedNotices(event: EventFacts, tab: "eligible" | "active"): EventNotice[] {
  const role = roleText(event);
  const by = actorText(event);
  const rest = `${role}${untilText(event)}.${reasonText(event)}`;
  const ofSettings = tab === "eligible" ? "Admin_Eligibility" : "Admin_Assignment";
  const words = tab === "eligible" ? "eligible for" : "active as";
  return [
    noticeOf(
      event,
      "target",
      "access",
      {
        title: tab === "eligible" ? `You can now activate ${role}` : `You now hold ${role}`,
        body: `${by} made you ${words} ${rest}`,
        href: `/my-roles?tab=${tab}`,
      },
      informs(ofSettings, "Requestor"),
    ),
    noticeOf(
      event,
      "administrators",
      "administration",
      {
        title: `${targetText(event)} is now ${words} ${role}`,
        body: `${by} made ${targetText(event)} ${words} ${rest}`,
        href: membersPage(event, tab),
      },
      informs(ofSettings, "Admin"),
    ),
  ];
}

/** Somebody no longer holds a role, and may activate it instead. */
function madeEligible(event: EventFacts): EventNotice[] {
  const role = roleText(event);
  const until = untilText(event);
  const by = actorText(event);
  const rest = `${until}.${reasonText(event)}`;
  return [
    noticeOf(
      event,
      "target",
      "access",
      {
        title: `You now activate ${role} when you need it`,
        body: `${by} made your active assignment eligible: you hold the role only while you have activated it. You can activate it${rest}`,
        href: "/my-roles?tab=eligible",
      },
      informs("Admin_Eligibility", "Requestor"),
    ),
    noticeOf(
      event,
      "administrators",
      "administration",
      {
        title: `${targetText(event)} is now eligible for ${role} instead of active`,
        body: `${by} made the active assignment eligible. ${targetText(event)} can activate it${rest}`,
        href: membersPage(event, "eligible"),
      },
      informs("Admin_Eligibility", "Admin"),
    ),
  ];
}

function activated(event: EventFacts): EventNotice[] {
  const role = roleText(event);
  const before = detailTime(event, "endBefore");
  const extended = before !== null;
  const ends = `${untilText(event)}${extended ? ` instead of ${momentText(before)}` : ""}`;
  const others = {
    title: `${targetText(event)} ${extended ? "extended their activation of" : "activated"} ${role}`,
    body: `Active${ends}.${reasonText(event)}`,
    href: membersPage(event, "active"),
  };
  // If the member entered a code after the approval, the activation is their own act.
  const approver = event.details.codeAfterApproval === true ? null : detailText(event, "approvedBy");
  const href = "/my-roles?tab=active";
  const own =
    approver === null
      ? noticeOf(
          event,
          "target",
          "access",
          {
            title: `You ${extended ? "extended" : "activated"} ${role}`,
            body: `It is active${ends}. If this was not you, deactivate it and tell your administrators.`,
            href,
          },
          informs("EndUser_Assignment", "Requestor"),
        )
      : noticeOf(event, "target", "requests", {
          title: `Your ${extended ? "extension" : "activation"} of ${role} was approved`,
          body: `${isolated(approver)} approved it. It is active${ends}.`,
          href: requestPage(event),
        });
  return [
    own,
    noticeOf(event, "administrators", "administration", others, informs("EndUser_Assignment", "Admin")),
    noticeOf(
      event,
      "approvers",
      "administration",
      { ...others, href: detailText(event, "approvedBy") === null ? "/notifications" : requestPage(event) },
      informs("EndUser_Assignment", "Approver"),
    ),
  ];
}

function changed(event: EventFacts, tab: "eligible" | "active" | "expired", what: string): EventNotice[] {
  // The requestor gets the notice of the decision itself.
  if (typeof event.details.askedBy === "string") return [];
  const words = {
    title: `${roleText(event)}: ${what}`,
    body: `${actorText(event)} changed this.${reasonText(event)}`,
    href: `/my-roles?tab=${tab}`,
  };
  return event.actorId === event.targetId ? [] : [noticeOf(event, "target", "access", words)];
}

function ended(event: EventFacts, title: string, href: string, portalOnly = false): EventNotice[] {
  const body = `It ended at ${momentText(newsTime(event))}.`;
  return [noticeOf(event, "target", "expiry", { title, body, href }, { portalOnly })];
}

/** The notices about a role that was assigned, activated, changed, removed, or has ended. */
export function accessNotices(event: EventFacts): EventNotice[] {
  const role = roleText(event);
  const until = untilText(event);
  switch (event.kind) {
    case "EligibleAssignmentAdded":
      return assignedNotices(event, "eligible");
    case "ActiveAssignmentAdded":
      return assignedNotices(event, "active");
    case "RoleActivated":
    case "ActivationExtended":
      return activated(event);
    case "EligibleAssignmentReplacedActive":
      return madeEligible(event);
    case "EligibleAssignmentUpdated":
      return changed(event, "eligible", "your eligibility has changed");
    case "ActiveAssignmentUpdated":
      return changed(event, "active", "your assignment has changed");
    case "EligibleAssignmentExtended":
    case "EligibleAssignmentRenewed":
      return changed(event, "eligible", `you can activate it${until || " from now on"}`);
    case "ActiveAssignmentExtended":
    case "ActiveAssignmentRenewed":
      return changed(event, "active", `you hold it${until || " from now on"}`);
    case "EligibleAssignmentRemoved":
      return changed(event, "expired", "you can no longer activate it");
    case "ActiveAssignmentRemoved":
      return changed(event, "expired", "your assignment was removed");
    case "ActivationExpired":
      return ended(event, `Your activation of ${role} has ended`, "/my-roles?tab=eligible", true);
    case "EligibleAssignmentExpired":
      return ended(event, `You can no longer activate ${role}`, "/my-roles?tab=expired");
    case "ActiveAssignmentExpired":
      return ended(event, `Your assignment of ${role} has ended`, "/my-roles?tab=expired");
    default:
      return [];
  }
}
