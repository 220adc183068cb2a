import { randomBytes } from "node:crypto";
import {
  generateRegistrationOptions,
  type PublicKeyCredentialCreationOptionsJSON,
  type RegistrationResponseJSON,
  type VerifiedRegistrationResponse,
  verifyRegistrationResponse,
} from "@simplewebauthn/server";
import { readSignInRules } from "@/lib/authority/sign-in-rules";
import { spendProof } from "@/lib/authority/spend-proof";
import { longestPasskeyName, mostPasskeys, registrationMinutes } from "@/lib/domain/people/passkey";
import type { RelyingParty } from "@/lib/domain/people/relying-party";
import { nameFault, normalisedName } from "@/lib/domain/text/names";
import type { BeginInput } from "@/lib/identity/factors/authenticator";
import { hasFactorInForce, provedAsAccepted } from "@/lib/identity/factors/factors-in-force";
import {
  beginFirstFactor,
  confirmFirstFactor,
  firstFactorDetails,
  notFirst,
} from "@/lib/identity/factors/first-factor";
import { lockPerson, sessionToCommit } from "@/lib/identity/sessions/sessions";
import { recordAuditEvent, recordRefusal } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { databaseNow, inTransaction } from "@/lib/platform/transaction";

/** Signature algorithms that authenticators may use: Ed25519, ES256, RS256 (COSE). */
const algorithms = [-8, -7, -257];
const bytesOf = (text: string) => new Uint8Array(Buffer.from(text, "base64url"));

export type BeginPasskeyResult =
  | { readonly ok: true; readonly options: PublicKeyCredentialCreationOptionsJSON }
  | { readonly ok: false; readonly field: "code" | "password" | "name" | "pass"; readonly message: string };

/**
 * Prepares a passkey. The caller has just proved their identity: with a factor in force, whose proof
 * for `RegisterPasskey` is spent here, or without one, with their password. The pending registration
 * belongs to this session, ends in ten minutes, and replaces an earlier one. The database drops it when
 * the session ends, the password changes or a sign-in is issued.
 */
export async function beginPasskey(
  database: Database,
  party: RelyingParty,
  caller: Caller,
  input: BeginInput,
): Promise<BeginPasskeyResult> {
  const result = await inTransaction(database, async (transaction): Promise<BeginPasskeyResult> => {
    await lockPerson(transaction, caller.userId);
    if (!(await sessionToCommit(transaction, caller)))
      return { ok: false, field: "password", message: "This session has ended. Sign in again." };
    const present = await transaction.passkey.findMany({
      where: { userId: caller.userId, removedAt: null },
      select: { credentialId: true, transports: true },
      take: mostPasskeys,
    });
    if (present.length >= mostPasskeys) return { ok: false, field: "name", message: tooMany };
    const hasFactor = await hasFactorInForce(transaction, caller);
    const proof = hasFactor
      ? await spendProof(transaction, caller, input.proofId, { kind: "RegisterPasskey" })
      : null;
    if (hasFactor && !proof)
      return { ok: false, field: "code", message: "Verify your identity with a factor that you have now." };
    if (!hasFactor && !input.reauthenticated)
      return { ok: false, field: "password", message: "Enter your password." };
    const first = hasFactor
      ? null
      : await beginFirstFactor(transaction, caller, input.pass, "PasskeyRegistered");
    if (first?.ok === false) return { ok: false, field: "pass", message: first.message };
    const challenge = new Uint8Array(randomBytes(32));
    await transaction.passkeyRegistration.deleteMany({ where: { sessionId: caller.sessionId } });
    await transaction.passkeyRegistration.create({
      data: {
        sessionId: caller.sessionId,
        userId: caller.userId,
        challenge,
        proofId: proof?.id ?? null,
        passId: first?.passId ?? null,
        createdAt: await databaseNow(transaction),
      },
    });
    const options = await generateRegistrationOptions({
      rpName: (await readSignInRules(transaction)).installationName,
      rpID: party.id,
      userName: caller.email,
      userDisplayName: caller.displayName,
      userID: new Uint8Array(Buffer.from(caller.userId.replaceAll("-", ""), "hex")),
      challenge,
      timeout: registrationMinutes * 60_000,
      attestationType: "none",
      excludeCredentials: present.map(({ credentialId, transports }) => ({
        id: Buffer.from(credentialId).toString("base64url"),
        transports,
      })),
      authenticatorSelection: { residentKey: "required", userVerification: "required" },
      supportedAlgorithmIDs: algorithms,
    });
    return { ok: true, options };
  });
  if (!result.ok && result.field === "code")
    await recordRefusal(database, { ...entryOf(caller), failedRules: ["MfaRule"] });
  return result;
}

export type ConfirmPasskeyResult =
  | { readonly ok: true; readonly name: string }
  | { readonly ok: false; readonly field: "name" | null; readonly message: string };

