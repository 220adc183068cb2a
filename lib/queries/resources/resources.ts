import { knownTo, type ResourceFacts } from "@/lib/authority/authority";
import { permissionsOf, type StoredPermissions } from "@/lib/authority/stored-permissions";
import { type Action, action, administers, anyAllows } from "@/lib/domain/roles/permissions";
import { isUuid } from "@/lib/domain/text/uuid";
import type { Reader } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { planOnce } from "@/lib/platform/prepared-statements";
import { readOnce } from "@/lib/platform/transaction";
import { isFavourite } from "@/lib/queries/resources/favourite-resources";

/** What the caller may see of a resource and do at it. Null if they may not know of it or if it does not exist. */
export interface ResourceView extends ResourceFacts {
  readonly may: Readonly<Record<keyof typeof action, boolean>>;
  /** Whether the caller is an active administrator of it. */
  readonly administers: boolean;
  /** Whether the caller starred it. */
  readonly favourite: boolean;
  readonly above: readonly { readonly id: string; readonly displayName: string }[];
}

interface Held {
  readonly held: readonly StoredPermissions[];
}

/** A resource with its ancestors and the caller's permissions at it. */
export function viewResource(
  database: Database,
  caller: Reader,
  resourceId: string,
): Promise<ResourceView | null> {
  if (!isUuid(resourceId)) return Promise.resolve(null);
  return readOnce(database, async (client) => {
    const [row] = await client.$queryRaw<
      (ResourceFacts & Pick<ResourceView, "above" | "favourite"> & Held)[]
    >`
      SELECT ${planOnce} r.id, r.parent_id AS "parentId", r.scope, r.path, r.display_name AS "displayName",
        r.resource_type AS "resourceType",
        array(
          SELECT d.permissions FROM active_assignments(${caller.userId}::uuid, postern_now()) a
          JOIN role_definitions d ON d.id = a.role_definition_id
          WHERE a.resource_id = ANY (path_ids(r.path))) AS held,
        (SELECT coalesce(json_agg(json_build_object('id', above.id, 'displayName', above.display_name)
            ORDER BY above.path), '[]')
          FROM resources above WHERE above.id = ANY (path_ids(r.path)) AND above.id <> r.id) AS above,
        ${isFavourite(caller)} AS favourite
      FROM resources r WHERE r.id = ${resourceId}::uuid AND ${knownTo("r", caller.userId)}`;
    if (!row) return null;
    const { held, ...resource } = row;
    const permissions = held.flatMap(permissionsOf);
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
      writeResources: allowed(action.writeResources),
    };
    return { ...resource, may, administers: administers(permissions) };
  });
}
