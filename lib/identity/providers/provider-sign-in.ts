import { createHash } from "node:crypto";
import { couldManage } from "@/lib/authority/authority-over";
import {
  type IdentityRefusal,
  isOfDomains,
  mostIdentityLinks,
  type StatedPerson,
  usedSecondFactor,
} from "@/lib/domain/people/identity-link";
import { networkOf } from "@/lib/domain/people/network-of";
import { gathered } from "@/lib/identity/attempts/throttle";
import { linkByDirectory } from "@/lib/identity/providers/link-by-directory";
import {
  addLink,
  linkedPerson,
  type Person,
  type ProviderArrival,
  Refused,
  type RefusedBecause,
  recordLink,
} from "@/lib/identity/providers/stored-links";
import { createSession, lockPerson, type Origin, type SessionToken } from "@/lib/identity/sessions/sessions";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Database, Transaction } from "@/lib/platform/database";
import type { IdentityProvider } from "@/lib/platform/identity-providers";
import { firstIn } from "@/lib/platform/sql/first-in";
import { lockNames, nameKeys } from "@/lib/platform/sql/name-keys";
import { databaseNow, inTransaction } from "@/lib/platform/transaction";

export type ProviderSignIn =
  | { readonly ok: true; readonly kind: "SignedIn"; readonly token: SessionToken }
  /** Linked to the person who is signed in already. */
  | { readonly ok: true; readonly kind: "Linked" }
  | { readonly ok: false; readonly refusal: IdentityRefusal };

/** The digest by which a token is stored. */
export function passHash(token: string): Uint8Array<ArrayBuffer> {
  return new Uint8Array(createHash("sha256").update(token).digest());
}

/**
 * Signs in whoever a provider vouched for, or links that identity where a pass allows it. The issuer and the subject
 * decide who it is, never an address: an unknown subject is refused, or gets an account without any access where the
 * provider's configuration says so and nobody has the address. A refusal changes nothing and is logged.
 */
export async function signInByProvider(
  database: Database,
  arrival: ProviderArrival,
  origin: Origin,
): Promise<ProviderSignIn> {
  try {
    return await inTransaction(database, (transaction) => arrive(transaction, arrival, origin));
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    await recordRefusedArrival(database, arrival, error.refusal, origin, error.because);
    return { ok: false, refusal: error.refusal };
  }
}

async function arrive(
  transaction: Transaction,
  arrival: ProviderArrival,
  origin: Origin,
): Promise<ProviderSignIn> {
  const { provider, person, state } = arrival;
  // A copy of a browser's cookies and of the provider's answer leads in no second time.
  const used = createHash("sha256").update(`${provider.id} ${state}`).digest("base64url");
  if (!(await firstIn(transaction, `provider-state:${used}`, 1))) throw new Refused("Replayed");
  if (!isOfDomains(person, provider.allowedDomains)) throw new Refused("OtherDomain");
  if (arrival.pass !== null) return linkByPass(transaction, arrival, arrival.pass, origin);
  const linked = await linkedPerson(transaction, arrival);
  if (linked) return begin(transaction, arrival, linked, origin);
  const byDirectory = await linkByDirectory(transaction, arrival, origin);
  if (byDirectory) return begin(transaction, arrival, byDirectory, origin);
  if (provider.unknownPeople === "Refuse") throw new Refused("Unknown");
  return createWithoutAccess(transaction, arrival, origin);
}

/** A new session, never one that the browser had before. */
async function begin(
  transaction: Transaction,
  { provider, person }: ProviderArrival,
  who: Person & { readonly linkId: string },
  origin: Origin,
): Promise<ProviderSignIn> {
  await transaction.$executeRaw`
    UPDATE identity_links SET last_used_at = postern_now(), address = ${person.address} WHERE id = ${who.linkId}::uuid`;
  const secondFactor = usedSecondFactor(person, await databaseNow(transaction));
  const signedIn = {
    ...{ method: "IdentityProvider" as const, identityLinkId: who.linkId, providerSid: person.sid },
    providerSecondFactor: secondFactor,
  };
  const token = await createSession(transaction, who.id, origin, signedIn);
  await recordAuditEvent(transaction, {
    kind: "SignIn",
    outcome: "Success",
    caller: { userId: who.id, displayName: who.displayName, ...origin, sessionId: token.sessionId },
    details: {
      ...{ method: "IdentityProvider", provider: provider.name, linkId: who.linkId },
      ...(secondFactor ? { secondFactor } : {}),
    },
  });
  return { ok: true, kind: "SignedIn", token };
}

