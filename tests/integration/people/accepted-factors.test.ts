import { generateSecret } from "otplib";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { noAppsAccepted, type SignInRules } from "@/lib/domain/people/sign-in-rules";
import { addHours, addMinutes } from "@/lib/domain/time/schedule";
import { beginEnrolment, confirmEnrolment } from "@/lib/identity/factors/authenticator";
import { factorState } from "@/lib/identity/factors/factor-state";
import { firstFactorState } from "@/lib/identity/factors/first-factor";
import { beginPasskey, confirmPasskey } from "@/lib/identity/factors/passkey-registration";
import { listPasskeys, removePasskey } from "@/lib/identity/factors/passkeys";
import { removeAuthenticator } from "@/lib/identity/factors/remove-authenticator";
import { recoveryCodeHash } from "@/lib/identity/factors/verify-factor";
import { hashPassword } from "@/lib/identity/passwords/password";
import {
  type Awaiting,
  beginPasskeyAtSignIn,
  confirmPasskeyAtSignIn,
  secondFactorAwaited,
  signInWithCode,
} from "@/lib/identity/sign-in/second-factor";
import { signIn } from "@/lib/identity/sign-in/sign-in";
import { createChallenge, meetChallenge } from "@/lib/identity/step-up/step-up";
import {
  nameBreakGlassAccount,
  nameBreakGlassAccountOperation,
} from "@/lib/operations/people/name-break-glass-account";
import { updateSignInRules, updateSignInRulesOperation } from "@/lib/operations/people/update-sign-in-rules";
import type { Caller } from "@/lib/platform/caller";
import type { OtherFactors } from "@/lib/platform/other-factors";
import { seal } from "@/lib/platform/secrets";
import { noIssuers } from "@/lib/platform/sql/factors-in-force";
import { ownsFactor } from "@/lib/queries/activation/my-roles";
import { firstPage } from "@/lib/queries/pages";
import { breakGlassAccountsFor } from "@/lib/queries/people/break-glass-accounts";
import { listPrincipals } from "@/lib/queries/people/people";
import { readShell } from "@/lib/queries/preferences/shell";
import { type Administration, makeAdministration } from "../../support/administration";
import { appCode } from "../../support/app-code";
import { listedAccount } from "../../support/break-glass-accounts";
import { oneAfterTheOther } from "../../support/database/held-lock";
import { makeCaller, makeProof } from "../../support/factories";
import { party, registerPasskey, softwarePasskey } from "../../support/peers/software-passkey";
import { openPass, passkeysAlone, rulesNow, setRules } from "../../support/sign-in-rules";

const encryptionKeys = [{ id: "k1", key: Buffer.alloc(32, 7) }];
const keys = { sessionSecrets: ["a secret of the test's own, long enough"] as const, encryptionKeys };
const origin = { ipAddress: "192.0.2.9", userAgent: "test" };
const password = "old grey walls of slate";
const recovery = "ABCDEFGHIJKLMNOPQRSTUVWX";
const start = new Date("2026-03-02T09:00:00Z");
let now = start;
let at: Administration;
let hash: string;
beforeAll(async () => {
  at = await makeAdministration(() => now);
  hash = await hashPassword(password);
});
afterAll(() => at.test.drop());
beforeEach(async () => {
  now = addHours(now, 1);
  await at.database.client.breakGlassAccount.deleteMany();
  await at.test.asOwner("UPDATE passkeys SET removed_at = now() WHERE user_id = $1", [at.owner.userId]);
  await setRules(at.test, {
    ...{ authenticator_apps_confirm: true, recovery_codes_confirm: true, sign_in_takes_two: false },
    ...{ first_factor: "AnyoneSignedIn", factor_waits_hours: 0 },
  });
});
const exclude = () => setRules(at.test, { authenticator_apps_confirm: false });

