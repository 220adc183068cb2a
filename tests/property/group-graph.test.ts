import fc from "fast-check";
import { expect, it } from "vitest";
import { type GroupEdge, groupsAbove, parentsOf } from "@/lib/domain/people/group-graph";

const id = fc.constantFrom("a", "b", "c", "d", "e");
const edges = fc.array(fc.record({ groupId: id, memberId: id }), { maxLength: 12 });

/** Walks every way up, one step at a time. */
function walked(all: readonly GroupEdge[], from: string, seen: readonly string[] = [from]): string[] {
  const next = all.find((edge) => seen.includes(edge.memberId) && !seen.includes(edge.groupId));
  return next ? walked(all, from, [...seen, next.groupId]) : [...seen];
}

it("finds a group and all that it is in, directly or through others, circles or not", () => {
  fc.assert(
    fc.property(edges, id, (all, from) => {
      expect([...groupsAbove(parentsOf(all), from)].sort()).toEqual(walked(all, from).sort());
    }),
  );
});
