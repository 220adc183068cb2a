import { activeMaximumDaysChoices, eligibleMaximumDaysChoices } from "@/lib/domain/roles/duration-choices";
import type { RoleSettings } from "@/lib/domain/roles/role-settings";

type Query = Readonly<Record<string, string | string[] | undefined>>;

/** The settings that can be changed for several roles alike. They do not depend on approvers. */
export const sharedFlags = [
  "activationRequiresMfa",
  "activationPhishingResistant",
  "activationRequiresJustification",
  "activationRequiresTicket",
  "assignmentRequiresMfa",
  "assignmentPhishingResistant",
  "assignmentRequiresJustification",
] as const satisfies readonly (keyof RoleSettings)[];
export const sharedPeriods = {
  eligibleMaximumDays: eligibleMaximumDaysChoices,
  activeMaximumDays: activeMaximumDaysChoices,
};
type SharedPeriod = keyof typeof sharedPeriods;
type SharedName = (typeof sharedFlags)[number] | SharedPeriod | "activationMaximumMinutes";

/** A change of role settings as an address encodes it. What is left out stays as it is. */
export type SharedChange = { -readonly [Name in SharedName]?: RoleSettings[Name] };

const textOf = (value: string | string[] | undefined) => (typeof value === "string" ? value.trim() : "");

/** The change in an address. Invalid values are ignored, except a duration, which is judged with the settings. */
export function changeIn(query: Query): SharedChange {
  const change: SharedChange = {};
  const hours = textOf(query.activationMaximumMinutes);
  if (hours !== "") change.activationMaximumMinutes = Number.isFinite(Number(hours)) ? Number(hours) * 60 : 0;
  for (const name of sharedFlags) {
    const value = textOf(query[name]);
    if (value === "yes" || value === "no") change[name] = value === "yes";
  }
  for (const name of Object.keys(sharedPeriods) as SharedPeriod[]) {
    const value = textOf(query[name]);
    if (value === "permanent") change[name] = null;
    else if (sharedPeriods[name].some((days) => String(days) === value)) change[name] = Number(value);
  }
  return change;
}

/** The roles chosen in an address. */
export function rolesIn(query: Query): readonly string[] {
  return [...new Set([query.role ?? []].flat())];
}

/** What the edit starts from according to the address: a key of `SettingsSource`; null for the settings as they are. */
export function startIn(query: Query): string | null {
  return textOf(query.take) || null;
}

/**
 * The address of an edit form that begins with a change: of the settings as they are when it is opened, or of
 * those that it starts from.
 */
export function editAddress(base: string, change: SharedChange, start: string | null): string {
  return `${base}?${new URLSearchParams([...startParameter(start), ["change", "1"], ...parametersOf(change)])}`;
}

/** The address of the page that replays a change for these roles. */
export function severalAddress(
  base: string,
  roles: readonly string[],
  change: SharedChange,
  start: string | null,
): string {
  const chosen = roles.map((id) => ["role", id] as [string, string]);
  const rest = [...startParameter(start), ...parametersOf(change), ["replay", "1"] as [string, string]];
  return `${base}?${new URLSearchParams([...chosen, ...rest])}`;
}

const startParameter = (start: string | null): [string, string][] =>
  start === null ? [] : [["take", start]];

function parametersOf(change: SharedChange): [name: string, value: string][] {
  return Object.entries(change).map(([name, value]) => {
    if (value === null) return [name, "permanent"];
    if (typeof value === "boolean") return [name, value ? "yes" : "no"];
    return [name, String(name === "activationMaximumMinutes" ? value / 60 : value)];
  });
}
