import { type Action, action, anyAllows } from "@/lib/domain/permissions";
import { permissionsAt, type ResourceFacts, visibleResource } from "@/lib/platform/authority";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";

export const resourcePageSize = 100;

/** What the caller may know of a resource and do at it; null when they may not know of it, or it does not exist. */
export interface ResourceView extends ResourceFacts {
  readonly may: Readonly<Record<keyof typeof action, boolean>>;
  readonly above: readonly { readonly id: string; readonly displayName: string }[];
  readonly children: readonly {
    readonly id: string;
    readonly displayName: string;
    readonly resourceType: string;
  }[];
}

/** A resource with its ancestors, its first hundred children, and the caller's rights at it. */
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
    const children = await transaction.resource.findMany({
      where: { parentId: resource.id },
      select: { id: true, displayName: true, resourceType: true },
      orderBy: { displayName: "asc" },
      take: resourcePageSize,
    });
    const allowed = (operation: Action) => anyAllows(permissions, operation);
    const may = {
      readRoleSettings: allowed(action.readRoleSettings),
      writeRoleSettings: allowed(action.writeRoleSettings),
      readRoleDefinitions: allowed(action.readRoleDefinitions),
      readAssignments: allowed(action.readAssignments),
      writeEligibility: allowed(action.writeEligibility),
      writeAssignment: allowed(action.writeAssignment),
      readAudit: allowed(action.readAudit),
      readAlerts: allowed(action.readAlerts),
      writeAlerts: allowed(action.writeAlerts),
      readPrincipals: allowed(action.readPrincipals),
      writePrincipals: allowed(action.writePrincipals),
    };
    return { ...resource, may, above, children };
  });
}

export interface ResourceRow {
  readonly id: string;
  readonly displayName: string;
  readonly resourceType: string;
  readonly scope: string;
  readonly path: string;
  readonly depth: number;
}

/** The resources that the caller may know of, in the order of the tree, by name or scope, a hundred a page. */
export function listResources(
  database: Database,
  caller: Caller,
  filter: { search: string; type: string; after: string },
): Promise<ResourceRow[]> {
  const pattern = `%${filter.search.replaceAll(/[\\%_]/g, "\\$&")}%`;
  return inTransaction(
    database,
    (transaction) => transaction.$queryRaw<ResourceRow[]>`
      WITH held AS MATERIALIZED (
        SELECT r.path FROM resources r WHERE r.id IN (
          SELECT resource_id FROM active_assignments(${caller.userId}::uuid, postern_now())
          UNION SELECT resource_id FROM current_eligibilities(${caller.userId}::uuid, postern_now()))
      )
      SELECT r.id, r.display_name AS "displayName", r.resource_type AS "resourceType", r.scope, r.path,
        cardinality(path_ids(r.path)) - 1 AS depth
      FROM resources r
      WHERE r.path > ${filter.after}
        AND (${filter.search} = '' OR (r.display_name || ' ' || r.scope) ILIKE ${pattern})
        AND (${filter.type} = '' OR r.resource_type = ${filter.type})
        AND EXISTS (SELECT FROM held h WHERE r.path = h.path OR r.path LIKE h.path || '.%' OR h.path LIKE r.path || '.%')
      ORDER BY r.path LIMIT ${resourcePageSize}`,
  );
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
