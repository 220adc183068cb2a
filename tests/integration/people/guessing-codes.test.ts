import { generateSecret } from "otplib";
import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { addMinutes } from "@/lib/domain/time/schedule";
import { changePassword } from "@/lib/identity/passwords/change-password";
import { hashPassword } from "@/lib/identity/passwords/password";
import { createChallenge, meetChallenge } from "@/lib/identity/step-up/step-up";
import { forgetGuesses } from "@/lib/operations/people/prune-wrong-guesses";
import type { Caller } from "@/lib/platform/caller";
import { seal } from "@/lib/platform/secrets";
import { appCode } from "../../support/app-code";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { makeCaller, makeUser } from "../../support/factories";

const keys = [{ id: "k1", key: Buffer.alloc(32, 7) }];
const operation = { kind: "ReplaceRecoveryCodes" as const };
const start = new Date("2026-03-02T09:00:00Z");
let now = start;
let test: TestDatabase;
beforeAll(async () => {
  test = await createTestDatabase({ clock: () => now });
});
afterAll(() => test.drop());
beforeEach(() => {
  now = start;
});

async function arrange() {
  const user = await makeUser(test.database);
  const secret = generateSecret();
  await test.database.client.totpFactor.create({
    data: { userId: user.id, ...seal(keys, secret, user.id), confirmedAt: now },
  });
  const owner = { ...(await makeCaller(test.database, user)), ipAddress: "192.0.2.1" };
  const right = () => appCode(secret, now);
  const session = async (ipAddress: string) => ({ ...(await makeCaller(test.database, user)), ipAddress });
  return { user, owner, right, session };
}
async function submit(caller: Caller, code: string) {
  const challenge = await createChallenge(test.database, caller, operation);
  return meetChallenge(test.database, keys, caller, { challengeId: challenge?.challengeId ?? "", code });
}

/** Four wrong codes, then a right one of the owner's elsewhere, so that the factor is never locked. */
async function patiently(thief: Caller, owner: Caller, right: () => string, days: number) {
  let looked = 0;
  for (let day = 0; day < days; day += 1) {
    for (let tries = 0; tries < 4; tries += 1) {
      const result = await submit(thief, "000000");
      if (!result.ok && result.error.code === "InvalidAuthenticationCode") looked += 1;
    }
    expect(await submit(owner, right())).toMatchObject({ ok: true });
    now = addMinutes(now, 1);
  }
  return looked;
}

it("counts wrong codes in a session, whatever the owner proves elsewhere, and notifies the owner", async () => {
  const { user, owner, right, session } = await arrange();
  const thief = await session("203.0.113.9");
  expect(await patiently(thief, owner, right, 10)).toBe(20);
  expect(await submit(thief, right())).toMatchObject({ ok: false, error: { code: "FactorLocked" } });
  now = addMinutes(now, 1);
  expect(await submit(owner, right())).toMatchObject({ ok: true });
  const logged = await test.database.client.auditEvent.findMany({
    where: { targetId: user.id, kind: "WrongCodesGathered" },
  });
  expect(logged).toHaveLength(1);
});

it("counts them by address too, over many sessions, and by person over many addresses", async () => {
  const { owner, right, session } = await arrange();
  let looked = 0;
  for (let sessions = 0; sessions < 4; sessions += 1)
    looked += await patiently(await session("203.0.113.9"), owner, right, 3);
  expect(looked).toBe(20);
  for (let addresses = 0; addresses < 12; addresses += 1)
    looked += await patiently(await session(`198.51.100.${addresses}`), owner, right, addresses < 7 ? 1 : 0);
  expect(looked).toBe(48);
  // A day restores a few, not all: a year of guessing stays far below one in a hundred.
  now = addMinutes(now, 24 * 60);
  await forgetGuesses(test.database);
  const again = await session("203.0.113.9");
  let today = 0;
  for (let tries = 0; tries < 4; tries += 1) {
    const result = await submit(again, "000000");
    if (!result.ok && result.error.code === "InvalidAuthenticationCode") today += 1;
  }
  expect(today).toBeLessThanOrEqual(3);
});

