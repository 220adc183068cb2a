import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { patchOperations } from "@/lib/domain/directories/scim-body";
import { type MemberChange, patchGroup, readGroup } from "@/lib/domain/directories/scim-group";

const id = (number: number) => `018f0000-0000-7000-8000-${String(number).padStart(12, "0")}`;
const values = (...numbers: readonly number[]) => numbers.map((number) => ({ value: id(number) }));
const many = (count: number, from = 0) =>
  Array.from({ length: count }, (_, index) => ({ value: id(from + index) }));
const patch = (...Operations: readonly object[]) => patchGroup(patchOperations({ Operations }));
const fault = (scimType: string) => expect.objectContaining({ status: 400, scimType });
const tooMany = expect.objectContaining({ status: 413, scimType: null });
const none = { replaces: false, add: [], remove: [] };

describe("a group as POST and PUT send it", () => {
  it("has a name, and all its members", () => {
    expect(readGroup({ DisplayName: "Admins", externalId: "g1", members: values(1, 2, 1) })).toEqual({
      ...{ displayName: "Admins", externalId: "g1" },
      members: { replaces: true, add: [id(1), id(2)], remove: [] },
    });
  });

  it("has no external id and no members where none are sent", () => {
    for (const members of [undefined, null, []])
      expect(readGroup({ displayName: "Admins", members })).toEqual({
        ...{ displayName: "Admins", externalId: null },
        members: { replaces: true, add: [], remove: [] },
      });
  });

  it("names members by their ids here, in any case, as a list, one alone or as texts", () => {
    const upper = "018F0000-0000-7000-8000-00000000ABCD";
    for (const members of [[{ value: upper }], { Value: upper }, [upper], upper])
      expect(readGroup({ displayName: "A", members }).members.add).toEqual([upper.toLowerCase()]);
  });

  it.each([
    [{}, "invalidValue"],
    [{ displayName: "" }, "invalidValue"],
    [{ displayName: 1 }, "invalidValue"],
    [{ displayName: "A", externalId: {} }, "invalidValue"],
    [{ displayName: "A", members: [{ value: "ada" }] }, "invalidValue"],
    [{ displayName: "A", members: [{ display: "Ada" }] }, "invalidValue"],
    [{ displayName: "A", members: [{ value: 1 }] }, "invalidValue"],
    [{ displayName: "A", members: [1] }, "invalidSyntax"],
    [[], "invalidSyntax"],
  ])("is not %j", (body, scimType) => {
    expect(() => readGroup(body)).toThrow(fault(scimType));
  });

  it("names at most a thousand members", () => {
    expect(readGroup({ displayName: "A", members: many(1_000) }).members.add).toHaveLength(1_000);
    expect(() => readGroup({ displayName: "A", members: many(1_001) })).toThrow(tooMany);
  });
});

describe("a PATCH of a group", () => {
  it("changes what it names, and leaves the rest", () => {
    expect(patch({ op: "replace", path: "displayName", value: "B" })).toEqual({
      displayName: "B",
      members: none,
    });
    expect(patch({ op: "add", path: "externalId", value: "g2" })).toEqual({
      externalId: "g2",
      members: none,
    });
    expect(patch({ op: "remove", path: "externalId", value: "g2" })).toEqual({
      externalId: null,
      members: none,
    });
    expect(
      patch(
        { op: "replace", path: "displayName", value: "B" },
        { op: "replace", path: "displayName", value: "C" },
      ),
    ).toMatchObject({ displayName: "C" });
  });

  it("leaves out what is not kept of a group", () => {
    expect(patch({ op: "add", path: "description", value: "x" })).toEqual({ members: none });
  });

  it("is read as Okta sends it, with the id of the group beside its name", () => {
    const value = { id: id(9), schemas: ["x"], displayName: "B" };
    expect(patch({ op: "replace", value })).toEqual({ displayName: "B", members: none });
  });

  it.each([
    [{ op: "remove", path: "id" }, "mutability"],
    [{ op: "remove", path: "schemas" }, "mutability"],
    [{ op: "replace", path: "meta", value: {} }, "mutability"],
    [{ op: "remove", path: "meta" }, "mutability"],
    // RFC 7644, section 3.5.2.2: a required attribute that becomes unassigned.
    [{ op: "remove", path: "displayName", value: "A" }, "mutability"],
    [{ op: "replace", path: "displayName", value: "" }, "mutability"],
    [{ op: "replace", path: 'displayName[type eq "x"]', value: "B" }, "invalidPath"],
    [{ op: "remove", path: 'externalId[type eq "x"]' }, "invalidPath"],
    [{ op: "replace", path: 'members[value eq "x"].display', value: "B" }, "mutability"],
    [{ op: "add", path: `members[value eq "${id(1)}"]`, value: values(1) }, "invalidPath"],
    [{ op: "replace", path: `members[value eq "${id(1)}"]`, value: values(1) }, "invalidPath"],
    [{ op: "remove", path: `members[value ne "${id(1)}"]` }, "invalidFilter"],
    [{ op: "remove", path: `members[display eq "${id(1)}"]` }, "invalidFilter"],
    [{ op: "remove", path: `members[value eq "${id(1)}" and value eq "${id(2)}"]` }, "invalidFilter"],
    [{ op: "remove", path: `members[not (value eq "${id(1)}")]` }, "invalidFilter"],
    [{ op: "remove", path: "members[value pr]" }, "invalidFilter"],
    [{ op: "remove", path: 'members[value eq "ada"]' }, "invalidValue"],
    [{ op: "remove", path: "members[value eq 1]" }, "invalidSyntax"],
    [{ op: "add", path: "members", value: [{ value: "ada" }] }, "invalidValue"],
  ])("may not be %j", (operation, scimType) => {
    expect(() => patch(operation)).toThrow(fault(scimType));
  });
});

