import { describe, expect, it } from "vitest";
import { byEligibility } from "@/lib/domain/gate/activations-together";

describe("activations that are made together", () => {
  const item = (eligibilityId: string, resourceId: string) => ({ eligibilityId, resourceId });
  const ordered = [item("a", "x"), item("a", "y"), item("b", "x"), item("b", "y")];

  it("are in one order, so that two transactions never lock them crosswise", () => {
    expect([...ordered].reverse().sort(byEligibility)).toEqual(ordered);
    for (const [index, left] of ordered.entries())
      for (const [other, right] of ordered.entries())
        expect(byEligibility(left, right)).toBe(Math.sign(index - other));
  });
});
