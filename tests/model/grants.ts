// Who granted access to whom, and what existed before. Whether somebody may close the review of an emergency depends
// on both (docs/rules.md, rule 7).
import { reach } from "./rules";
import type { Access, State } from "./state";

/** Records what an operation grants others: access, more time, a membership, or being enabled again. */
export function noteGrants(before: State, after: State, by: string): void {
  const to = new Set<string>();
  for (const row of after.access) {
    const old = before.access.find(({ id }) => id === row.id);
    if (!old) row.born ??= after.now;
    if (row.kind === "Activated") continue;
    const moved = old && (old.from !== row.from || old.until !== row.until);
    if (!old || (moved && !(row.removed && !old.removed))) to.add(row.who);
  }
  for (const one of after.members)
    if (!before.members.some(({ group, member }) => group === one.group && member === one.member))
      to.add(one.member);
  for (const [name, { enabled }] of Object.entries(after.principals))
    if (enabled && before.principals[name]?.enabled === false) to.add(name);
  for (const each of to) after.grants.push({ by, to: each, at: after.now });
}

/** Somebody and their groups, if each membership on the way existed before a moment. */
export function reachBefore(state: State, who: string, moment: number): Set<string> {
  const reached = new Set(state.principals[who]?.enabled ? [who] : []);
  for (const each of reached)
    for (const { group, member, since } of state.members)
      if (member === each && since < moment && state.principals[group]?.enabled) reached.add(group);
  return reached;
}

export const bornBefore = ({ born }: Access, moment: number) => born === undefined || born < moment;

/**
 * Whether somebody got anything from another person since a moment: directly, through a group, or through
 * others who did.
 */
export function cameFrom(state: State, who: string, grantor: string, since: number): boolean {
  const sources = new Set(reach(state, who));
  for (const source of sources)
    for (const { by, to, at } of state.grants) {
      if (to !== source || at < since) continue;
      if (by === grantor || reach(state, by).has(grantor)) return true;
      for (const each of [by, ...reach(state, by)]) sources.add(each);
    }
  return false;
}
