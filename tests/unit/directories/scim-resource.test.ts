import { describe, expect, it } from "vitest";
import { etagOf, resourceBody, type StoredResource, selected } from "@/lib/domain/directories/scim-resource";
import { schemaBodies } from "@/lib/domain/directories/scim-schemas";

const base = "https://postern.example/scim/v2";
const user: StoredResource = {
  ...{ id: "u1", type: "User", displayName: "Ada", email: "ada@contoso.example", externalId: "e1" },
  names: { givenName: "Ada", familyName: "Lovelace" },
  ...{ active: true, version: 3, members: null, groups: null },
  createdAt: new Date("2026-01-02T03:04:05.678Z"),
  modifiedAt: new Date("2026-02-03T04:05:06.789Z"),
};
const group: StoredResource = {
  ...{ ...user, id: "g1", type: "Group", displayName: "Admins", email: null, names: {} },
  members: [
    { id: "u1", type: "User", displayName: "Ada" },
    { id: "g2", type: "Group", displayName: "Others" },
  ],
};

describe("a resource (RFC 7643)", () => {
  it("that is a user has its names, its one address and its state", () => {
    expect(resourceBody(user, base)).toEqual({
      ...{ schemas: ["urn:ietf:params:scim:schemas:core:2.0:User"], id: "u1", externalId: "e1" },
      ...{ userName: "ada@contoso.example", displayName: "Ada", active: true },
      name: { formatted: "Ada Lovelace", givenName: "Ada", familyName: "Lovelace" },
      emails: [{ value: "ada@contoso.example", type: "work", primary: true }],
      meta: {
        ...{ resourceType: "User", version: 'W/"3"', location: `${base}/Users/u1` },
        ...{ created: "2026-01-02T03:04:05.678Z", lastModified: "2026-02-03T04:05:06.789Z" },
      },
    });
  });

  it("leaves out what is unassigned, and has a whole name all the same", () => {
    const bare = resourceBody({ ...user, externalId: null, active: false, names: { givenName: "" } }, base);
    expect(bare).not.toHaveProperty("externalId");
    expect(bare).not.toHaveProperty("groups");
    expect(bare).toMatchObject({ active: false });
    expect(Object.keys(bare.name as object)).toEqual(["formatted"]);
    expect(resourceBody({ ...user, names: {} }, base).name).toEqual({ formatted: "ada@contoso.example" });
    const formatted = resourceBody({ ...user, names: { displayName: "Countess", formatted: "Ada L" } }, base);
    expect(formatted.name).toEqual({ formatted: "Ada L" });
  });

  it("that is a user has its groups where they were asked for", () => {
    const groups = [{ id: "g1", type: "Group", displayName: "Admins" }];
    expect(resourceBody({ ...user, groups }, base).groups).toEqual([
      { value: "g1", $ref: `${base}/Groups/g1`, display: "Admins", type: "direct" },
    ]);
    expect(resourceBody({ ...user, groups: [] }, base).groups).toEqual([]);
  });

  it("that is a group has its name and its members, users and groups", () => {
    expect(resourceBody(group, base)).toEqual({
      ...{ schemas: ["urn:ietf:params:scim:schemas:core:2.0:Group"], id: "g1", externalId: "e1" },
      displayName: "Admins",
      members: [
        { value: "u1", $ref: `${base}/Users/u1`, display: "Ada", type: "User" },
        { value: "g2", $ref: `${base}/Groups/g2`, display: "Others", type: "Group" },
      ],
      meta: expect.objectContaining({ resourceType: "Group", location: `${base}/Groups/g1` }),
    });
    expect(resourceBody({ ...group, members: null }, base)).not.toHaveProperty("members");
  });

  it("has its version as a weak tag", () => {
    expect(etagOf({ version: 0 })).toBe('W/"0"');
  });
});

describe("the attributes that were asked for (RFC 7644, section 3.9)", () => {
  const body = resourceBody({ ...user, groups: [{ id: "g1", type: "Group", displayName: "Admins" }] }, base);
  const keys = (only: readonly string[] | null, without: readonly string[] = []) =>
    Object.keys(selected(body, { only, without })).sort();

  it("are all, if nothing is said", () => {
    expect(selected(body, { only: null, without: [] })).toEqual(body);
  });

  it("are those that are named, and always the id and the schemas", () => {
    expect(keys(["username"])).toEqual(["id", "schemas", "userName"]);
    expect(keys(["nothing"])).toEqual(["id", "schemas"]);
    expect(keys(["names"])).toEqual(["id", "schemas"]);
    // Not every name with this prefix.
    expect(keys(["displ"])).toEqual(["id", "schemas"]);
  });

  it("are parts of one, in one value and in several", () => {
    expect(selected(body, { only: ["name.familyname", "emails.value"], without: [] })).toEqual({
      ...{ id: "u1", schemas: body.schemas },
      name: { familyName: "Lovelace" },
      emails: [{ value: "ada@contoso.example" }],
    });
    expect(selected(body, { only: ["name"], without: [] }).name).toEqual(body.name);
  });

  it("are all but those that are excluded, never without the id and the schemas", () => {
    expect(keys(null, ["emails", "id", "schemas", "meta"])).toEqual([
      ...["active", "displayName", "externalId", "groups", "id", "name", "schemas", "userName"],
    ]);
    const without = ["name.formatted", "groups.display", "groups.$ref"];
    expect(selected(body, { only: null, without })).toMatchObject({
      name: { givenName: "Ada", familyName: "Lovelace" },
      groups: [{ value: "g1", type: "direct" }],
    });
    expect(JSON.stringify(selected(body, { only: null, without }))).not.toMatch(/formatted|Admins|\$ref/);
  });
});

