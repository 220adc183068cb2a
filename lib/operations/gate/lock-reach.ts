import { reaches } from "@/lib/authority/standing-rights";
import type { Transaction } from "@/lib/platform/database";

/**
 * Whether a user is a principal, or in it however deep, and every group between them is enabled. The answer stays true
 * until the transaction ends: the user and the groups between are locked, shared, against being disabled and against
 * being taken out of a group. Asked for after the settings and the access are locked, so that waiting for those cannot
 * make it stale, and before requests are.
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
