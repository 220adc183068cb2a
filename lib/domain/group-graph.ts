/** One group being a member of another. */
export interface GroupEdge {
  readonly groupId: string;
  readonly memberId: string;
}

/**
 * A group and every group that it is in, directly or through others: whoever joins it has what all of these have. A
 * group that one of its own members is to be put into would be in a circle: that member is among these.
 */
export function groupsAbove(edges: readonly GroupEdge[], groupId: string): ReadonlySet<string> {
  const parents = new Map<string, string[]>();
  for (const edge of edges) parents.set(edge.memberId, [...(parents.get(edge.memberId) ?? []), edge.groupId]);
  const above = new Set([groupId]);
  for (const each of above) for (const parent of parents.get(each) ?? []) above.add(parent);
  return above;
}
