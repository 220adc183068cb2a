import { may } from "@/lib/authority/authority";
import { action } from "@/lib/domain/roles/permissions";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { pathBelow } from "@/lib/platform/sql/path-below";
import { readOnce } from "@/lib/platform/transaction";

export interface RoleInUse {
  readonly id: string;
  readonly roleName: string;
  /** How many assignments the role has at the resource, and below it. */
  readonly here: number;
  readonly below: number;
}

/**
 * The roles that a review of this resource could cover, with how many eligible and direct assignments
 * each has here and below. At most a hundred. Empty if the caller may not read assignments.
 */
export function rolesInUse(database: Database, caller: Caller, resourceId: string): Promise<RoleInUse[]> {
  return readOnce(database, async (transaction) => {
    if (!(await may(transaction, caller.userId, action.readAssignments, resourceId))) return [];
    return transaction.$queryRaw<RoleInUse[]>`
      WITH within AS (
        SELECT r.id, r.id = here.id AS here FROM resources here
        JOIN resources r ON r.path = here.path OR ${pathBelow("r.path", "here.path")}
        WHERE here.id = ${resourceId}::uuid
      ), access AS (
        SELECT role_definition_id, resource_id FROM eligibilities
        WHERE starts_at <= postern_now() AND (ends_at IS NULL OR ends_at > postern_now())
        UNION ALL
        SELECT role_definition_id, resource_id FROM assignments
        WHERE assignment_type = 'Assigned' AND starts_at <= postern_now() AND (ends_at IS NULL OR ends_at > postern_now())
      )
      SELECT d.id, d.role_name AS "roleName", count(*) FILTER (WHERE w.here)::int AS here,
        count(*) FILTER (WHERE NOT w.here)::int AS below
      FROM access a JOIN within w ON w.id = a.resource_id JOIN role_definitions d ON d.id = a.role_definition_id
      GROUP BY d.id ORDER BY lower(d.role_name), d.id LIMIT 100`;
  });
}
