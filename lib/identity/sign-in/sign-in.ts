import { createHmac } from "node:crypto";
import { passwordCounts } from "@/lib/authority/break-glass-accounts";
import { readSignInRules } from "@/lib/authority/sign-in-rules";
import { addressOrText } from "@/lib/domain/people/mail-address";
import { networkOf } from "@/lib/domain/people/network-of";
import { sameNameKey } from "@/lib/domain/text/names";
import { visibleText } from "@/lib/domain/text/unseen";
import { notifyOfGuessing } from "@/lib/identity/attempts/attack-notice";
import { type Count, judgeAttempt } from "@/lib/identity/attempts/throttle";
import { passwordFits, turnOf } from "@/lib/identity/passwords/password";
import { tradeOneTimePassword } from "@/lib/identity/passwords/password-ticket";
import { beginAwaiting } from "@/lib/identity/sessions/awaiting-session";
import { knownDevice, rememberDevice } from "@/lib/identity/sessions/known-device";
import { createSession, type Origin, type SessionToken } from "@/lib/identity/sessions/sessions";
import { busyMessage, inSignInTurn } from "@/lib/identity/sessions/sign-in-turns";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { SessionSecrets } from "@/lib/platform/configuration";
import type { Database } from "@/lib/platform/database";
import { databaseNow, inTransaction } from "@/lib/platform/transaction";

export type SignInResult =
  /** `device` is the new cookie that identifies this browser for the account. */
  | { readonly ok: true; readonly token: SessionToken; readonly device: string }
  /** `Busy`: nothing was checked, and nothing counted. */
  | { readonly ok: false; readonly reason: "Refused" | "Busy"; readonly message: string }
  /** The password was a one-time password. With this token the person chooses their own, and nothing else. */
  | { readonly ok: false; readonly reason: "ChoosePassword"; readonly ticket: string }
  /** The password was right, and a second factor is required. This token is valid for showing it, and for nothing else. */
  | { readonly ok: false; readonly reason: "SecondFactor"; readonly awaiting: SessionToken };

export interface Credentials {
  readonly email: string;
  readonly password: string;
  /** A second factor is required, whatever the rules say. */
  readonly asksFactor?: true;
}

interface FoundUser {
  readonly id: string;
  readonly displayName: string;
  readonly hash: string | null;
  readonly mustChange: boolean | null;
  readonly passwordChangedAt: Date | null;
}

const busy: SignInResult = { ok: false, reason: "Busy", message: busyMessage };

/** One text for every refusal, so that nobody learns whether an account exists. */
const refused: SignInResult = {
  ok: false,
  reason: "Refused",
  message: "The email or password is wrong, or there were too many attempts. Wait a moment and try again.",
};

/**
 * Signs a person in with email and password. Whatever is wrong (account, password, too many attempts, passwords
 * switched off), the answer and the work are the same. Wrong passwords count for the account from this address, for
 * the address, and for the account from all unknown browsers together. In a browser that was signed in before
 * (`device` is its cookie) they count only for that browser, so that strangers cannot lock anybody out. An attempt is
 * judged after its password is checked (`judgeAttempt`), so simultaneous attempts gain nothing.
 */
export function signIn(
  database: Database,
  secrets: SessionSecrets,
  credentials: Credentials,
  origin: Origin,
  device: string | null = null,
): Promise<SignInResult> {
  return inSignInTurn(origin, () => attemptSignIn(database, secrets, credentials, origin, device), busy);
}