async function linkByPass(
  transaction: Transaction,
  arrival: ProviderArrival,
  token: string,
  origin: Origin,
): Promise<ProviderSignIn> {
  const { provider } = arrival;
  const [meant] = await transaction.$queryRaw<{ principalId: string }[]>`
    SELECT principal_id AS "principalId" FROM identity_link_passes WHERE token_hash = ${passHash(token)}`;
  if (!meant) throw new Refused("PassGone");
  await lockPerson(transaction, meant.principalId);
  const [pass] = await transaction.$queryRaw<
    (Person & { sessionId: string | null; createdById: string; own: boolean })[]
  >`
    SELECT p.id, p.display_name AS "displayName", k.session_id AS "sessionId", k.created_by_id AS "createdById",
      k.session_id IS NOT NULL AS own
    FROM identity_link_passes k JOIN principals p ON p.id = k.principal_id AND p.disabled_at IS NULL
    WHERE k.token_hash = ${passHash(token)} AND k.issuer = ${provider.issuer} AND k.expires_at > postern_time()
    FOR UPDATE OF k`;
  // One's own belongs to the session that asked for it, which must still be this browser's.
  if (!pass || (pass.own && pass.sessionId !== arrival.sessionId)) throw new Refused("PassGone");
  // Somebody may have got access since that whoever issued the link could not give, and would have by it.
  if (!pass.own && !(await couldManage(transaction, pass.createdById, pass.id)))
    throw new Refused("PassGone");
  await transaction.$executeRaw`
    DELETE FROM identity_link_passes WHERE principal_id = ${pass.id}::uuid AND issuer = ${provider.issuer}`;
  const linked = await linkedPerson(transaction, arrival);
  if (linked && linked.id !== pass.id) throw new Refused("LinkedElsewhere");
  const linkId = linked?.linkId ?? (await linkOf(transaction, arrival, pass, origin));
  if (linked?.byDirectory) await vouchFor(transaction, arrival, { ...pass, linkId }, origin);
  if (pass.own) return { ok: true, kind: "Linked" };
  await endOthersByDirectory(transaction, arrival, { ...pass, linkId }, origin);
  return begin(transaction, arrival, { ...pass, linkId }, origin);
}

/**
 * An administrator's link says who somebody is at a provider. Whoever a directory has let in as them by another identity
 * there is somebody else: that link ends, and the sessions that it signed in.
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

/** A link that a directory brought about counts from now on as one that its person, or an administrator, made with a code. */
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

/** An account without any access, for an address that the provider vouches for and nobody has. */
async function createWithoutAccess(
  transaction: Transaction,
  arrival: ProviderArrival,
  origin: Origin,
): Promise<ProviderSignIn> {
  const { address, addressVerified, name } = arrival.person;
  if (address === null || !addressVerified) throw new Refused("NoAddress");
  await lockNames(transaction, "principal", [address]);
  // Somebody who came in twice at once has the account by now.
  const meanwhile = await linkedPerson(transaction, arrival);
  if (meanwhile) return begin(transaction, arrival, meanwhile, origin);
  const [taken] = await transaction.$queryRaw<object[]>`
    SELECT FROM principals
    WHERE name_key(email) = ANY (${nameKeys([address])}) OR name_key(external_id) = ANY (${nameKeys([address])})`;
  if (taken) throw new Refused("AddressTaken");
  const made = await transaction.principal.create({
    data: { type: "User", displayName: name ?? address, email: address },
    select: { id: true, displayName: true },
  });
  const linkId = await addLink(transaction, arrival, made.id);
  if (linkId === null) throw new Refused("LinkedElsewhere");
  await recordAuditEvent(transaction, {
    kind: "PrincipalCreated",
    outcome: "Success",
    caller: { userId: made.id, displayName: made.displayName, ...origin },
    target: made,
    details: { type: "User", displayName: made.displayName, email: address, provider: arrival.provider.name },
  });
  await recordLink(transaction, arrival, { ...made, linkId }, origin);
  return begin(transaction, arrival, { ...made, linkId }, origin);
}

/** How often refusals of one network are logged, in minutes: anybody with an account somewhere can cause them. */
const refusalMinutes = 10;

/** Logs a refused arrival, those of one network, provider and reason together. */
export function recordRefusedArrival(
  database: Database,
  { provider, person }: { readonly provider: IdentityProvider; readonly person?: StatedPerson },
  reason: string,
  origin: Origin,
  because: RefusedBecause | null = null,
): Promise<void> {
  return inTransaction(database, async (transaction) => {
    const what = [
      "provider",
      provider.id,
      reason,
      because ? `${because.target.id} ${because.because}` : "",
      person?.subject ?? "",
      networkOf(origin.ipAddress),
    ];
    const key = createHash("sha256").update(what.join(":")).digest("base64url");
    const attempts = await gathered(transaction, key, refusalMinutes);
    if (attempts === null) return;
    await recordAuditEvent(transaction, {
      kind: "SignInFailed",
      outcome: "Failure",
      caller: origin,
      ...(because ? { target: because.target } : {}),
      details: {
        ...{ method: "IdentityProvider", provider: provider.name, reason, attempts },
        ...(because ? { directoryName: because.directory, because: because.because, has: because.has } : {}),
        ...(person ? { issuer: provider.issuer, subject: person.subject, email: person.address ?? "" } : {}),
      },
    });
  });
}
