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
