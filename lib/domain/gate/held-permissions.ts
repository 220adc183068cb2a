import { matchesPattern, type Permission } from "@/lib/domain/roles/permissions";

const pairs = [
  ["actions", "notActions"],
  ["dataActions", "notDataActions"],
] as const;

/** Whether one of the patterns matches everything that this one matches, as far as patterns can show. */
function within(pattern: string, patterns: readonly string[]): boolean {
  return patterns.some((outer) => matchesPattern(outer, pattern));
}

/** Whether some operation may match both patterns. It may wrongly say yes, but never wrongly no. */
export function mayMeet(left: string, right: string): boolean {
  const [one, other] = [left.toLowerCase().split("*"), right.toLowerCase().split("*")];
  if (one.length === 1) return matchesPattern(right, left);
  if (other.length === 1) return matchesPattern(left, right);
  const [start, begin, end, finish] = [one[0] ?? "", other[0] ?? "", one.at(-1) ?? "", other.at(-1) ?? ""];
  return (
    (start.startsWith(begin) || begin.startsWith(start)) && (end.endsWith(finish) || finish.endsWith(end))
  );
}

/** Whether one of the permissions allows everything that a pattern matches, once `without` is excluded. */
function allowed(
  permissions: readonly Permission[],
  pattern: string,
  without: readonly string[],
  [plus, minus]: (typeof pairs)[number],
): boolean {
  return permissions.some(
    (each) =>
      within(pattern, each[plus]) &&
      each[minus].every((taken) => !mayMeet(taken, pattern) || within(taken, without)),
  );
}

/**
 * The first pattern that a role would gain without its author holding it (docs/rules.md, rule 8). A
 * pattern is fine if the role allowed it before, or if the author holds it. Null if there is none. It
 * may refuse what only several roles of the author together allow. Holding every action counts as
 * holding every data action, since such an author may assign themselves any role.
 */
export function firstPermissionNotHeld(
  held: readonly Permission[],
  before: readonly Permission[],
  after: readonly Permission[],
): string | null {
  if (allowed(held, "*", [], pairs[0])) return null;
  for (const next of after) {
    for (const pair of pairs) {
      const [plus, minus] = pair;
      const missing = next[plus].find(
        (pattern) =>
          !allowed(before, pattern, next[minus], pair) && !allowed(held, pattern, next[minus], pair),
      );
      if (missing !== undefined) return missing;
    }
  }
  return null;
}
