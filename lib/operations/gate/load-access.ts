import { type ResourceFacts, roleKnownAt } from "@/lib/authority/authority";
import { permissionsOf, type StoredPermissions } from "@/lib/authority/stored-permissions";
import type { Permission } from "@/lib/domain/roles/permissions";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { withBegin } from "@/lib/platform/running-transaction";

/** A role as an operation and the log need it. */
export interface RoleFacts {
  readonly id: string;
  readonly roleName: string;
  readonly assignableScopes: readonly string[];
  readonly permissions: readonly Permission[];
}

type StoredRole = Omit<RoleFacts, "permissions"> & { readonly permissions: StoredPermissions };

function roleFacts(role: StoredRole): RoleFacts {
  return { ...role, permissions: permissionsOf(role.permissions) };
}

const roleAndResource = Prisma.sql`
  json_build_object('id', d.id, 'roleName', d.role_name, 'assignableScopes', d.assignable_scopes,
    'permissions', d.permissions) AS role,
  json_build_object('id', r.id, 'parentId', r.parent_id, 'scope', r.scope, 'path', r.path,
    'displayName', r.display_name, 'resourceType', r.resource_type) AS resource`;

/** A role and a resource by ids from the database; null if either is unknown. */
export function loadRoleAtResource(transaction: Transaction, roleDefinitionId: string, resourceId: string) {
  return load(transaction, roleDefinitionId, resourceId, Prisma.empty);
}

/** The same for ids from a caller: null as well if the role cannot be assigned at, above or below the resource. */
export function loadVisibleRoleAtResource(
  transaction: Transaction,
  roleDefinitionId: string,
  resourceId: string,
) {
  return load(transaction, roleDefinitionId, resourceId, Prisma.sql`AND ${roleKnownAt("d", resourceId)}`);
}

/** Locks the role: it cannot be edited or deleted until the transaction ends. */
async function load(
  transaction: Transaction,
  roleDefinitionId: string,
  resourceId: string,
  condition: Prisma.Sql,
): Promise<{ role: RoleFacts; resource: ResourceFacts } | null> {
  const [row] = await transaction.$queryRaw<{ role: StoredRole; resource: ResourceFacts }[]>`
    SELECT ${roleAndResource} FROM role_definitions d CROSS JOIN resources r
    WHERE d.id = ${roleDefinitionId}::uuid AND d.deleted_at IS NULL AND r.id = ${resourceId}::uuid
      ${condition}
    FOR KEY SHARE OF d`;
  return row ? { role: roleFacts(row.role), resource: row.resource } : null;
}

/** An eligibility or assignment of anybody, with the names that the log copies. */
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

/**
 * An eligibility of the user or of a group they are in, with its role and the resource at which they would activate
 * it. Null if any of these is unknown or not theirs. Locks only the role, as `loadRoleAtResource` does.
 */
export async function findOwnEligibility(
  transaction: Transaction,
  userId: string,
  eligibilityId: string,
  resourceId: string,
): Promise<{ access: HeldAccess; role: RoleFacts; resource: ResourceFacts; within: boolean } | null> {
  const [row] = await transaction.$queryRaw<
    (Pick<HeldAccess, "id" | "principalId" | "principalName" | "roleDefinitionId" | "startsAt" | "endsAt"> & {
      ownResourceId: string;
      role: StoredRole;
      resource: ResourceFacts;
      within: boolean;
    })[]
  >`
    ${withBegin} SELECT e.id, e.principal_id AS "principalId", p.display_name AS "principalName",
      e.role_definition_id AS "roleDefinitionId", e.resource_id AS "ownResourceId", e.starts_at AS "startsAt",
      e.ends_at AS "endsAt", e.resource_id = ANY (path_ids(r.path)) AS within, ${roleAndResource}
    FROM eligibilities e JOIN principals p ON p.id = e.principal_id
    JOIN role_definitions d ON d.id = e.role_definition_id AND d.deleted_at IS NULL
    JOIN resources r ON r.id = ${resourceId}::uuid
    WHERE e.id = ${eligibilityId}::uuid
      AND e.principal_id IN (SELECT principal_and_groups(${userId}::uuid))
    FOR KEY SHARE OF d`;
  if (!row) return null;
  const { role, resource, within, ownResourceId, ...found } = row;
  const access = { ...found, resourceId: ownResourceId, assignmentType: null, eligibilityId: null };
  return { access, role: roleFacts(role), resource, within };
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

/** Access with its row locked, as it was after waiting for the lock. */
export interface LockedAccess extends HeldAccess {
  readonly removedAt: Date | null;
  readonly ended: boolean;
  /** The database's time, read while the lock is held. */
  readonly now: Date;
}

/** Locks an eligibility or assignment, ended or not, and reads its times again. Such rows are never deleted. */
export async function lockRow(transaction: Transaction, access: HeldAccess): Promise<LockedAccess> {
  const table = access.assignmentType === null ? Prisma.sql`eligibilities` : Prisma.sql`assignments`;
  // `postern_time()`: the statement's own time is that of its start, before it waited for the lock.
  const [times] = await transaction.$queryRaw<
    Pick<LockedAccess, "startsAt" | "endsAt" | "removedAt" | "now" | "ended">[]
  >`
    WITH locked AS MATERIALIZED (
      SELECT starts_at, ends_at, removed_at FROM ${table} WHERE id = ${access.id}::uuid FOR UPDATE),
    timed AS MATERIALIZED (SELECT locked.*, postern_time() AS now FROM locked)
    SELECT starts_at AS "startsAt", ends_at AS "endsAt", removed_at AS "removedAt", now,
      coalesce(ends_at <= now OR ends_at <= starts_at, false) AS ended
    FROM timed`;
  if (!times) throw new Error("an eligibility or assignment that was found is gone");
  return { ...access, ...times };
}

/**
 * Locks an eligibility or assignment and reads its times again. Null if it has ended, or was removed before its
 * start.
 */
export async function lockAccess(transaction: Transaction, access: HeldAccess): Promise<LockedAccess | null> {
  const locked = await lockRow(transaction, access);
  return locked.ended ? null : locked;
}
