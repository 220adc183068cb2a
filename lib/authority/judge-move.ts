import type { PermissionsAt, ResourceFacts } from "@/lib/authority/authority";
import { type MoveFacts, readMove } from "@/lib/authority/move-facts";
import { takenScope, twinBeside } from "@/lib/authority/resource-names";
import { alertDescriptions } from "@/lib/domain/alerts/alerts";
import type { OperationError } from "@/lib/domain/gate/operation-error";
import {
  beyondAuthority,
  distinctPrivileges,
  permissionToAssign,
  type RoleAccess,
} from "@/lib/domain/gate/privileges";
import { mostAccessMoved, mostMoved, movedScope } from "@/lib/domain/resources/move";
import { deepestLevel } from "@/lib/domain/resources/own-path";
import { idsOnPath } from "@/lib/domain/resources/resource-path";
import { action, anyAllows } from "@/lib/domain/roles/permissions";
import { isolated } from "@/lib/domain/text/visible-text";
import type { Transaction } from "@/lib/platform/database";
import { pathWithin } from "@/lib/platform/sql/path-below";

export interface JudgedMove {
  readonly facts: MoveFacts;
  /** The path that the resource gets. */
  readonly scope: string;
}

export const tooMuchToJudge: OperationError = {
  code: "InvalidInput",
  faults: [
    {
      field: "toId",
      message: `More than ${mostAccessMoved} active assignments there would be judged by conflict rules of that place. Move what lies below it in parts.`,
    },
  ],
};

/**
 * Whether somebody may move a resource below another one, and everything that the move would change
 * (docs/decisions/resources.md). They need the right to write resources at both ends, the rights to give and remove
 * the access that changes, and the right to edit the settings and rules that no longer apply to it.
 */
export async function judgeMove(
  transaction: Transaction,
  resource: ResourceFacts,
  to: ResourceFacts,
  permissionsAt: PermissionsAt,
): Promise<JudgedMove | OperationError> {
  const refused = (message: string): OperationError => ({
    code: "InvalidInput",
    faults: [{ field: "toId", message }],
  });
  if (idsOnPath(to.path).includes(resource.id))
    return refused("A resource cannot lie below itself. Choose another place.");
  if (resource.parentId === to.id) return refused("It is already there. Choose another place.");
  const moved = movedScope(resource.scope, to.scope);
  if (!moved.ok) return refused(moved.message);
  const facts = await readMove(transaction, resource, to);
  const tooMany = overLimits(facts);
  if (tooMany !== null) return refused(tooMany);
  const taken =
    (await takenScope(transaction, moved.scope, resource.id)) ??
    (await twinBeside(transaction, to.id, resource, resource.id));
  if (taken !== null) return refused(taken);
  const unassignable = await rolesLeftBehind(transaction, resource, to);
  if (unassignable !== null)
    return refused(
      `The role ${isolated(unassignable)} is assigned there and cannot be assigned at that place. Remove these assignments first, or let the role be assigned there.`,
    );
  const beyond =
    (await beyondRights(resource, facts, permissionsAt)) ??
    (await fewerAlerts(resource, facts, permissionsAt));
  return beyond ?? { facts, scope: moved.scope };
}

function overLimits({ resources, levels, access, ended, rules }: MoveFacts): string | null {
  if (resources > mostMoved)
    return `More than ${mostMoved} resources would move at once. Move what lies below it in parts.`;
  if (levels > deepestLevel)
    return `Resources lie at most ${deepestLevel} levels deep. Choose a higher place.`;
  if ([access, ended, rules].some((each) => each.length > mostAccessMoved))
    return `More than ${mostAccessMoved} assignments would change at once. Move it in steps, or move what lies below it in parts.`;
  return null;
}

