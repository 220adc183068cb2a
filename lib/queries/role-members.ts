import { namedApprovers } from "@/lib/domain/approval-settings";
import type { NamedPrincipal } from "@/lib/domain/named-principal";
import { defaultRoleSettings, type RoleSettings } from "@/lib/domain/role-settings";
import type { Database } from "@/lib/platform/database";
import { settingsOfPolicy } from "@/lib/platform/policy-settings";
import { inTransaction } from "@/lib/platform/transaction";

const pageSize = 50;

/** The roles that can be given at a resource, by name, fifty a page, with how many are eligible and active there. */
export function listRoles(database: Database, resourceId: string, filter: { search: string; after: string }) {
  const pattern = `%${filter.search.replaceAll(/[\\%_]/g, "\\$&")}%`;
  return inTransaction(
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
        settings: Partial<RoleSettings> | null;
      }[]
    >`
      SELECT d.id, d.role_name AS "roleName", d.role_type::text AS "roleType", lower(d.role_name) || d.id AS key,
        (SELECT count(*)::int FROM eligibilities e WHERE e.resource_id = ${resourceId}::uuid AND e.role_definition_id = d.id
          AND e.starts_at <= postern_now() AND (e.ends_at IS NULL OR e.ends_at > postern_now())) AS eligible,
        (SELECT count(*)::int FROM assignments a WHERE a.resource_id = ${resourceId}::uuid AND a.role_definition_id = d.id
          AND a.starts_at <= postern_now() AND (a.ends_at IS NULL OR a.ends_at > postern_now())) AS active,
        coalesce(p.version > 0, false) AS changed,
        CASE WHEN p.id IS NOT NULL THEN json_build_object(
          'activationMaximumMinutes', p.activation_maximum_minutes, 'activationRequiresMfa', p.activation_requires_mfa,
          'assignmentRequiresMfa', p.assignment_requires_mfa) END AS settings
      FROM role_definitions d
      LEFT JOIN role_management_policies p ON p.role_definition_id = d.id AND p.resource_id = ${resourceId}::uuid
      WHERE lower(d.role_name) || d.id > ${filter.after}
        AND (${filter.search} = '' OR d.role_name ILIKE ${pattern})
      ORDER BY lower(d.role_name) || d.id LIMIT ${pageSize}`,
  );
}

export interface MemberRow {
  readonly id: string;
  readonly principalId: string;
  readonly principalName: string;
  readonly principalType: string;
  readonly roleDefinitionId: string;
  readonly roleName: string;
  readonly state: "Eligible" | "Assigned" | "Activated";
  readonly startsAt: Date;
  readonly endsAt: Date | null;
  readonly resourceId: string;
  readonly resourceName: string;
}

/**
 * Who is eligible for, holds, or held roles at a resource: one role's members there, or everybody's access with what
 * is inherited from above. By id, fifty a page.
 */
export function listMembers(
  database: Database,
  resourceId: string,
  filter: {
    tab: "eligible" | "active" | "expired";
    roleDefinitionId: string | null;
    search: string;
    after: string;
  },
): Promise<MemberRow[]> {
  const pattern = `%${filter.search.replaceAll(/[\\%_]/g, "\\$&")}%`;
  const after = /^[0-9a-f-]{36}$/i.test(filter.after) ? filter.after : "00000000-0000-0000-0000-000000000000";
  return inTransaction(
    database,
    (transaction) => transaction.$queryRaw<MemberRow[]>`
      SELECT x.id, p.id AS "principalId", p.display_name AS "principalName", p.type::text AS "principalType",
        d.id AS "roleDefinitionId", d.role_name AS "roleName", x.state, x.starts_at AS "startsAt", x.ends_at AS "endsAt",
        r.id AS "resourceId", r.display_name AS "resourceName"
      FROM resources here
      JOIN resources r ON r.id = here.id OR (${filter.roleDefinitionId === null} AND r.id = ANY (path_ids(here.path)))
      JOIN (
        SELECT id, 'Eligible' AS state, principal_id, role_definition_id, resource_id, starts_at, ends_at FROM eligibilities
        UNION ALL
        SELECT id, assignment_type::text, principal_id, role_definition_id, resource_id, starts_at, ends_at FROM assignments
      ) x ON x.resource_id = r.id
      JOIN principals p ON p.id = x.principal_id
      JOIN role_definitions d ON d.id = x.role_definition_id
      WHERE here.id = ${resourceId}::uuid AND x.id > ${after}::uuid
        AND (${filter.roleDefinitionId}::uuid IS NULL OR x.role_definition_id = ${filter.roleDefinitionId}::uuid)
        AND (${filter.search} = '' OR p.display_name ILIKE ${pattern} OR d.role_name ILIKE ${pattern})
        AND CASE ${filter.tab}
          WHEN 'expired' THEN x.ends_at <= postern_now() AND x.ends_at > x.starts_at
          WHEN 'eligible' THEN x.state = 'Eligible' AND (x.ends_at IS NULL OR x.ends_at > postern_now())
          ELSE x.state <> 'Eligible' AND (x.ends_at IS NULL OR x.ends_at > postern_now()) END
      ORDER BY x.id LIMIT ${pageSize}`,
  );
}

/** One role with its settings at a resource; null when the role is unknown. */
export async function readRoleSettings(database: Database, resourceId: string, roleDefinitionId: string) {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(roleDefinitionId)) return null;
  const role = await database.client.roleDefinition.findUnique({
    where: { id: roleDefinitionId },
    select: { id: true, roleName: true, description: true },
  });
  if (!role) return null;
  const policy = await database.client.roleManagementPolicy.findUnique({
    where: { resourceId_roleDefinitionId: { resourceId, roleDefinitionId } },
    include: { updatedBy: { select: { displayName: true } } },
  });
  const settings = policy ? settingsOfPolicy(policy) : defaultRoleSettings;
  return {
    role,
    version: policy?.version ?? 0,
    settings,
    approvers: await namesOf(database, namedApprovers(settings.approvalStages)),
    updatedAt: policy?.updatedAt ?? null,
    updatedBy: policy?.updatedBy?.displayName ?? null,
  };
}

/** Who approvers are, by id: for pages that show settings to somebody who may read them. */
export async function namesOf(database: Database, ids: readonly string[]): Promise<NamedPrincipal[]> {
  if (ids.length === 0) return [];
  const rows = await database.client.principal.findMany({
    where: { id: { in: [...ids] } },
    select: { id: true, displayName: true, type: true, disabledAt: true },
    orderBy: { displayName: "asc" },
    take: 200,
  });
  return rows.map(({ disabledAt, ...row }) => ({ ...row, disabled: disabledAt !== null }));
}

/** Users and groups by name or email, for **Add assignments**; at most twenty, none for a caller who may not assign. */
export function searchPrincipals(database: Database, search: string) {
  const pattern = `%${search.replaceAll(/[\\%_]/g, "\\$&")}%`;
  return inTransaction(
    database,
    (transaction) => transaction.$queryRaw<
      { id: string; displayName: string; type: NamedPrincipal["type"]; email: string | null }[]
    >`
      SELECT id, display_name AS "displayName", type::text, email FROM principals
      WHERE disabled_at IS NULL AND (display_name || ' ' || coalesce(email, '')) ILIKE ${pattern}
      ORDER BY lower(display_name), id LIMIT 20`,
  );
}
