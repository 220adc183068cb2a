import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";

/**
 * Whether a person can prove themselves with a second factor: an authenticator app or a passkey. Then a new factor takes
 * a proof of one in force; without any it takes the password.
 */
export async function hasFactorInForce(transaction: Transaction, caller: Caller): Promise<boolean> {
  const [row] = await transaction.$queryRaw<{ found: boolean }[]>`
    SELECT EXISTS (SELECT FROM totp_factors WHERE user_id = ${caller.userId}::uuid AND removed_at IS NULL
        AND confirmed_at IS NOT NULL)
      OR EXISTS (SELECT FROM passkeys WHERE user_id = ${caller.userId}::uuid AND removed_at IS NULL) AS found`;
  return row?.found ?? false;
}
