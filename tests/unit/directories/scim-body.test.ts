import { describe, expect, it } from "vitest";
import { isDriftKind } from "@/lib/domain/directories/directory";
import { bodyOf, patchOperations, readName, readText, readTruth } from "@/lib/domain/directories/scim-body";
import { badRequest, errorBody, ScimFault } from "@/lib/domain/directories/scim-fault";

const fault = (scimType: string) => expect.objectContaining({ status: 400, scimType });
const whole = (path: string) => ({ path, filter: null, sub: null });

describe("a body", () => {
  it("is a JSON object whose names have no case (RFC 7643, section 2.1)", () => {
    const body = bodyOf({ UserName: "ada", "urn:ietf:params:scim:schemas:core:2.0:User:Active": true });
    expect([...body]).toEqual([
      ["username", "ada"],
      ["active", true],
    ]);
    for (const wrong of [null, undefined, [], "x", 1, true])
      expect(() => bodyOf(wrong)).toThrow(fault("invalidSyntax"));
    expect(() => bodyOf([])).toThrow("The body is not a JSON object.");
    expect(() => bodyOf([], "A member")).toThrow("A member is not a JSON object.");
  });
});

describe("a PATCH (RFC 7644, section 3.5.2)", () => {
  it("has operations with paths, in their order", () => {
    const operations = patchOperations({
      Operations: [
        { op: "add", path: "displayName", value: "A" },
        { op: "replace", path: 'emails[type eq "work"].value', value: "a@x.example" },
        { op: "remove", path: "name.familyName" },
      ],
    });
    expect(operations).toEqual([
      { op: "add", target: whole("displayname"), value: "A" },
      {
        op: "replace",
        target: { path: "emails", filter: { op: "eq", path: "type", value: "work" }, sub: "value" },
        value: "a@x.example",
      },
      { op: "remove", target: whole("name.familyname"), value: undefined },
    ]);
  });

  it("is read as Entra ID sends it: names and verbs in any case", () => {
    const sent = { operations: [{ OP: "Replace", Path: "active", Value: "False" }] };
    expect(patchOperations(sent)).toEqual([{ op: "replace", target: whole("active"), value: "False" }]);
  });

  it("is read as Okta sends it: several attributes in place of a path, whose names may be paths", () => {
    for (const path of [undefined, null, ""]) {
      const value = { active: false, "name.givenName": "Ada" };
      expect(patchOperations({ Operations: [{ op: "replace", path, value }] })).toEqual([
        { op: "replace", target: whole("active"), value: false },
        { op: "replace", target: whole("name.givenname"), value: "Ada" },
      ]);
    }
    expect(patchOperations({ Operations: [{ op: "add", value: {} }] })).toEqual([]);
  });

  it("removes nothing without a path", () => {
    expect(() => patchOperations({ Operations: [{ op: "remove" }] })).toThrow(fault("noTarget"));
    const value = { active: true };
    expect(() => patchOperations({ Operations: [{ op: "Remove", path: "", value }] })).toThrow(
      fault("noTarget"),
    );
  });

  it.each([
    [{}, "invalidSyntax"],
    [{ Operations: [] }, "invalidSyntax"],
    [{ Operations: { op: "add" } }, "invalidSyntax"],
    [{ Operations: ["add"] }, "invalidSyntax"],
    [{ Operations: [{ path: "active", value: true }] }, "invalidSyntax"],
    [{ Operations: [{ op: 1, path: "active", value: true }] }, "invalidSyntax"],
    [{ Operations: [{ op: "added", path: "active", value: true }] }, "invalidSyntax"],
    [{ Operations: [{ op: "replace", path: 7, value: true }] }, "invalidPath"],
    [{ Operations: [{ op: "replace", path: "a b", value: true }] }, "invalidPath"],
    [{ Operations: [{ op: "replace", value: { "a b": true } }] }, "invalidPath"],
    [{ Operations: [{ op: "replace", value: 7 }] }, "invalidSyntax"],
    [{ Operations: [{ op: "replace" }] }, "invalidSyntax"],
  ])("is not %j", (body, scimType) => {
    expect(() => patchOperations(body)).toThrow(fault(scimType));
  });

  it("has at most a thousand operations", () => {
    const of = (count: number) => ({ Operations: Array(count).fill({ op: "remove", path: "title" }) });
    expect(patchOperations(of(1_000))).toHaveLength(1_000);
    expect(() => patchOperations(of(1_001))).toThrow(fault("tooMany"));
  });
});

