import { createHash } from "node:crypto";
import { couldManage } from "@/lib/authority/authority-over";
import { mostIdentityLinks } from "@/lib/domain/people/identity-link";
import {
  addLink,
  linkedPerson,
  type Person,
  type ProviderArrival,
  Refused,
  recordLink,
} from "@/lib/identity/providers/stored-links";
import { lockPerson, type Origin } from "@/lib/identity/sessions/sessions";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Transaction } from "@/lib/platform/database";

/** The digest by which a token is stored. */
export function passHash(token: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash("sha256").update(token).digest());
}

/**
 * Links the identity of somebody who brings a pass. Returns the person to sign in. Null if they made
 * the pass themselves and so are signed in already.
 */
export async function linkByPass(
  transaction: Transaction,
  arrival: ProviderArrival,
  token: string,
  origin: Origin,
): Promise<(Person & { readonly linkId: string }) | null> {
  const { provider } = arrival;
  const [meant] = await transaction.$queryRaw<{ principalId: string }[]>`
    SELECT principal_id AS "principalId" FROM identity_link_passes WHERE token_hash = ${passHash(token)}`;
  if (!meant) throw new Refused("PassGone");
  await lockPerson(transaction, meant.principalId);
  const [pass] = await transaction.$queryRaw<
    (Person & { sessionId: string | null; createdById: string; createdAt: Date; own: boolean })[]
  >`
    SELECT p.id, p.display_name AS "displayName", k.session_id AS "sessionId", k.created_by_id AS "createdById",
      k.created_at AS "createdAt", k.session_id IS NOT NULL AS own
    FROM identity_link_passes k JOIN principals p ON p.id = k.principal_id AND p.disabled_at IS NULL
    WHERE k.token_hash = ${passHash(token)} AND k.issuer = ${provider.issuer} AND k.expires_at > postern_time()
    FOR UPDATE OF k`;
  // A pass for oneself belongs to the session that asked for it, which must still be this browser's.
  if (!pass || (pass.own && pass.sessionId !== arrival.sessionId)) throw new Refused("PassGone");
  // The person may have gained access since that the issuer of the link could not give, and would now
  // gain.
  if (!pass.own && !(await couldManage(transaction, pass.createdById, pass.id, pass.createdAt)))
    throw new Refused("PassGone");
  await transaction.$executeRaw`
    DELETE FROM identity_link_passes WHERE principal_id = ${pass.id}::uuid AND issuer = ${provider.issuer}`;
  const linked = await linkedPerson(transaction, arrival);
  if (linked && linked.id !== pass.id) throw new Refused("LinkedElsewhere");
  const linkId = linked?.linkId ?? (await linkOf(transaction, arrival, pass, origin));
  if (linked?.byDirectory || (pass.own && linked?.byOthers))
    await vouchFor(transaction, arrival, { ...pass, linkId }, origin);
  if (pass.own) return null;
  await endOthersByDirectory(transaction, arrival, { ...pass, linkId }, origin);
  return { ...pass, linkId };
}

/**
 * An administrator's link decides who somebody is at a provider. If a directory linked another identity there to
 * them, that identity belongs to somebody else. Its link ends, and so do the sessions that were signed in with it.
 */
async function endOthersByDirectory(
  transaction: Transaction,
  { provider }: ProviderArrival,
  who: Person & { readonly linkId: string },
  origin: Origin,
): Promise<void> {
  const others = await transaction.$queryRaw<{ linkId: string; subject: string }[]>`
    SELECT id AS "linkId", subject FROM identity_links
    WHERE principal_id = ${who.id}::uuid AND issuer = ${provider.issuer} AND directory_id IS NOT NULL
      AND id <> ${who.linkId}::uuid ORDER BY id FOR UPDATE`;
  for (const { linkId, subject } of others) {
    const endedSessions = await transaction.$executeRaw`
      UPDATE sessions SET ended_at = postern_now() WHERE identity_link_id = ${linkId}::uuid AND ended_at IS NULL`;
    await transaction.$executeRaw`DELETE FROM identity_links WHERE id = ${linkId}::uuid`;
    await recordAuditEvent(transaction, {
      ...{ kind: "IdentityUnlinked", outcome: "Success" },
      caller: { userId: who.id, displayName: who.displayName, ...origin },
      target: { id: who.id, displayName: who.displayName },
      details: {
        ...{ principalId: who.id, linkId, provider: provider.name, issuer: provider.issuer, subject },
        ...{ endedSessions, replacedByLink: who.linkId },
      },
    });
  }
}

/**
 * Makes a link that a directory created count like one that its person, or an administrator, made with a code, and a
 * link that an administrator made count like its person's own.
 */
async function vouchFor(
  transaction: Transaction,
  arrival: ProviderArrival,
  who: Person & { readonly linkId: string; readonly createdById: string },
  origin: Origin,
): Promise<void> {
  await transaction.$executeRaw`
    UPDATE identity_links SET directory_id = NULL, created_by_id = ${who.createdById}::uuid WHERE id = ${who.linkId}::uuid`;
  await recordLink(transaction, arrival, who, origin, { linkedAgain: true });
}

async function linkOf(
  transaction: Transaction,
  arrival: ProviderArrival,
  pass: Person & { readonly createdById: string },
  origin: Origin,
): Promise<string> {
  const [count] = await transaction.$queryRaw<{ links: number }[]>`
    SELECT count(*)::int AS links FROM identity_links WHERE principal_id = ${pass.id}::uuid`;
  if ((count?.links ?? 0) >= mostIdentityLinks) throw new Refused("TooManyLinks");
  const linkId = await addLink(transaction, arrival, pass.id, { createdById: pass.createdById });
  if (linkId === null) throw new Refused("LinkedElsewhere");
  await recordLink(transaction, arrival, { ...pass, linkId }, origin);
  return linkId;
}
