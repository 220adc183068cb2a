/** One group being a member of another. */
export interface GroupEdge {
  readonly groupId: string;
  readonly memberId: string;
}

/** The groups of which each group is a direct member. */
export type GroupParents = Map<string, string[]>;

export function addEdge(parents: GroupParents, { groupId, memberId }: GroupEdge): void {
  const known = parents.get(memberId);
  if (known) known.push(groupId);
  else parents.set(memberId, [groupId]);
}

export function parentsOf(edges: readonly GroupEdge[]): GroupParents {
  const parents: GroupParents = new Map();
  for (const edge of edges) addEdge(parents, edge);
  return parents;
}

/**
 * A group and every group above it. Its members get what all of these have. Adding a group to one of
 * those below it would make a circle.
 */
export function groupsAbove(
  parents: ReadonlyMap<string, readonly string[]>,
  groupId: string,
): ReadonlySet<string> {
  const above = new Set([groupId]);
  for (const each of above) for (const parent of parents.get(each) ?? []) above.add(parent);
  return above;
}
