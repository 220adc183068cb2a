import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { addHours, addMinutes } from "@/lib/domain/time/schedule";
import { makeToken } from "@/lib/identity/passwords/password-ticket";
import { signInByProvider } from "@/lib/identity/providers/provider-sign-in";
import { findCaller } from "@/lib/identity/sessions/sessions";
import { beginConfirmation } from "@/lib/identity/step-up/confirm-with-provider";
import { createChallenge } from "@/lib/identity/step-up/step-up";
import { issueIdentityLink } from "@/lib/operations/people/issue-identity-link";
import type { Caller } from "@/lib/platform/caller";
import { confirmingProviders } from "@/lib/platform/confirming-providers";
import type { IdentityProvider } from "@/lib/platform/identity-providers";
import { identityLinksOf } from "@/lib/queries/people/identity-links";
import { type Administration, makeAdministration } from "../../support/administration";
import { setRules } from "../../support/sign-in-rules";

/**
 * An administrator who wants to impersonate somebody issues them a link to an identity provider and takes it
 * themselves, with an account of their own there. A reset of the person's factors would take hours and another
 * administrator.
 */

const provider: IdentityProvider = {
  ...{ id: "contoso", name: "Contoso", issuer: "https://id.contoso.example", clientId: "postern" },
  ...{ clientSecret: "x", clientAuthentication: "client_secret_basic", signingAlgorithm: "RS256" },
  ...{ scopes: ["openid"], allowedDomains: [], addressesAreVerified: false, untypedLogoutTokens: false },
  claims: { name: "name", address: "email", externalId: "sub" },
  unknownPeople: "Refuse",
  stepUp: { acrValues: ["mfa"], phishingResistant: [], claim: "acr", request: "acr_values" },
};
const origin = { ipAddress: "192.0.2.7", userAgent: "test" };
const start = new Date("2026-03-02T09:00:00Z");
let now = start;
let at: Administration;
beforeAll(async () => {
  at = await makeAdministration(() => now);
  await setRules(at.test, { reset_takes_two: true, reset_delay_hours: 24 });
});
afterAll(() => at.test.drop());
beforeEach(() => {
  now = start;
});

const sealed = { keyId: "k1", nonce: new Uint8Array(12), ciphertext: new Uint8Array(32) };
const addApp = (userId: string) =>
  at.database.client.totpFactor.create({ data: { userId, ...sealed, confirmedAt: now } });

/** Links an identity to a person by a link that somebody issues. Returns the session that the sign-in opens. */
async function link(issuer: Caller, person: Caller, subject: string): Promise<Caller> {
  const { token, tokenHash } = makeToken();
  const principalId = person.userId;
  const proofId = await at.prove({ kind: "LinkIdentity", principalId, issuer: provider.issuer }, issuer);
  const input = { principalId, provider, tokenHash, justification: null, proofId };
  expect(await issueIdentityLink(at.database, issuer, input)).toMatchObject({ ok: true });
  const own = issuer.userId === principalId;
  const stated = { subject, address: null, addressVerified: true, name: null, sid: null, externalId: null };
  const arrived = await signInByProvider(
    at.database,
    {
      ...{ provider, person: { ...stated, secondFactorAt: null }, state: randomUUID(), pass: token },
      sessionId: own ? issuer.sessionId : null,
    },
    origin,
  );
  expect(arrived).toMatchObject({ ok: true, kind: own ? "Linked" : "SignedIn" });
  const caller =
    arrived.ok && arrived.kind === "SignedIn" ? await findCaller(at.database, arrived.token, origin) : person;
  if (!caller) throw new Error("nobody is signed in");
  return caller;
}

/** Whether somebody may use the provider to confirm an operation as this person. */
async function confirms(caller: Caller): Promise<boolean> {
  const [confirming] = confirmingProviders([provider]);
  const challenge = await createChallenge(at.database, caller, { kind: "RegisterPasskey" });
  if (!confirming || !challenge) throw new Error("there is nothing to confirm");
  return (await beginConfirmation(at.database, caller, confirming, challenge.challengeId)) !== null;
}
const unconfirming = async (caller: Caller) =>
  (await identityLinksOf(at.database, caller, caller.userId)).map((each) => each.unconfirming);

it("an administrator's link confirms nothing for whoever has a second factor, however long ago it was made", async () => {
  const person = await at.person("Vic Tim");
  await addApp(person.userId);
  const thief = await link(at.owner, person, randomUUID());
  expect(await confirms(thief)).toBe(false);
  expect(await unconfirming(thief)).toEqual(["Administrator"]);
  // Replacing their app with a newer one changes nothing.
  now = addHours(now, 100);
  await at.database.client.totpFactor.updateMany({
    where: { userId: person.userId },
    data: { removedAt: now },
  });
  now = addMinutes(now, 1);
  await addApp(person.userId);
  expect(
    await at.database.client.$queryRaw`SELECT link_counts(id) AS counts FROM identity_links
    WHERE principal_id = ${person.userId}::uuid`,
  ).toEqual([{ counts: false }]);
});

it("it confirms once its person has linked that identity too, with the factor that they have", async () => {
  const person = await at.person("Own Er");
  await addApp(person.userId);
  const subject = randomUUID();
  const signedIn = await link(at.owner, person, subject);
  await link(person, person, subject);
  expect(await confirms(signedIn)).toBe(true);
  expect(await unconfirming(signedIn)).toEqual([null]);
  // An administrator's later link for it revokes nothing.
  await link(at.owner, person, subject);
  expect(await confirms(signedIn)).toBe(true);
});

it("it confirms for whoever had no factor when it was made, as a first factor does, and has none once theirs was reset", async () => {
  const [joiner, reset] = [await at.person("Joy Ner"), await at.person("Rea Set")];
  const first = await link(at.owner, joiner, randomUUID());
  await addApp(joiner.userId);
  expect(await confirms(first)).toBe(true);

  await addApp(reset.userId);
  const later = await link(at.owner, reset, randomUUID());
  await at.database.client.totpFactor.updateMany({
    where: { userId: reset.userId },
    data: { removedAt: now },
  });
  expect(await confirms(later)).toBe(true);
});

it("the database lets nobody but its person make a link theirs", async () => {
  const person = await at.person("Data Base");
  await addApp(person.userId);
  await link(at.owner, person, randomUUID());
  const other = await at.person("Some Body");
  const change = (set: string) =>
    at.test.asOwner(`UPDATE identity_links SET ${set} WHERE principal_id = $1`, [person.userId]);
  await expect(change(`created_by_id = '${other.userId}'`)).rejects.toThrow(/stays so/);
  await expect(change("created_by_id = NULL")).rejects.toThrow(/stays so/);
  await expect(
    at.database.client.$executeRaw`UPDATE identity_links SET created_by_id = principal_id
      WHERE principal_id = ${person.userId}::uuid`,
  ).rejects.toThrow(/no event of the log/);
  await expect(
    at.database.client.$executeRaw`UPDATE identity_links SET beside_factor = false
      WHERE principal_id = ${person.userId}::uuid`,
  ).rejects.toThrow(/permission denied/);
});