/** Gives somebody an authenticator app with one recovery code; returns its secret. */
async function enrolApp(userId: string) {
  const { client } = at.database;
  const secret = generateSecret();
  await client.totpFactor.create({
    data: { userId, ...seal(encryptionKeys, secret, userId), confirmedAt: now },
  });
  await client.recoveryCode.create({ data: { userId, hash: recoveryCodeHash(recovery), createdAt: now } });
  return secret;
}
async function withApp() {
  const caller = await at.person("Ann App");
  return { caller, secret: await enrolApp(caller.userId) };
}
async function meet(
  caller: Caller,
  code: string,
  operation: ProtectedOperation = { kind: "RemoveAuthenticator" },
) {
  const challenge = await createChallenge(at.database, caller, operation);
  const input = { challengeId: challenge?.challengeId ?? "", code };
  return meetChallenge(at.database, encryptionKeys, caller, input);
}
async function save(change: Partial<SignInRules>, others: OtherFactors = passkeysAlone) {
  const { version, ...rules } = await rulesNow(at.database);
  const input = { expectedVersion: version, rules: { ...rules, ...change } };
  const proofId = await makeProof(at.database, at.owner, updateSignInRulesOperation(input), "Passkey");
  return updateSignInRules(at.database, at.owner, { ...input, proofId, others });
}
const without = { authenticatorAppsConfirm: false };
const refusedFor = (message: RegExp) => ({
  ok: false,
  error: {
    code: "InvalidInput",
    faults: [{ field: "authenticatorAppsConfirm", message: expect.stringMatching(message) }],
  },
});

describe("an authenticator app that is not accepted", () => {
  it("confirms nothing by a code or a recovery code, which count as no attempt, and counts again later", async () => {
    const { caller, secret } = await withApp();
    await exclude();
    for (const code of [appCode(secret, now), recovery, "000000"])
      expect(await meet(caller, code)).toMatchObject({
        error: { code: "NoFactor", message: noAppsAccepted },
      });
    const app = await at.database.client.totpFactor.findFirst({ where: { userId: caller.userId } });
    expect(app).toMatchObject({ failedAttempts: 0, lastUsedStep: null });
    await setRules(at.test, { authenticator_apps_confirm: true });
    expect(await meet(caller, appCode(secret, now))).toMatchObject({ ok: true });
    expect(await meet(caller, recovery)).toMatchObject({ ok: true });
  });

  it("leaves no proof that it made before, nor a recovery code's once those are not accepted", async () => {
    for (const [code, rule] of [
      ["app", "authenticator_apps_confirm"],
      [recovery, "authenticator_apps_confirm"],
      [recovery, "recovery_codes_confirm"],
    ] as const) {
      const { caller, secret } = await withApp();
      const met = await meet(caller, code === "app" ? appCode(secret, now) : code);
      if (!met.ok) throw new Error(met.error.message);
      await setRules(at.test, { [rule]: false });
      expect(await removeAuthenticator(at.database, caller, met.proofId), rule).toEqual({
        ok: false,
        message: null,
      });
      await setRules(at.test, { [rule]: true });
      expect(await removeAuthenticator(at.database, caller, met.proofId), rule).toEqual({ ok: true });
    }
  });

  it("is no factor anywhere: its person is one without", async () => {
    const { caller } = await withApp();
    const everywhere = async () => ({
      state: (await factorState(at.database, caller)).enrolled,
      forms: await ownsFactor(at.database, caller),
      shell: (await readShell(at.database, caller)).factors.app,
      list: (
        await listPrincipals(
          at.database,
          at.owner,
          {
            type: "User",
            search: caller.email,
            status: "all",
            order: null,
            without: null,
            issuers: noIssuers,
          },
          firstPage,
        )
      )?.rows.map((row) => row.hasFactor),
    });
    expect(await everywhere()).toEqual({ state: true, forms: true, shell: true, list: [true] });
    await exclude();
    expect(await everywhere()).toEqual({ state: false, forms: false, shell: false, list: [false] });
  });

  it("cannot be set up, nor finished once it was begun", async () => {
    const begin = (caller: Caller) =>
      beginEnrolment(at.database, encryptionKeys, caller, { proofId: null, reauthenticated: true, pass: "" });
    const caller = await at.person("Nora New");
    const begun = await begin(caller);
    if (!begun.ok) throw new Error(begun.message);
    await exclude();
    expect(
      await confirmEnrolment(at.database, encryptionKeys, caller, appCode(begun.secret, now)),
    ).toMatchObject({
      ok: false,
      startAgain: true,
    });
    expect(await begin(await at.person("Nina New"))).toMatchObject({ ok: false, message: noAppsAccepted });
    expect((await factorState(at.database, caller)).enrolled).toBe(false);
  });

  it("allows no passkey by itself: that takes what a first factor takes, and a passkey then removes the app", async () => {
    const { caller, secret } = await withApp();
    const met = await meet(caller, appCode(secret, now), { kind: "RegisterPasskey" });
    if (!met.ok) throw new Error(met.error.message);
    await exclude();
    await setRules(at.test, { first_factor: "OneTimePass" });
    const begin = (pass: string) =>
      beginPasskey(at.database, party, caller, { proofId: met.proofId, reauthenticated: true, pass });
    expect(await begin("")).toMatchObject({ ok: false, field: "pass" });
    const pass = await openPass(at.database, caller.userId, at.owner.userId);
    await registerPasskey(at.database, caller, softwarePasskey(), null, pass);
    const proof = await at.prove({ kind: "RemoveAuthenticator" }, caller);
    expect(await removeAuthenticator(at.database, caller, proof), "by a code").toMatchObject({ ok: false });
    await at.test.asOwner("UPDATE step_up_proofs SET method = 'Passkey' WHERE id = $1", [proof]);
    expect(await removeAuthenticator(at.database, caller, proof), "by the passkey").toEqual({ ok: true });
  });
});

