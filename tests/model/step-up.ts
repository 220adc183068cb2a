// When assigning requires a proof, whatever the settings are (docs/rules.md, section 8).
import { above, holds, levels, reach } from "./rules";
import type { Access, Settings, State } from "./state";

type Given = Pick<Access, "kind" | "who" | "role" | "at" | "until">;

/** Whether whoever holds a role can write authorisation. */
export const givesAccess = (state: State, role: string) => (state.roles[role]?.permissions.length ?? 0) > 0;

/** Whether active access lasts longer than the administrator's own authority at its resource. */
export function outlasts(state: State, grantor: string, { at, until }: Pick<Given, "at" | "until">): boolean {
  const reached = reach(state, grantor);
  const upwards = levels(state, at);
  return !state.access.some(
    (each) =>
      upwards.includes(each.at) &&
      state.roles[each.role]?.permissions.includes("assign") &&
      holds(state, reached, each) &&
      each.until >= until,
  );
}

/**
 * Whether it always requires a proof: access of one's own or of one's group, active access that outlasts one's authority,
 * or eligibility for a role that can write authorisation.
 */
export function alwaysTakesProof(state: State, grantor: string, given: Given): boolean {
  const further =
    given.kind === "Eligible" ? givesAccess(state, given.role) : outlasts(state, grantor, given);
  return above(state, grantor).has(given.who) || further;
}

/** Whether it requires a proof: always, or because the settings in force do. */
export function takesProof(state: State, grantor: string, settings: Settings, given: Given): boolean {
  return (given.kind !== "Eligible" && settings.assignMfa) || alwaysTakesProof(state, grantor, given);
}
