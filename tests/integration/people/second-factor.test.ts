import { generateSecret } from "otplib";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addMinutes } from "@/lib/domain/time/schedule";
import { recoveryCodeHash } from "@/lib/identity/factors/verify-factor";
import { hashPassword } from "@/lib/identity/passwords/password";
import { findAwaiting } from "@/lib/identity/sessions/awaiting-session";
import {
  createSession,
  findCaller,
  isSessionGood,
  isTokenGood,
  type SessionToken,
} from "@/lib/identity/sessions/sessions";
import {
  type Awaiting,
  beginFactorAtSignIn,
  confirmFactorAtSignIn,
  secondFactorAwaited,
  signInWithCode,
} from "@/lib/identity/sign-in/second-factor";
import { signIn } from "@/lib/identity/sign-in/sign-in";
import { createChallenge, meetChallenge } from "@/lib/identity/step-up/step-up";
import { deliverNotifications } from "@/lib/operations/notifications/deliver-notifications";
import { seal } from "@/lib/platform/secrets";
import { inTransaction } from "@/lib/platform/transaction";
import { sessionsOfPerson } from "@/lib/queries/people/sessions";
import { type Administration, makeAdministration } from "../../support/administration";
import { appCode } from "../../support/app-code";
import { atOnce } from "../../support/database/held-lock";
import { makeUser } from "../../support/factories";
import { openPass, setRules } from "../../support/sign-in-rules";

const encryptionKeys = [{ id: "k1", key: Buffer.alloc(32, 7) }];
const keys = { sessionSecrets: ["a secret of the test's own, long enough"] as const, encryptionKeys };
const password = "old grey walls of slate";
const origin = { ipAddress: "192.0.2.9", userAgent: "test" };
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
  now = start;
  const rules = { first_factor: "OneTimePass", factor_waits_hours: 0, recovery_codes_confirm: true };
  await setRules(at.test, { sign_in_takes_two: true, ...rules });
});

/** A person with a password, and with an authenticator app unless they are new. */
async function arrange({ app = true }: { readonly app?: boolean } = {}) {
  const user = await makeUser(at.database);
  const client = at.database.client;
  await client.passwordCredential.create({ data: { userId: user.id, hash } });
  const secret = generateSecret();
  const recovery = "ABCDEFGHIJKLMNOPQRSTUVWX";
  if (app) {
    const sealed = seal(encryptionKeys, secret, user.id);
    await client.totpFactor.create({ data: { userId: user.id, ...sealed, confirmedAt: now } });
    await client.recoveryCode.create({ data: { userId: user.id, hash: recoveryCodeHash(recovery) } });
  }
  const typed = (text: string) =>
    signIn(at.database, keys.sessionSecrets, { email: user.email ?? "", password: text }, origin);
  /** The state of a browser after the right password. */
  const awaiting = async (): Promise<Awaiting> => {
    const result = await typed(password);
    if (result.ok || result.reason !== "SecondFactor") throw new Error(JSON.stringify(result));
    return { token: result.awaiting, origin, device: null };
  };
  return { user, secret, recovery, typed, awaiting };
}
const show = (browser: Awaiting, code: string) => signInWithCode(at.database, keys, browser, code);
const over = { ok: false, over: true };

/** Asserts that a token opens nothing: it is no session for any request, page or stream. */
async function opensNothing(token: SessionToken, userId: string): Promise<void> {
  expect(await findCaller(at.database, token, origin)).toBeNull();
  expect(await isTokenGood(at.database, token)).toBe(false);
  expect(await isSessionGood(at.database, token.sessionId)).toBe(false);
  expect(await sessionsOfPerson(at.database, at.owner, userId)).toEqual([]);
}

