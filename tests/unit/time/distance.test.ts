import { expect, it } from "vitest";
import { distanceInWords } from "@/lib/domain/time/distance";

const now = new Date("2026-03-02T09:00:00Z");
const at = (minutes: number) => distanceInWords(new Date(now.getTime() + minutes * 60_000), now);
const days = (count: number) => count * 24 * 60;

it("says how far off a moment is, in whole units, both ways", () => {
  expect([at(0), at(0.9), at(-0.9)]).toEqual(["now", "now", "now"]);
  expect(at(-1)).toBe("1 minute ago");
  expect([at(1), at(59), at(60), at(-125)]).toEqual([
    "in 1 minute",
    "in 59 minutes",
    "in 1 hour",
    "2 hours ago",
  ]);
  expect([at(days(1) - 1), at(days(1)), at(days(14)), at(-days(30))]).toEqual([
    "in 23 hours",
    "in 1 day",
    "in 14 days",
    "30 days ago",
  ]);
});

it("says the nearest month or year beyond sixty days", () => {
  expect([at(days(60) - 1), at(days(60)), at(days(89)), at(days(365))]).toEqual([
    "in 59 days",
    "in 2 months",
    "in 3 months",
    "in 12 months",
  ]);
  expect(at(days(730))).toBe("in 2 years");
  // Eighteen months are 547.92 days.
  expect([at(days(547.9)), at(days(548)), at(-days(548))]).toEqual([
    "in 18 months",
    "in 2 years",
    "2 years ago",
  ]);
});
