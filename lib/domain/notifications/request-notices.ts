import {
  actorText,
  detailText,
  detailTime,
  type EventFacts,
  type EventNotice,
  noticeOf,
  reasonText,
  requestPage,
  roleText,
  targetText,
} from "@/lib/domain/notifications/event-facts";
import type { NotificationEvent } from "@/lib/domain/roles/notification-settings";
import { isolated } from "@/lib/domain/text/visible-text";
import { momentText } from "@/lib/domain/time/moment-text";

/** The notification rule for a request: that of its activation, or of the access that is to last longer. */
function ruleOf(event: EventFacts): NotificationEvent {
  if (!/^(Extension|Renewal)/.test(event.kind)) return "EndUser_Assignment";
  return event.eligibilityId === null ? "Admin_Assignment" : "Admin_Eligibility";
}

function asked(event: EventFacts, what: "extend" | "renew"): EventNotice[] {
  const eligible = event.details.assignmentType !== "Active";
  const askedFor = detailTime(event, "requestedEnd");
  const until = askedFor === null ? "" : ` until ${momentText(askedFor)}`;
  return [
    noticeOf(
      event,
      eligible ? "eligibilityAssigners" : "roleAssigners",
      "decisions",
      {
        title: `${actorText(event, "Somebody")} asks to ${what} ${roleText(event)}`,
        body: `Requested${until}.${reasonText(event)}`,
        href: requestPage(event),
      },
      {
        rule: {
          event: eligible ? "Admin_Eligibility" : "Admin_Assignment",
          recipient: "Approver",
          importance: "Critical",
        },
      },
    ),
  ];
}

/** The notice to those whom the open stage asks. They are notified at each stage and at its escalation. */
function waits(event: EventFacts, title: string): EventNotice[] {
  const until = detailTime(event, "expiresAt");
  const by = until === null ? "" : `Decide by ${momentText(until)}.`;
  const body = `${by}${reasonText(event)}`.trim() || "It waits for your decision.";
  const rule = { event: "EndUser_Assignment", recipient: "Approver", importance: "Critical" } as const;
  return [noticeOf(event, "deciders", "decisions", { title, body, href: requestPage(event) }, { rule })];
}

function requestorNotices(event: EventFacts, what: string, body: string): EventNotice[] {
  const title = `Your request to ${event.ofExtension ? "extend" : "activate"} ${roleText(event)} ${what}`;
  return [noticeOf(event, "requestor", "requests", { title, body, href: requestPage(event) })];
}

/** The notice to those who were asked to decide that their decision is no longer needed, and why. */
function noLonger(event: EventFacts, wanted: string, body: string): EventNotice[] {
  // Once it was approved, nobody is asked any more.
  if (event.details.awaitedCode === true || event.details.wasScheduled === true) return [];
  const title = `No longer needs a decision: ${wanted}`;
  return [
    noticeOf(
      event,
      "asked",
      "asked",
      { title, body, href: requestPage(event) },
      { rule: { event: ruleOf(event), recipient: "Approver", importance: "Informational" } },
    ),
  ];
}

/** " until 24 Nov 2026, 17:00 UTC instead of 24 Nov 2026, 16:00 UTC" for an extension, where the event says so. */
function laterEnd(event: EventFacts): string {
  const [until, before] = [detailTime(event, "requestedEnd"), detailTime(event, "endBefore")];
  return until === null || before === null
    ? ""
    : ` until ${momentText(until)} instead of ${momentText(before)}`;
}

/** The notice that an approved request waits for its member's code, and until when. */
function awaitsCode(event: EventFacts, what: string, body: string): EventNotice[] {
  const until = detailTime(event, "expiresAt");
  const by = until === null ? "" : ` by ${momentText(until)}, or the request times out`;
  const title = `Enter your code to ${event.ofExtension ? "extend" : "start"} ${roleText(event)}: your request ${what}`;
  const words = {
    title,
    body: `${body}Enter a new verification code${by}.`,
    href: `${requestPage(event)}?activate=1`,
  };
  return [noticeOf(event, "requestor", "requests", words)];
}