describe("members in a PATCH (RFC 7644, sections 3.5.2.1 to 3.5.2.3)", () => {
  const members = (...operations: readonly object[]) => patch(...operations).members;

  it("are added beside those there are", () => {
    expect(members({ op: "add", path: "members", value: values(1, 2) })).toEqual({
      ...none,
      add: [id(1), id(2)],
    });
    expect(members({ op: "add", value: { members: values(3) } })).toEqual({ ...none, add: [id(3)] });
    expect(members({ op: "add", path: "members" })).toEqual(none);
  });

  it("are replaced by those that are named", () => {
    expect(members({ op: "replace", path: "members", value: values(1) })).toEqual({
      ...{ replaces: true, add: [id(1)], remove: [] },
    });
  });

  it("are removed by the path, one or several", () => {
    expect(members({ op: "remove", path: `members[value eq "${id(1)}"]` })).toEqual({
      ...none,
      remove: [id(1)],
    });
    const path = `members[value eq "${id(1)}" or (value eq "${id(2)}" or value eq "${id(3)}")]`;
    expect(members({ op: "remove", path })).toEqual({ ...none, remove: [id(1), id(2), id(3)] });
  });

  it("are removed by the value, as Entra ID did before; an empty list removes nobody", () => {
    expect(members({ op: "Remove", path: "members", value: values(1) })).toEqual({
      ...none,
      remove: [id(1)],
    });
    expect(members({ op: "Remove", path: "members", value: [] })).toEqual(none);
  });

  it("are all removed where none is named", () => {
    for (const value of [undefined, null])
      expect(members({ op: "remove", path: "members", value })).toEqual({ ...none, replaces: true });
  });

  it("leave a group as the operations in their order would", () => {
    const few = fc.uniqueArray(fc.nat(5), { maxLength: 4 });
    const operation = fc.oneof(
      fc.tuple(fc.constantFrom("add", "replace", "remove"), few),
      fc.constant(["remove", null] as const),
    );
    const changed = (before: ReadonlySet<string>, { replaces, add, remove }: MemberChange) =>
      new Set([...(replaces ? [] : before)].filter((each) => !remove.includes(each)).concat(add));
    fc.assert(
      fc.property(few, fc.array(operation, { minLength: 1, maxLength: 6 }), (first, operations) => {
        const before = new Set(first.map(id));
        let expected = new Set(before);
        for (const [op, who] of operations) {
          const ids = who?.map(id) ?? null;
          if (op === "add") expected = new Set([...expected, ...(ids ?? [])]);
          else if (op === "replace") expected = new Set(ids);
          else expected = new Set(ids === null ? [] : [...expected].filter((each) => !ids.includes(each)));
        }
        const change = members(
          ...operations.map(([op, who]) => ({
            op,
            path: "members",
            ...(who ? { value: values(...who) } : {}),
          })),
        );
        expect(changed(before, change)).toEqual(expected);
        expect(change.add.filter((each) => change.remove.includes(each))).toEqual([]);
      }),
    );
  });

  it("are a thousand at most to add, and to remove, in all operations together", () => {
    const half = (op: string, from: number) => ({ op, path: "members", value: many(500, from) });
    expect(members(half("add", 0), half("add", 500), half("add", 200)).add).toHaveLength(1_000);
    expect(members(half("remove", 0), half("remove", 500), half("add", 9_000)).remove).toHaveLength(1_000);
    const one = (op: string) => ({ op, path: "members", value: values(5_000) });
    expect(() => members(half("add", 0), half("add", 500), one("add"))).toThrow(tooMany);
    expect(() => members(half("remove", 0), half("remove", 500), one("remove"))).toThrow(tooMany);
    expect(() => members({ op: "replace", path: "members", value: many(1_001) })).toThrow(tooMany);
  });
});
