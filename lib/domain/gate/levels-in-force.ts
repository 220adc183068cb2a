/**
 * The levels whose settings judge an activation, among those on the path to the chosen resource: from the
 * eligibility's down (docs/rules.md, rule 4). The widest comes first, since approval stages are passed in that order.
 */
export function activationLevels(
  onPath: readonly string[],
  eligibilityResourceId: string,
): readonly string[] {
  const from = onPath.indexOf(eligibilityResourceId);
  const chosen = onPath.at(-1);
  // An eligibility that does not cover the chosen resource is refused later, with a reason of its own.
  return from === -1 ? [eligibilityResourceId, ...(chosen ? [chosen] : [])] : onPath.slice(from);
}

/**
 * Whether a level on the path to a resource judges its direct and eligible assignments: its own, and every level above
 * whose settings were ever edited (docs/rules.md, rule 4).
 */
export function judgesAssignments(
  level: { readonly resourceId: string; readonly version: number },
  resourceId: string,
): boolean {
  return level.resourceId === resourceId || level.version > 0;
}