/**
 * The notices about a request for more time: to the requestor and, if it ended without a decision, to
 * those who were asked.
 */
function decided(
  event: EventFacts,
  verb: "extend" | "renew",
  result: "approved" | "denied" | "canceled",
): EventNotice[] {
  const wanted = `${targetText(event)} asks to ${verb} ${roleText(event)}`;
  const own = event.actorId === event.requestorId;
  const by = own ? "It was withdrawn." : `${actorText(event)} ${result} it.${reasonText(event)}`;
  const others = result === "approved" ? [] : noLonger(event, wanted, by);
  if (own) return others;
  const title = `Your request to ${verb} was ${result}: ${roleText(event)}`;
  const body = `${actorText(event)} decided.${reasonText(event)}`;
  return [noticeOf(event, "requestor", "requests", { title, body, href: requestPage(event) }), ...others];
}

/** The notices about a request: to those who decide, and then to the requestor. */
export function requestNotices(event: EventFacts): EventNotice[] {
  const wanted = `${targetText(event)} asks to ${event.ofExtension ? "extend" : "activate"} ${roleText(event)}${laterEnd(event)}`;
  const nothingYet = event.ofExtension ? "Nothing is extended yet." : "Nothing is active yet.";
  const by = actorText(event);
  switch (event.kind) {
    case "ActivationRequested":
    case "ActivationExtensionRequested":
      return waits(event, wanted);
    case "RequestEscalated":
      return waits(event, `${wanted}, and nobody has decided yet`);
    case "ActivationAwaitsCode": {
      const approver = isolated(detailText(event, "approvedBy") ?? by);
      return awaitsCode(event, "was approved", `${approver} approved it. ${nothingYet} `);
    }
    case "RequestReminded":
      return event.details.awaitedCode === true
        ? awaitsCode(event, "times out soon", `It is approved. ${nothingYet} `)
        : waits(event, `${wanted}, and it times out soon`);
    case "RequestApproved":
      // The last approval leads to the activation or to the wait for a code, which have notices of
      // their own. Another stage asks its own approvers.
      return detailTime(event, "expiresAt") === null ? [] : waits({ ...event, justification: null }, wanted);
    case "RequestDenied": {
      const body = `${by} denied it.${reasonText(event)}`;
      return [...requestorNotices(event, "was denied", body), ...noLonger(event, wanted, body)];
    }
    case "RequestTimedOut":
      return [
        ...requestorNotices(
          event,
          "has timed out",
          event.details.awaitedCode === true
            ? "It was approved, and no code was entered in time. Ask again if you still need it."
            : "Nobody decided in time. Ask again if you still need it.",
        ),
        ...noLonger(event, wanted, "Nobody decided in time."),
      ];
    case "RequestCanceled": {
      if (event.actorId === event.requestorId)
        return noLonger(event, wanted, `It was withdrawn.${reasonText(event)}`);
      const body = `${by} canceled it.${reasonText(event)}`;
      return [...requestorNotices(event, "was canceled", body), ...noLonger(event, wanted, body)];
    }
    case "RequestRevoked": {
      const reason = detailText(event, "reason") ?? "The access behind it no longer exists.";
      return [...requestorNotices(event, "was revoked", reason), ...noLonger(event, wanted, reason)];
    }
    case "RequestFailed":
      return requestorNotices(
        event,
        "was approved, but could not be completed",
        Array.isArray(event.details.reasons) ? event.details.reasons.join(" ") : "",
      );
    case "ExtensionRequested":
      return asked(event, "extend");
    case "RenewalRequested":
      return asked(event, "renew");
    case "ExtensionApproved":
      return decided(event, "extend", "approved");
    case "ExtensionDenied":
      return decided(event, "extend", "denied");
    case "ExtensionCanceled":
      return decided(event, "extend", "canceled");
    case "RenewalApproved":
      return decided(event, "renew", "approved");
    case "RenewalDenied":
      return decided(event, "renew", "denied");
    case "RenewalCanceled":
      return decided(event, "renew", "canceled");
    default:
      return [];
  }
}