async function attemptSignIn(
  database: Database,
  secrets: SessionSecrets,
  { email, password, asksFactor }: Credentials,
  origin: Origin,
  device: string | null,
): Promise<SignInResult> {
  // One key for every way of writing an address, as the database computes it, so that another spelling
  // has no count of its own.
  const typed = sameNameKey(addressOrText(email));
  const found = await inTransaction(database, async (transaction) => {
    const [user] = await transaction.$queryRaw<FoundUser[]>`
      SELECT p.id, p.display_name AS "displayName", c.hash, c.must_change AS "mustChange",
        c.changed_at AS "passwordChangedAt"
      FROM principals p LEFT JOIN password_credentials c
        ON c.user_id = p.id AND (c.expires_at IS NULL OR c.expires_at > postern_now()) AND ${passwordCounts}
      WHERE p.type = 'User' AND name_key(p.email) = ${typed} AND p.disabled_at IS NULL
      ORDER BY lower(p.email) = lower(${addressOrText(email).trim()}) DESC, p.id LIMIT 1`;
    return { user: user ?? null, now: await databaseNow(transaction) };
  });
  const { user } = found;
  const fits = await passwordFits(user?.hash ?? null, password, turnOf(origin));
  const known =
    user &&
    knownDevice(secrets, device, user.id, { now: found.now, passwordChangedAt: user.passwordChangedAt });
  const account = user?.id ?? createHmac("sha256", secrets[0]).update(typed).digest("base64url");
  const network = networkOf(origin.ipAddress);
  const counts: readonly Count[] = known
    ? [{ kind: "device", subject: known }]
    : [
        { kind: "address", subject: network },
        { kind: "accountFromAddress", subject: `${account}:${network}` },
        { kind: "strangers", subject: account },
      ];
  return inTransaction(database, async (transaction): Promise<SignInResult> => {
    const caller = { userId: user?.id, displayName: user?.displayName, ...origin };
    const verdict = await judgeAttempt(transaction, counts, fits && user !== null);
    if (!fits || user === null || verdict.blocked) {
      if (!verdict.blocked || verdict.gathered !== null) {
        await recordAuditEvent(transaction, {
          kind: "SignInFailed",
          outcome: "Failure",
          caller,
          details: {
            email: visibleText(email.slice(0, 200)),
            throttled: verdict.blocked,
            ...(verdict.blocked ? { attempts: verdict.gathered } : {}),
          },
        });
      }
      await notifyOfGuessing(transaction, { caller, user }, verdict, account);
      return refused;
    }
    // The person is read again, since checking the password took a while.
    const [still] = await transaction.$queryRaw<{ id: string }[]>`
      SELECT p.id FROM principals p JOIN password_credentials c ON c.user_id = p.id
      WHERE p.id = ${user.id}::uuid AND p.disabled_at IS NULL AND c.hash = ${user.hash}
        AND c.must_change = ${user.mustChange} AND (c.expires_at IS NULL OR c.expires_at > postern_time())
        AND ${passwordCounts}
      FOR SHARE OF p, c`;
    if (!still) {
      const details = { email: email.slice(0, 200), throttled: false };
      await recordAuditEvent(transaction, { kind: "SignInFailed", outcome: "Failure", caller, details });
      return refused;
    }
    if (user.mustChange) {
      const ticket = await tradeOneTimePassword(transaction, user.id);
      const target = { id: user.id, displayName: user.displayName };
      await recordAuditEvent(transaction, {
        kind: "OneTimePasswordUsed",
        outcome: "Success",
        caller,
        target,
      });
      return { ok: false, reason: "ChoosePassword", ticket };
    }
    if (asksFactor || (await readSignInRules(transaction)).signInTakesTwo) {
      const awaiting = await beginAwaiting(transaction, user.id, origin);
      const details = { email: visibleText(email.slice(0, 200)) };
      await recordAuditEvent(transaction, {
        kind: "SignInAwaitsFactor",
        outcome: "Success",
        caller,
        details,
      });
      return { ok: false, reason: "SecondFactor", awaiting };
    }
    const token = await createSession(transaction, user.id, origin);
    await recordAuditEvent(transaction, {
      kind: "SignIn",
      outcome: "Success",
      caller: { ...caller, sessionId: token.sessionId },
    });
    return { ok: true, token, device: rememberDevice(secrets, device, user.id, found.now) };
  });
}
