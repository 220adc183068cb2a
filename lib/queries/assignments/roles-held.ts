import { may } from "@/lib/authority/authority";
import { action } from "@/lib/domain/roles/permissions";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import type { AccessTable } from "@/lib/platform/sql/access-hours";
import { readOnce } from "@/lib/platform/transaction";

/** As many roles as a choice of one shows. */
const shownAtMost = 60;

export interface RoleHeld {
  readonly id: string;
  readonly roleName: string;
}

/**
 * The roles that anybody holds, may activate, held or could activate at a resource or above it, by
 * name. The index on resources and roles is asked for the next role each time, skipping all rows of
 * each. Empty if the caller may not read assignments there.
 */
export function rolesHeld(database: Database, caller: Caller, resourceId: string): Promise<RoleHeld[]> {
  return readOnce(database, async (transaction) => {
    if (!(await may(transaction, caller.userId, action.readAssignments, resourceId))) return [];
    return transaction.$queryRaw<RoleHeld[]>`
      WITH RECURSIVE places AS MATERIALIZED (
        SELECT unnest(path_ids(path)) AS id FROM resources WHERE id = ${resourceId}::uuid
      ), given (place_id, role_id) AS (
        SELECT id, (${nextRole(Prisma.sql`places.id`, null)}) FROM places
        UNION ALL
        SELECT g.place_id, (${nextRole(Prisma.sql`g.place_id`, Prisma.sql`g.role_id`)})
        FROM given g WHERE g.role_id IS NOT NULL
      )
      SELECT d.id, d.role_name AS "roleName" FROM role_definitions d
      WHERE d.id IN (SELECT role_id FROM given) ORDER BY lower(d.role_name), d.id LIMIT ${shownAtMost}`;
  });
}

/** The first role given at a place, or the next one after another role. */
function nextRole(placeId: Prisma.Sql, after: Prisma.Sql | null): Prisma.Sql {
  const first = (table: AccessTable) => Prisma.sql`(
    SELECT x.role_definition_id AS id FROM ${Prisma.raw(table)} x
    WHERE x.resource_id = ${placeId} AND ${after ? Prisma.sql`x.role_definition_id > ${after}` : Prisma.sql`TRUE`}
    ORDER BY x.role_definition_id LIMIT 1)`;
  return Prisma.sql`SELECT next.id FROM (${first("eligibilities")} UNION ALL ${first("assignments")}) next
    ORDER BY next.id LIMIT 1`;
}
