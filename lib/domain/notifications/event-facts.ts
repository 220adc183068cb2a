import { momentText, type Notice, type NoticeCategory } from "@/lib/domain/notifications/notice";
import type {
  Importance,
  NotificationEvent,
  NotificationRecipient,
} from "@/lib/domain/notifications/notification-settings";
import type { PrincipalType } from "@/lib/domain/people/principal";
import { principalLabel, principalText } from "@/lib/domain/people/principal-identity";
import { isolated } from "@/lib/domain/visible-text";

/** What an event of the log says, as far as telling people of it goes. */
export interface EventFacts {
  readonly kind: string;
  readonly requestId: string | null;
  readonly actorId: string | null;
  readonly actorName: string | null;
  /** The addresses that they had at that moment, and what the target was. */
  readonly actorEmail: string | null;
  readonly targetId: string | null;
  readonly targetName: string | null;
  readonly targetType: PrincipalType | null;
  readonly targetEmail: string | null;
  readonly targetExternalId: string | null;
  readonly roleDefinitionId: string | null;
  readonly roleName: string | null;
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
  /** For `SignIn`: the person has signed in before, and never from this address. */
  readonly fromNewAddress: boolean;
}

/**
 * Who is told: the actor, the people whom the event is about, whoever made the request or may decide it at its present
 * stage, those whom its last stage asked without an answer, the approvers that the role settings name or, before an edit
 * of them, named, the administrators of the resource, whoever may give the role as
 * eligible or active there, and those whom an access review asks, those of them who may still answer
 * something, whoever started it, or whoever could start it in their place.
 */
export type Audience =
  | "actor"
  | "target"
  | "requestor"
  | "deciders"
  | "asked"
  | "approvers"
  | "administrators"
  | "approversBefore"
  | "eligibilityGivers"
  | "assignmentGivers"
  | "reviewers"
  | "reviewersLeft"
  | "reviewOwner"
  | "reviewGivers";

/** The rule of the role settings that has a say in whether people are told. */
export interface NoticeRule {
  readonly event: NotificationEvent;
  readonly recipient: NotificationRecipient;
  readonly importance: Importance;
}

export interface EventNotice {
  readonly audience: Audience;
  readonly notice: Notice;
  /** Null where role settings have no say. */
  readonly rule: NoticeRule | null;
  /** Something of every day that the bell tells, and mail does not. */
  readonly portalOnly: boolean;
  /** Told by mail besides, whatever role settings say now. */
  readonly addresses: readonly string[];
}

/** Older news are left out: after a long stop people are told what still matters. */
export const newsDays = 7;

/** A text in the event's details; null when there is none. */
export function detailText(event: EventFacts, name: string): string | null {
  const value = event.details[name];
  return typeof value === "string" && value !== "" ? value : null;
}

/** A time in the event's details; null when there is none. */
export function detailTime(event: EventFacts, name: string): Date | null {
  const value = event.details[name];
  const time = typeof value === "string" ? new Date(value) : null;
  return time !== null && !Number.isNaN(time.getTime()) ? time : null;
}

/** When the event's matter happened: an end that was recorded late ended at its end. */
export function newsTime(event: EventFacts): Date {
  return detailTime(event, "endedAt") ?? event.occurredAt;
}

/** Whether it tells of an approved request that waits for its member's code. */
function awaitsCode(event: EventFacts): boolean {
  return event.kind === "ActivationAwaitsCode" || event.details.awaitedCode === true;
}

function factsOf(event: EventFacts): Notice["facts"] {
  const ofRole = event.roleName !== null;
  // From where somebody else did it is no news for the one who is told.
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

/** The group that it is about, by name and id; null when there is none. */
function groupText(event: EventFacts): string | null {
  const [name, id] = [detailText(event, "groupName"), detailText(event, "groupId")];
  return name === null || id === null ? name : `${isolated(name)} (${id})`;
}

/** Makes the notices of one event. */
export function noticeOf(
  event: EventFacts,
  audience: Audience,
  category: NoticeCategory,
  words: { readonly title: string; readonly body: string; readonly href: string },
  how: {
    readonly rule?: NoticeRule;
    readonly portalOnly?: boolean;
    readonly addresses?: readonly string[];
  } = {},
): EventNotice {
  return {
    audience,
    notice: { category, facts: factsOf(event), ...words },
    rule: how.rule ?? null,
    portalOnly: how.portalOnly ?? false,
    addresses: how.addresses ?? [],
  };
}

/** Who did it, by name and address; `otherwise` where nobody did. */
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

/** Whom it is about, by name and by what tells them from others of that name. */
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

/** The role and where, in words. */
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
