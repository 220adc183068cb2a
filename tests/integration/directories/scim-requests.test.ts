import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Administration, makeAdministration } from "../../support/administration";
import { entraUser, makeDirectory, patchOf } from "../../support/directories";

let at: Administration;
let directory: Awaited<ReturnType<typeof makeDirectory>>;
const ids: string[] = [];
beforeAll(async () => {
  at = await makeAdministration();
  directory = await makeDirectory(at);
  for (const [familyName, active] of [
    ["Adams", true],
    ["Brown", false],
    ["Clark", true],
    ["Davis", true],
    ["Evans", false],
  ] as const) {
    const user = entraUser({
      name: { familyName, givenName: "Ada" },
      displayName: `Ada ${familyName} 100%`,
      active,
    });
    ids.push((await directory.scim("POST", "/Users", user)).body.id);
  }
});
afterAll(() => at.test.drop());

const list = (parameters: Record<string, string>) =>
  directory.scim("GET", `/Users?${new URLSearchParams(parameters)}`);
const found = async (filter: string) =>
  (await list({ filter })).body.Resources.map(({ displayName }) => displayName.split(" ")[1]).sort();

describe("lists", () => {
  it.each([
    ['name.familyName eq "brown"', ["Brown"]],
    ['displayName sw "ada b" or displayName co "CLARK"', ["Brown", "Clark"]],
    ['displayName ew "100%"', ["Adams", "Brown", "Clark", "Davis", "Evans"]],
    ['displayName co "%s%"', []],
    ["active eq false", ["Brown", "Evans"]],
    ['active eq "True" and not (name.familyName eq "Adams")', ["Clark", "Davis"]],
    ['name.familyName gt "C" and (active eq true)', ["Clark", "Davis"]],
    [
      'urn:ietf:params:scim:schemas:core:2.0:User:name.familyName ne "Adams" AND externalId pr',
      ["Brown", "Clark", "Davis", "Evans"],
    ],
    ['emails[type eq "work" and value eq "nobody@contoso.example"]', []],
    ['meta.created gt "2020-01-01T00:00:00Z" and name.familyName eq "Davis"', ["Davis"]],
    ['id eq "made up"', []],
  ])("are filtered by %s", async (filter, names) => {
    expect(await found(filter)).toEqual(names);
  });

  it.each([
    "userName",
    "userName eq",
    'userName eq "a',
    "userName eq a",
    'userName xx "a"',
    'password eq "a"',
    '(userName eq "a"',
    'userName eq "a")',
    'not userName eq "a"',
    'constructor eq "a"',
    "active gt true",
    'meta.created gt "soon"',
    "userName eq 1",
    `${"(".repeat(50)}userName pr${")".repeat(50)}`,
    Array(200).fill("userName pr").join(" and "),
  ])("are not filtered by %s", async (filter) => {
    expect(await list({ filter })).toMatchObject({ status: 400, body: { scimType: "invalidFilter" } });
  });

  it("have pages by index and by cursor that hold everybody once, sorted either way", async () => {
    const byIndex = [
      ...(await list({ count: "2", startIndex: "1", sortBy: "name.familyName" })).body.Resources,
      ...(await list({ count: "2", startIndex: "3", sortBy: "name.familyName" })).body.Resources,
      ...(await list({ count: "2", startIndex: "5", sortBy: "name.familyName" })).body.Resources,
    ];
    expect(byIndex.map(({ id }) => id)).toEqual(ids);
    for (const sort of [
      { sortBy: "name.familyName", sortOrder: "descending" },
      { sortBy: "active", sortOrder: "ascending" },
      { sortBy: "meta.created", sortOrder: "descending" },
      {},
    ]) {
      const seen: string[] = [];
      let cursor: string | undefined = "";
      while (cursor !== undefined) {
        const page = await list({ count: "2", cursor, ...sort } as Record<string, string>);
        expect(page.status, JSON.stringify(page.body)).toBe(200);
        expect(page.body.totalResults).toBe(5);
        seen.push(...page.body.Resources.map(({ id }) => id));
        cursor = page.body.nextCursor;
      }
      expect([...seen].sort(), JSON.stringify(sort)).toEqual([...ids].sort());
      if (sort.sortBy === "name.familyName") expect(seen).toEqual([...ids].reverse());
    }
    expect((await list({ cursor: "made-up" })).body).toMatchObject({ scimType: "invalidCursor" });
    expect((await list({ count: "0" })).body).toMatchObject({ totalResults: 5, Resources: [] });
    expect((await list({ count: "-1", startIndex: "-7" })).body).toMatchObject({
      startIndex: 1,
      Resources: [],
    });
    expect((await list({ startIndex: "9" })).body).toMatchObject({ totalResults: 5, Resources: [] });
  });

  it("have the attributes that were asked for, also by POST to .search", async () => {
    const only = await directory.scim("GET", `/Users/${ids[0]}?attributes=userName,name.familyName`);
    expect(Object.keys(only.body).sort()).toEqual(["id", "name", "schemas", "userName"]);
    expect(only.body).toMatchObject({ name: { familyName: "Adams" } });
    expect(JSON.stringify(only.body)).not.toContain("Ada ");
    const searched = await directory.scim("POST", "/Users/.search", {
      schemas: ["urn:ietf:params:scim:api:messages:2.0:SearchRequest"],
      ...{ attributes: ["displayName"], filter: 'name.familyName eq "Evans"', count: 10 },
    });
    expect(searched.body).toMatchObject({ totalResults: 1 });
    expect(Object.keys(searched.body.Resources[0] ?? {}).sort()).toEqual(["displayName", "id", "schemas"]);
  });

  it("of a hundred thousand people are read by indexes", async () => {
    const { id } = await makeDirectory(at);
    // Without triggers, which keep other tables and take most of the time.
    await at.test.asOwner(
      `SET session_replication_role = replica;
       INSERT INTO principals (type, display_name, email, external_id, directory_id)
       SELECT 'User', 'Person ' || n, 'p' || n || '@many.example', 'many-' || n, '${id}' FROM generate_series(1, 100000) AS n;
       RESET session_replication_role; ANALYZE principals`,
    );
    const plan = async (where: string, rest: string) => {
      const { rows } = await at.test.asOwner(
        `EXPLAIN SELECT p.id FROM principals p WHERE p.directory_id = (SELECT id FROM directories ORDER BY id DESC LIMIT 1)
         AND p.type = 'User'::principal_type ${where} ${rest}`,
      );
      return rows.map((row) => String(row["QUERY PLAN"])).join("\n");
    };
    for (const [where, rest] of [
      ["AND name_key(p.email) = name_key('p777@many.example')", "LIMIT 101"],
      ["AND name_key(p.external_id) = name_key('many-777')", "LIMIT 101"],
      ["", "ORDER BY p.id LIMIT 101"],
      ["AND p.id > '019a0000-0000-7000-8000-000000000000'", "ORDER BY p.id LIMIT 101"],
    ] as const) {
      const text = await plan(where, rest);
      expect(text).not.toContain("Seq Scan on principals");
      expect(text, text).toMatch(/Index/);
    }
  }, 60_000);
});