describe("where a password takes a second factor", () => {
  it("the right password opens nothing, and a wrong one says nothing of factors", async () => {
    const { user, typed, awaiting } = await arrange();
    const { token } = await awaiting();
    await opensNothing(token, user.id);
    for (const person of [await arrange(), await arrange({ app: false })])
      expect(await person.typed("another password")).toEqual(await typed("another password"));
    expect(await at.database.client.auditEvent.count({ where: { kind: "SignIn", actorId: user.id } })).toBe(
      0,
    );
  });

  it("no challenge is made in such a session, whoever writes it, and an open one never awaits again", async () => {
    const { user, awaiting } = await arrange();
    const { token } = await awaiting();
    const raw = (sql: string) => inTransaction(at.database, (work) => work.$executeRawUnsafe(sql));
    await expect(
      raw(`INSERT INTO step_up_challenges (user_id, session_id, operation, operation_digest, expires_at)
        VALUES ('${user.id}', '${token.sessionId}', '{"kind":"RemoveAuthenticator"}', '\\x00', now() + interval '1 hour')`),
    ).rejects.toThrow("awaits a second factor");
    const open = await inTransaction(at.database, (work) => createSession(work, user.id, origin));
    await expect(
      raw(`UPDATE sessions SET awaits_factor = true WHERE id = '${open.sessionId}'`),
    ).rejects.toThrow("stays so");
  });

  it("a code opens it, with a new secret, and the log says by which factor", async () => {
    const { user, secret, awaiting } = await arrange();
    const browser = await awaiting();
    const result = await show(browser, appCode(secret, now));
    if (!result.ok) throw new Error(result.message);
    expect(await findCaller(at.database, result.token, origin)).toMatchObject({ userId: user.id });
    expect(await isTokenGood(at.database, browser.token)).toBe(false);
    expect(await show(browser, appCode(secret, now, 1))).toMatchObject(over);
    const event = await at.database.client.auditEvent.findFirst({
      where: { kind: "SignIn", actorId: user.id },
    });
    expect(event).toMatchObject({ factor: "Totp", sessionId: browser.token.sessionId });
  });

  it("the code that signed in confirms no operation, and one that confirmed an operation signs nobody in", async () => {
    const { secret, awaiting } = await arrange();
    const result = await show(await awaiting(), appCode(secret, now));
    if (!result.ok) throw new Error(result.message);
    const caller = await findCaller(at.database, result.token, origin);
    if (!caller) throw new Error("no session");
    const confirm = async (code: string) => {
      const challenge = await createChallenge(at.database, caller, { kind: "RemoveAuthenticator" });
      const input = { challengeId: challenge?.challengeId ?? "", code };
      return meetChallenge(at.database, encryptionKeys, caller, input);
    };
    expect(await at.database.client.stepUpProof.count({ where: { userId: caller.userId } })).toBe(0);
    expect(await confirm(appCode(secret, now))).toMatchObject({
      error: { code: "InvalidAuthenticationCode" },
    });
    expect(await confirm(appCode(secret, now, 1))).toMatchObject({ ok: true });
    expect(await show(await awaiting(), appCode(secret, now, 1))).toMatchObject({ ok: false, over: false });
  });

  it("one code signs in once, in whichever of two browsers", async () => {
    const { user, secret, awaiting } = await arrange();
    const [one, other] = [await awaiting(), await awaiting()];
    const results = await atOnce(at.test, [
      () => show(one, appCode(secret, now)),
      () => show(other, appCode(secret, now)),
    ]);
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    const open = { userId: user.id, endedAt: null, awaitsFactor: false };
    expect(await at.database.client.session.count({ where: open })).toBe(1);
  });

  it("two answers of one browser open one session", async () => {
    const { user, secret, awaiting } = await arrange();
    const browser = await awaiting();
    const results = await atOnce(at.test, [
      () => show(browser, appCode(secret, now)),
      () => show(browser, appCode(secret, now, 1)),
    ]);
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    expect(results).toContainEqual(expect.objectContaining(over));
    expect(await at.database.client.auditEvent.count({ where: { kind: "SignIn", actorId: user.id } })).toBe(
      1,
    );
  });

  it("a recovery code does it once, unless the organisation accepts none", async () => {
    const { recovery, awaiting } = await arrange();
    await setRules(at.test, { recovery_codes_confirm: false });
    expect(await show(await awaiting(), recovery)).toMatchObject({ ok: false, over: false });
    await setRules(at.test, { recovery_codes_confirm: true });
    expect(await show(await awaiting(), recovery)).toMatchObject({ ok: true });
    expect(await show(await awaiting(), recovery)).toMatchObject({ ok: false, over: false });
  });

  it("belongs to one browser and ten minutes, and ends with the person or their password", async () => {
    const { user, secret, awaiting } = await arrange();
    const browser = await awaiting();
    const stolen = { ...browser, token: { ...browser.token, secret: "of another browser, long enough" } };
    expect(await show(stolen, appCode(secret, now))).toMatchObject(over);
    const disable = (disabledAt: Date | null) =>
      at.test.asOwner("UPDATE principals SET disabled_at = $2 WHERE id = $1", [user.id, disabledAt]);
    await disable(now);
    expect(await show(browser, appCode(secret, now))).toMatchObject(over);
    await disable(null);
    now = addMinutes(start, 10);
    expect(await show(browser, appCode(secret, now))).toMatchObject(over);
    now = start;
    await at.test.asOwner("UPDATE sessions SET ended_at = $2 WHERE user_id = $1", [user.id, now]);
    expect(await show(browser, appCode(secret, now))).toMatchObject(over);
    expect(await findAwaiting(at.database, browser.token, origin)).toBeNull();
  });

  it("wrong codes are counted, logged and lock the app, and signing in again makes up for none", async () => {
    const { user, secret, awaiting } = await arrange();
    for (let wrong = 0; wrong < 5; wrong += 1)
      expect(await show(await awaiting(), "000000")).toMatchObject({ ok: false, over: false });
    expect(await show(await awaiting(), appCode(secret, now))).toMatchObject({
      ok: false,
      message: expect.stringContaining("locked until"),
    });
    const failed = { kind: "StepUpFailed", actorId: user.id };
    const events = await at.database.client.auditEvent.findMany({ where: failed });
    expect(events.map(({ details }) => details)).toContainEqual({
      ...{ operation: "SignIn", error: "InvalidAuthenticationCode" },
    });
    await deliverNotifications(at.database, { mail: true });
    const titles = await at.database.client.notification.findMany({ where: { recipientId: user.id } });
    expect(titles.map(({ title }) => title)).toContain("Your authenticator app is locked");
  });

  it("right passwords without a factor push no session out, and leave five that wait", async () => {
    const { user, awaiting } = await arrange();
    const open = await inTransaction(at.database, (work) => createSession(work, user.id, origin));
    for (let count = 0; count < 7; count += 1) await awaiting();
    expect(await isTokenGood(at.database, open)).toBe(true);
    const waiting = { userId: user.id, endedAt: null, awaitsFactor: true };
    expect(await at.database.client.session.count({ where: waiting })).toBe(5);
    await inTransaction(at.database, async (work) => {
      for (let count = 0; count < 49; count += 1) await createSession(work, user.id, origin);
    });
    expect(await isTokenGood(at.database, open), "the oldest of fifty").toBe(true);
  });
});

