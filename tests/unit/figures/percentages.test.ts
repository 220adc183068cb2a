import fc from "fast-check";
import { expect, it } from "vitest";
import { percentages } from "@/lib/domain/figures/percentages";

it("rounds shares so that they add up, the largest remainder up first, and of two alike the one that stands first", () => {
  expect(percentages([])).toEqual([]);
  expect(percentages([0, 0])).toEqual([0, 0]);
  expect(percentages([1, 1, 1])).toEqual([34, 33, 33]);
  expect(percentages([10, 10, 10, 10, 10, 10, 10])).toEqual([15, 15, 14, 14, 14, 14, 14]);
  // 66.6, 28.6 and 4.8 percent: the two largest remainders are the last one's and the first one's.
  expect(percentages([14, 6, 1])).toEqual([67, 28, 5]);
  fc.assert(
    fc.property(fc.array(fc.nat(1_000_000), { minLength: 1, maxLength: 8 }), (counts) => {
      const shares = percentages(counts);
      const sum = counts.reduce((all, count) => all + count, 0);
      expect(shares.reduce((all, share) => all + share, 0)).toBe(sum === 0 ? 0 : 100);
      for (const [index, share] of shares.entries())
        expect(Math.abs(share - (sum === 0 ? 0 : (100 * (counts[index] ?? 0)) / sum))).toBeLessThan(1);
    }),
  );
});