const startAgain: ConfirmPasskeyResult = {
  ok: false,
  field: null,
  message: "This took too long, or your sign-in has changed in the meantime. Start again.",
};
const tooMany = `You already have ${mostPasskeys} passkeys. Remove one first.`;

/**
 * Registers the passkey that an authenticator made, in the session for which it was prepared. The
 * pending registration is used up whatever the result.
 */
export function confirmPasskey(
  database: Database,
  party: RelyingParty,
  caller: Caller,
  input: { readonly name: string; readonly response: RegistrationResponseJSON },
): Promise<ConfirmPasskeyResult> {
  return inTransaction(database, async (transaction): Promise<ConfirmPasskeyResult> => {
    const fault = passkeyNameFault(input.name);
    if (fault !== null) return { ok: false, field: "name", message: fault };
    await lockPerson(transaction, caller.userId);
    const pending = await takePending(transaction, caller);
    if (!pending || !(await sessionToCommit(transaction, caller))) return startAgain;
    // A passkey that was requested without a factor in force must not be added beside one, and the
    // other way round.
    if ((await hasFactorInForce(transaction, caller)) !== (pending.askedBy !== null)) return startAgain;
    if (!(await provedAsAccepted(transaction, pending.askedBy))) return startAgain;
    const made = await verified(party, pending.challenge, input.response);
    if (!made) {
      const details = { error: "InvalidPasskey" };
      await recordAuditEvent(transaction, { ...entryOf(caller), outcome: "Failure", details });
      return { ok: false, field: null, message: "This passkey could not be checked. Start again." };
    }
    const { credential, credentialBackedUp, credentialDeviceType } = made;
    const credentialId = bytesOf(credential.id);
    const [known, present] = await Promise.all([
      transaction.passkey.findUnique({ where: { credentialId }, select: { id: true } }),
      transaction.passkey.count({ where: { userId: caller.userId, removedAt: null } }),
    ]);
    if (known || present >= mostPasskeys) {
      const message = known ? "This passkey is already registered." : tooMany;
      return { ok: false, field: null, message };
    }
    const first = pending.askedBy ? notFirst : await confirmFirstFactor(transaction, caller, pending.passId);
    if (!first) {
      const details = { error: "NoOneTimePass" };
      await recordAuditEvent(transaction, { ...entryOf(caller), outcome: "Failure", details });
      return startAgain;
    }
    const name = normalisedName(input.name);
    const publicKey = new Uint8Array(credential.publicKey);
    const backup = { backupEligible: credentialDeviceType === "multiDevice", backedUp: credentialBackedUp };
    await transaction.passkey.create({
      data: {
        ...{ userId: caller.userId, credentialId, publicKey, name, ...backup },
        countsFrom: first.countsFrom,
        counter: credential.counter,
        transports: [...(credential.transports ?? [])].slice(0, 10),
        createdAt: await databaseNow(transaction),
      },
    });
    await recordAuditEvent(transaction, {
      ...entryOf(caller),
      outcome: "Success",
      proof: pending.askedBy,
      details: {
        name,
        credentialId: credential.id,
        publicKey: Buffer.from(publicKey).toString("base64url"),
        ...backup,
        ...firstFactorDetails(first, pending.passId),
      },
    });
    return { ok: true, name };
  });
}

/** What is wrong with the name of a passkey; null if nothing is. */
export function passkeyNameFault(name: string): string | null {
  const length = [...normalisedName(name)].length;
  if (length === 0 || length > longestPasskeyName)
    return `Name it in at most ${longestPasskeyName} characters.`;
  return nameFault(name);
}

/**
 * The pending registration of the caller's session, unless its ten minutes are over. It is removed,
 * since an answer is tried once.
 */
async function takePending(transaction: Transaction, caller: Caller) {
  await transaction.$queryRaw`
    SELECT session_id FROM passkey_registrations WHERE session_id = ${caller.sessionId}::uuid FOR UPDATE`;
  const since = new Date((await databaseNow(transaction)).getTime() - registrationMinutes * 60_000);
  const pending = await transaction.passkeyRegistration.findFirst({
    where: { sessionId: caller.sessionId, userId: caller.userId, createdAt: { gt: since } },
    include: { askedBy: { select: { id: true, method: true } } },
  });
  await transaction.passkeyRegistration.deleteMany({ where: { sessionId: caller.sessionId } });
  return pending;
}

async function verified(
  party: RelyingParty,
  challenge: Uint8Array,
  response: RegistrationResponseJSON,
): Promise<VerifiedRegistrationResponse["registrationInfo"] | null> {
  try {
    const result = await verifyRegistrationResponse({
      response,
      expectedChallenge: Buffer.from(challenge).toString("base64url"),
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      requireUserVerification: true,
      supportedAlgorithmIDs: algorithms,
    });
    return result.verified ? result.registrationInfo : null;
  } catch {
    // The library throws for every fault in the input.
    return null;
  }
}

function entryOf(caller: Caller) {
  const target = { id: caller.userId, displayName: caller.displayName };
  return { kind: "PasskeyRegistered" as const, caller, target };
}
