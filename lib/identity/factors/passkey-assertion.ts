import { type AuthenticationResponseJSON, verifyAuthenticationResponse } from "@simplewebauthn/server";
import { counterWentBack } from "@/lib/domain/people/passkey";
import type { RelyingParty } from "@/lib/domain/people/relying-party";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

/** A passkey in force, locked until the transaction ends. */
export interface LockedPasskey {
  readonly id: string;
  readonly userId: string;
  readonly name: string;
  readonly credentialId: Uint8Array<ArrayBuffer>;
  readonly publicKey: Uint8Array<ArrayBuffer>;
  readonly counter: bigint;
}

/** Locks the passkey in force with this credential id, so that its answers are judged one after the other. */
export async function lockPasskey(
  transaction: Transaction,
  credentialId: string,
): Promise<LockedPasskey | null> {
  const id = new Uint8Array(Buffer.from(credentialId, "base64url"));
  const [passkey] = await transaction.$queryRaw<LockedPasskey[]>`
    SELECT id, user_id AS "userId", name, credential_id AS "credentialId", public_key AS "publicKey", counter
    FROM passkeys WHERE credential_id = ${id} AND removed_at IS NULL FOR UPDATE`;
  return passkey ?? null;
}

export type AssertionResult =
  | { readonly ok: true }
  | { readonly ok: false; readonly error: "InvalidPasskey" | "CounterWentBack" };

/**
 * Judges what a passkey signed: the challenge, at Postern's own origin, with the person verified by the
 * authenticator, and with a higher count than before. A right answer is recorded in its row.
 */
export async function judgeAssertion(
  transaction: Transaction,
  passkey: LockedPasskey,
  expected: { readonly party: RelyingParty; readonly challenge: string },
  response: AuthenticationResponseJSON,
): Promise<AssertionResult> {
  const info = await signedInfo(passkey.publicKey, expected, response);
  if (!info) return { ok: false, error: "InvalidPasskey" };
  if (counterWentBack(passkey.counter, info.newCounter)) return { ok: false, error: "CounterWentBack" };
  await transaction.passkey.update({
    where: { id: passkey.id },
    data: {
      counter: info.newCounter,
      backedUp: info.credentialBackedUp,
      lastUsedAt: await databaseNow(transaction),
    },
  });
  return { ok: true };
}

/** What a response says, if its signature by this key and everything in it is right; otherwise null. */
export async function signedInfo(
  publicKey: Uint8Array,
  { party, challenge }: { readonly party: RelyingParty; readonly challenge: string },
  response: AuthenticationResponseJSON,
) {
  try {
    const result = await verifyAuthenticationResponse({
      response,
      expectedChallenge: challenge,
      expectedOrigin: party.origin,
      expectedRPID: party.id,
      requireUserVerification: true,
      // The caller judges the count, since it knows the newest one and distinguishes the two faults.
      credential: { id: response.id, publicKey: new Uint8Array(publicKey), counter: 0 },
    });
    return result.verified ? result.authenticationInfo : null;
  } catch {
    // The library throws for every fault in the input.
    return null;
  }
}

/** Logs that a passkey may have been copied. Its owner is notified. */
export function recordCounterBack(
  transaction: Transaction,
  caller: Partial<Caller>,
  passkey: LockedPasskey,
  owner: { readonly id: string; readonly displayName: string },
): Promise<void> {
  return recordAuditEvent(transaction, {
    kind: "PasskeyCounterBack",
    outcome: "Failure",
    caller,
    target: owner,
    details: { name: passkey.name, known: Number(passkey.counter) },
  });
}
