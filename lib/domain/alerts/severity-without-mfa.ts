import type { AlertSeverity } from "@/lib/domain/alerts/alerts";
import { matchesPattern, type Permission, writesAuthorization } from "@/lib/domain/roles/permissions";

/** The most that a role may change. It decides how severe it is that the role requires no second factor. */
export interface MayChange {
  readonly severity: AlertSeverity;
  /** In words that follow "it can". */
  readonly changes: string;
}

/**
 * The most that a role may change; null for a role that only reads. Giving access is more than changing
 * resources, and that is more than changing the data in them.
 */
export function severityWithoutMfa(permissions: readonly Permission[]): MayChange | null {
  if (writesAuthorization(permissions)) return { severity: "High", changes: "assign roles" };
  if (permissions.some(({ actions, notActions }) => changesSomething(actions, notActions)))
    return { severity: "Medium", changes: "change resources" };
  if (permissions.some(({ dataActions, notDataActions }) => changesSomething(dataActions, notDataActions)))
    return { severity: "Low", changes: "change data" };
  return null;
}

/** Whether a pattern allows more than reading, and is not excluded completely. */
function changesSomething(allowed: readonly string[], excluded: readonly string[]): boolean {
  return allowed.some(
    (pattern) =>
      !pattern.toLowerCase().endsWith("/read") && !excluded.some((each) => matchesPattern(each, pattern)),
  );
}
