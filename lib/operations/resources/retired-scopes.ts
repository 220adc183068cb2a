import { formerScope, undoDays } from "@/lib/domain/resources/retire";
import { sameNameKey } from "@/lib/domain/text/names";
import type { Transaction } from "@/lib/platform/database";
import { nameKeys } from "@/lib/platform/sql/name-keys";

/**
 * Finds the paths of retired resources that can still be restored, with a message for each. Otherwise
 * an import would create them again beside the restored ones.
 */
export async function retiredAmong(
  transaction: Transaction,
  scopes: readonly string[],
): Promise<(scope: string) => string | null> {
  const rows = await transaction.$queryRaw<{ scope: string; day: string }[]>`
    SELECT r.scope, to_char(t.retired_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day
    FROM resources r JOIN retirements t ON t.id = r.retirement_id
    WHERE r.retirement_id IS NOT NULL AND t.retired_at + interval '30 days' > postern_now()
      AND name_key(substr(r.scope, length('retired:' || t.number) + 1)) = ANY (${nameKeys(scopes)})
    ORDER BY r.scope LIMIT ${scopes.length}`;
  const dayOf = new Map(rows.map(({ scope, day }) => [sameNameKey(formerScope(scope)), day]));
  return (scope) => {
    const day = dayOf.get(sameNameKey(scope));
    if (day === undefined) return null;
    return `${scope} was retired on ${day} (UTC). Restore it under Retired resources first; ${undoDays} days later its path can be imported again.`;
  };
}
