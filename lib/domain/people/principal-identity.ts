import type { PrincipalType } from "@/lib/domain/people/principal";
import { isolated, visible } from "@/lib/domain/visible-text";

/** For so many days a changed name or address is told of wherever somebody decides about its bearer. */
export const formerDays = 30;

/** What a principal was called, or how it was addressed, until a moment (ISO 8601, UTC). */
export interface FormerIdentity {
  readonly kind: "displayName" | "email" | "externalId";
  readonly value: string;
  readonly until: string;
}

/**
 * A principal as people tell it from others. A name is what its bearer is called, and two may be called the same: the
 * address of a user, and the external id or the id of what is no user, tell them apart.
 */
export interface PrincipalIdentity {
  readonly id: string;
  readonly displayName: string;
  readonly type: PrincipalType;
  readonly email: string | null;
  readonly externalId: string | null;
  /** What changed within the last `formerDays`, oldest first. */
  readonly former: readonly FormerIdentity[];
}

const kinds = { User: "User", Group: "Group", ServicePrincipal: "Service principal" } as const;

/** What stands beside the name: the address of a user, else the kind and the external id, or the id without one. */
export function identifierOf(
  principal: Pick<PrincipalIdentity, "id" | "type" | "email" | "externalId">,
): string {
  if (principal.type === "User" && principal.email !== null) return visible(principal.email);
  return `${kinds[principal.type]} ${visible(principal.externalId ?? principal.id)}`;
}

/** The same where there is little room: an id by its end, which is what differs between ids made together. */
export function shortIdentifierOf(
  principal: Pick<PrincipalIdentity, "id" | "type" | "email" | "externalId">,
): string {
  const { type, email, externalId, id } = principal;
  if ((type === "User" && email !== null) || externalId !== null) return identifierOf(principal);
  return `${kinds[type]} …${id.slice(-12)}`;
}

/** The same as the log keeps it: data, in which nothing is isolated or written out. */
export function principalRecord(principal: Pick<PrincipalIdentity, "displayName" | "email">): string {
  return principal.email === null ? principal.displayName : `${principal.displayName} (${principal.email})`;
}

/** A principal in plain text: the name and, in brackets, what tells it from others of that name. */
export function principalText(
  principal: Pick<PrincipalIdentity, "id" | "displayName" | "type" | "email" | "externalId">,
): string {
  return `${isolated(principal.displayName)} (${identifierOf(principal)})`;
}

/** The same with an id by its end: for a title, beside which the whole id stands. */
export function principalLabel(
  principal: Pick<PrincipalIdentity, "id" | "displayName" | "type" | "email" | "externalId">,
): string {
  return `${isolated(principal.displayName)} (${shortIdentifierOf(principal)})`;
}

const verbs = { displayName: "Named", email: "Address", externalId: "External id" } as const;

/**
 * What was otherwise until lately, in words without its day: of several changes of one kind the oldest, which is what
 * people knew, and the newest. Nothing that is so again.
 */
export function formerOf(
  principal: PrincipalIdentity,
): readonly { readonly words: string; readonly value: string; readonly until: string }[] {
  const changes = principal.former.filter(({ kind, value }) => principal[kind] !== value);
  return changes
    .filter(({ kind }, place) => {
      const ofKind = changes.flatMap((each, index) => (each.kind === kind ? [index] : []));
      return place === ofKind.at(0) || place === ofKind.at(-1);
    })
    .map(({ kind, value, until }) => ({ words: verbs[kind], value, until }));
}

/** The same as one line of plain text, with days in UTC; empty when nothing changed. */
export function formerText(principal: PrincipalIdentity): string {
  return formerOf(principal)
    .map(({ words, value, until }) => `${words} ${isolated(value)} until ${dayText(until)}`)
    .join(", ");
}

function dayText(moment: string): string {
  return new Intl.DateTimeFormat("en-GB", {
    day: "numeric",
    month: "short",
    year: "numeric",
    timeZone: "UTC",
  }).format(new Date(moment));
}

/** A principal in plain text where somebody confirms something about it: with a change of lately, too. */
export function principalWithFormerText(principal: PrincipalIdentity): string {
  const former = formerText(principal);
  return former === "" ? principalText(principal) : `${principalText(principal)}. ${former}`;
}
