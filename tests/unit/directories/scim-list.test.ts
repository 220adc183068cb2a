import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { type Cursor, listQuery, writeCursor } from "@/lib/domain/directories/scim-list";

const asked = (of: Readonly<Record<string, unknown>> = {}) => listQuery(new Map(Object.entries(of)));
const fault = (scimType: string) => expect.objectContaining({ status: 400, scimType });

describe("a list", () => {
  it("has a hundred from the first, everything of each, where nothing is asked for", () => {
    expect(asked()).toEqual({
      ...{ filter: null, sortBy: null, descending: false, count: 100 },
      start: { by: "index", startIndex: 1 },
      attributes: { only: null, without: [] },
    });
  });

  it("has a page of at most two hundred; fewer than none is none (RFC 7644, section 3.4.2.4)", () => {
    for (const [count, has] of [
      ["50", 50],
      [50, 50],
      [" 7 ", 7],
      ["200", 200],
      ["201", 200],
      ["0", 0],
      ["-1", 0],
      ["", 100],
      [null, 100],
    ] as const)
      expect(asked({ count }).count).toBe(has);
  });

  it("begins at an index from one; a smaller one is one", () => {
    for (const [startindex, at] of [
      ["5", 5],
      [5, 5],
      ["0", 1],
      ["-3", 1],
      ["", 1],
      ["99999999", 10_000_000],
    ] as const)
      expect(asked({ startindex }).start).toEqual({ by: "index", startIndex: at });
  });

  it.each(["x", "1.5", 1.5, "1e2", "0x10", "  ", true, [], ["5"], {}, "9".repeat(400)])(
    "has no count and no start of %j",
    (wrong) => {
      expect(() => asked({ count: wrong })).toThrow(fault("invalidValue"));
      expect(() => asked({ startindex: wrong })).toThrow(fault("invalidValue"));
    },
  );

  it("is sorted up or down, by names in any case", () => {
    const sortby = "urn:ietf:params:scim:schemas:core:2.0:User:userName";
    expect(asked({ sortby, sortorder: "Descending" })).toMatchObject({
      sortBy: "username",
      descending: true,
    });
    expect(asked({ sortby: "id", sortorder: "ascending" })).toMatchObject({
      sortBy: "id",
      descending: false,
    });
    for (const nothing of ["", null, undefined])
      expect(asked({ sortby: nothing, sortorder: nothing })).toMatchObject({
        sortBy: null,
        descending: false,
      });
    for (const sortorder of ["down", "xdescending", "ascendingly", 1, true])
      expect(() => asked({ sortorder })).toThrow(fault("invalidValue"));
    expect(() => asked({ sortby: 1 })).toThrow(fault("invalidValue"));
  });

  it("is filtered, and never whole because its filter cannot be read", () => {
    expect(asked({ filter: "active pr" }).filter).toEqual({ op: "pr", path: "active" });
    for (const nothing of ["", "  ", null, undefined]) expect(asked({ filter: nothing }).filter).toBeNull();
    for (const filter of [1, true, ["active pr"], { op: "pr" }, "active"])
      expect(() => asked({ filter })).toThrow(fault("invalidFilter"));
  });

  it("has the attributes that are named, or all but some (RFC 7644, section 3.9)", () => {
    expect(asked({ attributes: "userName, name.familyName,," }).attributes).toEqual({
      ...{ only: ["username", "name.familyname"], without: [] },
    });
    expect(asked({ attributes: ["userName"], excludedattributes: ["members"] }).attributes).toEqual({
      ...{ only: ["username"], without: ["members"] },
    });
    expect(asked({ attributes: " , ", excludedattributes: "Members" }).attributes).toEqual({
      ...{ only: null, without: ["members"] },
    });
    expect(asked({ attributes: 5, excludedattributes: null }).attributes).toEqual({
      only: null,
      without: [],
    });
  });
});

describe("a cursor (RFC 9865)", () => {
  const id = "018f0000-0000-7000-8000-00000000abcd";
  const read = (cursor: unknown) => asked({ cursor }).start;

  it("that is empty begins, and none at all means pages by index", () => {
    expect(read("")).toEqual({ by: "cursor", after: null });
    for (const none of [undefined, null]) expect(read(none)).toEqual({ by: "index", startIndex: 1 });
    expect(asked({ cursor: "", startindex: "7" }).start).toEqual({ by: "cursor", after: null });
  });

  it("is read back as it was written, and fits into an address", () => {
    const text = fc.string({ unit: "grapheme", maxLength: 60 }).filter((each) => !each.includes("\0"));
    fc.assert(
      fc.property(text, fc.uuid(), (key, of) => {
        const cursor: Cursor = { key, id: of };
        const written = writeCursor(cursor);
        expect(encodeURIComponent(written)).toBe(written);
        expect(read(written)).toEqual({ by: "cursor", after: cursor });
      }),
    );
  });

  const made = (value: unknown) => Buffer.from(JSON.stringify(value)).toString("base64url");
  it.each([
    ["made up"],
    ["made-up"],
    ["%"],
    [7],
    [["x"]],
    [made({ key: "a", id })],
    [made(["a"])],
    [made(["a", id, 1])],
    [made([1, id])],
    [made(["a", "b"])],
    [made(["a", 1])],
    [made(["a\0b", id])],
    [`${made(["a", id])}=`],
    [`!${made(["a", id])}`],
    [writeCursor({ key: "a".repeat(3_000), id })],
  ])("is not %j", (cursor) => {
    expect(() => read(cursor)).toThrow(fault("invalidCursor"));
  });
});