describe("a first factor where anyone signed in may enrol one", () => {
  it("takes a pass of whoever has an app that is not accepted: a password does not stand in for its code", async () => {
    const { caller } = await withApp();
    const begin = (pass: string) =>
      beginPasskey(at.database, party, caller, { proofId: null, reauthenticated: true, pass });
    await exclude();
    expect(await firstFactorState(at.database.client, caller)).toMatchObject({ needsPass: true });
    expect(await begin("")).toMatchObject({ ok: false, field: "pass" });
    expect(await begin(await openPass(at.database, caller.userId, at.owner.userId))).toMatchObject({
      ok: true,
    });
    const newcomer = await at.person("Nina New");
    await registerPasskey(at.database, newcomer);
    // Somebody who began before the rules changed, without an app, and confirmed one meanwhile.
    const quick = await at.person("Quinn Quick");
    const input = { proofId: null, reauthenticated: true, pass: "" };
    const begun = await beginPasskey(at.database, party, quick, input);
    if (!begun.ok) throw new Error(begun.message);
    await enrolApp(quick.userId);
    const response = softwarePasskey().register(begun.options.challenge);
    expect(await confirmPasskey(at.database, party, quick, { name: "Late", response })).toMatchObject({
      ok: false,
    });
  });
});

describe("a factor that was begun with a code", () => {
  /** Begins a passkey beside another one, with a proof of this method. */
  async function begunWith(method: "Totp" | "RecoveryCode" | "Passkey") {
    const { caller } = await withApp();
    await registerPasskey(
      ...([at.database, caller, softwarePasskey()] as const),
      await makeProof(at.database, caller, { kind: "RegisterPasskey" }, "Passkey"),
    );
    const proofId = await makeProof(at.database, caller, { kind: "RegisterPasskey" }, method);
    const begun = await beginPasskey(at.database, party, caller, {
      proofId,
      reauthenticated: false,
      pass: "",
    });
    if (!begun.ok) throw new Error(begun.message);
    const response = softwarePasskey().register(begun.options.challenge);
    return () => confirmPasskey(at.database, party, caller, { name: "Late", response });
  }

  it("is not confirmed once the rules accept such codes no longer, whatever else its person has", async () => {
    const [byApp, byRecoveryCode, byPasskey] = [
      await begunWith("Totp"),
      await begunWith("RecoveryCode"),
      await begunWith("Passkey"),
    ];
    await exclude();
    expect(await byApp()).toMatchObject({ ok: false });
    expect(await byPasskey()).toMatchObject({ ok: true });
    await setRules(at.test, { authenticator_apps_confirm: true, recovery_codes_confirm: false });
    expect(await byRecoveryCode()).toMatchObject({ ok: false });
    const { caller } = await withApp();
    await setRules(at.test, { recovery_codes_confirm: true });
    const proofId = await makeProof(at.database, caller, { kind: "ReplaceAuthenticator" }, "RecoveryCode");
    const input = { proofId, reauthenticated: false, pass: "" };
    const begun = await beginEnrolment(at.database, encryptionKeys, caller, input);
    if (!begun.ok) throw new Error(begun.message);
    await setRules(at.test, { recovery_codes_confirm: false });
    const code = appCode(begun.secret, now);
    expect(await confirmEnrolment(at.database, encryptionKeys, caller, code)).toMatchObject({ ok: false });
  });
});

