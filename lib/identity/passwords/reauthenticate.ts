import { type Count, judgeAttempt } from "@/lib/identity/attempts/throttle";
import { passwordFits, turnOf } from "@/lib/identity/passwords/password";
import { recordRefusal } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";

/**
 * Whether this is the caller's password; guesses are slowed as those of signing in are, in a count of their own, and
 * logged as refusals of what the password was asked for. Throws `Busy` when too many passwords wait to be checked.
 */
export async function reauthenticate(
  database: Database,
  caller: Caller,
  password: string,
  kind: "PasswordChanged" | "AuthenticatorEnrolled" | "PasskeyRegistered" | "ProvedAgain",
): Promise<boolean> {
  const credential = await database.client.passwordCredential.findUnique({
    where: { userId: caller.userId },
  });
  const fits = await passwordFits(credential?.hash ?? null, password, turnOf(caller));
  // By session: whoever guesses in a stolen one keeps nobody else from their own.
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
