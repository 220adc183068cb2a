import { describe, expect, it } from "vitest";
import { patchOperations } from "@/lib/domain/directories/scim-body";
import {
  directoryNamesShape,
  displayNameOf,
  patchUser,
  readUser,
  sameNames,
  type UserState,
} from "@/lib/domain/directories/scim-user";

const fault = (scimType: string) => expect.objectContaining({ status: 400, scimType });
const userName = "ada@contoso.example";

describe("a user as POST and PUT send it", () => {
  it("has what Postern keeps, by names in any case", () => {
    const sent = {
      schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"],
      ...{ UserName: userName, externalID: "e1", displayName: "Ada", active: "False" },
      name: { Formatted: "Ada L", givenName: "Ada", FAMILYNAME: "Lovelace", honorificPrefix: "Countess" },
      emails: [{ value: "other@contoso.example", type: "work", primary: true }],
      "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User": { department: "Engines" },
    };
    expect(readUser(sent, true)).toEqual({
      ...{ userName, externalId: "e1", active: false },
      names: { displayName: "Ada", formatted: "Ada L", givenName: "Ada", familyName: "Lovelace" },
    });
  });

  it("keeps nothing that was not sent, and its state where `active` is not there", () => {
    for (const active of [true, false])
      for (const sent of [
        { userName },
        { userName, active: null, name: null, displayName: "", externalId: "" },
      ])
        expect(readUser(sent, active)).toEqual({ userName, externalId: null, names: {}, active });
    expect(readUser({ userName, active: true }, false).active).toBe(true);
    expect(readUser({ userName, name: { givenName: "", familyName: null } }, true).names).toEqual({});
  });

  it.each([
    [{}, "invalidValue"],
    [{ userName: "" }, "invalidValue"],
    [{ userName: 1 }, "invalidValue"],
    [{ userName, active: "maybe" }, "invalidValue"],
    [{ userName, externalId: 1 }, "invalidValue"],
    [{ userName, displayName: "A\u202eB" }, "invalidValue"],
    [{ userName, name: { givenName: "A\u202eB" } }, "invalidValue"],
    [{ userName, name: "Ada" }, "invalidSyntax"],
    [{ userName, name: ["Ada"] }, "invalidSyntax"],
    ["Ada", "invalidSyntax"],
  ])("is not %j", (sent, scimType) => {
    expect(() => readUser(sent, true)).toThrow(fault(scimType));
  });
});

