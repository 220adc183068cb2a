import { mkdtempSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterAll, describe, expect, it } from "vitest";
import { isOfDomains, statedPerson, usedSecondFactor } from "@/lib/domain/people/identity-link";
import { readIdentityProviders } from "@/lib/platform/identity-providers";

const folder = mkdtempSync(join(tmpdir(), "postern-providers-"));
afterAll(() => rmSync(folder, { recursive: true }));
writeFileSync(join(folder, "secret"), "from a file\n");
const tenantId = "11111111-2222-4333-8444-555555555555";
const keycloak = {
  ...{ id: "contoso", preset: "keycloak", name: "Contoso", clientId: "postern", clientSecret: "s" },
  issuer: "https://id.contoso.example/realms/contoso",
};

function read(content: unknown) {
  const path = join(folder, "providers.json");
  writeFileSync(path, typeof content === "string" ? content : JSON.stringify(content));
  return readIdentityProviders(path);
}

describe("the file of identity providers", () => {
  it("is none unless the environment names one", () => {
    expect(readIdentityProviders(undefined)).toEqual([]);
    expect(readIdentityProviders("")).toEqual([]);
  });

  it("is filled in by presets, and takes secrets from files", () => {
    const { clientSecret: _, issuer: __, ...bare } = keycloak;
    const entra = {
      ...bare,
      id: "entra",
      name: "Entra",
      preset: "entra",
      tenantId,
      clientSecretFile: "secret",
      stepUp: { acrValues: ["c1"] },
    };
    const google = { ...bare, id: "google", name: "Google", preset: "google", clientSecret: "g" };
    expect(read([keycloak, entra, google])).toMatchObject([
      {
        issuer: keycloak.issuer,
        unknownPeople: "Refuse",
        claims: { name: "name", address: "email", externalId: "sub" },
      },
      {
        ...{ issuer: `https://login.microsoftonline.com/${tenantId}/v2.0`, clientSecret: "from a file" },
        ...{ claims: { address: "preferred_username" }, addressesAreVerified: true },
        stepUp: { acrValues: ["c1"], phishingResistant: [], claim: "acrs", request: "claims" },
      },
      { issuer: "https://accounts.google.com", addressesAreVerified: false },
    ]);
  });

  it.each([
    ["that is no JSON", "{", /is not JSON/],
    ["with a setting that is misspelt", [{ ...keycloak, alowedDomains: [] }], /alowedDomains/],
    ["without a secret", [{ ...keycloak, clientSecret: undefined }], /contoso: give either clientSecret/],
    [
      "with a secret file that is not there",
      [{ ...keycloak, clientSecret: undefined, clientSecretFile: "none" }],
      /cannot be read/,
    ],
    ["over http", [{ ...keycloak, issuer: "http://id.contoso.example" }], /https/],
    [
      "of a preset without its tenant",
      [{ ...keycloak, preset: "entra", issuer: undefined }],
      /give its tenantId/,
    ],
    [
      "with two that link by the same directory",
      [
        { ...keycloak, linkByDirectory: "Contoso" },
        { ...keycloak, id: "two", name: "Two", issuer: "https://two.example", linkByDirectory: "contoso" },
      ],
      /same linkByDirectory/,
    ],
    ["with the same issuer twice", [keycloak, { ...keycloak, id: "again", name: "Again" }], /same issuer/],
  ])("%s is refused in one line", (_what, content, fault) => {
    expect(() => read(content)).toThrow(fault);
    expect(() => read(content)).toThrow(/^Configuration: POSTERN_IDENTITY_PROVIDERS: [^\n]+$/);
  });
});

it("knows people in a directory by oid at Entra ID, by the subject elsewhere, or by a claim that is named", () => {
  const linkByDirectory = "Contoso";
  const entra = { ...keycloak, preset: "entra", linkByDirectory };
  expect(read([keycloak])[0]?.linkByDirectory).toBeUndefined();
  expect(read([entra])[0]).toMatchObject({ linkByDirectory, claims: { externalId: "oid" } });
  expect(read([{ ...keycloak, linkByDirectory }])[0]).toMatchObject({ claims: { externalId: "sub" } });
  const named = { ...entra, claims: { externalId: "employee" } };
  expect(read([named])[0]).toMatchObject({
    claims: { externalId: "employee", address: "preferred_username" },
  });
});

