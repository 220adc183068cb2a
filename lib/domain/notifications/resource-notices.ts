import {
  actorText,
  detailText,
  detailTime,
  type EventFacts,
  noticeOf,
  reasonText,
} from "@/lib/domain/notifications/event-facts";
import type { Notice } from "@/lib/domain/notifications/notice";
import { counted } from "@/lib/domain/text/number-format";
import { inList, isolated } from "@/lib/domain/text/visible-text";
import { momentText } from "@/lib/domain/time/moment-text";

/** Changes of the tree about which people get one notice each, with everything that they lost or gained by it. */
const kinds = ["ResourceRetired", "ResourceRestored", "ResourceMoved"] as const;
type TreeKind = (typeof kinds)[number];

/** One thing that somebody gained or lost by such a change. */
export interface ChangedAccess {
  readonly what: "Eligible" | "Active" | "Activation" | "Request";
  readonly gained: boolean;
  readonly roleName: string;
  /** Where the role is held. */
  readonly resourceName: string;
}

/** What such a change means for one person. */
export interface Concern {
  /** They administer the resource above it: before a move, or after it. */
  readonly administersBefore: boolean;
  readonly administersNow: boolean;
  /** They may restore what was retired. */
  readonly mayRestore: boolean;
  /** The first things that they gained or lost, and how many there are. */
  readonly access: readonly ChangedAccess[];
  readonly count: number;
}

/** Whether people are notified of this event by `resourceNotice`. */
export function changesTree(event: EventFacts): event is EventFacts & { readonly kind: TreeKind } {
  return kinds.some((kind) => kind === event.kind);
}

/**
 * Whether an event is part of such a change. Those whose access it is about get one notice of the whole
 * change. Notices that settings or approvers require besides are still sent.
 */
export function isPartOfTreeChange(event: EventFacts): boolean {
  return detailText(event, "retirementId") !== null || detailText(event, "movedResourceId") !== null;
}

/** The one notice that somebody gets of a move, retirement or restoration. It names no place that they may not know of. */
export function resourceNotice(event: EventFacts & { readonly kind: TreeKind }, concern: Concern): Notice {
  const administers = concern.administersBefore || concern.administersNow;
  const about = seenBy(event, concern);
  const { notice } = noticeOf(
    about,
    "target",
    concern.count > 0 ? "access" : "administration",
    wordsOf(event, concern, administers),
  );
  return notice;
}

/**
 * The recipient need not know from which address somebody acted. Somebody who only lost something by a
 * move may not know where the resource lies now.
 */
function seenBy(event: EventFacts, concern: Concern): EventFacts {
  const about = { ...event, ipAddress: null, userAgent: null };
  if (event.kind !== "ResourceMoved" || seesNow(concern)) return about;
  return { ...about, scope: detailText(event, "scopeBefore") };
}

const seesNow = ({ administersNow, access }: Concern) =>
  administersNow || access.some(({ gained }) => gained);
const sawBefore = ({ administersBefore, access }: Concern) =>
  administersBefore || access.some(({ gained }) => !gained);

function wordsOf(event: EventFacts & { readonly kind: TreeKind }, concern: Concern, administers: boolean) {
  const name = isolated(event.resourceName ?? "A resource");
  const by = actorText(event);
  const own = ownText(event.kind, concern);
  const why = reasonText(event);
  switch (event.kind) {
    case "ResourceRetired": {
      const until = detailTime(event, "undoUntil");
      const undo = until === null ? "" : ` This can be undone until ${momentText(until)}.`;
      const what = administers ? retiredText(event) : "";
      return {
        title: `${name} was retired${titleOfLoss(concern)}`,
        body: `${by} retired it${below(event)}.${what}${own}${undo}${why}`,
        href: concern.mayRestore
          ? `/resources/retired/${detailText(event, "retirementId")}`
          : administers
            ? `/resources/${detailText(event, "parentId")}`
            : "/my-roles?tab=expired",
      };
    }
    case "ResourceRestored": {
      const what = administers ? restoredText(event) : "";
      return {
        title: `${name} was restored${concern.count > 0 ? ": you have access there again" : ""}`,
        body: `${by} undid its retirement${below(event)}.${what}${own}${why}`,
        href: administers ? `/resources/${event.resourceId}` : "/my-roles",
      };
    }
    case "ResourceMoved":
      return movedWords(event, concern, { name, by, own, why });
  }
}