describe("versions", () => {
  it("guard changes by If-Match, and spare answers by If-None-Match", async () => {
    const { id } = (await directory.scim("POST", "/Users", entraUser())).body;
    const rename = (name: string, version: string) =>
      directory.scim("PATCH", `/Users/${id}`, patchOf({ op: "replace", path: "displayName", value: name }), {
        headers: { "if-match": version },
      });
    const first = await directory.scim("GET", `/Users/${id}`);
    const etag = first.headers.get("etag") ?? "";
    expect(etag).toBe(first.body.meta.version);
    expect(
      (await directory.scim("GET", `/Users/${id}`, undefined, { headers: { "if-none-match": etag } })).status,
    ).toBe(304);
    expect((await rename("One", etag)).status).toBe(200);
    expect((await rename("Two", etag)).status).toBe(412);
    expect((await rename("Two", "nonsense")).status).toBe(412);
    expect((await rename("Two", "*")).status).toBe(200);
    const put = { headers: { "if-match": etag } };
    expect((await directory.scim("DELETE", `/Users/${id}`, undefined, put)).status).toBe(412);
    expect(
      (await directory.scim("GET", `/Users/${id}`, undefined, { headers: { "if-none-match": etag } })).status,
    ).toBe(200);
  });
});

describe("what is wrong", () => {
  it.each([
    ["GET", "/Nothing", undefined, 404],
    ["GET", "/Users/made-up", undefined, 404],
    ["GET", `/Users/${randomUUID()}`, undefined, 404],
    ["GET", "/Users/a/b", undefined, 404],
    ["PUT", "/Users", {}, 405],
    ["OPTIONS", "/Users", undefined, 405],
    ["POST", "/Schemas", {}, 405],
    ["GET", "/Me", undefined, 501],
    ["POST", "/Users", "{", 400],
    ["POST", "/Users", "[]", 400],
    ["POST", "/Users", {}, 400],
    ["POST", "/Users", { userName: "no address" }, 400],
    ["POST", "/Users", { userName: 1 }, 400],
    ["POST", "/Users", { userName: "a@contoso.example", active: "maybe" }, 400],
    ["POST", "/Users", { userName: "a@contoso.example", displayName: "A\u202eB" }, 400],
    ["POST", "/Users", { userName: "a@contoso.example", externalId: "b@contoso.example" }, 400],
    ["POST", "/Groups", { displayName: "" }, 400],
    ["POST", "/Groups", { displayName: "G", members: [{ value: "x" }] }, 400],
    ["POST", "/Groups", { displayName: "G", members: Array(1_001).fill({ value: randomUUID() }) }, 413],
    ["POST", "/Users", `"${"a".repeat(1024 * 1024)}"`, 413],
  ] as const)("%s %s with %j is a SCIM error", async (method, path, body, status) => {
    const answer = await directory.scim(method, path, body);
    expect(answer.status, JSON.stringify(answer.body)).toBe(status);
    expect(answer.headers.get("content-type")).toContain("application/scim+json");
    expect(answer.body).toMatchObject({
      schemas: ["urn:ietf:params:scim:api:messages:2.0:Error"],
      ...{ status: String(status), detail: expect.any(String) },
    });
  });

  it.each([
    [{ op: "upsert", path: "active", value: true }, "invalidSyntax"],
    [{ op: "remove" }, "noTarget"],
    [{ op: "replace", path: "a b", value: 1 }, "invalidPath"],
    [{ op: "replace", path: "members[", value: 1 }, "invalidPath"],
    [{ op: "replace", path: "id", value: randomUUID() }, "mutability"],
    [{ op: "remove", path: "userName" }, "mutability"],
    [{ op: "replace", value: 7 }, "invalidSyntax"],
  ])("a PATCH of %j is refused", async (operation, scimType) => {
    const answer = await directory.scim("PATCH", `/Users/${ids[0]}`, patchOf(operation));
    expect(answer).toMatchObject({ status: 400, body: { scimType } });
  });

  it("has no body in an answer to HEAD", async () => {
    const answer = await directory.scim("HEAD", `/Users/${ids[0]}`);
    expect(answer).toMatchObject({ status: 200, body: null });
    expect(answer.headers.get("etag")).toBe('W/"0"');
  });
});

it("says what it can: configuration, resource types and schemas", async () => {
  const { body } = await directory.scim("GET", "/ServiceProviderConfig");
  expect(body).toMatchObject({
    patch: { supported: true },
    etag: { supported: true },
    pagination: { cursor: true },
  });
  const schemas = await directory.scim("GET", "/Schemas");
  expect(schemas.body.Resources.map(({ id }) => id)).toEqual([
    "urn:ietf:params:scim:schemas:core:2.0:User",
    "urn:ietf:params:scim:schemas:core:2.0:Group",
  ]);
  expect((await directory.scim("GET", `/Schemas/${schemas.body.Resources[0]?.id}`)).status).toBe(200);
  expect((await directory.scim("GET", "/ResourceTypes/user")).body).toMatchObject({ id: "User" });
  expect((await directory.scim("GET", "/Schemas?filter=x")).status).toBe(403);
});
