import type { IdentityRefusal, StatedPerson } from "@/lib/domain/people/identity-link";
import type { Origin } from "@/lib/identity/sessions/sessions";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Transaction } from "@/lib/platform/database";
import type { IdentityProvider } from "@/lib/platform/identity-providers";

/** A person for whom a provider vouched. */
export interface ProviderArrival {
  readonly provider: IdentityProvider;
  readonly person: StatedPerson;
  /** The state of the sign-in. Each can be used once. */
  readonly state: string;
  /** The token of the right to link this identity; null without one. */
  readonly pass: string | null;
  /** The session of the browser, if it is signed in. */
  readonly sessionId: string | null;
}

/** Whose an identity is. */
export interface Person {
  readonly id: string;
  readonly displayName: string;
}

/** Why somebody whom a directory knows was not linked by it, and who it is. */
export interface RefusedBecause {
  readonly directory: string;
  readonly because: readonly string[];
  readonly target: Person;
  /** Which of their privileges keep the link from being made. */
  readonly has: readonly string[];
}

/** Rolls back what was begun. */
export class Refused extends Error {
  constructor(
    readonly refusal: IdentityRefusal,
    /** What only administrators read, in the log. */
    readonly because: RefusedBecause | null = null,
  ) {
    super(refusal);
  }
}

/**
 * The person who has this identity, locked against being disabled or unlinked; null if nobody has.
 * Refuses a disabled person.
 */
export async function linkedPerson(
  transaction: Transaction,
  { provider, person }: ProviderArrival,
): Promise<(Person & { linkId: string; byDirectory: boolean; byOthers: boolean }) | null> {
  const [found] = await transaction.$queryRaw<{ principalId: string }[]>`
    SELECT principal_id AS "principalId" FROM identity_links
    WHERE issuer = ${provider.issuer} AND subject = ${person.subject}`;
  if (!found) return null;
  const [locked] = await transaction.$queryRaw<(Person & { disabled: boolean })[]>`
    SELECT id, display_name AS "displayName", disabled_at IS NOT NULL AS disabled
    FROM principals WHERE id = ${found.principalId}::uuid FOR SHARE`;
  const [link] = await transaction.$queryRaw<{ id: string; byDirectory: boolean; byOthers: boolean }[]>`
    SELECT id, directory_id IS NOT NULL AS "byDirectory", created_by_id IS DISTINCT FROM principal_id AS "byOthers"
    FROM identity_links
    WHERE issuer = ${provider.issuer} AND subject = ${person.subject} AND principal_id = ${found.principalId}::uuid
    FOR NO KEY UPDATE`;
  if (!locked || !link) return null;
  if (locked.disabled) throw new Refused("Disabled");
  const { id: linkId, ...how } = link;
  return { id: locked.id, displayName: locked.displayName, linkId, ...how };
}

/** Stores a link, unless somebody has that identity. Returns the id, or null. */
export async function addLink(
  transaction: Transaction,
  { provider, person }: ProviderArrival,
  principalId: string,
  by: { readonly createdById?: string; readonly directoryId?: string } = {},
): Promise<string | null> {
  const [row] = await transaction.$queryRaw<{ id: string }[]>`
    INSERT INTO identity_links (principal_id, issuer, subject, address, created_by_id, directory_id)
    VALUES (${principalId}::uuid, ${provider.issuer}, ${person.subject}, ${person.address},
      ${by.createdById ?? null}::uuid, ${by.directoryId ?? null}::uuid)
    ON CONFLICT (issuer, subject) DO NOTHING RETURNING id`;
  return row?.id ?? null;
}

/** Logs a new link. Its person is notified. */
export function recordLink(
  transaction: Transaction,
  { provider, person }: ProviderArrival,
  who: Person & { readonly linkId: string },
  origin: Origin,
  details: Readonly<Record<string, string | boolean | readonly string[]>> = {},
): Promise<void> {
  return recordAuditEvent(transaction, {
    kind: "IdentityLinked",
    outcome: "Success",
    caller: { userId: who.id, displayName: who.displayName, ...origin },
    target: { id: who.id, displayName: who.displayName },
    details: {
      provider: provider.name,
      issuer: provider.issuer,
      subject: person.subject,
      linkId: who.linkId,
      ...details,
    },
  });
}
