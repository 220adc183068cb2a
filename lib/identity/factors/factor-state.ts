import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { planOnce } from "@/lib/platform/prepared-statements";
import { readOnce } from "@/lib/platform/transaction";

/** Whether the caller can answer a step-up now. */
export interface FactorState {
  /** With an authenticator app or a passkey. */
  readonly enrolled: boolean;
  readonly app: boolean;
  /** Of the identity providers to which they are linked in a way that counts. Which of them confirm is configured. */
  readonly issuers: readonly string[];
  /** Until when codes are refused, after too many wrong ones; null if they are not. */
  readonly lockedUntil: Date | null;
}

/** The state of the caller's factors at this moment. */
export async function factorState(database: Database, caller: Caller): Promise<FactorState> {
  const [row] = await readOnce(
    database,
    (client) => client.$queryRaw<(Omit<FactorState, "enrolled"> & { passkey: boolean })[]>`
      SELECT ${planOnce} f.id IS NOT NULL AS app,
        array(SELECT issuer FROM identity_links WHERE principal_id = ${caller.userId}::uuid AND link_counts(id)) AS issuers,
        EXISTS (SELECT FROM passkeys WHERE user_id = ${caller.userId}::uuid AND removed_at IS NULL) AS passkey,
        CASE WHEN f.locked_until > postern_now() THEN f.locked_until END AS "lockedUntil"
      FROM (SELECT) one LEFT JOIN totp_factors f
        ON f.user_id = ${caller.userId}::uuid AND f.removed_at IS NULL AND f.confirmed_at IS NOT NULL`,
  );
  if (!row) throw new Error("the state of the factors was not read");
  return {
    enrolled: row.app || row.passkey,
    app: row.app,
    issuers: row.issuers,
    lockedUntil: row.lockedUntil,
  };
}
