import { may, rootResource } from "@/lib/authority/authority";
import { action } from "@/lib/domain/roles/permissions";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { readOnce } from "@/lib/platform/transaction";

/**
 * How many enabled people are linked to each of these issuers, by issuer; null if the caller may not see how people
 * sign in.
 */
export function linkedPeople(
  database: Database,
  caller: Caller,
  issuers: readonly string[],
): Promise<ReadonlyMap<string, number> | null> {
  return readOnce(database, async (transaction) => {
    const root = await rootResource(transaction);
    if (!(await may(transaction, caller.userId, action.writeRoleSettings, root.id))) return null;
    const rows = await transaction.$queryRaw<{ issuer: string; people: number }[]>`
      SELECT l.issuer, count(DISTINCT l.principal_id)::int AS people
      FROM identity_links l JOIN principals p ON p.id = l.principal_id AND p.disabled_at IS NULL
      WHERE l.issuer = ANY (${issuers}) GROUP BY l.issuer`;
    return new Map(rows.map(({ issuer, people }) => [issuer, people]));
  });
}
