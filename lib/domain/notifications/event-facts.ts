import type { Notice, NoticeCategory } from "@/lib/domain/notifications/notice";
import type { PrincipalType } from "@/lib/domain/people/principal";
import { principalLabel, principalText } from "@/lib/domain/people/principal-identity";
import type {
  Importance,
  NotificationEvent,
  NotificationRecipient,
} from "@/lib/domain/roles/notification-settings";
import { isolated } from "@/lib/domain/text/visible-text";
import { momentText } from "@/lib/domain/time/moment-text";

/** The facts of an audit event that notifications need. */
export interface EventFacts {
  readonly kind: string;
  readonly requestId: string | null;
  readonly actorId: string | null;
  readonly actorName: string | null;
  /** The actor's address and the target's address and type at that moment. */
  readonly actorEmail: string | null;
  readonly targetId: string | null;
  readonly targetName: string | null;
  readonly targetType: PrincipalType | null;
  readonly targetEmail: string | null;
  readonly targetExternalId: string | null;
  readonly roleDefinitionId: string | null;
  readonly roleName: string | null;
  readonly eligibilityId: string | null;
  readonly resourceId: string | null;
  readonly resourceName: string | null;
  readonly scope: string | null;
  readonly justification: string | null;
  readonly ipAddress: string | null;
  readonly userAgent: string | null;
  readonly occurredAt: Date;
  readonly details: Readonly<Record<string, unknown>>;
  /** Who made the request that the event is about. */
  readonly requestorId: string | null;
  /** That request asks to extend a running activation. */
  readonly ofExtension: boolean;
  /** For `SignIn`: the person has signed in before, but never from this address. */
  readonly fromNewAddress: boolean;
  /** The same for the browser, by its name and system, without its version. */
  readonly withNewBrowser: boolean;
  /** A notice of a sign-in was mailed within the last hour, so this one is shown only in the portal. */
  readonly mailedLately: boolean;
}

/**
 * Who is notified. For requests: the actor; the people whom the event is about; the requestor; those who can decide
 * the open stage; those who were notified that the request waits for them; those who may review an emergency
 * activation. By role settings: the approvers, or those before an edit; the administrators of the resource. For
 * exceptions from conflict rules: the person who asked, and the administrators who can decide. Those who may assign
 * the role as eligible or active there. For access reviews: the reviewers, those of them with open items or named by
 * an edit, the owner, those named to be notified of the end, those who could start it instead, and those who may
 * remove members of its groups. For scheduled exports and imports: the person for whom it ran.
 */
export type Audience =
  | "actor"
  | "target"
  | "requestor"
  | "deciders"
  | "asked"
  | "emergencyReviewers"
  | "approvers"
  | "administrators"
  | "approversBefore"
  | "exceptionAsker"
  | "exceptionDeciders"
  | "eligibilityAssigners"
  | "roleAssigners"
  | "reviewers"
  | "reviewersWithOpenItems"
  | "addedReviewers"
  | "reviewOwner"
  | "reviewInformed"
  | "reviewStarters"
  | "membershipManagers"
  | "scheduleAdministrator";

/** The notification rule of the role settings that applies. */
export interface NoticeRule {
  readonly event: NotificationEvent;
  readonly recipient: NotificationRecipient;
  readonly importance: Importance;
}

export interface EventNotice {
  readonly audience: Audience;
  readonly notice: Notice;
  /** Null if no role setting applies. */
  readonly rule: NoticeRule | null;
  /** Routine: shown in the bell, and not mailed. */
  readonly portalOnly: boolean;
  /** Further addresses that get mail, whatever the role settings say now. */
  readonly addresses: readonly string[];
  /** Whether the addresses get it to which the organisation has alerts mailed. */
  readonly toAlertAddresses: boolean;
}

/** Older events are not notified, so that after a long stop people get only what still matters. */
export const newsDays = 7;

/** A text in the event's details; null if there is none. */
export function detailText(event: EventFacts, name: string): string | null {
  const value = event.details[name];
  return typeof value === "string" && value !== "" ? value : null;
}

/** A time in the event's details; null if there is none. */
export function detailTime(event: EventFacts, name: string): Date | null {
  const value = event.details[name];
  const time = typeof value === "string" ? new Date(value) : null;
  return time !== null && !Number.isNaN(time.getTime()) ? time : null;
}

/** When it happened. An end that was recorded late happened at the end. */
export function newsTime(event: EventFacts): Date {
  return detailTime(event, "endedAt") ?? event.occurredAt;
}

