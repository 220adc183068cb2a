import { permissionsAtEach } from "@/lib/authority/authority";
import { permissionsOf, type StoredPermissions } from "@/lib/authority/stored-permissions";
import { firstPermissionNotHeld } from "@/lib/domain/gate/held-permissions";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

/**
 * Who may see, confirm and discard an import: its author, and anyone who has the right to every one of
 * its rows now. To anyone else it does not exist. The right to import at all is checked separately.
 */
export async function mayHandleImport(
  transaction: Transaction,
  userId: string,
  importId: string,
): Promise<boolean> {
  const [found] = await transaction.$queryRaw<{ id: string }[]>`
    SELECT i.id FROM imports i WHERE i.id = ${importId}::uuid AND ${importHandledBy(userId)}`;
  return (
    found !== undefined && (await importsHandledWithRoles(transaction, userId, [found.id])).has(found.id)
  );
}

/** The part of this that a query can check for the import `i`. `importsHandledWithRoles` checks the rest. */
export function importHandledBy(userId: string): Prisma.Sql {
  return Prisma.sql`(i.created_by_id = ${userId}::uuid OR NOT EXISTS (
    SELECT FROM import_rights n JOIN resources at ON at.id = n.resource_id
    WHERE n.import_id = i.id AND NOT EXISTS (
      SELECT FROM active_assignments(${userId}::uuid, postern_now()) a
      JOIN role_definitions d ON d.id = a.role_definition_id
      WHERE a.resource_id = ANY (path_ids(at.path)) AND permissions_allow(d.permissions, n.action))))`;
}

/**
 * Those of the imports that are the user's own, or whose role definitions allow nothing that the user
 * does not hold.
 */
export async function importsHandledWithRoles(
  transaction: Transaction,
  userId: string,
  importIds: readonly string[],
): Promise<Set<string>> {
  const rights = await transaction.$queryRaw<
    { importId: string; resourceId: string; role: { wanted: StoredPermissions; had: StoredPermissions } }[]
  >`
    SELECT n.import_id AS "importId", n.resource_id AS "resourceId", n.role
    FROM import_rights n JOIN imports i ON i.id = n.import_id
    WHERE n.import_id = ANY (${[...importIds]}::uuid[]) AND n.role IS NOT NULL
      AND i.created_by_id <> ${userId}::uuid`;
  const places = [...new Set(rights.map((right) => right.resourceId))];
  const held = await permissionsAtEach(transaction, userId, places);
  const beyond = rights.filter(
    ({ resourceId, role }) =>
      firstPermissionNotHeld(
        held.get(resourceId) ?? [],
        permissionsOf(role.had),
        permissionsOf(role.wanted),
      ) !== null,
  );
  const closed = new Set(beyond.map((right) => right.importId));
  return new Set(importIds.filter((id) => !closed.has(id)));
}