describe("whoever has no factor", () => {
  it("sets one up with a one-time pass before they come in, and gets nowhere without", async () => {
    const { user, awaiting } = await arrange({ app: false });
    const browser = await awaiting();
    expect(await secondFactorAwaited(at.database, browser.token, origin)).toMatchObject({
      factor: { enrolled: false },
      first: { needsPass: true },
    });
    expect(await show(browser, "123456")).toMatchObject({ ok: false, over: false });
    for (const pass of ["", "abcd-efgh-jkmn-pqrs-tuvw-xyz2"])
      expect(await beginFactorAtSignIn(at.database, keys, browser, pass)).toMatchObject({ field: "pass" });
    const pass = await openPass(at.database, user.id, at.owner.userId);
    const begun = await beginFactorAtSignIn(at.database, keys, browser, pass);
    if (!begun?.ok) throw new Error("not begun");
    await opensNothing(browser.token, user.id);
    expect((await confirmFactorAtSignIn(at.database, keys, browser, "000000"))?.signedIn.ok).toBe(false);
    await opensNothing(browser.token, user.id);
    const done = await confirmFactorAtSignIn(at.database, keys, browser, appCode(begun.secret, now));
    expect(done?.confirmed).toMatchObject({ ok: true, recoveryCodes: expect.any(Array) });
    if (!done?.signedIn.ok) throw new Error("not signed in");
    expect(await findCaller(at.database, done.signedIn.token, origin)).toMatchObject({ userId: user.id });
    expect(await show(await awaiting(), appCode(begun.secret, now))).toMatchObject({ ok: false });
    expect(await show(await awaiting(), appCode(begun.secret, now, 1))).toMatchObject({ ok: true });
  });

  it("comes in with a first factor that waits to count, which confirms nothing until then", async () => {
    await setRules(at.test, { factor_waits_hours: 4 });
    const { user, awaiting } = await arrange({ app: false });
    const browser = await awaiting();
    const pass = await openPass(at.database, user.id, at.owner.userId);
    const begun = await beginFactorAtSignIn(at.database, keys, browser, pass);
    if (!begun?.ok) throw new Error("not begun");
    await confirmFactorAtSignIn(at.database, keys, browser, appCode(begun.secret, now));
    const result = await show(await awaiting(), appCode(begun.secret, now, 1));
    if (!result.ok) throw new Error(result.message);
    const caller = await findCaller(at.database, result.token, origin);
    if (!caller) throw new Error("no session");
    now = addMinutes(now, 2);
    const challenge = await createChallenge(at.database, caller, { kind: "RemoveAuthenticator" });
    const input = { challengeId: challenge?.challengeId ?? "", code: appCode(begun.secret, now) };
    expect(await meetChallenge(at.database, encryptionKeys, caller, input)).toMatchObject({
      error: { code: "FactorWaits" },
    });
  });
});

it("whoever has a factor makes none at sign-in, with or without a pass", async () => {
  const { user, awaiting } = await arrange();
  const browser = await awaiting();
  const pass = await openPass(at.database, user.id, at.owner.userId);
  expect(await beginFactorAtSignIn(at.database, keys, browser, pass)).toMatchObject({ ok: false });
  expect(await at.database.client.totpFactor.count({ where: { userId: user.id } })).toBe(1);
});

it("a key that is made at sign-in is confirmed in that browser alone", async () => {
  await setRules(at.test, { first_factor: "AnyoneSignedIn" });
  const { awaiting } = await arrange({ app: false });
  const [mine, other] = [await awaiting(), await awaiting()];
  const begun = await beginFactorAtSignIn(at.database, keys, mine, "");
  if (!begun?.ok) throw new Error("not begun");
  const stolen = await confirmFactorAtSignIn(at.database, keys, other, appCode(begun.secret, now));
  expect(stolen).toMatchObject({ confirmed: { ok: false }, signedIn: { ok: false } });
});

it("asks for nothing more where the rule is off", async () => {
  await setRules(at.test, { sign_in_takes_two: false });
  const { typed } = await arrange();
  expect(await typed(password)).toMatchObject({ ok: true });
});
