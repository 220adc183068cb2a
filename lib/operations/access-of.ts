import { action, anyAllows } from "@/lib/domain/permissions";
import { Refusal } from "@/lib/operations/refusal";
import type { AuditEntry } from "@/lib/platform/audit-log";
import { permissionsAtEach } from "@/lib/platform/authority";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";

/** A role that principals hold directly or may activate, at one resource, now or later. */
export interface RoleAccess {
  readonly assignmentType: "Eligible" | "Active";
  readonly roleDefinitionId: string;
  readonly roleName: string;
  readonly resourceId: string;
  readonly scope: string;
}

/**
 * Every role that the principals, and all groups above them, hold or may activate now or later. What is disabled
 * counts too: it would give its access once enabled.
 */
export function accessOf(transaction: Transaction, principalIds: readonly string[]): Promise<RoleAccess[]> {
  return transaction.$queryRaw<RoleAccess[]>`
    WITH above AS MATERIALIZED (SELECT principals_and_groups_above(${[...principalIds]}::uuid[]) AS id)
    SELECT DISTINCT x."assignmentType", x.role_definition_id AS "roleDefinitionId", d.role_name AS "roleName",
      r.id AS "resourceId", r.scope
    FROM (
      SELECT 'Active' AS "assignmentType", principal_id, role_definition_id, resource_id, starts_at, ends_at
      FROM assignments WHERE assignment_type = 'Assigned'
      UNION ALL
      SELECT 'Eligible', principal_id, role_definition_id, resource_id, starts_at, ends_at FROM eligibilities
    ) x
    JOIN role_definitions d ON d.id = x.role_definition_id
    JOIN resources r ON r.id = x.resource_id
    WHERE x.principal_id IN (SELECT id FROM above)
      AND (x.ends_at IS NULL OR (x.ends_at > postern_now() AND x.ends_at > x.starts_at))
    ORDER BY r.scope, "roleName", "assignmentType"`;
}

/**
 * Refuses unless the caller could assign every one of these roles where it is held (design section 2, rule 8):
 * whoever decides who has a principal's access decides over that access.
 */
export async function requireAuthorityOver(
  transaction: Transaction,
  caller: Caller,
  access: readonly RoleAccess[],
  entry: Omit<AuditEntry, "outcome">,
): Promise<void> {
  if (access.length === 0) return;
  const resourceIds = [...new Set(access.map((each) => each.resourceId))];
  const held = await permissionsAtEach(transaction, caller.userId, resourceIds);
  const missing = access.find((each) => {
    const needed = each.assignmentType === "Active" ? action.writeAssignment : action.writeEligibility;
    return !anyAllows(held.get(each.resourceId) ?? [], needed);
  });
  if (!missing) return;
  const needed = missing.assignmentType === "Active" ? action.writeAssignment : action.writeEligibility;
  throw new Refusal(
    {
      code: "AuthorizationFailed",
      message: `This concerns access that you may not assign. You do not have authorization to perform ${needed} over ${missing.scope}.`,
    },
    { ...entry, details: { ...entry.details, missingPermission: needed, scope: missing.scope } },
  );
}

/** Roles as an event's details tell them, at most fifty. */
export function accessNames(access: readonly RoleAccess[]): string[] {
  return access.slice(0, 50).map((each) => `${each.roleName} (${each.assignmentType}) at ${each.scope}`);
}
