import { roleKnownAt } from "@/lib/authority/authority";
import { permissionsOf, type StoredPermissions } from "@/lib/authority/stored-permissions";
import type { StandingFilter } from "@/lib/domain/assignments/standing-access";
import { type RoleRisk, roleRisk, roleRisks } from "@/lib/domain/roles/role-risk";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { readOnce } from "@/lib/platform/transaction";
import { readableAt } from "@/lib/queries/assignments/readable-access";

/** A role that is assigned directly somewhere. */
export interface StandingRole {
  readonly id: string;
  readonly roleName: string;
  readonly risk: RoleRisk;
}

/** How many such roles are read. The catalogue of built-in roles has fewer. */
const mostRoles = 5_000;

/**
 * The roles that are or were assigned directly anywhere, which the caller may not see, and that can be
 * assigned at a resource, above or below it, by name. The index on roles and resources is asked for the
 * next role each time, skipping all rows of each.
 */
export async function standingRoles(transaction: Transaction, resourceId: string): Promise<StandingRole[]> {
  const rows = await transaction.$queryRaw<
    { id: string; roleName: string; permissions: StoredPermissions }[]
  >`
    WITH RECURSIVE used (id) AS (
      (SELECT role_definition_id FROM assignments WHERE assignment_type = 'Assigned'
        ORDER BY role_definition_id LIMIT 1)
      UNION ALL
      SELECT (SELECT x.role_definition_id FROM assignments x
        WHERE x.assignment_type = 'Assigned' AND x.role_definition_id > used.id
        ORDER BY x.role_definition_id LIMIT 1)
      FROM used WHERE used.id IS NOT NULL)
    SELECT d.id, d.role_name AS "roleName", d.permissions FROM role_definitions d
    WHERE d.id IN (SELECT id FROM used WHERE id IS NOT NULL) AND ${roleKnownAt("d", resourceId)}
    ORDER BY lower(d.role_name), d.id LIMIT ${mostRoles}`;
  return rows.map(({ permissions, ...role }) => ({ ...role, risk: roleRisk(permissionsOf(permissions)) }));
}

/**
 * The name of a role that can be assigned at a resource, above or below it, whether or not anybody has it; otherwise
 * null.
 */
export async function roleNameAt(
  transaction: Transaction,
  roleDefinitionId: string | null,
  resourceId: string,
): Promise<string | null> {
  if (roleDefinitionId === null) return null;
  const [role] = await transaction.$queryRaw<{ roleName: string }[]>`
    SELECT d.role_name AS "roleName" FROM role_definitions d
    WHERE d.id = ${roleDefinitionId}::uuid AND d.deleted_at IS NULL AND ${roleKnownAt("d", resourceId)}`;
  return role?.roleName ?? null;
}

/** The ids of the roles of a risk, and the position of that risk. */
export interface RolesOfRisk {
  readonly rank: number;
  readonly ids: readonly string[];
}

/** The roles of a filter by risk, the riskiest first. */
export function rolesByRisk(
  roles: readonly StandingRole[],
  { risk, roleDefinitionId }: Pick<StandingFilter, "risk" | "roleDefinitionId">,
): RolesOfRisk[] {
  return roleRisks.flatMap((each, rank) => {
    const ids = roles
      .filter((role) => role.risk === each && (roleDefinitionId === null || role.id === roleDefinitionId))
      .map(({ id }) => id);
    return ids.length > 0 && (risk === null || risk === each) ? [{ rank, ids }] : [];
  });
}

/** The topmost resource whose assignments the caller may read, the first of several; null if there is none. */
export function topOfStandingAccess(database: Database, caller: Caller): Promise<string | null> {
  return readOnce(database, async (transaction) => {
    const readable = await readableAt(transaction, caller, { resourceId: null, below: true });
    const top = await transaction.resource.findFirst({
      where: { path: { in: [...(readable?.paths ?? [])] } },
      orderBy: { path: "asc" },
      select: { id: true },
    });
    return top?.id ?? null;
  });
}
