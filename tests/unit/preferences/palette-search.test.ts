import { describe, expect, it } from "vitest";
import { parsePaletteSearch } from "@/lib/domain/preferences/palette-search";

describe("what was typed into the palette", () => {
  it("is its first six words in lower case, whatever stands around and between them", () => {
    expect(parsePaletteSearch("  Key   Vault\tReader ")).toEqual({
      words: ["key", "vault", "reader"],
      activation: null,
      placed: [],
    });
    expect(parsePaletteSearch("a b c d e f g h").words).toEqual(["a", "b", "c", "d", "e", "f"]);
    expect(parsePaletteSearch("").words).toEqual([]);
    expect(parsePaletteSearch("sh\0op").words).toEqual(["shop"]);
  });

  it("is read as far as a search goes", () => {
    const [word = ""] = parsePaletteSearch("x".repeat(100_000)).words;
    expect(word.length).toBeGreaterThan(10);
    expect(word.length).toBeLessThan(10_000);
  });

  it("is an activation only where the word stands first", () => {
    expect(parsePaletteSearch(" Activate").activation).toEqual([{ role: [], scope: [] }]);
    expect(parsePaletteSearch("activate").activation).toEqual([{ role: [], scope: [] }]);
    expect(parsePaletteSearch("deactivate reader").activation).toBeNull();
    expect(parsePaletteSearch("please activate reader").activation).toBeNull();
    expect(parsePaletteSearch("activated").activation).toBeNull();
  });

  it("may part the role from the scope at each word on", () => {
    expect(parsePaletteSearch("activate   reader on call on shop").activation).toEqual([
      { role: ["reader", "on", "call", "on", "shop"], scope: [] },
      { role: ["reader"], scope: ["call", "on", "shop"] },
      { role: ["reader", "on", "call"], scope: ["shop"] },
    ]);
    expect(parsePaletteSearch("activate contributor").activation).toEqual([
      { role: ["contributor"], scope: [] },
    ]);
    expect(parsePaletteSearch(`activate ${"on ".repeat(20)}`).activation).toHaveLength(9);
  });

  it("may name the place of a role without the word activate", () => {
    expect(parsePaletteSearch("Reader on Shop").placed).toEqual([{ role: ["reader"], scope: ["shop"] }]);
    expect(parsePaletteSearch("reader on call on shop").placed).toEqual([
      { role: ["reader"], scope: ["call", "on", "shop"] },
      { role: ["reader", "on", "call"], scope: ["shop"] },
    ]);
    for (const typed of ["reader", "reader on", "on shop", "activate reader on shop"])
      expect(parsePaletteSearch(typed).placed, typed).toEqual([]);
  });
});
