import { type EventFacts, type EventNotice, noticeOf, reasonText, roleText } from "@/lib/domain/event-facts";
import { momentText } from "@/lib/domain/notice";

function asked(event: EventFacts, what: "extend" | "renew"): EventNotice[] {
  const eligible = event.details.assignmentType !== "Active";
  const wished = typeof event.details.requestedEnd === "string" ? new Date(event.details.requestedEnd) : null;
  const until = wished === null ? "" : ` until ${momentText(wished)}`;
  return [
    noticeOf(
      event,
      eligible ? "eligibilityGivers" : "assignmentGivers",
      "decisions",
      {
        title: `${event.actorName} asks to ${what} ${roleText(event)}`,
        body: `Wanted${until}.${reasonText(event)}`,
        href: "/approvals",
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

function decided(event: EventFacts, what: string): EventNotice[] {
  if (event.actorId === event.requestorId) return [];
  const title = `Your request to ${what}: ${roleText(event)}`;
  const body = `${event.actorName ?? "Postern"} decided.${reasonText(event)}`;
  return [noticeOf(event, "requestor", "requests", { title, body, href: "/my-requests" })];
}

/** Whom to tell of a request: those who decide, and then whoever asked. */
export function requestNotices(event: EventFacts): EventNotice[] {
  switch (event.kind) {
    case "ExtensionRequested":
      return asked(event, "extend");
    case "RenewalRequested":
      return asked(event, "renew");
    case "ExtensionApproved":
      return decided(event, "extend was approved");
    case "ExtensionDenied":
      return decided(event, "extend was denied");
    case "ExtensionCanceled":
      return decided(event, "extend was canceled");
    case "RenewalApproved":
      return decided(event, "renew was approved");
    case "RenewalDenied":
      return decided(event, "renew was denied");
    case "RenewalCanceled":
      return decided(event, "renew was canceled");
    default:
      return [];
  }
}
