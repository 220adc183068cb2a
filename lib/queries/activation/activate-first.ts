import { visibleResource } from "@/lib/authority/authority";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { readOnce } from "@/lib/platform/transaction";
import { type EligibleRow, eligibleRows } from "@/lib/queries/activation/my-roles";

/** A role that the caller is eligible for, and the resource at which they need it. */
export interface RoleNeededAt extends EligibleRow {
  readonly at: { readonly id: string; readonly displayName: string };
  /** The caller holds the role there already. */
  readonly held: boolean;
}

/**
 * The role of an eligibility of the caller, for use at a resource that it reaches. Null if the caller is not eligible
 * for it now, or not there.
 */
export function roleNeededAt(
  database: Database,
  caller: Caller,
  eligibilityId: string,
  resourceId: string,
): Promise<RoleNeededAt | null> {
  return readOnce(database, async (transaction) => {
    const at = await visibleResource(transaction, caller.userId, resourceId);
    if (!at) return null;
    const reaches = Prisma.sql`e.id = ${eligibilityId}::uuid
      AND e.resource_id IN (SELECT unnest(path_ids(h.path)) FROM resources h WHERE h.id = ${at.id}::uuid)`;
    const [row] = await eligibleRows(transaction, caller, reaches, 1);
    if (!row) return null;
    const [holds] = await transaction.$queryRaw<{ held: boolean }[]>`
      SELECT EXISTS (SELECT FROM active_assignments(${caller.userId}::uuid, postern_now()) a
        JOIN resources h ON h.id = ${at.id}::uuid
        WHERE a.role_definition_id = ${row.roleDefinitionId}::uuid AND a.resource_id = ANY (path_ids(h.path))) AS held`;
    return { ...row, at: { id: at.id, displayName: at.displayName }, held: holds?.held ?? false };
  });
}