it("asks a provider for its ways to sign in by acr_values unless it says otherwise", () => {
  const stepUp = { acrValues: ["mfa"], phishingResistant: ["mfa"] };
  expect(read([keycloak])[0]?.stepUp).toBeUndefined();
  expect(read([{ ...keycloak, stepUp }])[0]?.stepUp).toEqual({
    ...{ ...stepUp, claim: "acr", request: "acr_values" },
  });
  const own = { ...stepUp, claim: "contexts", request: "claims" };
  expect(read([{ ...keycloak, stepUp: own }])[0]?.stepUp).toEqual(own);
});

describe("what a provider says of somebody", () => {
  const by = { claims: { name: "name", address: "email", externalId: "sub" }, addressesAreVerified: false };
  const said = { sub: "ada", email: "Ada@Contoso.example", email_verified: true, name: "  Ada  Byron " };

  it("is read as it is stored, or left out", () => {
    expect(statedPerson(said, by)).toEqual({
      ...{ subject: "ada", address: "ada@contoso.example", addressVerified: true, name: "Ada Byron" },
      sid: null,
      externalId: null,
      secondFactorAt: null,
    });
    expect(statedPerson({ ...said, sid: "s1" }, by)?.sid).toBe("s1");
    for (const sid of ["é".repeat(256), "és", "sé", "", "x".repeat(256), 7])
      expect(statedPerson({ ...said, sid }, by)?.sid, String(sid)).toBeNull();
    expect(statedPerson({ sub: "ada", email: "no address", name: 7 }, by)).toEqual({
      ...{
        subject: "ada",
        address: null,
        addressVerified: false,
        name: null,
        sid: null,
        externalId: null,
        secondFactorAt: null,
      },
    });
    for (const sub of [undefined, 7, "", "a\u0000", "é", "x".repeat(256)])
      expect(statedPerson({ ...said, sub }, by)).toBeNull();
  });

  it("has an external id only where a directory links by it, and only a plain one", () => {
    const linking = { ...by, claims: { ...by.claims, externalId: "oid" }, linkByDirectory: "Contoso" };
    const idOf = (oid: unknown) => statedPerson({ ...said, oid }, linking)?.externalId;
    expect(idOf("7f3a-b")).toBe("7f3a-b");
    for (const oid of [undefined, null, 7, "", "a b", " 7f3a", "é", ["7f3a"], "x".repeat(201)])
      expect(idOf(oid), String(oid)).toBeNull();
    expect(
      statedPerson({ ...said, oid: "7f3a" }, { ...linking, linkByDirectory: undefined })?.externalId,
    ).toBeNull();
  });

  it("has a second factor only if a way that counts is named, and from when the provider says", () => {
    const stepUp = { acrValues: ["mfa"], phishingResistant: [], claim: "acr" };
    const since = (claims: Record<string, unknown>, ways?: typeof stepUp) =>
      statedPerson({ ...said, ...claims }, { ...by, stepUp: ways })?.secondFactorAt;
    expect(since({ acr: "mfa", auth_time: 1_700_000_000 }, stepUp)).toBe(1_700_000_000);
    expect(since({ acr: "password", auth_time: 1_700_000_000 }, stepUp)).toBeNull();
    expect(since({ acr: "mfa", auth_time: 1_700_000_000 })).toBeNull();
    for (const auth_time of [undefined, "1700000000", Number.NaN, Number.POSITIVE_INFINITY])
      expect(since({ acr: "mfa", auth_time }, stepUp), String(auth_time)).toBeNull();
  });

  it("counts for a domain only as a whole, and verified", () => {
    const of = (address: string, addressVerified = true) =>
      isOfDomains(
        {
          subject: "ada",
          address,
          addressVerified,
          name: null,
          sid: null,
          externalId: null,
          secondFactorAt: null,
        },
        ["contoso.example"],
      );
    expect(of("ada@contoso.example")).toBe(true);
    expect([
      of("ada@contoso.example", false),
      of("ada@a.contoso.example"),
      of("ada@notcontoso.example"),
    ]).toEqual([false, false, false]);
  });
});

it("counts a second factor of the last quarter of an hour, give or take what clocks differ by", () => {
  const now = new Date("2026-03-02T09:00:00Z");
  const at = (seconds: number | null) => ({
    ...{ subject: "ada", address: null, addressVerified: false, name: null, sid: null },
    externalId: null,
    secondFactorAt: seconds === null ? null : now.getTime() / 1_000 + seconds,
  });
  expect([0, -899, -900, 10].map((each) => usedSecondFactor(at(each), now))).toEqual(Array(4).fill(true));
  expect([-901, 11, null].map((each) => usedSecondFactor(at(each), now))).toEqual(Array(3).fill(false));
  expect(usedSecondFactor(at(null), new Date(0))).toBe(false);
});
