import { generateSync } from "otplib";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ProtectedOperation } from "@/lib/domain/protected-operation";
import { addMinutes } from "@/lib/domain/schedule";
import {
  beginEnrolment,
  confirmEnrolment,
  readFactors,
  removeAuthenticator,
  replaceRecoveryCodes,
} from "@/lib/identity/authenticator";
import { signedInJustNow } from "@/lib/identity/reauthenticate";
import { createChallenge, meetChallenge } from "@/lib/identity/step-up";
import type { Caller } from "@/lib/platform/caller";
import { createTestDatabase, type TestDatabase } from "../support/database";
import { makeCaller, makeUser } from "../support/factories";

const oldKey = { id: "k1", key: Buffer.alloc(32, 7) };
const newKey = { id: "k2", key: Buffer.alloc(32, 9) };
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

const codeAt = (secret: string, steps = 0) =>
  generateSync({ secret, epoch: Math.floor(now.getTime() / 1000) + steps * 30 });

async function prove(caller: Caller, kind: ProtectedOperation["kind"], code: string, keys = [oldKey]) {
  const operation = { kind } as Extract<ProtectedOperation, { kind: "RemoveAuthenticator" }>;
  const challenge = await createChallenge(test.database, caller, operation);
  const challengeId = challenge?.challengeId ?? "";
  return meetChallenge(test.database, keys, caller, { challengeId, code });
}
async function proofFor(caller: Caller, kind: ProtectedOperation["kind"], code: string) {
  const met = await prove(caller, kind, code);
  if (!met.ok) throw new Error(met.error.message);
  return met.proofId;
}
const confirm = (caller: Caller, code: string, proofId: string | null = null, reauthenticated = true) =>
  confirmEnrolment(test.database, [oldKey], caller, { code, proofId, reauthenticated });

/** Somebody with an authenticator app in force, and their recovery codes. */
async function enrolled() {
  const caller = await makeCaller(test.database, await makeUser(test.database));
  const { secret } = await beginEnrolment(test.database, [oldKey], caller);
  const result = await confirm(caller, codeAt(secret, -1));
  if (!result.ok || !result.recoveryCodes) throw new Error("not enrolled");
  return { caller, secret, codes: result.recoveryCodes };
}

describe("enrolling an authenticator app", () => {
  it("counts only once a code of it is shown, and only soon after signing in or with the password", async () => {
    const caller = await makeCaller(test.database, await makeUser(test.database));
    const { secret } = await beginEnrolment(test.database, [oldKey], caller);
    expect((await beginEnrolment(test.database, [oldKey], caller)).secret).toBe(secret);
    expect(await prove(caller, "RemoveAuthenticator", codeAt(secret))).toMatchObject({
      error: { code: "NoFactor" },
    });
    expect(await confirm(caller, "000000")).toMatchObject({ ok: false, field: "code" });
    expect(await confirm(caller, codeAt(secret), null, false)).toMatchObject({
      ok: false,
      field: "password",
    });
    expect((await readFactors(test.database, caller)).factor).toBeNull();
    expect(await signedInJustNow(test.database, caller)).toBe(true);
    expect(await confirm(caller, codeAt(secret))).toMatchObject({ ok: true });
    now = addMinutes(now, 16);
    expect(await signedInJustNow(test.database, caller)).toBe(false);
  });

  it("happens once, of two confirmations at once, and its code is used up", async () => {
    const caller = await makeCaller(test.database, await makeUser(test.database));
    const { secret } = await beginEnrolment(test.database, [oldKey], caller);
    const results = await Promise.all([confirm(caller, codeAt(secret)), confirm(caller, codeAt(secret))]);
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    expect(await test.database.client.recoveryCode.count({ where: { userId: caller.userId } })).toBe(10);
    expect(await prove(caller, "RemoveAuthenticator", codeAt(secret))).toMatchObject({ ok: false });
  });

  it("in place of another takes a proof of that other, and ends it", async () => {
    const { caller, secret } = await enrolled();
    const pending = await beginEnrolment(test.database, [oldKey], caller);
    expect(await confirm(caller, codeAt(pending.secret))).toMatchObject({ ok: false, field: "oldCode" });
    const wrongKind = await proofFor(caller, "RemoveAuthenticator", codeAt(secret));
    expect(await confirm(caller, codeAt(pending.secret), wrongKind)).toMatchObject({ field: "oldCode" });
    const proofId = await proofFor(caller, "ReplaceAuthenticator", codeAt(secret, 1));
    expect(await confirm(caller, codeAt(pending.secret), proofId)).toMatchObject({
      ok: true,
      recoveryCodes: null,
    });
    now = addMinutes(now, 5);
    expect(await prove(caller, "RemoveAuthenticator", codeAt(secret))).toMatchObject({ ok: false });
    expect(await prove(caller, "RemoveAuthenticator", codeAt(pending.secret))).toMatchObject({ ok: true });
  });
});

