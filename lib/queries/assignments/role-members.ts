import { roleKnownAt } from "@/lib/authority/authority";
import { type PolicyColumns, policyColumns, settingsOfPolicy } from "@/lib/authority/policy-settings";
import type { NamedPrincipal } from "@/lib/domain/people/named-principal";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import { namedApprovers } from "@/lib/domain/roles/approval-settings";
import { defaultSettingsOf, type RoleSettings, strictest } from "@/lib/domain/roles/role-settings";
import { containing } from "@/lib/domain/search/like-pattern";
import { isUuid } from "@/lib/domain/text/uuid";
import type { Database } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { readOnce } from "@/lib/platform/transaction";
import { nameRank } from "@/lib/queries/name-rank";
import { namedPrincipals } from "@/lib/queries/people/named-principals";
import { rankedPrincipals } from "@/lib/queries/people/ranked-principals";

export const rolesPageSize = 50;

export interface RolesFilter {
  readonly search: string;
  /** Only roles that somebody holds or is eligible for there now, or whose settings were edited there. */
  readonly used: boolean;
  /** The `key` of the last role of the previous page. */
  readonly after: string;
}

/**
 * The roles that can be assigned at a resource, fifty a page, with how many are eligible and active there: by name, and
 * of a search the best first (see nameRank).
 */
export function listRoles(database: Database, resourceId: string, filter: RolesFilter) {
  const pattern = containing(filter.search);
  const key = Prisma.sql`${nameRank(Prisma.sql`d.role_name`, filter.search)} || lower(d.role_name) || d.id`;
  return readOnce(
    database,
    (transaction) => transaction.$queryRaw<
      {
        id: string;
        roleName: string;
        roleType: string;
        key: string;
        eligible: number;
        active: number;
        changed: boolean;
        settings: Partial<RoleSettings>;
      }[]
    >`
      SELECT d.id, d.role_name AS "roleName", d.role_type::text AS "roleType", ${key} AS key,
        (SELECT count(*)::int FROM eligibilities e WHERE e.resource_id = ${resourceId}::uuid AND e.role_definition_id = d.id
          AND e.starts_at <= postern_now() AND (e.ends_at IS NULL OR e.ends_at > postern_now())) AS eligible,
        (SELECT count(*)::int FROM assignments a WHERE a.resource_id = ${resourceId}::uuid AND a.role_definition_id = d.id
          AND a.starts_at <= postern_now() AND (a.ends_at IS NULL OR a.ends_at > postern_now())) AS active,
        coalesce(p.version > 0, false) AS changed,
        CASE WHEN p.id IS NULL THEN json_build_object('assignmentRequiresMfa', d.writes_authorization) ELSE json_build_object(
          'activationMaximumMinutes', p.activation_maximum_minutes, 'activationRequiresMfa', p.activation_requires_mfa,
          'approvalRequired', p.approval_required, 'provisioningRequiresMfa', p.provisioning_requires_mfa,
          'assignmentRequiresMfa', p.assignment_requires_mfa) END AS settings
      FROM role_definitions d
      LEFT JOIN role_management_policies p ON p.role_definition_id = d.id AND p.resource_id = ${resourceId}::uuid
      WHERE ${key} > ${filter.after} AND d.deleted_at IS NULL
        AND ('/' = ANY (d.assignable_scopes) OR EXISTS (
          SELECT FROM resources here JOIN resources above ON above.id = ANY (path_ids(here.path))
          JOIN unnest(d.assignable_scopes) AS assignable (scope) ON lower(assignable.scope) = lower(above.scope)
          WHERE here.id = ${resourceId}::uuid))
        AND (${filter.search} = '' OR d.role_name ILIKE ${pattern})
        AND (NOT ${filter.used}::boolean OR p.version > 0
          OR EXISTS (SELECT FROM eligibilities e WHERE e.resource_id = ${resourceId}::uuid
            AND e.role_definition_id = d.id AND e.starts_at <= postern_now()
            AND (e.ends_at IS NULL OR e.ends_at > postern_now()))
          OR EXISTS (SELECT FROM assignments a WHERE a.resource_id = ${resourceId}::uuid
            AND a.role_definition_id = d.id AND a.starts_at <= postern_now()
            AND (a.ends_at IS NULL OR a.ends_at > postern_now())))
      ORDER BY ${key} LIMIT ${rolesPageSize}`,
  );
}

/** The edited settings of a level above. They count below it too, where they are stricter. */
export interface SettingsAbove {
  readonly resourceId: string;
  readonly displayName: string;
  readonly settings: RoleSettings;
}

/**
 * One role with its settings at a resource, the edited settings above (nearest first), and the settings that judge
 * direct assignments here. Null if the role is unknown or has nothing to do with the resource.
 */
export async function readRoleSettings(database: Database, resourceId: string, roleDefinitionId: string) {
  if (!isUuid(roleDefinitionId)) return null;
  const [found] = await database.client.$queryRaw<
    { id: string; roleName: string; description: string; writesAuthorization: boolean }[]
  >`
    SELECT id, role_name AS "roleName", description, writes_authorization AS "writesAuthorization"
    FROM role_definitions d WHERE id = ${roleDefinitionId}::uuid AND ${roleKnownAt(resourceId)}`;
  if (!found) return null;
  const { writesAuthorization, ...role } = found;
  const policy = await database.client.roleManagementPolicy.findUnique({
    where: { resourceId_roleDefinitionId: { resourceId, roleDefinitionId } },
  });
  const settings = policy ? settingsOfPolicy(policy) : defaultSettingsOf({ writesAuthorization });
  const above = await editedAbove(database, resourceId, roleDefinitionId);
  const inForce = strictest([settings, ...above.map((level) => level.settings)]);
  return {
    role,
    version: policy?.version ?? 0,
    settings,
    above,
    inForce,
    approvers: await namesOf(
      database,
      namedApprovers([...settings.approvalStages, ...inForce.approvalStages]),
    ),
    updatedAt: policy?.updatedAt ?? null,
    updatedBy: policy?.updatedById ? ((await namesOf(database, [policy.updatedById]))[0] ?? null) : null,
  };
}

async function editedAbove(
  database: Database,
  resourceId: string,
  roleDefinitionId: string,
): Promise<SettingsAbove[]> {
  const rows = await database.client.$queryRaw<(PolicyColumns & Omit<SettingsAbove, "settings">)[]>`
    SELECT above.id AS "resourceId", above.display_name AS "displayName", ${policyColumns}
    FROM resources here JOIN resources above ON above.id = ANY (path_ids(here.path)) AND above.id <> here.id
    JOIN role_management_policies p ON p.resource_id = above.id
      AND p.role_definition_id = ${roleDefinitionId}::uuid AND p.version > 0
    WHERE here.id = ${resourceId}::uuid ORDER BY length(above.path) DESC`;
  return rows.map((row) => ({
    resourceId: row.resourceId,
    displayName: row.displayName,
    settings: settingsOfPolicy(row),
  }));
}

/** The names of approvers by id, for pages that show settings to somebody who may read them. */
export function namesOf(database: Database, ids: readonly string[]): Promise<NamedPrincipal[]> {
  return readOnce(database, (transaction) => namedPrincipals(transaction, ids));
}

/** Users and groups by name or email, for **Add assignments**; at most twenty, the best first. */
export function searchPrincipals(database: Database, search: string): Promise<PrincipalIdentity[]> {
  return readOnce(database, (transaction) => rankedPrincipals(transaction, search, Prisma.sql`TRUE`));
}
