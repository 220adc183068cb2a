import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { hasOwnFactor } from "@/lib/platform/sql/factors-in-force";

/**
 * Whether a person can prove themselves with a second factor: an authenticator app, if those are accepted, or
 * a passkey. Then a new factor takes
 * a proof of one in force; without any it takes the password.
 */
export async function hasFactorInForce(transaction: Transaction, caller: Caller): Promise<boolean> {
  const [row] = await transaction.$queryRaw<{ found: boolean }[]>`
    SELECT ${hasOwnFactor(Prisma.sql`${caller.userId}::uuid`)} AS found`;
  return row?.found ?? false;
}
