import { type Permission, writesAuthorization } from "@/lib/domain/roles/permissions";

/** The most that a role allows, the riskiest first. It is the order in which standing access is listed. */
export const roleRisks = ["GivesAccess", "ChangesEverything", "ReachesData", "ChangesSome", "Reads"] as const;
export type RoleRisk = (typeof roleRisks)[number];

export const roleRiskWords: Readonly<Record<RoleRisk, string>> = {
  GivesAccess: "Gives access to others",
  ChangesEverything: "Changes everything",
  ReachesData: "Reaches data",
  ChangesSome: "Changes some things",
  Reads: "Only reads",
};

const readsOnly = (pattern: string) => pattern.toLowerCase().endsWith("/read");
/** A pattern without a provider, such as the asterisk alone. */
const unbounded = (pattern: string) => pattern.startsWith("*") && !readsOnly(pattern);

/** The most that a role's permissions allow, by their patterns. Exclusions do not lower it. */
export function roleRisk(permissions: readonly Permission[]): RoleRisk {
  const actions = permissions.flatMap((permission) => permission.actions);
  if (writesAuthorization(permissions)) return "GivesAccess";
  if (actions.some(unbounded)) return "ChangesEverything";
  if (permissions.some(({ dataActions }) => dataActions.length > 0)) return "ReachesData";
  return actions.every(readsOnly) ? "Reads" : "ChangesSome";
}