describe("a PATCH of a user", () => {
  const before: UserState = {
    ...{ userName, externalId: "e1", active: true },
    names: { displayName: "Ada", formatted: "Ada L", givenName: "Ada", familyName: "Lovelace" },
  };
  const patch = (...Operations: readonly object[]) => patchUser(before, patchOperations({ Operations }));
  const replace = (path: string, value: unknown) => patch({ op: "replace", path, value });

  it("changes one thing and leaves the rest", () => {
    expect(replace("userName", "countess@contoso.example")).toEqual({
      ...before,
      userName: "countess@contoso.example",
    });
    expect(replace("externalId", "e2")).toEqual({ ...before, externalId: "e2" });
    expect(replace("active", "False")).toEqual({ ...before, active: false });
    expect(replace("displayName", "Countess")).toEqual({
      ...before,
      names: { ...before.names, displayName: "Countess" },
    });
    for (const part of ["formatted", "givenName", "familyName"])
      expect(replace(`name.${part}`, "X")).toEqual({ ...before, names: { ...before.names, [part]: "X" } });
  });

  it("carries out its operations in their order", () => {
    expect(
      patch(
        { op: "replace", path: "active", value: false },
        { op: "add", value: { active: true, displayName: "One" } },
        { op: "replace", path: "displayName", value: "Two" },
      ),
    ).toEqual({ ...before, names: { ...before.names, displayName: "Two" } });
  });

  it("removes what need not be there", () => {
    expect(patch({ op: "remove", path: "externalId", value: "e1" }).externalId).toBeNull();
    const { displayName, ...parts } = before.names;
    expect(patch({ op: "remove", path: "displayName" }).names).toEqual(parts);
    expect(patch({ op: "remove", path: "name" }).names).toEqual({ displayName });
    const { familyName, ...others } = before.names;
    expect(patch({ op: "remove", path: "name.familyName", value: familyName }).names).toEqual(others);
    expect(replace("name.familyName", "").names).toEqual(others);
  });

  it("adds parts of a name to those there are, and puts others in place of all (RFC 7644, 3.5.2.1 and 3.5.2.3)", () => {
    const value = { givenName: "Augusta" };
    expect(patch({ op: "add", path: "name", value }).names).toEqual({
      ...before.names,
      givenName: "Augusta",
    });
    expect(replace("name", value).names).toEqual({ displayName: "Ada", givenName: "Augusta" });
    const nameless = patchUser(
      { ...before, names: { givenName: "Ada" } },
      patchOperations({ Operations: [{ op: "replace", path: "name", value: { familyName: "King" } }] }),
    );
    expect(nameless.names).toEqual({ familyName: "King" });
    expect(Object.keys(nameless.names)).toEqual(["familyName"]);
  });

  it("leaves out what Postern does not keep", () => {
    for (const path of [
      ...["title", "emails", 'emails[type eq "work"].value', "name.honorificPrefix", "namex.givenName"],
      ...["userName.value", "name.constructor", "xxxxx.givenName"],
      "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:manager",
    ])
      for (const op of ["add", "replace", "remove"])
        expect(patch({ op, path, value: "x@contoso.example" })).toEqual(before);
  });

  it.each([
    [{ op: "replace", path: "id", value: "x" }, "mutability"],
    [{ op: "add", path: "meta.created", value: "x" }, "mutability"],
    [{ op: "remove", path: "schemas" }, "mutability"],
    [{ op: "add", path: "groups", value: [] }, "mutability"],
    [{ op: "remove", path: 'groups[value eq "x"]' }, "mutability"],
    [{ op: "remove", path: "userName" }, "mutability"],
    [{ op: "replace", path: "userName", value: "" }, "mutability"],
    [{ op: "remove", path: "active" }, "mutability"],
    [{ op: "replace", path: "active", value: null }, "invalidValue"],
    [{ op: "replace", path: "active", value: "maybe" }, "invalidValue"],
    [{ op: "replace", path: "name", value: "Ada" }, "invalidSyntax"],
    [{ op: "replace", path: "displayName", value: "A\u202eB" }, "invalidValue"],
    // A filter chooses among values, and these have one.
    [{ op: "replace", path: 'active[type eq "x"]', value: false }, "invalidPath"],
    [{ op: "replace", path: 'userName[type eq "x"].value', value: "x@contoso.example" }, "invalidPath"],
    [{ op: "remove", path: "externalId[value pr]" }, "invalidPath"],
    [{ op: "remove", path: "displayName[value pr]" }, "invalidPath"],
    [{ op: "remove", path: 'name[type eq "x"]' }, "invalidPath"],
  ])("may not be %j", (operation, scimType) => {
    expect(() => patch(operation)).toThrow(fault(scimType));
  });
});

describe("the name that is shown", () => {
  const shown = (names: UserState["names"]) => displayNameOf({ names, userName });

  it("is what was sent as such, else made of its parts, else the address", () => {
    const [givenName, familyName] = ["Ada", "Lovelace"];
    expect(shown({ displayName: "A", formatted: "B", givenName, familyName })).toBe("A");
    expect(shown({ formatted: "B", givenName, familyName })).toBe("B");
    expect(shown({ givenName, familyName })).toBe("Ada Lovelace");
    expect(shown({ givenName })).toBe("Ada");
    expect(shown({ familyName })).toBe("Lovelace");
    expect(shown({})).toBe(userName);
  });

  it("is the same if all its parts are", () => {
    const names = { displayName: "A", formatted: "B", givenName: "C", familyName: "D" };
    expect(sameNames(names, { familyName: "D", givenName: "C", formatted: "B", displayName: "A" })).toBe(
      true,
    );
    for (const part of Object.keys(names)) {
      expect(sameNames(names, { ...names, [part]: "X" })).toBe(false);
      expect(sameNames({ ...names, [part]: "X" }, names)).toBe(false);
    }
    expect(sameNames({}, { displayName: "A" })).toBe(false);
    expect(sameNames({}, {})).toBe(true);
  });

  it("counts as not sent where what is stored cannot be read", () => {
    expect(directoryNamesShape.parse({ givenName: "Ada", other: 1 })).toEqual({ givenName: "Ada" });
    for (const wrong of [null, "x", { givenName: 1 }]) expect(directoryNamesShape.parse(wrong)).toEqual({});
  });
});
