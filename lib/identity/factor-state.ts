import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { planOnce } from "@/lib/platform/prepared-statements";
import { readOnce } from "@/lib/platform/transaction";

/** Whether the caller can answer a step-up now. */
export interface FactorState {
  readonly enrolled: boolean;
  /** Too many wrong codes were entered; null if it is not locked. */
  readonly lockedUntil: Date | null;
}

/** The state of the caller's authenticator app at this moment. */
export async function factorState(database: Database, caller: Caller): Promise<FactorState> {
  const [row] = await readOnce(
    database,
    (client) => client.$queryRaw<{ lockedUntil: Date | null }[]>`
      SELECT ${planOnce} CASE WHEN locked_until > postern_now() THEN locked_until END AS "lockedUntil"
      FROM totp_factors WHERE user_id = ${caller.userId}::uuid AND removed_at IS NULL AND confirmed_at IS NOT NULL`,
  );
  return { enrolled: row !== undefined, lockedUntil: row?.lockedUntil ?? null };
}
