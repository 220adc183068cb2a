import { generateSecret } from "otplib";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { addMinutes } from "@/lib/domain/time/schedule";
import { recoveryCodeHash } from "@/lib/identity/factors/verify-factor";
import { createSession, endSession, findCaller } from "@/lib/identity/sessions/sessions";
import { createChallenge, meetChallenge } from "@/lib/identity/step-up/step-up";
import type { Caller } from "@/lib/platform/caller";
import { seal } from "@/lib/platform/secrets";
import { inTransaction } from "@/lib/platform/transaction";
import { appCode } from "../../support/app-code";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { atOnce } from "../../support/database/held-lock";
import { makeCaller, makeUser } from "../../support/factories";
import { setRules } from "../../support/sign-in-rules";

const keys = [{ id: "k1", key: Buffer.alloc(32, 7) }];
const operation: ProtectedOperation = { kind: "ReplaceRecoveryCodes" };
let now = new Date("2026-03-02T09:00:00Z");
let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase({ clock: () => now });
});
afterAll(() => test.drop());
beforeEach(() => {
  now = new Date("2026-03-02T09:00:00Z");
});

async function arrange() {
  const user = await makeUser(test.database);
  const secret = generateSecret();
  await test.database.client.totpFactor.create({
    data: { userId: user.id, ...seal(keys, secret, user.id), confirmedAt: now },
  });
  return { user, secret, caller: await makeCaller(test.database, user) };
}
const codeAt = (secret: string, steps = 0) => appCode(secret, now, steps);
async function submit(caller: Caller, code: string) {
  const challenge = await createChallenge(test.database, caller, operation);
  return meetChallenge(test.database, keys, caller, { challengeId: challenge?.challengeId ?? "", code });
}

it("accepts one code once, whichever of two simultaneous submissions comes first", async () => {
  const { caller, secret } = await arrange();
  const results = await atOnce(test, [
    () => submit(caller, codeAt(secret)),
    () => submit(caller, codeAt(secret)),
  ]);
  expect(results.filter((result) => result.ok)).toHaveLength(1);
  expect(await submit(caller, codeAt(secret, -1))).toMatchObject({
    ok: false,
    error: { code: "InvalidAuthenticationCode" },
  });
  expect(await submit(caller, codeAt(secret, 1))).toMatchObject({ ok: true });
});

it("changes no session and records no success if no proof could be made for a right code", async () => {
  const { caller, secret, user } = await arrange();
  const challenge = await createChallenge(test.database, caller, operation);
  const secretHash = async () =>
    (await test.asOwner("SELECT secret_hash FROM sessions WHERE id = $1", [caller.sessionId])).rows[0];
  const before = await secretHash();
  // What makes the proof looks at the age of the challenge itself.
  await test.asOwner(
    "UPDATE step_up_challenges SET created_at = created_at - interval '11 minutes' WHERE id = $1",
    [challenge?.challengeId],
  );
  const input = { challengeId: challenge?.challengeId ?? "", code: codeAt(secret) };
  expect(await meetChallenge(test.database, keys, caller, input)).toMatchObject({
    ok: false,
    error: { code: "ChallengeExpired" },
  });
  expect(await secretHash()).toEqual(before);
  const where = { actorId: user.id, kind: "StepUpSucceeded" };
  expect(await test.database.client.auditEvent.count({ where })).toBe(0);
  // The code is used up all the same.
  expect(await submit(caller, codeAt(secret))).toMatchObject({ ok: false });
});

it("accepts one step of drift either way and no more", async () => {
  for (const [steps, ok] of [
    [-2, false],
    [-1, true],
    [1, true],
    [2, false],
  ] as const) {
    const { caller, secret } = await arrange();
    expect(await submit(caller, codeAt(secret, steps))).toMatchObject({ ok });
  }
});

it("locks after five wrong codes, for twice as long the next time, and logs it", async () => {
  const { caller, secret, user } = await arrange();
  for (let tries = 0; tries < 5; tries += 1) await submit(caller, "000000");
  expect(await submit(caller, codeAt(secret))).toMatchObject({ ok: false, error: { code: "FactorLocked" } });
  now = addMinutes(now, 16);
  for (let tries = 0; tries < 5; tries += 1) await submit(caller, "000000");
  now = addMinutes(now, 16);
  expect(await submit(caller, codeAt(secret))).toMatchObject({ ok: false, error: { code: "FactorLocked" } });
  now = addMinutes(now, 15);
  expect(await submit(caller, codeAt(secret))).toMatchObject({ ok: true });
  expect(
    await test.database.client.auditEvent.count({ where: { actorId: user.id, kind: "FactorLocked" } }),
  ).toBe(2);
});

