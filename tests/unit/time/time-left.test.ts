import { expect, it } from "vitest";
import { endsSoon, shortTimeLeft } from "@/lib/domain/time/time-left";

const minute = 60_000;

it.each([
  [59_999, "under 1 min"],
  [minute, "1 min"],
  [60 * minute - 1, "59 min"],
  [60 * minute, "1 h"],
  [72 * minute, "1 h 12 min"],
  [1_440 * minute + 5 * minute, "1 d"],
  [1_440 * minute + 185 * minute, "1 d 3 h"],
  [0, "under 1 min"],
])("says of %i milliseconds never more than is left: %s", (milliseconds, words) => {
  expect(shortTimeLeft(milliseconds)).toBe(words);
});

it("warns from ten minutes on", () => {
  expect(endsSoon(10 * minute + 1)).toBe(false);
  expect(endsSoon(10 * minute)).toBe(true);
});
