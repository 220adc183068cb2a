import type { PermissionsAt, ResourceFacts } from "@/lib/authority/authority";
import { type KeepsFromRetiring, type RetireFacts, readRetirement } from "@/lib/authority/retire-facts";
import type { OperationError } from "@/lib/domain/gate/operation-error";
import { beyondAuthority, distinctPrivileges, type RoleAccess } from "@/lib/domain/gate/privileges";
import { mostAccessRetired, mostRetired } from "@/lib/domain/resources/retire";
import { type Action, action, anyAllows } from "@/lib/domain/roles/permissions";
import { isolated } from "@/lib/domain/text/visible-text";
import type { Transaction } from "@/lib/platform/database";

/**
 * Whether somebody may retire a resource, and everything that this does (docs/decisions/resources.md).
 * They need the right to write resources above it and, for everything below as well, what moving it
 * away requires: to remove the access that ends or no longer reaches it, and to edit the settings,
 * rules and alerts that no longer apply to anything.
 */
export async function judgeRetirement(
  transaction: Transaction,
  resource: ResourceFacts,
  permissionsAt: PermissionsAt,
): Promise<RetireFacts | OperationError> {
  if (resource.parentId === null) return conflict("The root stays: everything else lies below it.");
  const facts = await readRetirement(transaction, resource);
  const tooMany = overLimits(facts);
  if (tooMany !== null) return conflict(tooMany);
  const beyond = await beyondRights(resource, facts, permissionsAt);
  if (beyond) return beyond;
  const [first] = facts.kept;
  return first ? conflict(whyKept(first)) : facts;
}

function conflict(message: string): OperationError {
  return { code: "Conflict", message };
}

function overLimits({ resources, ended, ceasing, concerned }: RetireFacts): string | null {
  if (resources > mostRetired)
    return `More than ${mostRetired} resources would be retired at once. Retire what lies below it in parts.`;
  if ([ended, ceasing, concerned].some((each) => each.length > mostAccessRetired))
    return `More than ${mostAccessRetired} assignments, settings or rules would end at once. Retire what lies below it in parts.`;
  return null;
}

function whyKept({ kind, name, placeName }: KeepsFromRetiring): string {
  const [what, where] = [isolated(name), isolated(placeName)];
  switch (kind) {
    case "Review":
      return `The access review “${what}” concerns ${where} and is not over. Apply or stop it first.`;
    case "Emergency":
      return `The emergency activation of ${what} on ${where} waits for its review. Close that first.`;
    case "BreakGlassAccount":
      return `The break-glass account ${what} keeps its access on ${where}. Take it off the list on the page Sign-in and factors first.`;
  }
}

async function beyondRights(
  resource: ResourceFacts,
  { ended, ceasing, concerned }: RetireFacts,
  permissionsAt: PermissionsAt,
): Promise<OperationError | null> {
  const taken: RoleAccess[] = [
    ...ended.map(({ kind, roleDefinitionId, roleName, writesAuthorization, ...at }) => ({
      assignmentType: kind === "Eligible" ? ("Eligible" as const) : ("Active" as const),
      ...{ roleDefinitionId, roleName, writesAuthorization },
      ...{ resourceId: at.resourceId, resourceName: at.resourceName, scope: at.scope },
    })),
    ...ceasing.map(({ access, roleDefinitionId, roleName, writesAuthorization }) => ({
      assignmentType: access,
      ...{ roleDefinitionId, roleName, writesAuthorization, resourceId: resource.id },
      ...{ resourceName: resource.displayName, scope: resource.scope },
    })),
  ];
  const privileges = distinctPrivileges(taken);
  const places = [
    ...privileges.map(({ resourceId }) => resourceId),
    ...concerned.map(({ placeId }) => placeId),
  ];
  const held = await permissionsAt([...new Set([resource.id, ...places])]);
  const beyond = beyondAuthority(privileges, held);
  if (beyond) return { code: "AuthorizationFailed", message: beyond.message };
  for (const { kind, placeId, placeName } of concerned) {
    const needed = neededFor[kind];
    if (needed === null || anyAllows(held.get(placeId) ?? [], needed)) continue;
    const message = `This concerns ${whatOf[kind]} at ${isolated(placeName)}. You do not have authorization to perform ${needed} there.`;
    return { code: "AuthorizationFailed", message };
  }
  return null;
}

type Concerned = RetireFacts["concerned"][number]["kind"];
const neededFor: Readonly<Record<Concerned, Action | null>> = {
  Settings: action.writeRoleSettings,
  ConflictRule: action.writeRoleSettings,
  AlertSettings: action.writeAlerts,
  Alert: action.writeAlerts,
  Export: action.writeRoleSettings,
  Role: null,
};
const whatOf: Readonly<Record<Concerned, string>> = {
  Settings: "role settings",
  ConflictRule: "a conflict rule",
  AlertSettings: "alert settings",
  Alert: "open alerts",
  Export: "a scheduled export",
  Role: "a role",
};
