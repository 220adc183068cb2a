import type { Transaction } from "@/lib/platform/database";

/** Whether a member reaches an eligibility, and the database's time, read with all locks held. */
export interface Reach {
  readonly reached: boolean;
  readonly now: Date;
}

/**
 * Whether a user is the principal, or is in it through groups of any depth that are all enabled. The answer holds
 * until the transaction ends: shared locks keep the user and those groups from being disabled and from leaving a
 * group. Called after locking the settings and the access, and before locking requests.
 */
export async function lockReach(
  transaction: Transaction,
  userId: string,
  principalId: string,
): Promise<Reach> {
  // The second is sent at once, and runs when the first has its locks.
  const [, [reach]] = await Promise.all([
    transaction.$queryRaw`
      SELECT p.id FROM principals p
      WHERE p.id = ${userId}::uuid OR (${userId}::uuid <> ${principalId}::uuid
        AND p.id IN (SELECT principal_and_groups(${userId}::uuid))
        AND ${principalId}::uuid IN (SELECT principals_and_groups_above(ARRAY[p.id])))
      ORDER BY p.id FOR SHARE OF p`,
    transaction.$queryRaw<Reach[]>`
      SELECT EXISTS (SELECT FROM principal_and_groups(${userId}::uuid) AS own (id)
        WHERE own.id = ${principalId}::uuid) AS reached, postern_now() AS now`,
  ]);
  if (!reach) throw new Error("the reach was not read");
  return reach;
}
