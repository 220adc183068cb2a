import fc from "fast-check";
import { entraUser, patchOf } from "./directories";

/** The subjects of the requests. The lists may change; their contents count at the time when a request is made. */
export interface ScimGround {
  readonly users: readonly string[];
  readonly groups: readonly string[];
  /** Somebody of another directory. */
  readonly foreign: () => string;
}

/** A malformed or nearly malformed request to the SCIM service. */
export interface OddScimRequest {
  readonly method: string;
  readonly place: string;
  readonly parameters: [string, string][];
  readonly text: string;
  readonly version: string | null;
}

/** Text that an address can hold. */
export const wellFormed = (text: string) => Buffer.from(text).toString("utf8");
/** Requests that no directory sends, and requests of directories with one malformed part. */
export function oddScimRequests({ users, groups, foreign }: ScimGround): fc.Arbitrary<OddScimRequest> {
  const pick = (list: readonly string[]) => fc.nat(list.length - 1).map((place) => list[place] ?? "");
  const lazily = (list: readonly string[]) => fc.nat(2).map((place) => list[place] ?? "");
  const odd = fc.oneof(
    fc.string({ unit: "binary", maxLength: 40 }),
    fc.string({ maxLength: 40 }),
    fc.constantFrom(
      ...[
        "\u0000",
        "\ud800",
        "\u202e",
        "'; DROP TABLE principals; --",
        "%",
        "\\",
        "__proto__",
        "constructor",
        "$ref",
      ],
      ...["a".repeat(3_000), "False", "bulkId:x", "null", "-1", "1e999", "\u{10ffff}", "a@contoso.example"],
    ),
  );
  const id = fc.oneof(
    lazily(users),
    lazily(groups),
    fc.uuid(),
    odd,
    fc.constant("").map(() => foreign()),
  );
  const attribute = fc.oneof(
    pick([
      ...[
        "userName",
        "externalId",
        "displayName",
        "active",
        "name",
        "name.familyName",
        "name.formatted",
        "emails",
      ],
      ...[
        "members",
        "members.value",
        "id",
        "meta",
        "meta.created",
        "schemas",
        "groups",
        "password",
        "emails.value",
      ],
      "urn:ietf:params:scim:schemas:core:2.0:User:userName",
    ]),
    odd,
  );
  const value: fc.Arbitrary<unknown> = fc.oneof(
    odd,
    fc.boolean(),
    fc.double(),
    fc.constant(null),
    fc.constantFrom("2026-01-01T00:00:00Z", "+275760-09-13T00:00:00Z", "0000-00-00"),
    fc.jsonValue({ maxDepth: 3 }),
    id.map((member) => [{ value: member }]),
  );
  const operator = fc.constantFrom(
    "eq",
    "ne",
    "co",
    "sw",
    "ew",
    "gt",
    "ge",
    "lt",
    "le",
    "pr",
    "EQ",
    "has",
    "",
  );
  const term = fc
    .tuple(attribute, operator, value)
    .map(([name, op, wanted]) => `${name} ${op} ${JSON.stringify(wanted) ?? ""}`);
  const filter = fc.oneof(
    term,
    odd,
    fc.array(term, { minLength: 2, maxLength: 5 }).map((terms) => terms.join(" and ")),
    fc.array(term, { minLength: 2, maxLength: 5 }).map((terms) => `not (${terms.join(" OR ")})`),
    fc.tuple(attribute, term).map(([name, inner]) => `${name}[${inner}]`),
  );
  const operation = fc.record(
    {
      op: fc.oneof(fc.constantFrom("add", "Replace", "REMOVE"), odd),
      path: fc.oneof(
        attribute,
        filter,
        fc.tuple(attribute, term).map(([name, inner]) => `${name}[${inner}].value`),
      ),
      value: fc.oneof(value, fc.dictionary(attribute, value, { maxKeys: 4 })),
    },
    { requiredKeys: ["op"] },
  );
  /** What a directory would send, often with one malformed part. */
  const likely = fc.oneof(
    fc
      .tuple(
        fc.option(attribute, { nil: "active" }),
        fc.oneof(fc.constantFrom<unknown>(true, "False", "Ada"), value),
      )
      .map(([path, each]) => patchOf({ op: "Replace", path, value: each })),
    fc
      .tuple(fc.constantFrom("Add", "remove"), lazily(users))
      .map(([op, each]) => patchOf({ op, path: "members", value: [{ value: each }] })),
    lazily(users).map((each) => patchOf({ op: "Remove", path: `members[value eq "${each}"]` })),
    fc.tuple(attribute, value).map(([name, each]) => entraUser(name.length < 20 ? { [name]: each } : {})),
    fc
      .tuple(fc.string({ minLength: 1, maxLength: 30 }), fc.array(lazily(users), { maxLength: 3 }))
      .map(([displayName, members]) => ({ displayName, members: members.map((each) => ({ value: each })) })),
    fc.array(fc.tuple(fc.constantFrom("PATCH", "PUT", "POST"), id, value), { maxLength: 4 }).map((each) => ({
      Operations: each.map(([method, target, data], place) => ({
        ...{ method, bulkId: `b${place}`, data: place % 2 === 0 ? entraUser() : data },
        path: method === "POST" ? "/Users" : `/Users/${target}`,
      })),
    })),
  );
  const body = fc.oneof(
    { weight: 8, arbitrary: likely },
    fc.array(operation, { maxLength: 4 }).map((operations) => patchOf(...operations)),
    fc.dictionary(attribute, value, { maxKeys: 8 }),
    fc.record(
      { userName: value, externalId: value, active: value, name: value, displayName: value, members: value },
      { requiredKeys: [] },
    ),
    fc
      .array(fc.record({ method: odd, path: id.map((each) => `/Users/${each}`), bulkId: odd, data: value }), {
        maxLength: 3,
      })
      .map((Operations) => ({ Operations, failOnErrors: 1 })),
    value,
  );
  const json = (each: unknown) => JSON.stringify(each) ?? "undefined";
  const text = fc.oneof({ weight: 8, arbitrary: body.map(json) }, odd, fc.constant('{"a":'));
  const parameter = fc.tuple(
    fc.oneof(
      fc.constantFrom(
        "filter",
        "sortBy",
        "sortOrder",
        "startIndex",
        "count",
        "cursor",
        "attributes",
        "excludedAttributes",
      ),
      odd,
    ),
    fc.oneof(filter, attribute, odd),
  );
  const spoilt = fc.tuple(attribute, value).map(([name, each]) => (name.length < 20 ? { [name]: each } : {}));
  /** Requests as a directory sends them, with one part that may be malformed. */
  const fitting = fc
    .oneof(
      spoilt.map((part) => ["POST", "/Users", entraUser(part)] as const),
      fc.tuple(fc.uuid(), spoilt, fc.array(lazily(users), { maxLength: 3 })).map(([name, part, ids]) => {
        const members = ids.map((each) => ({ value: each }));
        return ["POST", "/Groups", { displayName: name, members, ...part }] as const;
      }),
      fc
        .tuple(lazily(users), spoilt)
        .map(([each, part]) => ["PUT", `/Users/${each}`, entraUser(part)] as const),
      fc
        .tuple(lazily(users), fc.array(operation, { minLength: 1, maxLength: 2 }))
        .map(([each, some]) => ["PATCH", `/Users/${each}`, patchOf(...some)] as const),
      fc
        .tuple(
          lazily(users),
          fc.boolean(),
          fc.constantFrom("displayName", "name.givenName", "externalId"),
          odd,
        )
        .map(([each, active, path, text]) => {
          const operations = [
            { op: "Replace", value: { active: String(active) } },
            { op: "add", path, value: text },
          ];
          return ["PATCH", `/Users/${each}`, patchOf(...operations)] as const;
        }),
      fc
        .tuple(
          lazily(groups),
          fc.constantFrom("Add", "Remove", "replace"),
          fc.array(lazily(users), { maxLength: 3 }),
        )
        .map(([group, op, ids]) => {
          const members = ids.map((each) => ({ value: each }));
          return ["PATCH", `/Groups/${group}`, patchOf({ op, path: "members", value: members })] as const;
        }),
    )
    .map(([method, place, sent]) => ({
      method,
      place,
      parameters: [] as [string, string][],
      text: json(sent),
      version: null,
    }));
  const wild = fc.record({
    method: fc.oneof(
      { weight: 9, arbitrary: fc.constantFrom("GET", "POST", "PUT", "PATCH", "PATCH") },
      fc.constantFrom("DELETE", "HEAD", "OPTIONS"),
    ),
    place: fc.oneof(
      {
        weight: 4,
        arbitrary: fc.constantFrom("/Users", "/Groups", "/Bulk", "/Users/.search", "/groups/.search"),
      },
      { weight: 4, arbitrary: lazily(groups).map((each) => `/Groups/${each}`) },
      { weight: 4, arbitrary: lazily(users).map((each) => `/Users/${each}`) },
      fc.constantFrom("/Schemas", "/Me", "/ServiceProviderConfig", "/ResourceTypes", ""),
      id.map((each) => `/Users/${encodeURIComponent(wellFormed(each))}`),
      id.map((each) => `/Groups/${encodeURIComponent(wellFormed(each))}`),
      odd.map((each) => `/${encodeURIComponent(wellFormed(each))}`),
    ),
    parameters: fc.array(parameter, { maxLength: 3 }),
    text,
    version: fc.option(fc.constantFrom('W/"0"', '"1"', "*", "x", 'W/"99999999999"'), { nil: null, freq: 6 }),
  });

  return fc.oneof(fitting, wild);
}
