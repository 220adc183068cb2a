import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Database } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";

const batch = 500;
/** How many days an expired challenge is kept. */
const challengeDays = 1;

/**
 * Removes counts of wrong attempts that no longer matter, and challenges that expired long ago. Refusals that were
 * counted but not logged yet are logged first. Returns how many rows were removed.
 */
export async function forgetGuesses(database: Database): Promise<number> {
  let forgotten = 0;
  for (let more = true; more; ) {
    const gone = await inTransaction(database, async (transaction) => {
      const counts = await transaction.$queryRaw<{ key: string; refused: number }[]>`
        DELETE FROM sign_in_throttles WHERE key IN (
          SELECT key FROM sign_in_throttles WHERE forget_at <= postern_now()
          ORDER BY forget_at LIMIT ${batch} FOR UPDATE SKIP LOCKED)
        RETURNING key, refused`;
      const attempts = counts.reduce((sum, { refused }) => sum + refused, 0);
      if (attempts > 0) {
        await recordAuditEvent(transaction, {
          kind: "SignInFailed",
          outcome: "Failure",
          details: { throttled: true, attempts },
        });
      }
      const challenges = await transaction.$executeRaw`
        DELETE FROM step_up_challenges WHERE id IN (
          SELECT id FROM step_up_challenges
          WHERE expires_at <= postern_now() - make_interval(days => ${challengeDays})
          ORDER BY expires_at LIMIT ${batch} FOR UPDATE SKIP LOCKED)`;
      const registrations = await transaction.$executeRaw`
        DELETE FROM passkey_registrations WHERE session_id IN (
          SELECT session_id FROM passkey_registrations
          WHERE created_at <= postern_now() - make_interval(days => ${challengeDays})
          ORDER BY created_at LIMIT ${batch} FOR UPDATE SKIP LOCKED)`;
      const signIns = await transaction.$executeRaw`
        DELETE FROM passkey_sign_ins WHERE browser_hash IN (
          SELECT browser_hash FROM passkey_sign_ins WHERE expires_at <= postern_now()
          LIMIT ${batch} FOR UPDATE SKIP LOCKED)`;
      return [counts.length, challenges, registrations, signIns];
    });
    forgotten += gone.reduce((sum, each) => sum + each, 0);
    more = gone.some((each) => each === batch);
  }
  return forgotten;
}
