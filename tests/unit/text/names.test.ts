import { expect, it } from "vitest";
import { knownWord } from "@/lib/domain/text/known-word";
import { nameFault, normalisedName, sameNameKey, scopeFault } from "@/lib/domain/text/names";
import { counted, countedShort } from "@/lib/domain/text/number-format";
import { isUuid } from "@/lib/domain/text/uuid";

it("a name has at most two thousand bytes, as written and as compared", () => {
  const longest = "n".repeat(2_000);
  expect([nameFault(longest), scopeFault(longest)]).toEqual([null, null]);
  expect(nameFault(`${longest}n`)).toBe("Write a shorter name.");
  expect(scopeFault(`/${longest}`)).toBe("Write a shorter scope.");
  // Two bytes each.
  expect(nameFault("é".repeat(1_000))).toBeNull();
  expect(nameFault("é".repeat(1_001))).toBe("Write a shorter name.");
  // Three bytes as written, and many more as compared.
  expect(nameFault("ﷺ".repeat(200))).toBe("Write a shorter name.");
  expect(nameFault("ﷺ".repeat(20))).toBeNull();
});

it("a name is stored without space around it, with single spaces in it", () => {
  expect(normalisedName("  \t Web \n\u00a0 shop \u3000 ")).toBe("Web shop");
  expect(nameFault("\n\n Web \n\n")).toBeNull();
  expect(nameFault("Web\nshop")).not.toBeNull();
});

it.each([
  ["READER", "reader"],
  ["Straße", "strasse"],
  ["STRAẞE", "strasse"],
  ["ﬁle", "file"],
  ["Ωmega", "ωmega"],
  ["İzmir", "izmir"],
  ["ΣΊΣΥΦΟΣ", "σίσυφοσ"],
  ["ſharp", "sharp"],
  ["  wide   space ", "wide space"],
  ["Ｒｅａｄｅｒ", "reader"],
  ["Re\u200bader", "reader"],
])("%j and %j are one name", (left, right) => {
  expect(sameNameKey(left)).toBe(sameNameKey(right));
  expect(sameNameKey(sameNameKey(left))).toBe(sameNameKey(left));
});

it("a letter that would become several in upper case is another name than those", () => {
  expect(sameNameKey("ᾳ")).not.toBe(sameNameKey("αι"));
  expect(sameNameKey("ᾼ")).toBe(sameNameKey("ᾳ"));
});

it("spaces within a name count", () => {
  expect(sameNameKey("web shop")).not.toBe(sameNameKey("webshop"));
  expect(sameNameKey("wéb shop")).not.toBe(sameNameKey("wébshop"));
});

it("each name in a scope is a proper one", () => {
  expect(scopeFault("/subscriptions/a")).toBeNull();
  expect(scopeFault("/subscriptions/ a")).toBe("Leave out spaces around the names in it.");
  expect(scopeFault("/subscriptions/\u0301a")).toContain("Begin with a letter");
});

it("a word from outside is one of the known ones, or refused", () => {
  const words: readonly string[] = ["Eligible", "Active"];
  const read = (word: string) => knownWord(word, words);
  expect(read("Active")).toBe("Active");
  expect(() => read("active")).toThrow("none of Eligible, Active");
});

it("an id is a text that is a UUID", () => {
  const id = "01a051ae-b800-7e3c-b393-a08c44c2e469";
  expect(isUuid(id)).toBe(true);
  for (const other of [`${id} `, `x${id}`, id.slice(1), null, undefined, 7, [id]])
    expect(isUuid(other)).toBe(false);
});

it("counts are written with their thousands apart, and short for an axis", () => {
  expect([999, 4_470, 1_234_567].map(counted)).toEqual(["999", "4,470", "1,234,567"]);
  expect([999, 4_470, 1_234_567].map((count) => countedShort(count).toUpperCase())).toEqual([
    "999",
    "4.5K",
    "1.2M",
  ]);
});
