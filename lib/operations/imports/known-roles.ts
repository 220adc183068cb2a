import { permissionsOf, type StoredPermissions } from "@/lib/authority/stored-permissions";
import type { RoleDefinitionRow } from "@/lib/domain/imports/import-kinds";
import type { Permission } from "@/lib/domain/roles/permissions";
import type { ImportContext, ImportItem } from "@/lib/operations/imports/importer";
import { lockRoleNames } from "@/lib/operations/roles/role-names";
import { keepTree } from "@/lib/operations/roles/standing-scopes";
import { Prisma } from "@/lib/platform/generated/client";
import { nameKeys } from "@/lib/platform/sql/name-keys";

/** A role that a row may mean. */
export interface KnownRole {
  readonly id: string;
  readonly roleName: string;
  readonly description: string;
  readonly roleType: "BuiltInRole" | "CustomRole";
  readonly permissions: Permission[];
  readonly assignableScopes: string[];
}

/** Custom roles that may be written are locked, so that a row is judged against what it replaces. */
export async function loadKnownRoles(
  { transaction, write }: ImportContext,
  ids: readonly string[],
  names: readonly string[],
): Promise<KnownRole[]> {
  const meant = Prisma.sql`deleted_at IS NULL
    AND (id = ANY (${[...ids]}::uuid[]) OR name_key(role_name) = ANY (${nameKeys(names)}))`;
  if (write)
    await transaction.$queryRaw`
      SELECT id FROM role_definitions WHERE ${meant} AND role_type = 'CustomRole' ORDER BY id FOR UPDATE`;
  const rows = await transaction.$queryRaw<
    (Omit<KnownRole, "permissions"> & { permissions: StoredPermissions })[]
  >`
    SELECT id, role_name AS "roleName", description, role_type::text AS "roleType", permissions,
      assignable_scopes AS "assignableScopes"
    FROM role_definitions WHERE ${meant}`;
  return rows.map((row) => ({ ...row, permissions: permissionsOf(row.permissions) }));
}

/**
 * Locks the names that the rows use. Then no place is moved or retired until the commit, so no role
 * keeps a path that a place no longer has. A rehearsal takes no locks, so that nobody waits for it.
 */
export async function lockNamesAndPlaces(
  { transaction, rehearsal }: ImportContext,
  known: readonly KnownRole[],
  items: readonly ImportItem<RoleDefinitionRow>[],
): Promise<void> {
  const kept = new Set(known.map(({ roleName }) => roleName));
  const names = items.map(({ data }) => data.roleName).filter((name) => !kept.has(name));
  await lockRoleNames(transaction, names);
  if (!rehearsal) await keepTree(transaction);
}