function movedWords(
  event: EventFacts,
  concern: Concern,
  words: { readonly name: string; readonly by: string; readonly own: string; readonly why: string },
) {
  const { name, by, own, why } = words;
  const [from, to] = [detailText(event, "fromName"), detailText(event, "toName")].map((each) =>
    isolated(each ?? "a resource"),
  );
  const [now, before] = [seesNow(concern), sawBefore(concern)];
  const ways = [...(before ? [`out of ${from}`] : []), ...(now ? [`below ${to}`] : [])];
  const administers = concern.administersBefore || concern.administersNow;
  const what = administers ? movedText(event) : "";
  return {
    title: `${name} was moved ${ways.join(" and ")}${concern.count > 0 ? ": your access there has changed" : ""}`,
    body: `${by} moved it ${ways.join(" and ")}${below(event)}.${what}${own}${why}`,
    href: now
      ? `/resources/${event.resourceId}`
      : concern.administersBefore
        ? `/resources/${detailText(event, "fromId")}`
        : "/my-roles",
  };
}

/** If no access ended, a request was revoked. */
function titleOfLoss({ count, access }: Concern): string {
  if (count === 0) return "";
  return access.every(({ what }) => what === "Request")
    ? ": your request there was revoked"
    : ": your access there has ended";
}

function numberOf(event: EventFacts, name: string): number {
  const value = event.details[name];
  return typeof value === "number" ? value : 0;
}

function below(event: EventFacts): string {
  const others = numberOf(event, "resources") - 1;
  if (others < 1) return "";
  return others === 1 ? ", with one resource below it" : `, with ${counted(others)} resources below it`;
}

/** " Ended: 3 eligible assignments, one activation." Empty if there is none of these. */
function listed(
  event: EventFacts,
  before: string,
  parts: readonly (readonly [name: string, one: string, several?: string])[],
): string {
  const texts = parts.flatMap(([name, one, several = `${one}s`]) => {
    const count = numberOf(event, name);
    if (count === 0) return [];
    return [count === 1 ? `one ${one}` : `${counted(count)} ${several}`];
  });
  return texts.length === 0 ? "" : ` ${before}: ${texts.join(", ")}.`;
}

function retiredText(event: EventFacts): string {
  const ended = listed(event, "Ended", [
    ["eligible", "eligible assignment"],
    ["active", "active assignment"],
    ["activations", "activation"],
    ["requests", "request"],
  ]);
  return ended || " Nobody had a role of their own there.";
}

function restoredText(event: EventFacts): string {
  const given = listed(event, "Restored", [["given", "assignment"]]);
  const closed = listed(event, "Not restored", [["closed", "assignment"]]);
  return `${given}${closed}`;
}

function movedText(event: EventFacts): string {
  const begins = listed(event, "Begin to apply there", [["begins", "assignment"]]);
  const ceases = listed(event, "No longer apply there", [["ceases", "assignment"]]);
  const ended = listed(event, "Ended", [["ended", "activation or request", "activations or requests"]]);
  return `${begins}${ceases}${ended}`;
}

const phrases: Readonly<Record<ChangedAccess["what"], string>> = {
  Eligible: "eligible for",
  Active: "active as",
  Activation: "your activation of",
  Request: "your request for",
};

/** " You had: eligible for Reader on orders, and 3 more." */
function ownText(kind: TreeKind, { access, count }: Concern): string {
  const sentence = (before: string, gained: boolean | null) => {
    const rows = access.filter((each) => gained === null || each.gained === gained);
    const texts = rows.map(
      ({ what, roleName, resourceName }) =>
        `${phrases[what]} ${isolated(roleName)} on ${isolated(resourceName)}`,
    );
    return texts.length === 0 ? "" : ` ${before}: ${inList(texts)}.`;
  };
  const more = count - access.length;
  const rest = more === 0 ? "" : ` And ${counted(more)} more.`;
  switch (kind) {
    case "ResourceRetired":
      return `${sentence("What you had there has ended", null)}${rest}`;
    case "ResourceRestored":
      return `${sentence("You have again", null)}${rest}`;
    case "ResourceMoved":
      return `${sentence("Now applies to you", true)}${sentence("No longer applies to you", false)}${rest}`;
  }
}
