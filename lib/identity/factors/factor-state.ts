import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { planOnce } from "@/lib/platform/prepared-statements";
import { hasOwnFactorOf } from "@/lib/platform/sql/factors-in-force";
import { readOnce } from "@/lib/platform/transaction";

/** Whether the caller can answer a step-up now. */
export interface FactorState {
  /** With an authenticator app or a passkey that is accepted. */
  readonly enrolled: boolean;
  readonly app: boolean;
  /** The identity providers to which they have a link that counts. The configuration says which of them can confirm. */
  readonly issuers: readonly string[];
  /** Until when codes are refused after too many wrong ones; null if they are not. */
  readonly lockedUntil: Date | null;
}

/** The state of the caller's factors at this moment. */
export async function factorState(database: Database, caller: Caller): Promise<FactorState> {
  const person = Prisma.sql`${caller.userId}::uuid`;
  const [row] = await readOnce(
    database,
    (client) => client.$queryRaw<(Omit<FactorState, "enrolled"> & { passkey: boolean })[]>`
      SELECT ${planOnce} ${hasOwnFactorOf(person, "App")} AS app,
        array(SELECT issuer FROM identity_links WHERE principal_id = ${caller.userId}::uuid AND link_counts(id)) AS issuers,
        ${hasOwnFactorOf(person, "Passkey")} AS passkey,
        CASE WHEN f.locked_until > postern_now() THEN f.locked_until END AS "lockedUntil"
      FROM (SELECT) one LEFT JOIN totp_factors f
        ON f.user_id = ${person} AND f.removed_at IS NULL AND f.confirmed_at IS NOT NULL`,
  );
  if (!row) throw new Error("the state of the factors was not read");
  return {
    enrolled: row.app || row.passkey,
    app: row.app,
    issuers: row.issuers,
    lockedUntil: row.lockedUntil,
  };
}
