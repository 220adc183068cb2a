import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { addMinutes } from "@/lib/domain/time/schedule";
import { beginEnrolment, confirmEnrolment } from "@/lib/identity/factors/authenticator";
import { beginPasskey, confirmPasskey } from "@/lib/identity/factors/passkey-registration";
import { removePasskey } from "@/lib/identity/factors/passkeys";
import { replaceRecoveryCodes } from "@/lib/identity/factors/recovery-codes";
import { removeAuthenticator } from "@/lib/identity/factors/remove-authenticator";
import { makeToken } from "@/lib/identity/passwords/password-ticket";
import { signInByProvider } from "@/lib/identity/providers/provider-sign-in";
import { createChallenge, meetChallenge } from "@/lib/identity/step-up/step-up";
import { issueIdentityLink } from "@/lib/operations/people/issue-identity-link";
import type { Caller } from "@/lib/platform/caller";
import type { IdentityProvider } from "@/lib/platform/identity-providers";
import { appCode } from "../../support/app-code";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { makeCaller, makeProof, makeUser } from "../../support/factories";
import {
  party,
  proveWithPasskey,
  registerPasskey,
  type SoftwarePasskey,
  softwarePasskey,
} from "../../support/peers/software-passkey";
import { setRules } from "../../support/sign-in-rules";

/**
 * A thief with a session and one phished code, or an hour at an unlocked security key, begins to add a factor.
 * The owner becomes suspicious and removes or replaces the abused factor before the thief is done.
 */

const keys = [{ id: "k1", key: Buffer.alloc(32, 7) }];
const start = new Date("2026-03-02T09:00:00Z");
let now = start;
let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase({ clock: () => now });
  await setRules(test, { first_factor: "AnyoneSignedIn" });
});
afterAll(() => test.drop());
beforeEach(() => {
  now = start;
});

const begin = (caller: Caller, proofId: string | null) =>
  beginEnrolment(test.database, keys, caller, { proofId, reauthenticated: true, pass: "" });
async function keyFor(caller: Caller, proofId: string | null): Promise<string> {
  const begun = await begin(caller, proofId);
  if (!begun.ok) throw new Error(begun.message);
  return begun.secret;
}
const confirm = (caller: Caller, secret: string) =>
  confirmEnrolment(test.database, keys, caller, appCode(secret, now));

/** Somebody with an app and a passkey, and a thief in a session of theirs. */
async function robbed() {
  const user = await makeUser(test.database);
  // Another way to sign in than the passkey.
  await test.database.client.passwordCredential.create({ data: { userId: user.id, hash: "none" } });
  const owner = await makeCaller(test.database, user);
  const thief = await makeCaller(test.database, user);
  const secret = await keyFor(owner, null);
  if (!(await confirm(owner, secret)).ok) throw new Error("not enrolled");
  const proofId = await makeProof(test.database, owner, { kind: "RegisterPasskey" });
  const passkey = await registerPasskey(test.database, owner, softwarePasskey(), proofId);
  now = addMinutes(now, 1);
  return { owner, thief, secret, passkey };
}
type Robbed = Awaited<ReturnType<typeof robbed>>;

async function byCode(caller: Caller, secret: string, operation: ProtectedOperation): Promise<string> {
  const challenge = await createChallenge(test.database, caller, operation);
  const input = { challengeId: challenge?.challengeId ?? "", code: appCode(secret, now) };
  const met = await meetChallenge(test.database, keys, caller, input);
  if (!met.ok) throw new Error(met.error.message);
  return met.proofId;
}
async function byPasskey(caller: Caller, passkey: SoftwarePasskey, operation: ProtectedOperation) {
  const met = await proveWithPasskey(test.database, caller, operation, passkey);
  if (!met.ok) throw new Error(met.error.message);
  return met.proofId;
}

const provider: IdentityProvider = {
  ...{ id: "contoso", name: "Contoso", issuer: "https://id.contoso.example", clientId: "postern" },
  ...{ clientSecret: "x", clientAuthentication: "client_secret_basic", signingAlgorithm: "RS256" },
  ...{ scopes: ["openid"], allowedDomains: [], addressesAreVerified: false, untypedLogoutTokens: false },
  claims: { name: "name", address: "email", externalId: "sub" },
  unknownPeople: "Refuse",
};
const somebody = {
  address: "t@thief.example",
  addressVerified: true,
  name: null,
  sid: null,
  externalId: null,
};
const origin = { ipAddress: "192.0.2.7", userAgent: "test" };

