import { expect, it } from "vitest";
import { codeOf, isAppCode } from "@/lib/domain/people/typed-code";

it.each([
  ["123456", "as it is"],
  [" 123 456\n", "with spaces"],
  ["123-456", "with a hyphen"],
  ["123–456", "with a dash"],
  ["123\u2212456", "with a minus sign"],
  ["\u200e123\u200b456\u00ad", "with marks that nobody sees"],
  ["123\u034f456", "with a joiner that nobody sees"],
  ["１２３４５６", "in full width"],
  ["١٢٣٤٥٦", "in Arabic digits"],
  ["۱۲۳۴۵۶", "in Persian digits"],
])("%j is the code 123456, typed %s", (typed) => {
  expect(codeOf(typed)).toBe("123456");
});

it("reads every digit of a script as itself, and leaves letters and signs", () => {
  expect(codeOf("٠١٢٣٤٥٦٧٨٩")).toBe("0123456789");
  expect(codeOf("۰۱۲۳۴۵۶۷۸۹")).toBe("0123456789");
  expect(codeOf("ab12-CD34_é.")).toBe("ab12CD34_é.");
});

it("is an app's code if it has six digits and nothing else", () => {
  expect(isAppCode("012345")).toBe(true);
  for (const other of ["", "12345", "1234567", "12345a", "123456\n", "x123456", "١٢٣٤٥٦"])
    expect(isAppCode(other), other).toBe(false);
});
