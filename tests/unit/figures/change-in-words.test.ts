import { expect, it } from "vitest";
import { changeInParts, changeInWords } from "@/lib/domain/figures/access-figures";

it("says how a figure stands against an earlier one, with the period named", () => {
  expect(changeInWords(1_212, 12, "a week ago")).toBe("1,200 more than a week ago");
  expect(changeInWords(3, 5, "in the 30 days before")).toBe("2 fewer than in the 30 days before");
  expect(changeInWords(0, 0, "a week ago")).toBe("As many as a week ago");
});

it("says the change in two words beside a figure, and what it is compared with to whoever hears it", () => {
  expect(changeInParts({ now: 1_212, before: 12 }, "a week ago")).toEqual(["1,200 more", "than a week ago"]);
  expect(changeInParts({ now: 3, before: 5 }, "a week ago")).toEqual(["2 fewer", "than a week ago"]);
  expect(changeInParts({ now: 4, before: 4 }, "a week ago")).toEqual(["No change", "from a week ago"]);
});
