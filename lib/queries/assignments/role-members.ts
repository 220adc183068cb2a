import { roleKnownAt } from "@/lib/authority/authority";
import { type PolicyColumns, policyColumns, settingsOfPolicy } from "@/lib/authority/policy-settings";
import type { NamedPrincipal } from "@/lib/domain/people/named-principal";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import { namedApprovers } from "@/lib/domain/roles/approval-settings";
import { defaultSettingsOf, type RoleSettings, strictest } from "@/lib/domain/roles/role-settings";
import { isUuid } from "@/lib/domain/text/uuid";
import type { Database } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { readOnce } from "@/lib/platform/transaction";
import { namedPrincipals } from "@/lib/queries/people/named-principals";
import { rankedPrincipals } from "@/lib/queries/people/ranked-principals";

/** The edited settings of a level above. They also count below it, where they are stricter. */
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
    FROM role_definitions d WHERE id = ${roleDefinitionId}::uuid AND ${roleKnownAt("d", resourceId)}`;
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
    writesAuthorization,
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

/** The names of approvers by id, for pages that show settings to readers who may read them. */
export function namesOf(database: Database, ids: readonly string[]): Promise<NamedPrincipal[]> {
  return readOnce(database, (transaction) => namedPrincipals(transaction, ids));
}

/** Users and groups by name or email, for **Add assignments**. At most twenty, the best match first. */
export function searchPrincipals(database: Database, search: string): Promise<PrincipalIdentity[]> {
  return readOnce(database, (transaction) => rankedPrincipals(transaction, search, Prisma.sql`TRUE`));
}
