import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, describe, expect, it } from "vitest";
import { type Administration, makeAdministration } from "../../support/administration";
import { makeDirectory, patchOf } from "../../support/directories";

// What two providers' public test collections send, in their order, and what they expect: Okta's SCIM 2.0 specification
// test (developer.okta.com, Okta-SCIM-20-SPEC-Test.json) and the tests of Microsoft Entra's SCIM Validator
// (scimvalidator.microsoft.com), as their documents describe them. Names are made up as theirs are.

const userSchema = "urn:ietf:params:scim:schemas:core:2.0:User";
const groupSchema = "urn:ietf:params:scim:schemas:core:2.0:Group";
const listSchema = "urn:ietf:params:scim:api:messages:2.0:ListResponse";
const errorSchema = "urn:ietf:params:scim:api:messages:2.0:Error";
const named = (name: string, value: string) => encodeURIComponent(`${name} eq "${value}"`);

let at: Administration;
let directory: Awaited<ReturnType<typeof makeDirectory>>;
beforeAll(async () => {
  at = await makeAdministration();
  directory = await makeDirectory(at, "Test collections");
});
afterAll(() => at.test.drop());

const person = (given: string, address: string) => ({
  schemas: [userSchema],
  userName: address,
  name: { givenName: given, familyName: "Runscope" },
  emails: [{ primary: true, value: address, type: "work" }],
  displayName: `${given} Runscope`,
  active: true,
});

describe("Okta's SCIM 2.0 specification test", () => {
  const okta = (method: string, path: string, body?: unknown) =>
    directory.scim(method, path, body, {
      headers: {
        "accept-charset": "utf-8",
        accept: "application/scim+json",
        "user-agent": "OKTA SCIM Integration",
      },
    });

  it("passes, request by request", async () => {
    await okta("POST", "/Users", person("First", "first.runscope@contoso.example"));
    const list = await okta("GET", "/Users?count=1&startIndex=1");
    expect(list).toMatchObject({
      status: 200,
      body: {
        ...{ schemas: expect.arrayContaining([listSchema]), startIndex: 1, itemsPerPage: 1 },
        totalResults: expect.any(Number),
        Resources: [
          {
            id: expect.stringMatching(/./),
            name: { familyName: expect.stringMatching(/./), givenName: expect.stringMatching(/./) },
            ...{ userName: expect.stringMatching(/./), active: true },
            emails: [{ value: expect.stringMatching(/./) }],
          },
        ],
      },
    });
    const [first] = list.body.Resources;
    expect(await okta("GET", `/Users/${first?.id}`)).toMatchObject({ status: 200, body: first });
    const absent = { status: 200, body: { schemas: [listSchema], totalResults: 0 } };
    expect(await okta("GET", `/Users?filter=${named("userName", "abcdefgh@contoso.example")}`)).toMatchObject(
      absent,
    );
    expect(await okta("GET", "/Users/010101001010101011001010101011")).toMatchObject({
      status: 404,
      body: { schemas: [errorSchema], detail: expect.stringMatching(/./) },
    });
    const address = `Runscope300.${randomUUID().slice(0, 8)}@contoso.example`;
    expect(await okta("GET", `/Users?filter=${named("userName", address)}`)).toMatchObject(absent);
    const sent = person("Runscope300", address);
    const made = await okta("POST", "/Users", sent);
    expect(made).toMatchObject({
      status: 201,
      body: { active: true, id: expect.stringMatching(/./), name: sent.name, schemas: [userSchema] },
    });
    expect(made.body.userName).toBe(address);
    // As it was spelled. Any spelling leads to the same person.
    expect((await okta("GET", `/Users/${made.body.id}`)).body).toMatchObject({
      userName: address,
      name: sent.name,
    });
    expect((await okta("POST", "/Users", sent)).status).toBe(409);
    const capitals = await okta("GET", `/Users?filter=${named("userName", address.toUpperCase())}`);
    expect(capitals).toMatchObject({
      status: 200,
      body: { totalResults: 1, Resources: [{ id: made.body.id }] },
    });
    expect(await okta("GET", "/Groups")).toMatchObject({ status: 200, body: { schemas: [listSchema] } });
  });

  it("passes its second suite: the name is changed, the person deactivated, and reactivated", async () => {
    const sent = person("Crud", "crud.runscope@contoso.example");
    const { body: made } = await okta("POST", "/Users", sent);
    const name = { givenName: "Renamed", familyName: "Runscope" };
    expect(await okta("PUT", `/Users/${made.id}`, { ...sent, id: made.id, name })).toMatchObject({
      body: { name },
    });
    for (const active of [false, true]) {
      expect(
        (await okta("PATCH", `/Users/${made.id}`, patchOf({ op: "replace", value: { active } }))).status,
      ).toBe(200);
      expect((await okta("GET", `/Users/${made.id}`)).body).toMatchObject({ active, name });
    }
  });
});

