import { permissionsOf, type StoredPermissions } from "@/lib/authority/stored-permissions";
import { type Action, anyAllows } from "@/lib/domain/roles/permissions";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

/** Whether an assignment or an eligibility, named `a`, is in effect now. */
export const inEffect = Prisma.sql`a.starts_at <= postern_now() AND (a.ends_at IS NULL OR a.ends_at > postern_now())`;

/** The roles that somebody holds now at a resource or above, if they allow `enough` of the operations. */
export async function rolesHeldAt(
  transaction: Transaction,
  held: Prisma.Sql,
  resourceId: string,
  enough: (allows: (operation: Action) => boolean) => boolean,
): Promise<string[]> {
  // One probe of an index for each role and level, however many people hold roles there.
  const roles = await transaction.$queryRaw<{ id: string; permissions: StoredPermissions }[]>`
    SELECT d.id, d.permissions FROM resources h CROSS JOIN role_definitions d
    CROSS JOIN LATERAL (
      SELECT FROM unnest(path_ids(h.path)) AS level (id)
      CROSS JOIN LATERAL (SELECT FROM ${held} a
        WHERE a.resource_id = level.id AND a.role_definition_id = d.id AND ${inEffect} LIMIT 1) held
      LIMIT 1) somebody
    WHERE h.id = ${resourceId}::uuid`;
  return roles
    .filter((role) => {
      const permissions = permissionsOf(role.permissions);
      return enough((operation) => anyAllows(permissions, operation));
    })
    .map(({ id }) => id);
}
