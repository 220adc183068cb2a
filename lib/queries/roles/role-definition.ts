import { may, roleKnownAt, rootResource, visibleResource } from "@/lib/authority/authority";
import { findRetirement } from "@/lib/authority/restore-facts";
import { permissionsOf, type StoredPermissions } from "@/lib/authority/stored-permissions";
import type { NamedPrincipal } from "@/lib/domain/people/named-principal";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import { retiredPrefix } from "@/lib/domain/resources/retire";
import { explainRole, type OperationKind, type Verdict } from "@/lib/domain/roles/explain-permission";
import { action, type Permission } from "@/lib/domain/roles/permissions";
import { isUuid } from "@/lib/domain/text/uuid";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { identityColumn } from "@/lib/platform/principal-identity";
import { readOnce } from "@/lib/platform/transaction";
import { namedPrincipals } from "@/lib/queries/people/named-principals";

export interface RoleDefinitionView {
  readonly id: string;
  readonly roleName: string;
  readonly description: string;
  readonly roleType: "BuiltInRole" | "CustomRole";
  readonly permissions: Permission[];
  readonly assignableScopes: string[];
  readonly version: number;
  /** How many hold it or may activate it, now or later, anywhere. */
  readonly uses: number;
  /** No resource has any of its scopes: all are retired or gone. */
  readonly nowhere: boolean;
  /** Until when one of the resources can be restored; null if none can. */
  readonly restorableUntil: Date | null;
}

/**
 * A role's definition, for callers who may read role definitions at a resource. Null if it is unknown, deleted, or
 * has nothing to do with the resource. A role whose resources are all retired is shown at the root.
 */
export function readRoleDefinition(
  database: Database,
  id: string,
  resourceId: string,
): Promise<RoleDefinitionView | null> {
  if (!isUuid(id)) return Promise.resolve(null);
  return readOnce(database, async (transaction) => {
    const [row] = await transaction.$queryRaw<
      (Omit<RoleDefinitionView, "permissions"> & { permissions: StoredPermissions })[]
    >`
      SELECT id, ${assignableNowhere} AS nowhere,
        CASE WHEN ${assignableNowhere} THEN (
          SELECT max(t.retired_at) + interval '30 days' FROM resources r JOIN retirements t ON t.id = r.retirement_id
          WHERE t.retired_at + interval '30 days' > postern_now()
            AND lower(substr(r.scope, length('retired:' || t.number) + 1)) IN (
              SELECT lower(each) FROM unnest(d.assignable_scopes) AS each)) END AS "restorableUntil", role_name AS "roleName", description, role_type::text AS "roleType", permissions,
        assignable_scopes AS "assignableScopes", version,
        (SELECT count(*)::int FROM (
          SELECT ends_at, starts_at FROM eligibilities WHERE role_definition_id = d.id
          UNION ALL
          SELECT ends_at, starts_at FROM assignments WHERE role_definition_id = d.id AND assignment_type = 'Assigned'
        ) x WHERE x.ends_at IS NULL OR (x.ends_at > postern_now() AND x.ends_at > x.starts_at)) AS uses
      FROM role_definitions d WHERE id = ${id}::uuid AND deleted_at IS NULL
        AND (${roleKnownAt("d", resourceId)} OR (${assignableNowhere}
          AND EXISTS (SELECT FROM resources root WHERE root.id = ${resourceId}::uuid AND root.scope = '/')))`;
    return row ? { ...row, permissions: permissionsOf(row.permissions) } : null;
  });
}

/** No resource has any of the scopes of a role `d`. */
const assignableNowhere = Prisma.sql`NOT EXISTS (
  SELECT FROM resources own JOIN unnest(d.assignable_scopes) AS each (scope) ON lower(own.scope) = lower(each.scope))`;

/** A custom role that cannot be assigned anywhere as long as a resource is retired. */
export interface RoleOfRetired {
  readonly id: string;
  readonly roleName: string;
}

/** How many of them are listed. */
const mostOfRetired = 50;

/**
 * The custom roles that cannot be assigned anywhere because of a retirement, for callers who may read roles at the
 * resource above it. Also the root, if they may read roles there, since it has the pages of these roles.
 */
