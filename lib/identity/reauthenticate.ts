import { passwordFits } from "@/lib/identity/password";
import { countAttempt, forgetAttempts } from "@/lib/identity/throttle";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";

/** How long after signing in a person need not give their password again before their first authenticator app. */
const freshMinutes = 15;

/** Whether the caller signed in a short while ago (ASVS 5.0, 7.5.1). */
export function signedInJustNow(database: Database, caller: Caller): Promise<boolean> {
  return inTransaction(database, async (transaction) => {
    const [row] = await transaction.$queryRaw<{ fresh: boolean }[]>`
      SELECT created_at > postern_now() - make_interval(mins => ${freshMinutes}) AS fresh
      FROM sessions WHERE id = ${caller.sessionId}::uuid AND user_id = ${caller.userId}::uuid`;
    return row?.fresh ?? false;
  });
}

/** Whether this is the caller's password; guesses are slowed as those of signing in are, in a count of their own. */
export async function reauthenticate(database: Database, caller: Caller, password: string): Promise<boolean> {
  const key = `password:${caller.userId}`;
  const { blocked, hash } = await inTransaction(database, async (transaction) => {
    const isBlocked = await countAttempt(transaction, key, "account");
    const credential = await transaction.passwordCredential.findUnique({ where: { userId: caller.userId } });
    return { blocked: isBlocked, hash: credential?.hash ?? null };
  });
  const fits = await passwordFits(hash, password);
  if (blocked || !fits) return false;
  await inTransaction(database, (transaction) => forgetAttempts(transaction, key));
  return true;
}