describe("signing in where a password takes a second factor and apps are not accepted", () => {
  async function awaiting(userId: string, email: string): Promise<Awaiting> {
    await at.database.client.passwordCredential.create({ data: { userId, hash } });
    const result = await signIn(at.database, keys.sessionSecrets, { email, password }, origin);
    if (result.ok || result.reason !== "SecondFactor") throw new Error(JSON.stringify(result));
    return { token: result.awaiting, origin, device: null };
  }
  beforeEach(() => setRules(at.test, { sign_in_takes_two: true, authenticator_apps_confirm: false }));

  it("no code of an app opens it, and a first passkey does, by the rule for first factors", async () => {
    await setRules(at.test, { first_factor: "OneTimePass" });
    const { caller, secret } = await withApp();
    const browser = await awaiting(caller.userId, caller.email);
    for (const code of [appCode(secret, now), recovery])
      expect(await signInWithCode(at.database, keys, browser, code)).toMatchObject({
        ok: false,
        over: false,
      });
    expect(await secondFactorAwaited(at.database, browser.token, origin)).toMatchObject({
      factor: { enrolled: false },
      first: { needsPass: true },
      appsAccepted: false,
    });
    expect(await beginPasskeyAtSignIn(at.database, party, browser, "")).toMatchObject({
      ok: false,
      field: "pass",
    });
    const pass = await openPass(at.database, caller.userId, at.owner.userId);
    const begun = await beginPasskeyAtSignIn(at.database, party, browser, pass);
    if (!begun?.ok) throw new Error(begun?.message);
    const made = { name: "Key", response: softwarePasskey().register(begun.options.challenge) };
    const stolen = { ...browser, token: { ...browser.token, secret: "of another browser, long enough" } };
    expect(await confirmPasskeyAtSignIn(at.database, { ...keys, party }, stolen, made)).toBeNull();
    const result = await confirmPasskeyAtSignIn(at.database, { ...keys, party }, browser, made);
    expect(result).toMatchObject({ confirmed: { ok: true }, signedIn: { ok: true } });
    const event = await at.database.client.auditEvent.findFirst({
      where: { kind: "SignIn", actorId: caller.userId },
    });
    expect(event).toMatchObject({ factor: "Passkey", sessionId: browser.token.sessionId });
    // The same answer once more finds nothing that awaits it.
    expect(await confirmPasskeyAtSignIn(at.database, { ...keys, party }, browser, made)).toBeNull();
  });

  it("a password is no way in beside the last passkey, which stays", async () => {
    const caller = await at.person("Pat Passkey");
    await registerPasskey(at.database, caller);
    await at.database.client.passwordCredential.create({ data: { userId: caller.userId, hash } });
    const remove = async () => {
      const [passkey] = await listPasskeys(at.database, caller);
      const operation = { kind: "RemovePasskey", passkeyId: passkey?.id ?? "" } as const;
      return removePasskey(at.database, caller, { ...operation, proofId: await at.prove(operation, caller) });
    };
    expect(await remove()).toMatchObject({ ok: false, unproved: false });
    await setRules(at.test, { authenticator_apps_confirm: true });
    expect(await remove()).toMatchObject({ ok: true });
  });
});

