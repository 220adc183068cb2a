import fc from "fast-check";
import { describe, expect, it } from "vitest";
import { attributePath, type Filter, parseFilter, parsePath } from "@/lib/domain/directories/scim-filter";

/** A filter in words, every operation in brackets, so that precedence can be read. */
function read(filter: Filter): string {
  switch (filter.op) {
    case "and":
    case "or":
      return `(${filter.filters.map(read).join(` ${filter.op} `)})`;
    case "not":
      return `not ${read(filter.filter)}`;
    case "pr":
      return `${filter.path} pr`;
    case "has":
      return `${filter.path}[${read(filter.filter)}]`;
    default:
      return `${filter.path} ${filter.op} ${JSON.stringify(filter.value)}`;
  }
}

const parsed = (text: string) => read(parseFilter(text));

describe("a filter (RFC 7644, section 3.4.2.2)", () => {
  it.each([
    ['userName eq "bjensen"', 'username eq "bjensen"'],
    ['USERNAME Eq "bJensen"', 'username eq "bJensen"'],
    ["title pr", "title pr"],
    ["title PR", "title pr"],
    ['meta.lastModified gt "2011-05-13T04:42:34Z"', 'meta.lastmodified gt "2011-05-13T04:42:34Z"'],
    ['userName sw "J"', 'username sw "J"'],
    ['a ne "1"', 'a ne "1"'],
    ['a co "1"', 'a co "1"'],
    ['a ew "1"', 'a ew "1"'],
    ['a ge "1"', 'a ge "1"'],
    ['a lt "1"', 'a lt "1"'],
    ['a le "1"', 'a le "1"'],
    ["active eq true", "active eq true"],
    ["active eq False", "active eq false"],
    ["externalId eq null", "externalid eq null"],
    ["a eq 1", "a eq 1"],
    ["a eq -12.5e+3", "a eq -12500"],
    ["a eq 2E2", "a eq 200"],
    ["a-b_c9 pr", "a-b_c9 pr"],
    ["members.$ref pr", "members.$ref pr"],
    ['  a\teq\n"1" ', 'a eq "1"'],
  ])("reads %s", (text, expected) => {
    expect(parsed(text)).toBe(expected);
  });

  it("binds “not” before “and”, and “and” before “or”, but for brackets", () => {
    expect(parsed("a pr or b pr and c pr")).toBe("(a pr or (b pr and c pr))");
    expect(parsed("a pr and b pr or c pr")).toBe("((a pr and b pr) or c pr)");
    expect(parsed("a pr and (b pr or c pr)")).toBe("(a pr and (b pr or c pr))");
    expect(parsed("not (a pr) and b pr")).toBe("(not a pr and b pr)");
    expect(parsed("NOT(a pr OR b pr) AND c pr")).toBe("(not (a pr or b pr) and c pr)");
    expect(parsed("a pr and b pr and c pr")).toBe("(a pr and b pr and c pr)");
    expect(parsed("a pr or b pr or c pr")).toBe("(a pr or b pr or c pr)");
    expect(parsed("((a pr))")).toBe("a pr");
  });

  it("may ask for values of an attribute that meet a filter together", () => {
    expect(parsed('userType eq "Employee" and emails[type eq "work" and value co "@x"]')).toBe(
      '(usertype eq "Employee" and emails[(type eq "work" and value co "@x")])',
    );
    expect(parsed('emails[type eq "work"] or ims[not (type pr)]')).toBe(
      '(emails[type eq "work"] or ims[not type pr])',
    );
  });

  it("has texts as JSON has them", () => {
    expect(parseFilter(String.raw`a eq "\"x\" \\ \u00e9"`)).toMatchObject({ value: '"x" \\ é' });
    expect(parseFilter('a eq "x) or (b pr"')).toMatchObject({ op: "eq", value: "x) or (b pr" });
    expect(parseFilter('a eq ""')).toMatchObject({ value: "" });
    fc.assert(
      fc.property(fc.string({ unit: "binary", maxLength: 40 }), (value) => {
        const text = `not (a eq ${JSON.stringify(value)})`;
        expect(parseFilter(text)).toEqual({ op: "not", filter: { op: "eq", path: "a", value } });
      }),
    );
  });

  it("reads every filter back that can be written", () => {
    const path = fc.constantFrom("username", "name.familyname", "emails", "not-this", "order", "andy");
    const value = fc.oneof(
      fc.string({ maxLength: 6 }),
      fc.boolean(),
      fc.constant(null),
      fc.integer({ min: -999, max: 999 }),
    );
    const term = fc.oneof(
      path.map((each): Filter => ({ op: "pr", path: each })),
      fc.record({
        op: fc.constantFrom("eq", "ne", "co", "sw", "ew", "gt", "ge", "lt", "le"),
        path,
        value,
      }),
    );
    const around = (inner: fc.Arbitrary<Filter>): fc.Arbitrary<Filter> =>
      fc.oneof(
        inner,
        fc.record({
          op: fc.constantFrom("and", "or"),
          filters: fc.array(inner, { minLength: 2, maxLength: 3 }),
        }),
        inner.map((filter): Filter => ({ op: "not", filter })),
        fc.tuple(path, inner).map(([each, filter]): Filter => ({ op: "has", path: each, filter })),
      );
    const any = around(around(around(term)));
    /** As a person writes it: brackets around each expression that joins several, and after “not”. */
    const written = (filter: Filter): string => {
      const inner = (each: Filter) =>
        each.op === "and" || each.op === "or" ? `(${written(each)})` : written(each);
      if (filter.op === "and" || filter.op === "or") return filter.filters.map(inner).join(` ${filter.op} `);
      if (filter.op === "not") return `not (${written(filter.filter)})`;
      if (filter.op === "has") return `${filter.path}[${written(filter.filter)}]`;
      return read(filter);
    };
    fc.assert(fc.property(any, (filter) => void expect(parseFilter(written(filter))).toEqual(filter)));
  });

  it.each([
    "",
    " ",
    "userName",
    "userName eq",
    "eq",
    '"userName" eq "a"',
    '1 eq "a"',
    "userName eq a",
    "userName eq constructor",
    "userName eq (a pr)",
    'userName eq "a',
    'userName eq "\\x"',
    "userName eq 'a'",
    'userName xx "a"',
    "a eq 1x",
    "a eq 1.2.3",
    "a eq 1-2",
    "a pr b pr",
    "a pr and",
    "and a pr",
    "a pr or or b pr",
    "a pr)",
    "(a pr",
    "()",
    "not a pr",
    "not (a pr",
    "a[b pr",
    "a[b pr)",
    "(a pr]",
    "a[]",
    "a pr]",
    "a; pr",
    "a pr  ;",
  ])("is not %j", (text) => {
    expect(() => parseFilter(text)).toThrow(
      expect.objectContaining({ status: 400, scimType: "invalidFilter" }),
    );
  });

  it("is refused when it is too long, too deep or has too many terms, and not before", () => {
    const terms = (count: number) => Array(count).fill("a pr").join(" or ");
    expect(parseFilter(terms(100))).toMatchObject({ op: "or", filters: { length: 100 } });
    expect(() => parseFilter(terms(101))).toThrow(/at most 100 terms/);
    const nested = (count: number) => `${"(".repeat(count)}a pr${")".repeat(count)}`;
    expect(parsed(nested(20))).toBe("a pr");
    expect(() => parseFilter(nested(21))).toThrow(/too deep/);
    const deep = (count: number) => `${"a[".repeat(count)}a pr${"]".repeat(count)}`;
    expect(() => parseFilter(deep(21))).toThrow(/too deep/);
    const long = (length: number) => `a eq "${"x".repeat(length - 7)}"`;
    expect(parseFilter(long(4_000))).toMatchObject({ op: "eq" });
    expect(() => parseFilter(long(4_001))).toThrow(/at most 4000 characters/);
  });

  it("says where it is not understood", () => {
    expect(() => parseFilter("a pr ; b")).toThrow(
      "The filter cannot be read. It is not understood from character 6 on.",
    );
    expect(() => parseFilter("a pr and (b pr")).toThrow("A “)” is missing.");
  });
});

