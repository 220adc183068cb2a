import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

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
  // One's own needs no look at groups, and a plan of its own: with both in one statement it is planned each time.
  const lock =
    userId === principalId
      ? Prisma.sql`/* reach */ SELECT p.id FROM principals p WHERE p.id = ${userId}::uuid FOR SHARE OF p`
      : Prisma.sql`
          SELECT p.id FROM principals p
          WHERE p.id IN (SELECT ${userId}::uuid UNION ALL
            SELECT own.id FROM principal_and_groups(${userId}::uuid) AS own (id)
            WHERE ${principalId}::uuid IN (SELECT principals_and_groups_above(ARRAY[own.id])))
          ORDER BY p.id FOR SHARE OF p`;
  // The second is sent at once, and runs when the first has its locks.
  const [, [reach]] = await Promise.all([
    transaction.$queryRaw(lock),
    transaction.$queryRaw<Reach[]>`
      SELECT EXISTS (SELECT FROM principal_and_groups(${userId}::uuid) AS own (id)
        WHERE own.id = ${principalId}::uuid) AS reached, postern_now() AS now`,
  ]);
  if (!reach) throw new Error("the reach was not read");
  return reach;
}