describe("a schema (RFC 7643, section 7)", () => {
  interface Attribute {
    readonly name: string;
    readonly type: string;
    readonly multiValued: boolean;
    readonly subAttributes?: readonly Attribute[];
  }
  type Schema = { readonly id: string; readonly attributes: readonly Attribute[] };
  const schemas = schemaBodies(base) as unknown as readonly Schema[];
  const attributesIn = (id: string) => schemas.find((schema) => schema.id === id)?.attributes ?? [];
  const every = schemas.flatMap(({ attributes }) =>
    attributes.flatMap((each) => [each, ...(each.subAttributes ?? [])]),
  );

  it("says where it is", () => {
    expect(schemas).toMatchObject(
      ["User", "Group"].map((name) => ({
        ...{ schemas: ["urn:ietf:params:scim:schemas:core:2.0:Schema"], name },
        id: `urn:ietf:params:scim:schemas:core:2.0:${name}`,
        meta: {
          resourceType: "Schema",
          location: `${base}/Schemas/urn:ietf:params:scim:schemas:core:2.0:${name}`,
        },
      })),
    );
  });

  it.each(every.map((each) => [each.name, each] as const))(
    "says every characteristic of %s",
    (_, attribute) => {
      const { subAttributes = [], ...own } = attribute;
      expect(own).toMatchObject({
        type: expect.stringMatching(/^(string|boolean|complex|reference)$/),
        description: expect.stringMatching(/.\.$/),
        ...{ multiValued: expect.any(Boolean), required: expect.any(Boolean), caseExact: false },
        mutability: expect.stringMatching(/^(readOnly|readWrite|immutable)$/),
        returned: expect.stringMatching(/^(default|request)$/),
        uniqueness: expect.stringMatching(/^(none|server)$/),
      });
      expect(subAttributes.length > 0).toBe(attribute.type === "complex");
      expect("referenceTypes" in own).toBe(attribute.type === "reference");
    },
  );

  it("says what is required, what is changed, and what is answered on request", () => {
    const of = (type: string) =>
      Object.fromEntries(
        attributesIn(`urn:ietf:params:scim:schemas:core:2.0:${type}`).map((each) => [each.name, each]),
      );
    const [people, groups] = [of("User"), of("Group")];
    expect(people.userName).toMatchObject({ required: true, uniqueness: "server", mutability: "readWrite" });
    expect(people.displayName).toMatchObject({ required: false, uniqueness: "none", returned: "default" });
    expect(people.emails).toMatchObject({ multiValued: true, mutability: "readOnly" });
    expect(people.groups).toMatchObject({ multiValued: true, mutability: "readOnly", returned: "request" });
    expect(people.groups?.subAttributes).toMatchObject(Array(4).fill({ mutability: "readOnly" }));
    expect(people.externalId).toMatchObject({ uniqueness: "server", multiValued: false });
    expect(groups.displayName).toMatchObject({ required: true, uniqueness: "server" });
    expect(groups.members).toMatchObject({ multiValued: true, mutability: "readWrite", required: false });
    expect(groups.members?.subAttributes).toMatchObject([
      { name: "value", mutability: "immutable" },
      { name: "$ref", mutability: "immutable", referenceTypes: ["User", "Group"] },
      { name: "type", mutability: "immutable", canonicalValues: ["User", "Group"] },
      { name: "display", mutability: "readOnly" },
    ]);
  });

  it("describes what answers have, no more and no less", () => {
    const names = (list: readonly Attribute[] | undefined) => list?.map(({ name }) => name).sort();
    const full = resourceBody({ ...user, groups: group.members }, base);
    for (const body of [full, resourceBody(group, base)]) {
      // The attributes that every resource has belong to no schema.
      const { schemas: ids, id, meta, ...own } = body;
      const described = attributesIn((ids as string[])[0] ?? "");
      expect(Object.keys(own).sort()).toEqual(names(described));
      for (const { name, multiValued, type, subAttributes } of described) {
        const value = own[name];
        expect(Array.isArray(value)).toBe(multiValued);
        const one = Array.isArray(value) ? value[0] : value;
        expect(typeof one).toBe(type === "complex" ? "object" : type);
        if (type !== "complex") continue;
        const shown = name === "name" ? { ...one, formatted: "" } : one;
        expect(Object.keys(shown).sort()).toEqual(names(subAttributes));
      }
    }
  });
});
