import type { PrincipalType } from "@/lib/domain/people/principal";
import { isolated, visible } from "@/lib/domain/text/visible-text";
import { momentText } from "@/lib/domain/time/moment-text";

/** For how many days a changed name or address is shown where somebody decides about its owner. */
export const formerDays = 30;

/** A former name or address of a principal, and until when it was valid (ISO 8601, UTC). */
export interface FormerIdentity {
  readonly kind: "displayName" | "email" | "externalId";
  readonly value: string;
  readonly until: string;
}

/**
 * A principal as people distinguish it from others. Two may have the same name. A user is distinguished
 * by the address, others by the external id or the id.
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

/** What is shown beside the name: a user's address, otherwise the kind and the external id, or the id if there is none. */
export function identifierOf(
  principal: Pick<PrincipalIdentity, "id" | "type" | "email" | "externalId">,
): string {
  if (principal.type === "User" && principal.email !== null) return visible(principal.email);
  return `${kinds[principal.type]} ${visible(principal.externalId ?? principal.id)}`;
}

/** The same for little room: an id by its end, where ids that were made together differ. */
export function shortIdentifierOf(
  principal: Pick<PrincipalIdentity, "id" | "type" | "email" | "externalId">,
): string {
  const { type, email, externalId, id } = principal;
  if ((type === "User" && email !== null) || externalId !== null) return identifierOf(principal);
  return `${kinds[type]} …${id.slice(-12)}`;
}

/** The same as the log stores it: plain data, without isolates or escapes. */
export function principalRecord(principal: Pick<PrincipalIdentity, "displayName" | "email">): string {
  return principal.email === null ? principal.displayName : `${principal.displayName} (${principal.email})`;
}

/** A principal in plain text: the name and, in brackets, what distinguishes it from others of the same name. */
export function principalText(
  principal: Pick<PrincipalIdentity, "id" | "displayName" | "type" | "email" | "externalId">,
): string {
  return `${isolated(principal.displayName)} (${identifierOf(principal)})`;
}

/** The same with an id by its end, for a title beside the whole id. */
export function principalLabel(
  principal: Pick<PrincipalIdentity, "id" | "displayName" | "type" | "email" | "externalId">,
): string {
  return `${isolated(principal.displayName)} (${shortIdentifierOf(principal)})`;
}

const verbs = { displayName: "Named", email: "Address", externalId: "External id" } as const;

/**
 * Recent changes in words, without their day. If there are several of one kind, the oldest name, which
 * people knew, and the newest. A change that was undone is left out.
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

/** The same as one line of plain text, with times in UTC (`momentText`); empty when nothing changed. */
export function formerText(principal: PrincipalIdentity): string {
  return formerOf(principal)
    .map(({ words, value, until }) => `${words} ${isolated(value)} until ${momentText(new Date(until))}`)
    .join(", ");
}

/** A principal in plain text where somebody confirms something about it. It names a recent change, too. */
export function principalWithFormerText(principal: PrincipalIdentity): string {
  const former = formerText(principal);
  return former === "" ? principalText(principal) : `${principalText(principal)}. ${former}`;
}
