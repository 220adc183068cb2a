import fc from "fast-check";
import { expect, it } from "vitest";
import { box, linear, momentRow, place, ticksTo } from "@/lib/domain/figures/plot";

it("has whole even ticks from zero to at least the largest value, and few of them", () => {
  expect(ticksTo(4)).toEqual([0, 1, 2, 3, 4]);
  expect(ticksTo(23)).toEqual([0, 5, 10, 15, 20, 25]);
  expect(ticksTo(400)).toEqual([0, 100, 200, 300, 400]);
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 2_000_000 }), (most) => {
      const ticks = ticksTo(most);
      const step = ticks[1] ?? 0;
      expect(ticks.length).toBeLessThanOrEqual(6);
      expect(ticks.at(-1)).toBeGreaterThanOrEqual(most);
      expect((ticks.at(-1) ?? 0) - step).toBeLessThan(most);
      expect(ticks.every((tick) => Number.isInteger(tick))).toBe(true);
    }),
  );
});

it("places values in a drawing, one alone too", () => {
  const y = linear([0, 10], [100, 0]);
  expect([y(0), y(5), y(10)]).toEqual([100, 50, 0]);
  expect(linear([3, 3], [0, 10])(3)).toBe(0);
  expect(linear([10, 20], [0, 100])(15)).toBe(50);
  expect(place(1.26)).toBe("1.3");
  expect(box(1, 2, 3.04, 4)).toBe("M1,2h3v4h-3z");
});

it("calls the last moment now", () => {
  expect([0, 1, 2].map((index) => momentRow([0, 86_400_000, 172_800_000], index))).toEqual([
    "1970-01-01T00:00:00.000Z",
    "1970-01-02T00:00:00.000Z",
    "now",
  ]);
});