describe("a text", () => {
  it("is unassigned where it is null, empty or not there (RFC 7643, section 2.5)", () => {
    for (const nothing of [undefined, null, "", [""], [null], [{ value: null }], [{ value: "" }]])
      expect(readText(nothing, "x")).toBeNull();
  });

  it("may be wrapped in a list of one, as Entra ID does", () => {
    expect(readText("a", "x")).toBe("a");
    expect(readText(["a"], "x")).toBe("a");
    expect(readText([{ value: "a" }], "x")).toBe("a");
    expect(readText([{ Value: "a", value: "b" }], "x")).toBe("b");
  });

  it.each([[1], [true], [{}], [{ value: "a" }], [[]], [["a", "b"]], [[{ other: "a" }]], [[["a"]]], [[[]]]])(
    "is not %j",
    (value) => {
      expect(() => readText(value, "externalId")).toThrow(fault("invalidValue"));
      expect(() => readText(value, "externalId")).toThrow("“externalId” must be a text.");
    },
  );

  it("has at most so many characters, all of which can be stored", () => {
    expect(readText("x".repeat(1_000), "x")).toHaveLength(1_000);
    expect(() => readText("x".repeat(1_001), "x")).toThrow("at most 1000 characters");
    expect(readText("x".repeat(5), "x", 5)).toBe("xxxxx");
    expect(() => readText("x".repeat(6), "x", 5)).toThrow(fault("invalidValue"));
    for (const wrong of ["a\0", "\ud800", "a\udc00b"])
      expect(() => readText(wrong, "x")).toThrow(fault("invalidValue"));
    expect(readText("😀", "x")).toBe("😀");
  });

  it("that is a name is one as in forms", () => {
    expect(readName("Ada", "displayName")).toBe("Ada");
    expect(readName("", "displayName")).toBeNull();
    expect(readName("x".repeat(256), "displayName")).toHaveLength(256);
    expect(() => readName("x".repeat(257), "displayName")).toThrow(fault("invalidValue"));
    expect(() => readName("A\u202eB", "displayName")).toThrow(fault("invalidValue"));
    expect(() => readName("A\u202eB", "name.givenName")).toThrow(/^name\.givenName: Leave out /);
  });
});

describe("a truth", () => {
  it("is true or false, or the text that Entra ID sends, also in a list of one", () => {
    for (const yes of [true, "True", "true", "TRUE", [true], [{ value: "True" }]])
      expect(readTruth(yes, "active")).toBe(true);
    for (const no of [false, "False", "false", [false], [{ value: "False" }]])
      expect(readTruth(no, "active")).toBe(false);
  });

  it.each([
    ["yes"],
    ["untrue"],
    ["true!"],
    ["falsely"],
    ["a false"],
    [""],
    [1],
    [0],
    [null],
    [undefined],
    [[]],
    [{}],
  ])("is not %j", (value) => {
    expect(() => readTruth(value, "active")).toThrow(fault("invalidValue"));
  });
});

describe("an error (RFC 7644, section 3.12)", () => {
  it("has the status as a text, and a type where there is one", () => {
    const schemas = ["urn:ietf:params:scim:api:messages:2.0:Error"];
    expect(errorBody(400, "invalidFilter", "Why.")).toEqual({
      ...{ schemas, status: "400", scimType: "invalidFilter", detail: "Why." },
    });
    expect(errorBody(404, null, "None.")).toEqual({ schemas, status: "404", detail: "None." });
  });

  it("of the request itself is 400", () => {
    const thrown = badRequest("noTarget", "Why.");
    expect(thrown).toBeInstanceOf(ScimFault);
    expect(thrown).toMatchObject({ status: 400, scimType: "noTarget", message: "Why." });
  });
});

it("knows the kinds of what a directory says and Postern does not, and no name that every object has", () => {
  expect(isDriftKind("NameTaken")).toBe(true);
  expect(isDriftKind("nametaken")).toBe(false);
  expect(isDriftKind("constructor")).toBe(false);
});
