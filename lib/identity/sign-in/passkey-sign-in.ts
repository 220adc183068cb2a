import { createHash, randomBytes } from "node:crypto";
import type { AuthenticationResponseJSON } from "@simplewebauthn/server";
import { networkOf } from "@/lib/domain/people/network-of";
import type { RelyingParty } from "@/lib/domain/people/relying-party";
import { type Count, judgeAttempt } from "@/lib/identity/attempts/throttle";
import { judgeAssertion, lockPasskey, recordCounterBack } from "@/lib/identity/factors/passkey-assertion";
import { rememberDevice } from "@/lib/identity/sessions/known-device";
import { createSession, type Origin } from "@/lib/identity/sessions/sessions";
import { busyMessage, inSignInTurn } from "@/lib/identity/sessions/sign-in-turns";
import type { SignInResult } from "@/lib/identity/sign-in/sign-in";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { SessionSecrets } from "@/lib/platform/configuration";
import type { Database, Transaction } from "@/lib/platform/database";
import { databaseNow, inTransaction } from "@/lib/platform/transaction";

/** How many minutes a browser has to answer. */
const answerMinutes = 5;
/** How many of its newest challenges a network keeps. */
const mostOfOneNetwork = 50;

/** A challenge as base64url, and the secret of the browser that may answer it. */
export interface PasskeySignIn {
  readonly challenge: string;
  readonly browser: string;
}

const hashOf = (secret: string) => new Uint8Array(createHash("sha256").update(secret).digest());

/** Gives a browser a challenge to sign in with. It is valid once and for five minutes. Null if too many ask. */
export function beginPasskeySignIn(database: Database, origin: Origin): Promise<PasskeySignIn | null> {
  const network = networkOf(origin.ipAddress);
  const begin = () =>
    inTransaction(database, async (transaction): Promise<PasskeySignIn> => {
      await transaction.$executeRaw`
        DELETE FROM passkey_sign_ins WHERE browser_hash IN (
          SELECT browser_hash FROM passkey_sign_ins WHERE expires_at <= postern_now() LIMIT 20 FOR UPDATE SKIP LOCKED)`;
      await transaction.$executeRaw`
        DELETE FROM passkey_sign_ins WHERE browser_hash IN (
          SELECT browser_hash FROM passkey_sign_ins WHERE network = ${network}
          ORDER BY created_at DESC OFFSET ${mostOfOneNetwork - 1} FOR UPDATE SKIP LOCKED)`;
      const challenge = new Uint8Array(randomBytes(32));
      const browser = randomBytes(32).toString("base64url");
      await transaction.$executeRaw`
        INSERT INTO passkey_sign_ins (browser_hash, challenge, network, expires_at)
        VALUES (${hashOf(browser)}, ${challenge}, ${network}, postern_now() + make_interval(mins => ${answerMinutes}))`;
      return { challenge: Buffer.from(challenge).toString("base64url"), browser };
    });
  return inSignInTurn(origin, begin, null);
}

/** One text for every refusal, so that nobody learns whose a passkey is, or whether it is known. */
const refused: SignInResult = {
  ok: false,
  reason: "Refused",
  message:
    "This passkey did not sign you in, or there were too many attempts. Try again, or use your password.",
};
const busy: SignInResult = { ok: false, reason: "Busy", message: busyMessage };

/**
 * Signs in the owner of the passkey that signed the browser's challenge, without a password. The
 * challenge is used up whatever the result. Refusals count for the network, and are gathered in the log
 * once there are many. Nobody can guess a signature, so refusals keep out nobody who has a passkey.
 * Like any sign-in it is not a proof of a second factor for an operation.
 */
export function signInWithPasskey(
  database: Database,
  secrets: SessionSecrets,
  party: RelyingParty,
  given: {
    readonly browser: string | null;
    readonly response: AuthenticationResponseJSON;
    /** The cookie of this browser, if it is known for an account. */
    readonly device: string | null;
  },
  origin: Origin,
): Promise<SignInResult> {
  const { browser, device: known, response } = given;
  const counts: readonly Count[] = [{ kind: "address", subject: networkOf(origin.ipAddress) }];
  const attempt = () =>
    inTransaction(database, async (transaction): Promise<SignInResult> => {
      const challenge = browser === null ? null : await takeChallenge(transaction, browser);
      const owner = await lockOwner(transaction, response.id);
      const passkey = owner && (await lockPasskey(transaction, response.id));
      const judged =
        challenge && owner && passkey?.userId === owner.id && namesOwner(response, owner.id)
          ? await judgeAssertion(transaction, passkey, { party, challenge }, response)
          : ({ ok: false, error: "InvalidPasskey" } as const);
      if (!owner || !passkey || !judged.ok) {
        const verdict = await judgeAttempt(transaction, counts, false);
        if (verdict.blocked && verdict.gathered === null) return refused;
        const attempts = verdict.blocked ? { attempts: verdict.gathered } : {};
        const details = { method: "Passkey", throttled: verdict.blocked, ...attempts };
        await recordAuditEvent(transaction, {
          ...{ kind: "SignInFailed", outcome: "Failure", caller: origin, details },
        });
        // Only somebody who has the key, or a copy, gets this far.
        if (owner && passkey && !judged.ok && judged.error === "CounterWentBack")
          await recordCounterBack(transaction, origin, passkey, owner);
        return refused;
      }
      const token = await createSession(transaction, owner.id, origin, { method: "Passkey" });
      await recordAuditEvent(transaction, {
        ...{ kind: "SignIn", outcome: "Success", factor: "Passkey" },
        caller: { userId: owner.id, displayName: owner.displayName, ...origin, sessionId: token.sessionId },
        details: { method: "Passkey", passkeyName: passkey.name },
      });
      const device = rememberDevice(secrets, known, owner.id, await databaseNow(transaction));
      return { ok: true, token, device };
    });
  return inSignInTurn(origin, attempt, busy);
}

/** The challenge that was given to this browser. It is used up. Null if there is none in force. */
async function takeChallenge(transaction: Transaction, browser: string): Promise<string | null> {
  const [taken] = await transaction.$queryRaw<{ challenge: Uint8Array; open: boolean }[]>`
    DELETE FROM passkey_sign_ins WHERE browser_hash = ${hashOf(browser)}
    RETURNING challenge, expires_at > postern_now() AS open`;
  return taken?.open ? Buffer.from(taken.challenge).toString("base64url") : null;
}

/** The enabled person who has the passkey with this credential id, locked until the commit. */
async function lockOwner(transaction: Transaction, credentialId: string) {
  const id = new Uint8Array(Buffer.from(credentialId, "base64url"));
  const [owner] = await transaction.$queryRaw<{ id: string; displayName: string }[]>`
    SELECT p.id, p.display_name AS "displayName" FROM principals p
    WHERE p.id = (SELECT k.user_id FROM passkeys k WHERE k.credential_id = ${id} AND k.removed_at IS NULL)
      AND p.type = 'User' AND p.disabled_at IS NULL
    FOR SHARE OF p`;
  return owner ?? null;
}

/** Whether the passkey names its owner correctly. A discoverable one must (WebAuthn Level 3, section 7.2). */
function namesOwner({ response }: AuthenticationResponseJSON, ownerId: string): boolean {
  const handle = Buffer.from(response.userHandle ?? "", "base64url").toString("hex");
  return handle === ownerId.replaceAll("-", "");
}
