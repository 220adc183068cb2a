import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { nameFault, normalisedName, sameNameKey, scopeFault, textFault } from "@/lib/domain/text/names";

const letters = fc.string({ unit: "grapheme", maxLength: 30 });
const anything = fc.oneof(letters, fc.string({ unit: "binary", maxLength: 30 }));
/** Every code point that stands alone. */
const codePoints = Array.from({ length: 0x110000 }, (_, code) => code)
  .filter((code) => code < 0xd800 || code > 0xdfff)
  .map((code) => String.fromCodePoint(code));
const ignorable = codePoints.filter((each) => /\p{Default_Ignorable_Code_Point}/u.test(each));

describe("a name as it is kept", () => {
  it("is kept the same a second time, and is the same name as what was typed", () => {
    fc.assert(
      fc.property(anything, (text) => {
        const kept = normalisedName(text);
        expect(normalisedName(kept)).toBe(kept);
        expect(sameNameKey(kept)).toBe(sameNameKey(text));
      }),
    );
  });

  it.each([
    ["a right-to-left override", "Vera\u202e Victim"],
    ["an isolate", "\u2066Vera"],
    ["a mark of direction", "Vera\u200f"],
    ["a zero-width space", "Ve\u200bra"],
    ["a word joiner", "Ve\u2060ra"],
    ["a byte order mark", "\ufeffVera"],
    ["a soft hyphen", "Ve\u00adra"],
    ["a grapheme joiner", "Ve\u034fra"],
    ["a Hangul filler", "\u3164"],
    ["a braille blank", "Vera\u2800"],
    ["a line break", "Vera\nVictim"],
    ["a line separator", "Vera\u2028Victim"],
    ["a paragraph separator", "Vera\u2029Victim"],
    ["NUL", "Vera\0"],
    ["an escape", "Vera\u001b[31m"],
    ["a control of C1", "Vera\u0085Victim"],
    ["half a surrogate pair", "Vera\ud800"],
    ["a private letter", "Vera\ue000"],
    ["a letter that is not assigned", "Vera\u0378"],
    ["a tag", "Vera\u{e0041}"],
    ["a variation selector on a letter", "Vera\ufe0f"],
    ["a variation selector of the supplement", "Vera\u{e0100}"],
    ["a joiner between Latin letters", "Ve\u200dra"],
    ["a non-joiner at the end", "می\u200c"],
    ["two joiners", "क्\u200d\u200dष"],
    ["an accent alone", "\u0301Vera"],
    ["a heap of accents", "Ve\u0301\u0302\u0303\u0304\u0305\u0306ra"],
  ])("has not %s in it", (_what, name) => {
    expect(nameFault(name)).not.toBeNull();
  });

  it.each([
    "Ada Byron",
    "Vera O’Neill-Müller, Ph.D.",
    "Nguyễn Thị Minh Khai",
    "Ελένη Παπαδοπούλου",
    "Владимир Ильин",
    "محمد علی",
    "می\u200cخواهم",
    "שָׁלוֹם",
    "क्\u200dष",
    "ශ්\u200dරී ලංකා",
    "田中 太郎",
    "김철수",
    "สมชาย",
    "⚠\ufe0f Break-glass",
    "👩\u200d💻 Developers",
    "🏳\ufe0f\u200d🌈 Group",
    "C# & R+D (50 %)",
  ])("may be %s", (name) => {
    expect(nameFault(name)).toBeNull();
  });

  it("is the same as its twin of letters that nobody sees, each of them anywhere in it", () => {
    for (const each of ignorable) {
      expect(sameNameKey(`${each}Prod${each}uction${each}`)).toBe("production");
    }
    expect(ignorable.length).toBeGreaterThan(4_000);
  });

  it("of any letter has a key that is the key of itself, whatever its case, composition and width", () => {
    const varied = codePoints.filter(
      (each) => each !== each.toLowerCase() || each !== each.toUpperCase() || each.normalize("NFKD") !== each,
    );
    for (const each of varied) {
      const key = sameNameKey(each);
      for (const other of [key, each.normalize("NFC"), each.normalize("NFD"), each.normalize("NFKC")])
        if (sameNameKey(other) !== key) expect([each, other]).toBe(key);
    }
    fc.assert(
      fc.property(letters, (text) => {
        expect(sameNameKey(sameNameKey(text))).toBe(sameNameKey(text));
        expect(sameNameKey(text.normalize("NFD"))).toBe(sameNameKey(text));
        expect(sameNameKey(`  ${text}\u00a0`)).toBe(sameNameKey(text));
      }),
    );
  });

  it.each([
    ["Production", "PRODUCTION"],
    ["Straße", "STRASSE"],
    ["İstanbul", "istanbul"],
    ["Işık", "ışık"],
    ["Σίσυφος", "ΣΊΣΥΦΟΣ"],
    ["Café", "Cafe\u0301"],
    ["Ｐｒｏｄ", "prod"],
    ["Contoso  Production", "Contoso\u00a0Production"],
    ["\u212aey", "key"],
  ])("of %s is that of %s", (name, twin) => {
    expect(sameNameKey(name)).toBe(sameNameKey(twin));
  });
});

describe("texts and scopes", () => {
  it("may have lines, and nothing that changes how they are read", () => {
    expect(textFault("First line\r\n\tsecond\n")).toBeNull();
    for (const text of ["a\u202eb", "a\u0000b", "a\u200bb", "a\u2028b"])
      expect(textFault(text)).not.toBeNull();
  });

  it("are written in one way", () => {
    expect(scopeFault("/subscriptions/1/resourceGroups/my (web)_1.x")).toBeNull();
    for (const scope of [
      "/subscriptions/ 1",
      "/subscriptions/1\u200b",
      "/subscriptions/e\u0301",
      "/a/b\u202e/c",
      "/a/x /b",
    ])
      expect(scopeFault(scope)).not.toBeNull();
  });
});