describe("recovery codes", () => {
  it("are ten, each good once, however they are typed", async () => {
    const { caller, codes } = await enrolled();
    expect(new Set(codes).size).toBe(10);
    for (const [index, code] of codes.entries()) {
      const typed = index % 2 === 0 ? code.toLowerCase() : code.replaceAll("-", " ");
      expect(await prove(caller, "ReplaceRecoveryCodes", typed)).toMatchObject({ ok: true });
    }
    expect(await prove(caller, "ReplaceRecoveryCodes", codes[0] ?? "")).toMatchObject({ ok: false });
    expect((await readFactors(test.database, caller)).recoveryCodesLeft).toBe(0);
  });

  it("give one success to two submissions of one at once, and nothing to another person", async () => {
    const { caller, codes } = await enrolled();
    const [first = "", second = ""] = codes;
    const results = await Promise.all([1, 2].map(() => prove(caller, "ReplaceRecoveryCodes", first)));
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    const other = await enrolled();
    expect(await prove(other.caller, "ReplaceRecoveryCodes", second)).toMatchObject({ ok: false });
  });

  it("end when new ones are made, once for one proof", async () => {
    const { caller, secret, codes } = await enrolled();
    const proofId = await proofFor(caller, "ReplaceRecoveryCodes", codeAt(secret));
    const made = await Promise.all([1, 2, 3].map(() => replaceRecoveryCodes(test.database, caller, proofId)));
    expect(made.filter((each) => each !== null)).toHaveLength(1);
    expect(await prove(caller, "ReplaceRecoveryCodes", codes[0] ?? "")).toMatchObject({ ok: false });
    const [fresh = ""] = made.find((each) => each !== null) ?? [];
    expect(await prove(caller, "ReplaceRecoveryCodes", fresh)).toMatchObject({ ok: true });
  });
});

describe("removing an authenticator app", () => {
  it("takes a proof, of which one use counts, and ends the recovery codes", async () => {
    const { caller, secret, codes } = await enrolled();
    expect(await removeAuthenticator(test.database, caller, null)).toBe(false);
    const proofId = await proofFor(caller, "RemoveAuthenticator", codeAt(secret));
    const removed = await Promise.all([1, 2].map(() => removeAuthenticator(test.database, caller, proofId)));
    expect(removed.filter(Boolean)).toHaveLength(1);
    expect(await prove(caller, "RemoveAuthenticator", codes[0] ?? "")).toMatchObject({
      error: { code: "NoFactor" },
    });
    const events = await test.database.client.auditEvent.findMany({
      where: { actorId: caller.userId, kind: { startsWith: "Authenticator" } },
      orderBy: { sequence: "asc" },
    });
    expect(events.map(({ kind, outcome }) => `${kind} ${outcome}`)).toEqual([
      "AuthenticatorEnrolled Success",
      "AuthenticatorRemoved Failure",
      "AuthenticatorRemoved Success",
      "AuthenticatorRemoved Failure",
    ]);
    expect(events[2]).toMatchObject({ proofId, factor: "Totp" });
  });
});

describe("a challenge", () => {
  it("is met once, even by two right codes at the same moment", async () => {
    const { caller, secret } = await enrolled();
    const challenge = await createChallenge(test.database, caller, { kind: "ReplaceRecoveryCodes" });
    const challengeId = challenge?.challengeId ?? "";
    const results = await Promise.all(
      [0, 1].map((steps) =>
        meetChallenge(test.database, [oldKey], caller, { challengeId, code: codeAt(secret, steps) }),
      ),
    );
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    expect(results.find((result) => !result.ok)).toMatchObject({ error: { code: "ChallengeExpired" } });
  });
});

describe("a new encryption key", () => {
  it("leaves older factors readable, and seals each anew when it is used", async () => {
    const { caller, secret } = await enrolled();
    const keyOf = async () =>
      (await test.database.client.totpFactor.findFirstOrThrow({ where: { userId: caller.userId } })).keyId;
    expect(await keyOf()).toBe("k1");
    const both = [newKey, oldKey];
    expect(await prove(caller, "RemoveAuthenticator", "000000", both)).toMatchObject({ ok: false });
    expect(await keyOf()).toBe("k1");
    expect(await prove(caller, "RemoveAuthenticator", codeAt(secret), both)).toMatchObject({ ok: true });
    expect(await keyOf()).toBe("k2");
    expect(await prove(caller, "RemoveAuthenticator", codeAt(secret, 1), [newKey])).toMatchObject({
      ok: true,
    });
  });
});
