import { reaches } from "@/lib/authority/rights-until-commit";
import type { Transaction } from "@/lib/platform/database";

/**
 * Whether a user is the principal, or is in it through groups of any depth that are all enabled. The answer holds
 * until the transaction ends: shared locks keep the user and those groups from being disabled and from leaving a
 * group. Called after locking the settings and the access, and before locking requests.
 */
export async function lockReach(
  transaction: Transaction,
  userId: string,
  principalId: string,
): Promise<boolean> {
  await transaction.$queryRaw`
    SELECT p.id FROM principals p
    WHERE p.id = ${userId}::uuid OR (${userId}::uuid <> ${principalId}::uuid
      AND p.id IN (SELECT principal_and_groups(${userId}::uuid))
      AND ${principalId}::uuid IN (SELECT principals_and_groups_above(ARRAY[p.id])))
    ORDER BY p.id FOR SHARE OF p`;
  return reaches(transaction, userId, principalId);
}