export function rolesOfRetired(
  database: Database,
  caller: Caller,
  retirementId: string,
): Promise<{ readonly roles: readonly RoleOfRetired[]; readonly rootId: string | null }> {
  return readOnce(database, async (transaction) => {
    const retirement = await findRetirement(transaction, retirementId);
    const reads = async (id: string) => may(transaction, caller.userId, action.readRoleDefinitions, id);
    if (!retirement || !(await reads(retirement.parentId))) return { roles: [], rootId: null };
    const roles = await transaction.$queryRaw<RoleOfRetired[]>`
      SELECT d.id, d.role_name AS "roleName" FROM role_definitions d
      WHERE d.deleted_at IS NULL AND d.role_type = 'CustomRole' AND ${assignableNowhere} AND EXISTS (
        SELECT FROM resources r WHERE r.retirement_id = ${retirement.id}::uuid
          AND lower(substr(r.scope, ${retiredPrefix(retirement.number).length + 1}::int)) IN (
            SELECT lower(each) FROM unnest(d.assignable_scopes) AS each))
      ORDER BY lower(d.role_name), d.id LIMIT ${mostOfRetired}`;
    const root = await rootResource(transaction);
    return { roles, rootId: (await reads(root.id)) ? root.id : null };
  });
}

/** A scope, and whether a role can be assigned there. */
export interface AssignableAnswer {
  readonly displayName: string;
  readonly scope: string;
  readonly assignable: boolean;
}

/** Whether a role can be assigned at a scope; null if the caller may not know of the scope. */
export function assignableAt(
  database: Database,
  caller: Caller,
  asked: { readonly roleDefinitionId: string; readonly scope: string },
): Promise<AssignableAnswer | null> {
  return readOnce(database, async (transaction) => {
    const [row] = await transaction.$queryRaw<(AssignableAnswer & { id: string })[]>`
      SELECT r.id, r.display_name AS "displayName", r.scope,
        EXISTS (SELECT FROM resources above WHERE above.id = ANY (path_ids(r.path))
          AND lower(above.scope) IN (SELECT lower(each) FROM unnest(d.assignable_scopes) each)) AS assignable
      FROM resources r CROSS JOIN role_definitions d
      WHERE lower(r.scope) = lower(${asked.scope}) AND d.id = ${asked.roleDefinitionId}::uuid`;
    if (!row || !(await visibleResource(transaction, caller.userId, row.id))) return null;
    const { id: _, ...answer } = row;
    return answer;
  });
}

/** One role that a person holds, and whether it allows the operation. */
export interface HeldRoleVerdict {
  readonly assignmentId: string;
  readonly roleDefinitionId: string;
  readonly roleName: string;
  readonly assignmentType: "Assigned" | "Activated";
  readonly resourceName: string;
  readonly scope: string;
  readonly group: PrincipalIdentity | null;
  readonly verdict: Verdict;
}

/**
 * Whether a principal may do an operation at a resource now, role by role: everything that they hold there or above,
 * with the deciding pattern. For callers who may read assignments at the resource. Null for an unknown principal.
 */
export function checkAccess(
  database: Database,
  resourceId: string,
  asked: { readonly principalId: string; readonly operation: string; readonly kind: OperationKind },
): Promise<{ principal: NamedPrincipal; roles: HeldRoleVerdict[] } | null> {
  if (!isUuid(asked.principalId)) return Promise.resolve(null);
  return readOnce(database, async (transaction) => {
    const [principal] = await namedPrincipals(transaction, [asked.principalId]);
    if (!principal) return null;
    const rows = await transaction.$queryRaw<
      (Omit<HeldRoleVerdict, "verdict"> & { permissions: StoredPermissions })[]
    >`
      SELECT a.id AS "assignmentId", d.id AS "roleDefinitionId", d.role_name AS "roleName", d.permissions,
        a.assignment_type::text AS "assignmentType", at.display_name AS "resourceName", at.scope,
        CASE WHEN a.principal_id <> ${asked.principalId}::uuid THEN ${identityColumn("g")} END AS "group"
      FROM resources r
      JOIN active_assignments(${asked.principalId}::uuid, postern_now()) a ON a.resource_id = ANY (path_ids(r.path))
      JOIN role_definitions d ON d.id = a.role_definition_id
      JOIN resources at ON at.id = a.resource_id
      JOIN principals g ON g.id = a.principal_id
      WHERE r.id = ${resourceId}::uuid
      ORDER BY at.path DESC, lower(d.role_name), a.id LIMIT 200`;
    return {
      principal,
      roles: rows.map(({ permissions, ...row }) => ({
        ...row,
        verdict: explainRole(permissionsOf(permissions), asked.operation, asked.kind),
      })),
    };
  });
}
