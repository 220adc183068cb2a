import { matchesPattern, type Permission } from "@/lib/domain/roles/permissions";
import { limits } from "@/lib/domain/text/limits";
import { nameFault, normalisedName, sameNameKey, textFault } from "@/lib/domain/text/names";
import { isUuid } from "@/lib/domain/text/uuid";

/** The fields of a custom role. */
export interface RoleDefinitionFields {
  readonly roleName: string;
  readonly description: string;
  readonly permission: Permission;
  /** Where it may be assigned, with everything below. */
  readonly assignableScopes: readonly string[];
}

/** The parts of a permission, with Azure's names. */
export const permissionParts = {
  actions: "Actions",
  notActions: "Not actions",
  dataActions: "Data actions",
  notDataActions: "Not data actions",
} as const;
export type PermissionPart = keyof typeof permissionParts;

const segment = "[A-Za-z0-9*._$:{}-]";

/**
 * What is wrong with a pattern of a role definition; null if it is valid. Valid are `*`, or a provider
 * and a path under it, such as `Microsoft.Web/sites/read`. All patterns of built-in roles are valid.
 */
export function patternFault(pattern: string): string | null {
  if (pattern === "*") return null;
  if (pattern.length > limits.patternLength)
    return `is too long: write at most ${limits.patternLength} characters`;
  if (/\s/.test(pattern)) return "has a space in it";
  if (!pattern.includes("/")) return "names no operation: write Provider/type/operation, or *";
  if (!new RegExp(`^[A-Za-z0-9*]${segment}*(/${segment}*)+$`).test(pattern)) {
    return "is not a pattern: write letters, digits, dots and *, with slashes between";
  }
  return null;
}

/** Every fault of a custom role, by field; empty if it may be saved. Does not check whether its scopes exist. */
export function roleDefinitionFaults(fields: RoleDefinitionFields): { field: string; message: string }[] {
  const faults: { field: string; message: string }[] = [];
  const name = normalisedName(fields.roleName);
  const length = `Give a name of at most ${limits.roleName} characters.`;
  const wrongName = isUuid(sameNameKey(name))
    ? "Give a name, not an id."
    : name === "" || name.length > limits.roleName
      ? length
      : nameFault(fields.roleName);
  if (wrongName !== null) faults.push({ field: "roleName", message: wrongName });
  if (fields.description.length > limits.roleDescription) {
    const message = `Write at most ${limits.roleDescription} characters.`;
    faults.push({ field: "description", message });
  }
  const wrongText = textFault(fields.description);
  if (wrongText !== null) faults.push({ field: "description", message: wrongText });
  for (const part of Object.keys(permissionParts) as PermissionPart[]) {
    const patterns = fields.permission[part];
    const wrong = [...patterns.entries()].filter(([, pattern]) => patternFault(pattern) !== null);
    if (patterns.length > limits.patterns) {
      faults.push({ field: part, message: `Write at most ${limits.patterns} lines.` });
    } else {
      for (const [index, pattern] of wrong.slice(0, 10))
        faults.push({ field: part, message: `Line ${index + 1}: “${pattern}” ${patternFault(pattern)}.` });
    }
  }
  if (fields.permission.actions.length === 0 && fields.permission.dataActions.length === 0) {
    faults.push({ field: "actions", message: "Allow at least one action or data action." });
  }
  const scopes = fields.assignableScopes;
  if (scopes.length === 0 || scopes.length > limits.assignableScopes) {
    const message = `Name at least one scope, and at most ${limits.assignableScopes}.`;
    faults.push({ field: "assignableScopes", message });
  }
  return faults;
}

/** Whether the outer pattern matches every operation that the inner one matches, as far as the patterns show. */
function covers(outer: string, inner: string): boolean {
  // Only a `*` of the outer pattern can match a `*` of the inner one, so that whatever the inner one
  // stands for matches too.
  return matchesPattern(outer, inner);
}

function coveredBy(inner: readonly string[], outer: readonly string[]): boolean {
  return inner.every((pattern) => outer.some((other) => covers(other, pattern)));
}

/**
 * Whether an edit may allow something new. It never misses a widening. It may report one where patterns
 * are only rewritten, which only costs a code.
 */
export function widens(before: readonly Permission[], after: readonly Permission[]): boolean {
  return !after.every((next) =>
    before.some(
      (last) =>
        coveredBy(next.actions, last.actions) &&
        coveredBy(next.dataActions, last.dataActions) &&
        (next.actions.length === 0 || coveredBy(last.notActions, next.notActions)) &&
        (next.dataActions.length === 0 || coveredBy(last.notDataActions, next.notDataActions)),
    ),
  );
}

/**
 * One permission that allows exactly what several allow together, for a clone. This is possible if none
 * of them excludes anything; otherwise null.
 */
export function mergedPermission(permissions: readonly Permission[]): Permission | null {
  const [first] = permissions;
  if (!first) return { actions: [], notActions: [], dataActions: [], notDataActions: [] };
  if (permissions.length === 1) return trimmed(first);
  if (permissions.some((each) => each.notActions.length > 0 || each.notDataActions.length > 0)) return null;
  return trimmed({
    actions: permissions.flatMap((each) => each.actions),
    notActions: [],
    dataActions: permissions.flatMap((each) => each.dataActions),
    notDataActions: [],
  });
}

function trimmed(permission: Permission): Permission {
  const tidy = (patterns: readonly string[]) => [...new Set(patterns.map((pattern) => pattern.trim()))];
  return {
    actions: tidy(permission.actions),
    notActions: tidy(permission.notActions),
    dataActions: tidy(permission.dataActions),
    notDataActions: tidy(permission.notDataActions),
  };
}
