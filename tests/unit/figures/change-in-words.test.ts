import { expect, it } from "vitest";
import { changeInWords } from "@/lib/domain/figures/access-figures";

it("says how a figure stands against an earlier one, with the period named", () => {
  expect(changeInWords(1_212, 12, "a week ago")).toBe("1,200 more than a week ago");
  expect(changeInWords(3, 5, "in the 30 days before")).toBe("2 fewer than in the 30 days before");
  expect(changeInWords(0, 0, "a week ago")).toBe("As many as a week ago");
});