describe("Microsoft Entra's SCIM Validator", () => {
  const entra = (method: string, path: string, body?: unknown) => directory.scim(method, path, body);
  const make = async () => {
    const address = `${randomUUID().slice(0, 8)}@romaguera.contoso.example`;
    const sent = {
      ...{ active: true, displayName: "XKWLCONOGMVT", externalId: randomUUID(), userName: address },
      emails: [{ type: "work", value: address }],
      name: { formatted: "Aric", familyName: "Nia", givenName: "Sandy" },
      schemas: [userSchema],
    };
    return { sent, made: (await entra("POST", "/Users", sent)).body };
  };

  it("creates, finds, changes attribute by attribute, disables and deletes a user", async () => {
    const { sent, made } = await make();
    const found = async () => (await entra("GET", `/Users?filter=${named("userName", sent.userName)}`)).body;
    expect((await found()).Resources).toMatchObject([
      { id: made.id, active: true, externalId: sent.externalId },
    ]);
    expect((await entra("POST", "/Users", sent)).status).toBe(409);
    for (const [path, value] of [
      ["displayName", "Nia Sandy"],
      ["name.givenName", "Sandra"],
      ["name.familyName", "Niasson"],
      ["externalId", randomUUID()],
    ] as const) {
      expect(
        (await entra("PATCH", `/Users/${made.id}`, patchOf({ op: "replace", path, value }))).status,
      ).toBe(200);
      const shown: unknown = path
        .split(".")
        .reduce<unknown>((part, key) => Reflect.get(Object(part), key), (await found()).Resources[0]);
      expect(shown, path).toBe(value);
    }
    // Several in one request, as it updates a user and the property used for matching.
    const joined = `${randomUUID().slice(0, 8)}@romaguera.contoso.example`;
    await entra("PATCH", `/Users/${made.id}`, patchOf({ op: "replace", path: "userName", value: joined }));
    sent.userName = joined;
    expect((await found()).totalResults).toBe(1);
    // "Response from a GET and filter request on a disabled User should have attribute active".
    await entra("PATCH", `/Users/${made.id}`, patchOf({ op: "replace", path: "active", value: false }));
    expect((await entra("GET", `/Users/${made.id}`)).body).toMatchObject({ active: false });
    expect((await found()).Resources).toMatchObject([{ active: false }]);
    expect((await entra("DELETE", `/Users/${made.id}`)).status).toBe(204);
    expect((await entra("GET", `/Users/${made.id}`)).status).toBe(404);
    expect((await found()).totalResults).toBe(0);
    expect((await entra("DELETE", `/Users/${made.id}`)).status).toBe(404);
  });

  it("creates, finds, renames, fills, empties and deletes a group, by its filters without members", async () => {
    const [{ made: one }, { made: other }] = [await make(), await make()];
    const displayName = `Group ${randomUUID()}`;
    const group = { displayName, externalId: randomUUID(), schemas: [groupSchema] };
    const { status, body: made } = await entra("POST", "/Groups", group);
    expect(status).toBe(201);
    expect((await entra("POST", "/Groups", group)).status).toBe(409);
    const found = async (name: string) =>
      (await entra("GET", `/Groups?excludedAttributes=members&filter=${named("displayName", name)}`)).body
        .Resources;
    expect(await found(displayName)).toMatchObject([{ id: made.id, displayName }]);
    const patch = (operation: object) => entra("PATCH", `/Groups/${made.id}`, patchOf(operation));
    const members = async () =>
      (await entra("GET", `/Groups/${made.id}`)).body.members?.map(({ value }) => value).sort() ?? [];
    await patch({ op: "Replace", path: "displayName", value: `${displayName} renamed` });
    expect(await found(displayName)).toEqual([]);
    expect(await found(`${displayName} renamed`)).toHaveLength(1);
    for (const { id } of [one, other]) {
      expect([200, 204]).toContain(
        (await patch({ op: "Add", path: "members", value: [{ value: id }] })).status,
      );
    }
    expect(await members()).toEqual([one.id, other.id].sort());
    // Twice is once.
    await patch({ op: "Add", path: "members", value: [{ value: one.id }] });
    expect(await members()).toHaveLength(2);
    await patch({ op: "Remove", path: "members", value: [{ value: one.id }] });
    expect(await members()).toEqual([other.id]);
    await patch({ op: "Remove", path: `members[value eq "${other.id}"]` });
    expect(await members()).toEqual([]);
    expect((await entra("DELETE", `/Groups/${made.id}`)).status).toBe(204);
    expect((await entra("GET", `/Groups/${made.id}`)).status).toBe(404);
  });

  it("reads which attributes there are, and what the service can", async () => {
    const { body } = await entra("GET", "/Schemas");
    expect(body.Resources.map(({ id }) => id)).toEqual(expect.arrayContaining([userSchema, groupSchema]));
    expect((await entra("GET", "/ServiceProviderConfig")).body).toMatchObject({
      ...{ patch: { supported: true }, filter: { supported: true } },
    });
  });
});