describe("a name of an attribute", () => {
  it("has the schema of the resource before it, or not, in any case (RFC 7644, section 3.10)", () => {
    for (const type of ["User", "Group"])
      expect(attributePath(`urn:ietf:params:scim:schemas:core:2.0:${type}:displayName`)).toBe("displayname");
    expect(attributePath("URN:IETF:params:scim:schemas:core:2.0:User:Name.FamilyName")).toBe(
      "name.familyname",
    );
    expect(parsed("urn:ietf:params:scim:schemas:core:2.0:User:active eq true")).toBe("active eq true");
  });

  it("keeps any other schema", () => {
    const enterprise = "urn:ietf:params:scim:schemas:extension:enterprise:2.0:User:department";
    expect(attributePath(enterprise)).toBe(enterprise.toLowerCase());
    expect(attributePath("urn:ietf:params:scim:schemas:core:2x0:User:active")).toContain("urn:");
    expect(attributePath("x:urn:ietf:params:scim:schemas:core:2.0:User:active")).toContain("urn:");
  });
});

describe("the path of a PATCH (RFC 7644, section 3.5.2)", () => {
  it.each([
    ["members", { path: "members", filter: null, sub: null }],
    ["name.familyName", { path: "name.familyname", filter: null, sub: null }],
    ["urn:ietf:params:scim:schemas:core:2.0:User:active", { path: "active", filter: null, sub: null }],
    [
      'members[value eq "2819c223"]',
      { path: "members", filter: { op: "eq", path: "value", value: "2819c223" }, sub: null },
    ],
    [
      'emails[type eq "work"].Value',
      { path: "emails", filter: { op: "eq", path: "type", value: "work" }, sub: "value" },
    ],
  ])("is %s", (text, expected) => {
    expect(parsePath(text)).toEqual(expected);
  });

  it("may join several terms in its filter", () => {
    const { filter } = parsePath(
      'addresses[type eq "work" and (primary eq true or not (country pr))].street',
    );
    expect(filter && read(filter)).toBe('(type eq "work" and (primary eq true or not country pr))');
  });

  it.each([
    "",
    " ",
    '"members"',
    ".members",
    "a b",
    "members[",
    "members[]",
    "members]",
    'members[value eq "x"',
    'members[value eq "x")',
    'members[value eq "x"] value',
    'members[value eq "x"].value more',
    'members[value eq "x"]."value"',
    'members[value eq "x"][value eq "y"]',
    'members[value eq "x"].',
    "members;",
    `${"x".repeat(4_001)}`,
  ])("is not %j", (text) => {
    expect(() => parsePath(text)).toThrow(expect.objectContaining({ status: 400, scimType: "invalidPath" }));
  });
});