describe("excluding authenticator apps", () => {
  const link = (issuer: string) =>
    at.database.client.identityLink.create({
      data: { principalId: at.owner.userId, issuer, subject: "olga", createdById: at.owner.userId },
    });

  it("is refused to whoever would have no factor left, and says what would do", async () => {
    await enrolApp(at.owner.userId);
    const issuers = { any: ["https://id.example"], phishingResistant: [] };
    expect(await save(without)).toMatchObject(refusedFor(/^First add a passkey of your own: you would/));
    expect(await save(without, { passkeys: true, issuers })).toMatchObject(
      refusedFor(/First add a passkey of your own, or link an identity provider/),
    );
    expect(await save(without, { passkeys: false, issuers })).toMatchObject(
      refusedFor(/^First link an identity/),
    );
    await link("https://elsewhere.example");
    expect(await save(without, { passkeys: false, issuers })).toMatchObject(refusedFor(/^First link/));
    await registerPasskey(
      at.database,
      at.owner,
      softwarePasskey(),
      await at.prove({ kind: "RegisterPasskey" }),
    );
    expect(await save(without, { ...passkeysAlone, passkeys: false })).toMatchObject(
      refusedFor(/^Nothing else would count here/),
    );
    expect((await rulesNow(at.database)).authenticatorAppsConfirm).toBe(true);
    expect(await save(without)).toMatchObject({ ok: true });
    // A factor that is already excluded is no reason to refuse other changes.
    await at.test.asOwner("UPDATE passkeys SET removed_at = now() WHERE user_id = $1", [at.owner.userId]);
    expect(await save({ sessionHours: 3 })).toMatchObject({ ok: true });
    expect(await save({ authenticatorAppsConfirm: true })).toMatchObject({ ok: true });
    await link("https://id.example");
    expect(await save(without, { passkeys: false, issuers })).toMatchObject({ ok: true });
  });

  it("is refused while a break-glass account has nothing else, which then cannot be named either", async () => {
    await registerPasskey(
      at.database,
      at.owner,
      softwarePasskey(),
      await at.prove({ kind: "RegisterPasskey" }),
    );
    const account = await listedAccount(at, at.owner.userId);
    await enrolApp(account.id);
    expect(await save(without)).toMatchObject({ ok: true });
    await setRules(at.test, { authenticator_apps_confirm: true });
    await at.test.asOwner("UPDATE passkeys SET removed_at = now() WHERE user_id = $1", [account.id]);
    expect(await save(without)).toMatchObject(refusedFor(/no second factor left: \P{L}*Gus Glass/u));
    await at.database.client.breakGlassAccount.deleteMany();
    await exclude();
    const input = { principalId: account.id, justification: "In the safe" };
    const proofId = await at.prove(nameBreakGlassAccountOperation(input));
    expect(JSON.stringify(await nameBreakGlassAccount(at.database, at.owner, { ...input, proofId }))).toMatch(
      /second factor/i,
    );
  });

  it("shows an account that came to lack a factor since", async () => {
    const account = await listedAccount(at, at.owner.userId);
    await enrolApp(account.id);
    await at.test.asOwner("UPDATE passkeys SET removed_at = now() WHERE user_id = $1", [account.id]);
    const factors = async () =>
      (await breakGlassAccountsFor(at.database, at.owner))?.map((each) =>
        JSON.stringify(each).includes('"factor":true'),
      );
    expect(await factors()).toEqual([true]);
    await exclude();
    expect(await factors()).toEqual([false]);
  });

  it.each(["first", "second"] as const)(
    "never leaves a break-glass account without one that removes its passkey at that moment (the %s leads)",
    async (leading) => {
      await registerPasskey(
        at.database,
        at.owner,
        softwarePasskey(),
        await at.prove({ kind: "RegisterPasskey" }),
      );
      const account = await listedAccount(at, at.owner.userId);
      await enrolApp(account.id);
      await at.database.client.breakGlassAccount.deleteMany();
      const caller = await makeCaller(at.database, account);
      const named = { userId: account.id, namedById: at.owner.userId, reason: "In the safe" };
      await at.database.client.breakGlassAccount.create({ data: named });
      const [passkey] = await listPasskeys(at.database, caller);
      const operation = { kind: "RemovePasskey", passkeyId: passkey?.id ?? "" } as const;
      const proofId = await at.prove(operation, caller);
      const [removed, excluded] = await oneAfterTheOther(
        at.test,
        () => removePasskey(at.database, caller, { ...operation, proofId }),
        () => save(without),
        leading,
      );
      if (leading === "first") {
        expect(removed).toMatchObject({ ok: true });
        expect(excluded).toMatchObject(refusedFor(/Gus Glass/));
      } else {
        expect(excluded).toMatchObject({ ok: true });
        expect(removed).toMatchObject({ ok: false, message: expect.stringMatching(/last second factor/) });
      }
    },
  );

  it("ends an enrolment that is confirmed at that moment before or after it, never beside it", async () => {
    await registerPasskey(
      at.database,
      at.owner,
      softwarePasskey(),
      await at.prove({ kind: "RegisterPasskey" }),
    );
    const caller = await at.person("Nora New");
    const input = { proofId: null, reauthenticated: true, pass: "" };
    const begun = await beginEnrolment(at.database, encryptionKeys, caller, input);
    if (!begun.ok) throw new Error(begun.message);
    const [confirmed, excluded] = await oneAfterTheOther(
      at.test,
      () => confirmEnrolment(at.database, encryptionKeys, caller, appCode(begun.secret, now)),
      () => save(without),
      "second",
    );
    expect(excluded).toMatchObject({ ok: true });
    expect(confirmed).toMatchObject({ ok: false, startAgain: true });
  });

  it("is refused on a stale page, and a proof for it is good once", async () => {
    await registerPasskey(
      at.database,
      at.owner,
      softwarePasskey(),
      await at.prove({ kind: "RegisterPasskey" }),
    );
    const { version, ...rules } = await rulesNow(at.database);
    const input = { expectedVersion: version, rules: { ...rules, ...without } };
    const proofId = await at.prove(updateSignInRulesOperation(input));
    const send = () => updateSignInRules(at.database, at.owner, { ...input, proofId, others: passkeysAlone });
    expect(await send()).toMatchObject({ ok: true });
    expect(await send()).toMatchObject({ ok: false, error: { code: "StaleEdit" } });
    now = addMinutes(now, 1);
    expect(await save({ authenticatorAppsConfirm: true })).toMatchObject({ ok: true });
    expect(await send()).toMatchObject({ ok: false, error: { code: "StaleEdit" } });
  });
});