it("takes a recovery code only where the organisation accepts them, and counts none that it does not", async () => {
  const { caller, user, secret } = await arrange();
  const codes = ["ABCDEFGHIJKLMNOPQRSTUVWX", "BCDEFGHIJKLMNOPQRSTUVWXY"];
  await test.database.client.recoveryCode.createMany({
    data: codes.map((code) => ({ userId: user.id, hash: recoveryCodeHash(code) })),
  });
  await setRules(test, { recovery_codes_confirm: false });
  for (let tries = 0; tries < 6; tries += 1)
    expect(await submit(caller, codes[0] ?? "")).toMatchObject({
      ok: false,
      error: { message: expect.stringContaining("does not accept recovery codes") },
    });
  expect(await submit(caller, codeAt(secret)), "not locked").toMatchObject({ ok: true });
  await setRules(test, { recovery_codes_confirm: true });
  expect(await submit(caller, codes[0] ?? ""), "kept").toMatchObject({ ok: true });
});

it("refuses another person's and another session's challenge", async () => {
  const { caller, secret, user } = await arrange();
  const challenge = await createChallenge(test.database, caller, operation);
  const elsewhere = await makeCaller(test.database, user);
  expect(
    await meetChallenge(test.database, keys, elsewhere, {
      challengeId: challenge?.challengeId ?? "",
      code: codeAt(secret),
    }),
  ).toMatchObject({ ok: false, error: { code: "ChallengeExpired" } });
});

it("refuses a session the moment it is ended or its user disabled", async () => {
  const { user } = await arrange();
  const origin = { ipAddress: "192.0.2.9", userAgent: "test" };
  const token = await inTransaction(test.database, (transaction) =>
    createSession(transaction, user.id, origin),
  );
  const caller = await findCaller(test.database, token, origin);
  expect(caller?.userId).toBe(user.id);
  expect(await findCaller(test.database, { ...token, secret: `${token.secret}x` }, origin)).toBeNull();
  await test.database.client.principal.update({ where: { id: user.id }, data: { disabledAt: now } });
  expect(await findCaller(test.database, token, origin)).toBeNull();
  await test.database.client.principal.update({ where: { id: user.id }, data: { disabledAt: null } });
  if (caller) await endSession(test.database, caller, token.sessionId);
  expect(await findCaller(test.database, token, origin)).toBeNull();
});

it("keeps a browser signed in that never read the answer to its right code, for a minute", async () => {
  const { user, secret } = await arrange();
  const origin = { ipAddress: "192.0.2.9", userAgent: "test" };
  const former = await inTransaction(test.database, (transaction) =>
    createSession(transaction, user.id, origin),
  );
  const caller = await findCaller(test.database, former, origin);
  if (!caller) throw new Error("no session");
  expect(await submit(caller, codeAt(secret, -1))).toMatchObject({ ok: true });
  now = new Date(now.getTime() + 59_000);
  // Another tab of the same browser, and the next try of this one.
  expect(await findCaller(test.database, former, origin)).toMatchObject({ userId: user.id });
  const again = await submit(caller, codeAt(secret));
  if (!again.ok) throw new Error(again.error.message);
  now = addMinutes(now, 5);
  expect(await findCaller(test.database, again.token, origin)).toMatchObject({ userId: user.id });
});

it("refuses the former secret after a minute, and at once when the session is ended", async () => {
  const { user, secret } = await arrange();
  const origin = { ipAddress: "192.0.2.9", userAgent: "test" };
  for (const end of [false, true]) {
    const former = await inTransaction(test.database, (transaction) =>
      createSession(transaction, user.id, origin),
    );
    const caller = await findCaller(test.database, former, origin);
    if (!caller) throw new Error("no session");
    const met = await submit(caller, codeAt(secret));
    if (!met.ok) throw new Error(met.error.message);
    if (end) await endSession(test.database, caller, caller.sessionId);
    else now = addMinutes(now, 1);
    expect(await findCaller(test.database, former, origin)).toBeNull();
    const renewed = await findCaller(test.database, met.token, origin);
    expect(renewed === null).toBe(end);
  }
});

it("keeps each former secret for a minute of its own, however quickly step-ups follow each other", async () => {
  const { user, secret } = await arrange();
  const origin = { ipAddress: "192.0.2.9", userAgent: "test" };
  const first = await inTransaction(test.database, (transaction) =>
    createSession(transaction, user.id, origin),
  );
  const caller = await findCaller(test.database, first, origin);
  if (!caller) throw new Error("no session");
  const start = now;
  const at = (seconds: number) => {
    now = new Date(start.getTime() + seconds * 1_000);
  };
  const stepUp = async (seconds: number) => {
    at(seconds);
    const met = await submit(caller, codeAt(secret));
    if (!met.ok) throw new Error(met.error.message);
    return met.token;
  };
  // The answers to both are lost: the browser shows what it had before the first.
  const second = await stepUp(0);
  const third = await stepUp(31);
  const good = async () =>
    Promise.all(
      [first, second, third].map(async (token) => (await findCaller(test.database, token, origin)) !== null),
    );
  at(59);
  expect(await good()).toEqual([true, true, true]);
  at(60);
  expect(await good()).toEqual([false, true, true]);
  at(91);
  expect(await good()).toEqual([false, false, true]);
});