/** Whether the event is about an approved request that waits for its member's code. */
function awaitsCode(event: EventFacts): boolean {
  return event.kind === "ActivationAwaitsCode" || event.details.awaitedCode === true;
}

function factsOf(event: EventFacts): Notice["facts"] {
  const ofRole = event.roleName !== null;
  // The recipient need not know from which address somebody else acted.
  const ofOthers = ofRole || detailText(event, "groupName") !== null;
  const time = (name: string) => {
    const found = detailTime(event, name);
    return found === null ? null : momentText(found);
  };
  const lines: readonly (readonly [string, string | null])[] = [
    ["Role", event.roleName],
    ["Resource", event.resourceName],
    ["Scope", event.scope],
    ["Member", ofRole && event.targetName !== null ? targetText(event) : null],
    ["By", event.actorName === null ? null : actorText(event)],
    ["Reason", event.justification],
    ["Start", time("startsAt")],
    ["Until", time("endsAt")],
    ["Instead of", time("endBefore")],
    ["Ended", time("endedAt")],
    [awaitsCode(event) ? "Enter your code by" : "Decide by", time("expiresAt")],
    ["Approved by", detailText(event, "approvedBy")],
    ["Group", groupText(event)],
    ["Access review", detailText(event, "accessReviewName")],
    ["Severity", detailText(event, "severity")],
    ["Address", ofOthers ? null : event.ipAddress],
    ["Browser", ofOthers ? null : event.userAgent],
    ["Time", momentText(event.occurredAt)],
  ];
  return lines.flatMap(([label, value]) => (value === null ? [] : [{ label, value }]));
}

/** The group of the event, by name and id; null if there is none. */
function groupText(event: EventFacts): string | null {
  const [name, id] = [detailText(event, "groupName"), detailText(event, "groupId")];
  return name === null || id === null ? name : `${isolated(name)} (${id})`;
}

/** Makes one notice of an event. */
export function noticeOf(
  event: EventFacts,
  audience: Audience,
  category: NoticeCategory,
  words: { readonly title: string; readonly body: string; readonly href: string },
  how: {
    readonly rule?: NoticeRule;
    readonly portalOnly?: boolean;
    readonly addresses?: readonly string[];
    readonly toAlertAddresses?: boolean;
  } = {},
): EventNotice {
  return {
    audience,
    notice: { category, facts: factsOf(event), ...words },
    rule: how.rule ?? null,
    portalOnly: how.portalOnly ?? false,
    addresses: how.addresses ?? [],
    toAlertAddresses: how.toAlertAddresses ?? false,
  };
}

/** The actor, by name and address, or `otherwise` if there is none. */
export function actorText(event: EventFacts, otherwise = "Postern"): string {
  const { actorId, actorName, actorEmail } = event;
  if (actorName === null) return otherwise;
  return actorEmail === null
    ? isolated(actorName)
    : principalText({
        id: actorId ?? "",
        displayName: actorName,
        type: "User",
        email: actorEmail,
        externalId: null,
      });
}

/** The target, by name and by what distinguishes it from others of that name. */
export function targetText(event: EventFacts, otherwise = "Somebody"): string {
  const { targetId, targetName, targetType, targetEmail, targetExternalId } = event;
  if (targetName === null) return otherwise;
  return targetId === null || targetType === null
    ? isolated(targetName)
    : principalLabel({
        id: targetId,
        displayName: targetName,
        type: targetType,
        email: targetEmail,
        externalId: targetExternalId,
      });
}

/** The role and the resource, in words. */
export function roleText(event: EventFacts): string {
  return `${isolated(event.roleName ?? "A role")} on ${isolated(event.resourceName ?? "a resource")}`;
}

/** " until 24 Nov 2026, 17:00 UTC", or nothing. */
export function untilText(event: EventFacts): string {
  const until = detailTime(event, "endsAt");
  return until === null ? "" : ` until ${momentText(until)}`;
}

/** " Reason: …", or nothing. */
export function reasonText(event: EventFacts): string {
  return event.justification === null || event.justification === ""
    ? ""
    : ` Reason: ${isolated(event.justification)}`;
}

/** The page of a role's members. */
export function membersPage(event: EventFacts, tab: "eligible" | "active"): string {
  return `/resources/${event.resourceId}/roles/${event.roleDefinitionId}?tab=${tab}`;
}

/** The page of the request: its story and, for those who may decide, the decision. */
export function requestPage(event: EventFacts): string {
  return event.requestId === null ? "/my-requests" : `/requests/${event.requestId}`;
}
