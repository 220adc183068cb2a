import type { RoleSettings } from "@/lib/domain/role-settings";
import type { Transaction } from "@/lib/platform/database";

/** The part of role settings that direct and eligible assignments are judged by, of one role at one resource. */
export interface DirectPolicy
  extends Pick<
    RoleSettings,
    "assignmentRequiresMfa" | "assignmentRequiresJustification" | "activeMaximumDays" | "eligibleMaximumDays"
  > {
  readonly roleDefinitionId: string;
  readonly resourceId: string;
}

/**
 * The settings of many roles at many resources, locked against edits until the transaction ends (design section 2,
 * rule 4), in the order of resource and role, as `lockPolicies` locks those of one role. Makes the rows where none
 * were, so that there is something to lock.
 */
export async function lockDirectPolicies(
  transaction: Transaction,
  of: readonly { readonly roleDefinitionId: string; readonly resourceId: string }[],
): Promise<DirectPolicy[]> {
  const pairs = [
    ...new Map(of.map((each) => [`${each.resourceId} ${each.roleDefinitionId}`, each])).values(),
  ];
  if (pairs.length === 0) return [];
  const resources = pairs.map((pair) => pair.resourceId);
  const roles = pairs.map((pair) => pair.roleDefinitionId);
  const select = () => transaction.$queryRaw<DirectPolicy[]>`
    SELECT role_definition_id AS "roleDefinitionId", resource_id AS "resourceId",
      assignment_requires_mfa AS "assignmentRequiresMfa",
      assignment_requires_justification AS "assignmentRequiresJustification",
      active_maximum_days AS "activeMaximumDays", eligible_maximum_days AS "eligibleMaximumDays"
    FROM role_management_policies
    WHERE (resource_id, role_definition_id) IN (SELECT * FROM unnest(${resources}::uuid[], ${roles}::uuid[]))
    ORDER BY resource_id, role_definition_id FOR SHARE`;
  const found = await select();
  if (found.length === pairs.length) return found;
  await transaction.$executeRaw`
    INSERT INTO role_management_policies (resource_id, role_definition_id)
    SELECT * FROM unnest(${resources}::uuid[], ${roles}::uuid[]) AS pair (resource_id, role_id) ORDER BY 1, 2
    ON CONFLICT (resource_id, role_definition_id) DO NOTHING`;
  return select();
}