/** A role with access at the resource or below that could not be assigned at the new place; null for none. */
async function rolesLeftBehind(
  transaction: Transaction,
  resource: ResourceFacts,
  to: ResourceFacts,
): Promise<string | null> {
  const [row] = await transaction.$queryRaw<{ roleName: string }[]>`
    SELECT d.role_name AS "roleName" FROM role_definitions d
    WHERE d.deleted_at IS NULL AND NOT '/' = ANY (d.assignable_scopes)
      AND NOT EXISTS (
        SELECT FROM resources own JOIN resources top ON top.id = ${resource.id}::uuid
        WHERE lower(own.scope) IN (SELECT lower(each) FROM unnest(d.assignable_scopes) AS each)
          AND (own.id = ANY (${idsOnPath(to.path)}::uuid[]) OR ${pathWithin("own.path", "top.path")}))
      AND EXISTS (
        SELECT FROM (
          SELECT a.resource_id, a.starts_at, a.ends_at FROM assignments a WHERE a.role_definition_id = d.id
          UNION ALL
          SELECT e.resource_id, e.starts_at, e.ends_at FROM eligibilities e WHERE e.role_definition_id = d.id) x
        JOIN resources r ON r.id = x.resource_id JOIN resources top ON top.id = ${resource.id}::uuid
        WHERE ${pathWithin("r.path", "top.path")}
          AND (x.ends_at IS NULL OR (x.ends_at > postern_now() AND x.ends_at > x.starts_at)))
    ORDER BY lower(d.role_name) LIMIT 1`;
  return row?.roleName ?? null;
}

/** The access that begins or ceases to apply, judged as if it were given or removed at the resource itself. */
function privilegesMoved(resource: ResourceFacts, facts: MoveFacts): RoleAccess[] {
  return distinctPrivileges(
    facts.access.map(({ access, roleDefinitionId, roleName, writesAuthorization }) => ({
      assignmentType: access,
      ...{ roleDefinitionId, roleName, writesAuthorization },
      ...{ resourceId: resource.id, resourceName: resource.displayName, scope: resource.scope },
    })),
  );
}

async function beyondRights(
  resource: ResourceFacts,
  facts: MoveFacts,
  permissionsAt: PermissionsAt,
): Promise<OperationError | null> {
  const ceasing = facts.rules.filter(({ begins }) => !begins);
  const held = await permissionsAt([resource.id, ...new Set(ceasing.map(({ placeId }) => placeId))]);
  const beyond = beyondAuthority(privilegesMoved(resource, facts), held);
  if (beyond) return { code: "AuthorizationFailed", message: beyond.message };
  const ends = permissionToAssign("Active");
  if (facts.ended.length > 0 && !anyAllows(held.get(resource.id) ?? [], ends)) {
    const message = `This would end activations or requests of others. You do not have authorization to perform ${ends} over ${resource.scope}.`;
    return { code: "AuthorizationFailed", message };
  }
  const kept = ceasing.find(({ placeId }) => !anyAllows(held.get(placeId) ?? [], action.writeRoleSettings));
  if (!kept) return null;
  const what =
    kept.kind === "Settings"
      ? `The settings of ${isolated(kept.name)}`
      : `The conflict rule ${isolated(kept.name)}`;
  const message = `${what} at ${isolated(kept.placeName)} would no longer judge it, and you may not edit them: you do not have authorization to perform ${action.writeRoleSettings} there.`;
  return { code: "AuthorizationFailed", message };
}

/** Moving a resource to where an alert is raised less often requires the right to edit alert settings there. */
async function fewerAlerts(
  resource: ResourceFacts,
  { alerts }: MoveFacts,
  permissionsAt: PermissionsAt,
): Promise<OperationError | null> {
  const [weakened] = alerts.weaker;
  if (weakened === undefined) return null;
  const held = await permissionsAt([resource.id]);
  if (anyAllows(held.get(resource.id) ?? [], action.writeAlerts)) return null;
  const message = `The alert “${alertDescriptions[weakened].title}” would be raised less often for it there, and you may not edit its alert settings: you do not have authorization to perform ${action.writeAlerts} over ${resource.scope}.`;
  return { code: "AuthorizationFailed", message };
}
