import { type Action, action, anyAllows } from "@/lib/domain/permissions";
import { permissionsAt, type ResourceFacts, visibleResource } from "@/lib/platform/authority";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";

/** What the caller may know of a resource and do at it; null when they may not know of it, or it does not exist. */
export interface ResourceView extends ResourceFacts {
  readonly may: Readonly<Record<keyof typeof action, boolean>>;
  readonly above: readonly { readonly id: string; readonly displayName: string }[];
}

/** A resource with its ancestors and the caller's rights at it. */
export function viewResource(
  database: Database,
  caller: Caller,
  resourceId: string,
): Promise<ResourceView | null> {
  if (!/^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i.test(resourceId)) return Promise.resolve(null);
  return inTransaction(database, async (transaction) => {
    const resource = await visibleResource(transaction, caller.userId, resourceId);
    if (!resource) return null;
    const permissions = await permissionsAt(transaction, caller.userId, resourceId);
    const above = await transaction.$queryRaw<{ id: string; displayName: string }[]>`
      SELECT id, display_name AS "displayName" FROM resources
      WHERE id = ANY (path_ids(${resource.path})) AND id <> ${resource.id}::uuid ORDER BY path`;
    const allowed = (operation: Action) => anyAllows(permissions, operation);
    const may = {
      readRoleSettings: allowed(action.readRoleSettings),
      writeRoleSettings: allowed(action.writeRoleSettings),
      readRoleDefinitions: allowed(action.readRoleDefinitions),
      writeRoleDefinitions: allowed(action.writeRoleDefinitions),
      deleteRoleDefinitions: allowed(action.deleteRoleDefinitions),
      readAssignments: allowed(action.readAssignments),
      writeEligibility: allowed(action.writeEligibility),
      writeAssignment: allowed(action.writeAssignment),
      readAudit: allowed(action.readAudit),
      readAlerts: allowed(action.readAlerts),
      writeAlerts: allowed(action.writeAlerts),
      readPrincipals: allowed(action.readPrincipals),
      writePrincipals: allowed(action.writePrincipals),
    };
    return { ...resource, may, above };
  });
}

/** The figures of a resource's overview, of this resource itself. */
export function resourceOverview(database: Database, resourceId: string) {
  return inTransaction(database, async (transaction) => {
    const activations = await transaction.$queryRaw<{ roleName: string; day: string; count: number }[]>`
      SELECT d.role_name AS "roleName", to_char(a.starts_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, count(*)::int AS count
      FROM assignments a JOIN role_definitions d ON d.id = a.role_definition_id
      WHERE a.resource_id = ${resourceId}::uuid AND a.assignment_type = 'Activated'
        AND a.starts_at > postern_now() - interval '7 days' AND a.starts_at <= postern_now()
      GROUP BY 1, 2 ORDER BY 2, 1 LIMIT 200`;
    const types = await transaction.$queryRaw<{ type: string; count: number }[]>`
      SELECT type, count(*)::int AS count FROM (
        SELECT 'Eligible' AS type FROM eligibilities WHERE resource_id = ${resourceId}::uuid
          AND starts_at <= postern_now() AND (ends_at IS NULL OR ends_at > postern_now())
        UNION ALL
        SELECT assignment_type::text FROM assignments WHERE resource_id = ${resourceId}::uuid
          AND starts_at <= postern_now() AND (ends_at IS NULL OR ends_at > postern_now())) x
      GROUP BY type ORDER BY type`;
    const roles = await transaction.$queryRaw<{ id: string; roleName: string; count: number }[]>`
      SELECT d.id, d.role_name AS "roleName", count(*)::int AS count FROM (
        SELECT role_definition_id FROM eligibilities WHERE resource_id = ${resourceId}::uuid
          AND starts_at <= postern_now() AND (ends_at IS NULL OR ends_at > postern_now())
        UNION ALL
        SELECT role_definition_id FROM assignments WHERE resource_id = ${resourceId}::uuid
          AND starts_at <= postern_now() AND (ends_at IS NULL OR ends_at > postern_now())) x
      JOIN role_definitions d ON d.id = x.role_definition_id
      GROUP BY d.id ORDER BY count DESC, lower(d.role_name) LIMIT 10`;
    const [recent] = await transaction.$queryRaw<{ count: number }[]>`
      SELECT count(*)::int AS count FROM requests WHERE resource_id = ${resourceId}::uuid
        AND request_type = 'AdminAssign' AND created_at > postern_now() - interval '30 days'`;
    return { activations, types, roles, newAssignments: recent?.count ?? 0 };
  });
}
