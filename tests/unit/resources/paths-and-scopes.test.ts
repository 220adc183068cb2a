import { expect, it } from "vitest";
import { idsAbove, idsOnPath, outermost } from "@/lib/domain/resources/resource-path";
import { maximumOpenNodes, openNodes } from "@/lib/domain/resources/resource-tree";
import { normalisedScope } from "@/lib/domain/resources/scope";

const hex = (digit: string) => digit.repeat(32);
const id = (digit: string) => [8, 4, 4, 4, 12].map((length) => digit.repeat(length)).join("-");
const path = (...digits: string[]) => digits.map(hex).join(".");

it("names the ids on a path from the root down, and those above several, each once", () => {
  expect(idsOnPath("0123456789abcdef0123456789abcdef")).toEqual(["01234567-89ab-cdef-0123-456789abcdef"]);
  expect(idsOnPath(path("1", "2", "3"))).toEqual([id("1"), id("2"), id("3")]);
  expect(idsAbove([path("1", "2", "3"), path("1", "4"), path("1")])).toEqual([id("1"), id("2")]);
  expect(idsAbove([])).toEqual([]);
});

it("keeps of several paths those that lie below no other", () => {
  expect(outermost([path("1", "2"), path("1", "2", "3"), path("1", "4"), path("1", "2")])).toEqual([
    path("1", "2"),
    path("1", "4"),
  ]);
  expect(outermost([path("1", "2"), path("1")])).toEqual([path("1")]);
  // Alike at their beginning, but not one below the other.
  expect(outermost(["ab", "abc"])).toEqual(["ab", "abc"]);
});

it("opens at most forty nodes of the tree that an address names, each once, and nothing else", () => {
  expect(openNodes(`${id("A")}.${id("a")}.nonsense..${id("b")}`)).toEqual([id("a"), id("b")]);
  const many = Array.from(
    { length: 60 },
    (_, index) => `00000000-0000-4000-8000-${String(index).padStart(12, "0")}`,
  );
  expect(openNodes(many.join("."))).toEqual(many.slice(0, maximumOpenNodes));
});

it("looks a scope up in one way, however it is written", () => {
  expect(normalisedScope("  /databases/orders// ")).toBe("/databases/orders");
  expect(normalisedScope("/cafe\u0301")).toBe("/caf\u00e9");
  expect(normalisedScope("/")).toBe("/");
  expect(normalisedScope("///")).toBe("///");
  expect(normalisedScope("")).toBe("");
});
