import { describe, expect, it } from "vitest";
import {
  mostCharacters,
  withoutFirstNoise,
  withoutLastNoise,
  withoutNoise,
} from "@/lib/domain/imports/file-noise";

const columns = ["id", "name"];
const quiet = (text: string) => withoutNoise(text, columns);

describe("a list begins", () => {
  it.each([
    ["[", "[\n{}]"],
    ["[{", '[{"id":"1"}]'],
    ["[]", "[]"],
    ["spaces", '  [ {"id":"1"}]'],
    ["an answer", '{"value":[]}'],
    ["an answer with spaces", '  { "value" : []}'],
    ["an answer over three lines", '{\n\n "nextLink": "x", "value": []}'],
    ["the count of an answer", '{"count":1,"value":[]}'],
    ["what OData says of an answer", '{"@odata.context":"x","value":[]}'],
  ])("with %s", (_, list) => {
    expect(withoutFirstNoise(list, columns)).toEqual({ text: list, skipped: [], isList: true });
    expect(withoutFirstNoise(`WARNING: x\n${list}`, columns)).toEqual({
      ...{ text: `\n${list}`, skipped: ["1 line before the list (“WARNING: x”)"], isList: true },
    });
  });

  it.each([
    "none[]",
    "WARNING: none in []",
    '> {"value": 1}',
    "[1]",
    '{\n\n\n"value": []}',
    '{"id": 1}',
    '{ "values": []}',
    "",
  ])("not with %j", (text) => {
    expect(withoutFirstNoise(text, columns)).toMatchObject({ text, isList: false });
  });

  it("after a line that only looks like one", () => {
    for (const noise of ["none[]", "WARNING: none in []", 'WARNING {"value": 1}'])
      expect(quiet(`${noise}\n[{}]`).text, noise).toBe("\n[{}]");
  });

  it("with a line that has the name of a column, in a table", () => {
    for (const head of ["id,extra", "extra, id", "extra,Name", ' "ID" ;x,NAME'])
      expect(quiet(`sep=,\n${head}\n1,2`), head).toEqual({
        ...{ text: `\n${head}\n1,2`, skipped: ["1 line before the list (“sep=,”)"] },
      });
    expect(withoutFirstNoise("id,name\n1,2", columns)).toMatchObject({ skipped: [], isList: false });
  });

  it("near the beginning of a file, or it is not searched for", () => {
    const far = `${"x".repeat(mostCharacters)}\n[{}]`;
    expect(withoutFirstNoise(far, columns)).toEqual({ text: far, skipped: [], isList: false });
    const low = (lines: number) => quiet(`${"x\n".repeat(lines)}[{}]`).skipped;
    expect(low(49)).toEqual(["49 lines before the list (“x”)"]);
    expect(low(50)).toEqual([]);
  });
});

describe("what is before a list", () => {
  it("is shown by its first line, without empty ones", () => {
    expect(quiet(`\n \nnote ${"x".repeat(90)}\n\n[]`).skipped).toEqual([
      `1 line before the list (“note ${"x".repeat(75)}”)`,
    ]);
    expect(quiet("\n\n[]")).toEqual({ text: "\n\n[]", skipped: [] });
  });

  it("is left where it is an error, another object or no text", () => {
    for (const first of ["ERROR: x", "* error: x", "{ }", "note \0"]) {
      const text = `${first}\n[]`;
      expect(withoutFirstNoise(text, columns), first).toEqual({ text, skipped: [], isList: false });
    }
    expect(quiet("no error\n[]").skipped).toHaveLength(1);
  });
});

it("warnings after a list are skipped, and nothing else is", () => {
  expect(quiet("[]\n* warning: x\nWARN\n\n")).toEqual({ text: "[]", skipped: ["2 warnings after the list"] });
  expect(quiet('[{"id":1}]\nwarning: x').skipped).toEqual(["1 warning after the list"]);
  expect(withoutLastNoise({ text: "WARNING: x", skipped: [] })).toEqual({ text: "WARNING: x", skipped: [] });
  for (const text of ["[]\nno warning", "[]\nERROR", "[]\nx"])
    expect(quiet(text)).toEqual({ text, skipped: [] });
  expect(quiet(`[]${"\nwarning".repeat(50)}`).text).toBe("[]");
  expect(quiet(`[]${"\nwarning".repeat(51)}`).text).toBe("[]\nwarning");
});
