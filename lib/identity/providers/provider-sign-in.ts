import { createHash } from "node:crypto";
import { rootResource } from "@/lib/authority/authority";
import {
  type IdentityRefusal,
  isOfDomains,
  mostAccountsInHour,
  type StatedPerson,
  usedSecondFactor,
} from "@/lib/domain/people/identity-link";
import { networkOf } from "@/lib/domain/people/network-of";
import { gathered } from "@/lib/identity/attempts/throttle";
import { linkByDirectory } from "@/lib/identity/providers/link-by-directory";
import { linkByPass } from "@/lib/identity/providers/link-by-pass";
import {
  addLink,
  linkedPerson,
  type Person,
  type ProviderArrival,
  Refused,
  type RefusedBecause,
  recordLink,
} from "@/lib/identity/providers/stored-links";
import { createSession, type Origin, type SessionToken } from "@/lib/identity/sessions/sessions";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Database, Transaction } from "@/lib/platform/database";
import type { IdentityProvider } from "@/lib/platform/identity-providers";
import { countedWithin } from "@/lib/platform/sql/counted-within";
import { firstIn } from "@/lib/platform/sql/first-in";
import { lockNames, nameKeys } from "@/lib/platform/sql/name-keys";
import { databaseNow, inTransaction } from "@/lib/platform/transaction";

export type ProviderSignIn =
  | { readonly ok: true; readonly kind: "SignedIn"; readonly token: SessionToken }
  /** Linked to the person who is signed in already. */
  | { readonly ok: true; readonly kind: "Linked" }
  | { readonly ok: false; readonly refusal: IdentityRefusal };

/**
 * Signs in the person for whom a provider vouches, or links that identity if a pass allows it. The
 * issuer and the subject decide who it is, never an address. An unknown subject is refused. If the
 * provider's configuration says so and nobody has the address, they get an account without any access
 * instead. A refusal changes nothing and is logged.
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
  // A copy of a browser's cookies and of the provider's answer cannot be used a second time.
  const used = createHash("sha256").update(`${provider.id} ${state}`).digest("base64url");
  if (!(await firstIn(transaction, `provider-state:${used}`, 1))) throw new Refused("Replayed");
  if (!isOfDomains(person, provider.allowedDomains)) throw new Refused("OtherDomain");
  if (arrival.pass !== null) {
    const byPass = await linkByPass(transaction, arrival, arrival.pass, origin);
    return byPass ? begin(transaction, arrival, byPass, origin) : { ok: true, kind: "Linked" };
  }
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

/** Creates an account without any access, for an address that the provider vouches for and nobody has. */
async function createWithoutAccess(
  transaction: Transaction,
  arrival: ProviderArrival,
  origin: Origin,
): Promise<ProviderSignIn> {
  const { address, addressVerified, name } = arrival.person;
  if (address === null || !addressVerified) throw new Refused("NoAddress");
  await lockNames(transaction, "principal", [address]);
  // Two simultaneous sign-ins: the other one has created the account by now.
  const meanwhile = await linkedPerson(transaction, arrival);
  if (meanwhile) return begin(transaction, arrival, meanwhile, origin);
  const [taken] = await transaction.$queryRaw<object[]>`
    SELECT FROM principals
    WHERE name_key(email) = ANY (${nameKeys([address])}) OR name_key(external_id) = ANY (${nameKeys([address])})`;
  if (taken) throw new Refused("AddressTaken");
  // The limit belongs to the provider, whatever its name or configuration by then: its accounts are
  // identified by the issuer.
  const accounts = await countedWithin(transaction, `accounts:${arrival.provider.issuer}`, 1);
  if (accounts > mostAccountsInHour) throw new Refused("TooManyAccounts");
  const last = accounts === mostAccountsInHour;
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
    ...(last ? { resource: await rootResource(transaction) } : {}),
    details: {
      ...{ type: "User", displayName: made.displayName, email: address, provider: arrival.provider.name },
      ...(last ? { lastInHour: accounts } : {}),
    },
  });
  await recordLink(transaction, arrival, { ...made, linkId }, origin);
  return begin(transaction, arrival, { ...made, linkId }, origin);
}

/** How often refusals of one network are logged, in minutes. Anybody with an account at a provider can cause them. */
const refusalMinutes = 10;

/** Logs a refused sign-in. Those of one network, provider and reason are gathered. */
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
      // Any number of made-up people of one provider are one refusal.
      reason === "TooManyAccounts" ? "" : (person?.subject ?? ""),
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