/** The operation that the thief begins, the proof used, and the outcome. */
const begun: Record<
  string,
  (
    thief: Caller,
    prove: (operation: ProtectedOperation) => Promise<string>,
  ) => Promise<() => Promise<boolean>>
> = {
  async "an authenticator app"(thief, prove) {
    const theirs = await keyFor(thief, await prove({ kind: "ReplaceAuthenticator" }));
    return async () => (await confirm(thief, theirs)).ok;
  },
  async "a passkey"(thief, prove) {
    const proofId = await prove({ kind: "RegisterPasskey" });
    const input = { proofId, reauthenticated: false, pass: "" };
    const asked = await beginPasskey(test.database, party, thief, input);
    if (!asked.ok) throw new Error(asked.message);
    const response = softwarePasskey().register(asked.options.challenge);
    return async () => (await confirmPasskey(test.database, party, thief, { name: "Key", response })).ok;
  },
};

begun["a link to an identity provider"] = async (thief, prove) => {
  const { token, tokenHash } = makeToken();
  const { userId: principalId, sessionId } = thief;
  const proofId = await prove({ kind: "LinkIdentity", principalId, issuer: provider.issuer });
  const input = { principalId, provider, tokenHash, justification: null, proofId };
  expect(await issueIdentityLink(test.database, thief, input)).toMatchObject({ ok: true });
  const person = { ...somebody, subject: randomUUID(), secondFactorAt: null };
  const arrival = { provider, person, state: randomUUID(), pass: token, sessionId };
  return async () => (await signInByProvider(test.database, arrival, origin)).ok;
};

async function removeApp({ owner, passkey }: Robbed): Promise<void> {
  const proofId = await byPasskey(owner, passkey, { kind: "RemoveAuthenticator" });
  expect(await removeAuthenticator(test.database, owner, proofId)).toEqual({ ok: true });
}
async function replaceApp({ owner, passkey }: Robbed): Promise<void> {
  const proofId = await byPasskey(owner, passkey, { kind: "ReplaceAuthenticator" });
  expect(await confirm(owner, await keyFor(owner, proofId))).toMatchObject({ ok: true });
}
async function removeKey({ owner, secret }: Robbed): Promise<void> {
  const { id: passkeyId } = await test.database.client.passkey.findFirstOrThrow({
    where: { userId: owner.userId, removedAt: null },
  });
  const proofId = await byCode(owner, secret, { kind: "RemovePasskey", passkeyId });
  expect(await removePasskey(test.database, owner, { passkeyId, proofId })).toMatchObject({ ok: true });
}

describe.each(Object.entries(begun))("%s that was begun with a stolen factor", (_, start) => {
  it.each([
    ["the app of the code is removed", "code", removeApp],
    ["the app of the code is replaced", "code", replaceApp],
    ["the passkey is removed", "passkey", removeKey],
  ] as const)("comes to nothing once %s", async (_what, method, end) => {
    const one = await robbed();
    const finish = await start(one.thief, (operation) =>
      method === "code"
        ? byCode(one.thief, one.secret, operation)
        : byPasskey(one.thief, one.passkey, operation),
    );
    now = addMinutes(now, 1);
    await end(one);
    expect(await finish()).toBe(false);
  });

  it("comes to nothing once the link to the provider that confirmed it is removed", async () => {
    const one = await robbed();
    const finish = await start(one.thief, (operation) =>
      makeProof(test.database, one.thief, operation, "IdentityProvider"),
    );
    await test.asOwner("DELETE FROM identity_links WHERE principal_id = $1", [one.owner.userId]);
    expect(await finish()).toBe(false);
  });

  it("comes to nothing once the recovery codes are replaced, one of which began it", async () => {
    const one = await robbed();
    const finish = await start(one.thief, (operation) =>
      makeProof(test.database, one.thief, operation, "RecoveryCode"),
    );
    now = addMinutes(now, 1);
    const proofId = await byCode(one.owner, one.secret, { kind: "ReplaceRecoveryCodes" });
    expect(await replaceRecoveryCodes(test.database, one.owner, proofId)).toHaveLength(10);
    expect(await finish()).toBe(false);
  });

  it("is added if nobody ended the factor", async () => {
    const one = await robbed();
    const finish = await start(one.thief, (operation) => byCode(one.thief, one.secret, operation));
    now = addMinutes(now, 1);
    expect(await finish()).toBe(true);
  });
});
