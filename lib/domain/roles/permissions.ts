/** What a role allows and excludes (ARM's `permissions` of a role definition). */
export interface Permission {
  readonly actions: readonly string[];
  readonly notActions: readonly string[];
  readonly dataActions: readonly string[];
  readonly notDataActions: readonly string[];
}

/** The actions that Postern itself requires, by Azure's names. */
export const action = {
  readRoleSettings: "Microsoft.Authorization/roleManagementPolicies/read",
  writeRoleSettings: "Microsoft.Authorization/roleManagementPolicies/write",
  readRoleDefinitions: "Microsoft.Authorization/roleDefinitions/read",
  writeRoleDefinitions: "Microsoft.Authorization/roleDefinitions/write",
  deleteRoleDefinitions: "Microsoft.Authorization/roleDefinitions/delete",
  readAssignments: "Microsoft.Authorization/roleAssignments/read",
  writeEligibility: "Microsoft.Authorization/roleEligibilityScheduleRequests/write",
  writeAssignment: "Microsoft.Authorization/roleAssignmentScheduleRequests/write",
  readAudit: "Microsoft.Insights/eventtypes/values/read",
  readAlerts: "Microsoft.Authorization/roleManagementAlerts/read",
  writeAlerts: "Microsoft.Authorization/roleManagementAlerts/write",
  // Required at the root (docs/decisions/people.md).
  readPrincipals: "Microsoft.Authorization/principals/read",
  writePrincipals: "Microsoft.Authorization/principals/write",
  // Names, types and new children (docs/resources.md).
  writeResources: "Microsoft.Resources/resources/write",
} as const;

export type Action = (typeof action)[keyof typeof action];

/**
 * Whether a pattern of a role definition matches an operation. Case does not matter, and `*` stands for
 * any run of characters, including slashes (Azure RBAC, "Understand role definitions"). The cost is
 * linear in the operation's length for each `*`.
 */
export function matchesPattern(pattern: string, operation: string): boolean {
  const [first = "", ...rest] = pattern.toLowerCase().split("*");
  const text = operation.toLowerCase();
  if (rest.length === 0) return text === first;
  if (!text.startsWith(first)) return false;
  const last = rest.pop() ?? "";
  let position = first.length;
  for (const piece of rest) {
    const found = text.indexOf(piece, position);
    if (found < 0) return false;
    position = found + piece.length;
  }
  return text.length - last.length >= position && text.endsWith(last);
}

/** Whether one permission allows a control action: some `actions` entry matches and no `notActions` entry does. */
export function allows(permission: Permission, operation: string): boolean {
  return (
    permission.actions.some((pattern) => matchesPattern(pattern, operation)) &&
    !permission.notActions.some((pattern) => matchesPattern(pattern, operation))
  );
}

/** Whether one permission allows a data action, in the same way. */
export function allowsData(permission: Permission, operation: string): boolean {
  return (
    permission.dataActions.some((pattern) => matchesPattern(pattern, operation)) &&
    !permission.notDataActions.some((pattern) => matchesPattern(pattern, operation))
  );
}

/** Whether any of several permissions allows it. `notActions` subtract only from their own permission. */
export function anyAllows(permissions: readonly Permission[], operation: string): boolean {
  return permissions.some((permission) => allows(permission, operation));
}

/** The actions that write authorisation: who holds what, under which settings, and who people are. */
const writingActions = [
  "Microsoft.Authorization/roleAssignments/write",
  action.writeAssignment,
  action.writeEligibility,
  action.writeRoleSettings,
  action.writeRoleDefinitions,
  action.writePrincipals,
] as const;

/** Whether a role can write authorisation. Such a role begins with MFA on direct assignment (docs/role-settings.md). */
export function writesAuthorization(permissions: readonly Permission[]): boolean {
  return writingActions.some((operation) => anyAllows(permissions, operation));
}

/** Whether a role makes its holder an active administrator (docs/glossary.md). */
export function administers(permissions: readonly Permission[]): boolean {
  return anyAllows(permissions, action.writeRoleSettings);
}
