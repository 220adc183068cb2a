import type { Permission } from "@/lib/domain/permissions";
import type { ResourceFacts } from "@/lib/platform/authority";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

/** A role as an operation and the log need it. */
export interface RoleFacts {
  readonly id: string;
  readonly roleName: string;
  readonly assignableScopes: readonly string[];
  readonly permissions: readonly Permission[];
}

/**
 * A role at a resource, or null when either is unknown. The role cannot be edited or deleted until the transaction
 * ends.
 */
export async function loadRoleAtResource(
  transaction: Transaction,
  roleDefinitionId: string,
  resourceId: string,
): Promise<{ role: RoleFacts; resource: ResourceFacts } | null> {
  const [row] = await transaction.$queryRaw<{ role: RoleFacts; resource: ResourceFacts }[]>`
    SELECT
      json_build_object('id', d.id, 'roleName', d.role_name, 'assignableScopes', d.assignable_scopes,
        'permissions', d.permissions) AS role,
      json_build_object('id', r.id, 'parentId', r.parent_id, 'scope', r.scope, 'path', r.path,
        'displayName', r.display_name, 'resourceType', r.resource_type) AS resource
    FROM role_definitions d CROSS JOIN resources r
    WHERE d.id = ${roleDefinitionId}::uuid AND d.deleted_at IS NULL AND r.id = ${resourceId}::uuid
    FOR KEY SHARE OF d`;
  return row ?? null;
}

/** An eligibility or assignment, whoever it belongs to, with the names that the log copies. */
export interface HeldAccess {
  readonly id: string;
  readonly principalId: string;
  readonly principalName: string;
  readonly roleDefinitionId: string;
  readonly resourceId: string;
  readonly assignmentType: "Assigned" | "Activated" | null;
  readonly eligibilityId: string | null;
  readonly startsAt: Date;
  readonly endsAt: Date | null;
}

/** Reads an eligibility or assignment without locking it; null when unknown. */
export async function findAccess(
  transaction: Transaction,
  assignmentType: "Eligible" | "Active",
  id: string,
): Promise<HeldAccess | null> {
  const include = { principal: { select: { displayName: true } } } as const;
  if (assignmentType === "Eligible") {
    const found = await transaction.eligibility.findUnique({ where: { id }, include });
    return (
      found && {
        ...found,
        principalName: found.principal.displayName,
        assignmentType: null,
        eligibilityId: null,
      }
    );
  }
  const found = await transaction.assignment.findUnique({ where: { id }, include });
  return found && { ...found, principalName: found.principal.displayName };
}

/** Locks an eligibility or assignment row, ended or not, and reads its times afresh. */
export async function lockRow(
  transaction: Transaction,
  access: HeldAccess,
): Promise<(HeldAccess & { readonly removedAt: Date | null; readonly ended: boolean }) | null> {
  const table = access.assignmentType === null ? Prisma.sql`eligibilities` : Prisma.sql`assignments`;
  const [times] = await transaction.$queryRaw<
    { startsAt: Date; endsAt: Date | null; removedAt: Date | null; ended: boolean }[]
  >`
    SELECT starts_at AS "startsAt", ends_at AS "endsAt", removed_at AS "removedAt",
      coalesce(ends_at <= postern_now() OR ends_at <= starts_at, false) AS ended
    FROM ${table} WHERE id = ${access.id}::uuid FOR UPDATE`;
  return times ? { ...access, ...times } : null;
}

/**
 * Locks an eligibility or assignment row and reads its times afresh; null when it has ended or somebody took it away,
 * even before its start: then it covers no moment. Whoever waited for the lock asks for the time once more.
 */
export async function lockAccess(transaction: Transaction, access: HeldAccess): Promise<HeldAccess | null> {
  const locked = await lockRow(transaction, access);
  return locked?.ended ? null : locked;
}