it("gives a thief no more guesses for changing the password there and back", async () => {
  const passwords = ["old grey walls of slate", "seven brown loaves of bread"] as const;
  const { user, right, session } = await arrange();
  const hash = await hashPassword(passwords[0]);
  await test.database.client.passwordCredential.create({ data: { userId: user.id, hash } });
  const key = `codes:${user.id}`;
  const spend = () =>
    test.database.client.signInThrottle.upsert({
      where: { key },
      create: { key, failures: 60, updatedAt: now, blockedUntil: addMinutes(now, 60), forgetAt: later() },
      update: {},
    });
  const later = () => addMinutes(now, 15 * 24 * 60);
  const change = async (from: 0 | 1) => {
    const input = { currentPassword: passwords[from], newPassword: passwords[from === 0 ? 1 : 0] };
    const result = await changePassword(test.database, await session("203.0.113.9"), input);
    expect(result).toMatchObject({ ok: true });
  };
  await spend();
  await change(0);
  expect(await submit(await session("192.0.2.1"), right())).toMatchObject({ ok: true });
  await spend();
  await change(1);
  const again = await submit(await session("203.0.113.9"), "000000");
  expect(again).toMatchObject({ ok: false, error: { code: "FactorLocked" } });
  now = addMinutes(now, 7 * 24 * 60);
  await spend();
  await change(0);
  expect(await test.database.client.signInThrottle.count({ where: { key } })).toBe(0);
});

it("is no new code by spaces, hyphens, full-width digits or another script's", async () => {
  const { owner, right } = await arrange();
  const code = right();
  expect(await submit(owner, `${code.slice(0, 3)} ${code.slice(3)}`)).toMatchObject({ ok: true });
  const as = (zero: number) => [...code].map((digit) => String.fromCodePoint(zero + Number(digit))).join("");
  const forms = [
    code,
    ` ${code}`,
    `${code.slice(0, 3)}-${code.slice(3)}`,
    `${code}\u00a0`,
    as(0xff10),
    as(0x660),
  ];
  for (const form of forms) {
    expect(await submit(owner, form), form).toMatchObject({ ok: false });
    await test.database.client.totpFactor.updateMany({ data: { failedAttempts: 0, lockedUntil: null } });
  }
});

it("keeps a bounded number of challenges in a session, small ones, and none for long", async () => {
  const { owner } = await arrange();
  for (let made = 0; made < 60; made += 1) await createChallenge(test.database, owner, operation);
  const where = { sessionId: owner.sessionId };
  expect(await test.database.client.stepUpChallenge.count({ where })).toBe(20);
  const [one] = await test.database.client.stepUpChallenge.findMany({ where, take: 1 });
  expect(JSON.stringify(one?.operation)).toBe('{"kind":"ReplaceRecoveryCodes"}');
  now = addMinutes(now, 25 * 60);
  await forgetGuesses(test.database);
  expect(await test.database.client.stepUpChallenge.count({ where })).toBe(0);
});

it("keeps a proof when its challenge is forgotten, for the log", async () => {
  const { owner, right } = await arrange();
  const met = await submit(owner, right());
  if (!met.ok) throw new Error(met.error.message);
  now = addMinutes(now, 25 * 60);
  await forgetGuesses(test.database);
  expect(await test.database.client.stepUpProof.count({ where: { id: met.proofId } })).toBe(1);
});

it("logs a try at somebody else's challenge, and answers as to one that does not exist", async () => {
  const [mine, theirs] = [await arrange(), await arrange()];
  const challenge = await createChallenge(test.database, theirs.owner, operation);
  const input = { challengeId: challenge?.challengeId ?? "", code: mine.right() };
  expect(await meetChallenge(test.database, keys, mine.owner, input)).toMatchObject({
    ok: false,
    error: { code: "ChallengeExpired" },
  });
  const where = { actorId: mine.user.id, kind: "StepUpRefused" };
  expect(await test.database.client.auditEvent.findMany({ where })).toMatchObject([
    { outcome: "Failure", details: { error: "ForeignChallenge" } },
  ]);
});
