import { forgetAfterMinutes, waitSeconds } from "@/lib/domain/throttle";
import type { Transaction } from "@/lib/platform/database";

/**
 * Counts one attempt as failed until it proves otherwise; tells whether it must be refused. Counting comes before the
 * password is looked at, so that simultaneous guesses cannot slip past the count. `key` names account or address.
 */
export async function countAttempt(
  transaction: Transaction,
  key: string,
  kind: "account" | "address",
): Promise<boolean> {
  await transaction.$executeRaw`INSERT INTO sign_in_throttles (key) VALUES (${key}) ON CONFLICT DO NOTHING`;
  const [row] = await transaction.$queryRaw<{ failures: number; blocked: boolean }[]>`
    SELECT CASE WHEN updated_at < postern_now() - make_interval(mins => ${forgetAfterMinutes}) THEN 0 ELSE failures END
        AS failures,
      coalesce(blocked_until > postern_now(), false) AS blocked
    FROM sign_in_throttles WHERE key = ${key} FOR UPDATE`;
  if (!row || row.blocked) return true;
  const failures = row.failures + 1;
  const wait = waitSeconds(kind, failures);
  await transaction.$executeRaw`
    UPDATE sign_in_throttles SET failures = ${failures}, updated_at = postern_now(),
      blocked_until = postern_now() + make_interval(secs => ${wait})
    WHERE key = ${key}`;
  return false;
}

/** Forgets a key's failures, after an attempt that was right. */
export async function forgetAttempts(transaction: Transaction, key: string): Promise<void> {
  await transaction.signInThrottle.deleteMany({ where: { key } });
}

/** Clears a few counts that have run out, so that made-up names do not fill the table. */
export async function forgetOldAttempts(transaction: Transaction): Promise<void> {
  await transaction.$executeRaw`
    DELETE FROM sign_in_throttles WHERE key IN (
      SELECT key FROM sign_in_throttles
      WHERE updated_at < postern_now() - make_interval(mins => ${2 * forgetAfterMinutes})
      LIMIT 20 FOR UPDATE SKIP LOCKED)`;
}
