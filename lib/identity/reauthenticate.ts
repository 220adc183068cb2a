import { passwordFits } from "@/lib/identity/password";
import { countAttempt, forgetAttempts } from "@/lib/identity/throttle";
import { recordRefusal } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";

/**
 * Whether this is the caller's password; guesses are slowed as those of signing in are, in a count of their own, and
 * logged as refusals of what the password was asked for.
 */
export async function reauthenticate(
  database: Database,
  caller: Caller,
  password: string,
  kind: "PasswordChanged" | "AuthenticatorEnrolled",
): Promise<boolean> {
  const key = `password:${caller.userId}`;
  const { blocked, hash } = await inTransaction(database, async (transaction) => {
    const isBlocked = await countAttempt(transaction, key, "account");
    const credential = await transaction.passwordCredential.findUnique({ where: { userId: caller.userId } });
    return { blocked: isBlocked, hash: credential?.hash ?? null };
  });
  const fits = await passwordFits(hash, password);
  if (blocked || !fits) {
    const target = { id: caller.userId, displayName: caller.displayName };
    await recordRefusal(database, { kind, caller, target, details: { error: "WrongPassword" } });
    return false;
  }
  await inTransaction(database, (transaction) => forgetAttempts(transaction, key));
  return true;
}
