import { passwordCounts } from "@/lib/authority/break-glass-accounts";
import { justNowMinutes } from "@/lib/domain/people/identity-link";
import { type Count, judgeAttempt } from "@/lib/identity/attempts/throttle";
import { passwordFits, turnOf } from "@/lib/identity/passwords/password";
import { recordRefusal } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { openSession } from "@/lib/platform/sql/open-session";
import { inTransaction, readOnce } from "@/lib/platform/transaction";

/**
 * Whether a caller without any factor has proved who they are, and so may begin to enrol one: by their
 * password or, if no password of theirs counts, by having signed in through an identity provider within
 * the last quarter of an hour.
 */
export async function provedForFirstFactor(
  database: Database,
  caller: Caller,
  password: string,
  kind: "AuthenticatorEnrolled" | "PasskeyRegistered",
): Promise<boolean> {
  if (password !== "") return reauthenticate(database, caller, password, kind);
  const { hasPassword, byProvider } = await firstFactorProof(database, caller);
  return !hasPassword && byProvider;
}

/** Whether a password of the caller counts, and whether they signed in through an identity provider just now. */
export function firstFactorProof(
  database: Database,
  caller: Caller,
): Promise<{ readonly hasPassword: boolean; readonly byProvider: boolean }> {
  return readOnce(database, async (transaction) => {
    const [row] = await transaction.$queryRaw<{ hasPassword: boolean; byProvider: boolean }[]>`
      SELECT ${passwordCounts} AND EXISTS (SELECT FROM password_credentials c WHERE c.user_id = p.id
          AND NOT c.must_change) AS "hasPassword",
        EXISTS (SELECT FROM sessions s WHERE s.id = ${caller.sessionId}::uuid AND s.user_id = p.id AND ${openSession}
          AND s.sign_in_method = 'IdentityProvider'
          AND s.created_at > postern_now() - make_interval(mins => ${justNowMinutes})) AS "byProvider"
      FROM principals p WHERE p.id = ${caller.userId}::uuid`;
    return row ?? { hasPassword: false, byProvider: false };
  });
}

/**
 * Whether this is the caller's password: one that they chose, and that no issued sign-in has replaced.
 * Guesses are slowed down as at sign-in, in a count of their own, and logged as refusals of the
 * operation. Throws `Busy` if too many passwords wait to be checked.
 */
export async function reauthenticate(
  database: Database,
  caller: Caller,
  password: string,
  kind: "PasswordChanged" | "AuthenticatorEnrolled" | "PasskeyRegistered" | "ProvedAgain",
): Promise<boolean> {
  const [credential] = await database.client.$queryRaw<{ hash: string }[]>`
    SELECT c.hash FROM password_credentials c JOIN principals p ON p.id = c.user_id
    WHERE c.user_id = ${caller.userId}::uuid AND NOT c.must_change AND ${passwordCounts}`;
  const fits = await passwordFits(credential?.hash ?? null, password, turnOf(caller));
  // Counted by session, so that guesses in a stolen session keep nobody out of their own.
  const counts: readonly Count[] = [{ kind: "password", subject: caller.sessionId }];
  const verdict = await inTransaction(database, (transaction) => judgeAttempt(transaction, counts, fits));
  if (fits && !verdict.blocked) return true;
  if (!verdict.blocked || verdict.gathered !== null) {
    const target = { id: caller.userId, displayName: caller.displayName };
    const details = {
      error: "WrongPassword",
      throttled: verdict.blocked,
      ...(verdict.blocked ? { attempts: verdict.gathered } : {}),
    };
    await recordRefusal(database, { kind, caller, target, details });
  }
  return false;
}
