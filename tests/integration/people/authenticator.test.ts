import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { addMinutes } from "@/lib/domain/time/schedule";
import { beginEnrolment, confirmEnrolment, readFactors } from "@/lib/identity/factors/authenticator";
import { replaceRecoveryCodes } from "@/lib/identity/factors/recovery-codes";
import { removeAuthenticator } from "@/lib/identity/factors/remove-authenticator";
import { changePassword } from "@/lib/identity/passwords/change-password";
import { hashPassword } from "@/lib/identity/passwords/password";
import { makeToken } from "@/lib/identity/passwords/password-ticket";
import { endSession } from "@/lib/identity/sessions/sessions";
import { createChallenge, meetChallenge } from "@/lib/identity/step-up/step-up";
import type { Caller } from "@/lib/platform/caller";
import { appCode } from "../../support/app-code";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { atOnce, holdLock } from "../../support/database/held-lock";
import { makeCaller, makeUser } from "../../support/factories";
import { setRules } from "../../support/sign-in-rules";

const oldKey = { id: "k1", key: Buffer.alloc(32, 7) };
const newKey = { id: "k2", key: Buffer.alloc(32, 9) };
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

const codeAt = (secret: string, steps = 0) => appCode(secret, now, steps);

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
const begin = (caller: Caller, proofId: string | null = null, reauthenticated = true) =>
  beginEnrolment(test.database, [oldKey], caller, { proofId, reauthenticated, pass: "" });
async function keyFor(caller: Caller, proofId: string | null = null): Promise<string> {
  const begun = await begin(caller, proofId);
  if (!begun.ok) throw new Error(begun.message);
  return begun.secret;
}
const confirm = (caller: Caller, code: string) => confirmEnrolment(test.database, [oldKey], caller, code);

/** Somebody with an authenticator app in force, and their recovery codes. */
async function enrolled() {
  const caller = await makeCaller(test.database, await makeUser(test.database));
  const secret = await keyFor(caller);
  const result = await confirm(caller, codeAt(secret, -1));
  if (!result.ok || !result.recoveryCodes) throw new Error("not enrolled");
  return { caller, secret, codes: result.recoveryCodes };
}

describe("enrolling an authenticator app", () => {
  it("counts only once a code of it is shown, and takes the password however lately one signed in", async () => {
    const caller = await makeCaller(test.database, await makeUser(test.database));
    expect(await begin(caller, null, false)).toMatchObject({ ok: false, field: "password" });
    const secret = await keyFor(caller);
    expect(await prove(caller, "RemoveAuthenticator", codeAt(secret))).toMatchObject({
      error: { code: "NoFactor" },
    });
    expect(await confirm(caller, "000000")).toMatchObject({ ok: false, startAgain: false });
    expect((await readFactors(test.database, caller)).factor).toBeNull();
    expect(await confirm(caller, codeAt(secret))).toMatchObject({ ok: true });
  });

  it("is shown in apps by the installation's name, as it is set when the key is made", async () => {
    const caller = await makeCaller(test.database, await makeUser(test.database));
    const issuer = async () => {
      const begun = await begin(caller);
      if (!begun.ok) throw new Error(begun.message);
      const { searchParams, pathname } = new URL(begun.uri);
      return [searchParams.get("issuer"), decodeURIComponent(pathname).includes(caller.email ?? "nobody")];
    };
    expect(await issuer()).toEqual(["Postern", true]);
    await setRules(test, { installation_name: "Contoso Ltd" });
    expect(await issuer()).toEqual(["Contoso Ltd", true]);
    await setRules(test, { installation_name: "Postern" });
  });

  it("happens once, of two confirmations at once, and its code is used up", async () => {
    const caller = await makeCaller(test.database, await makeUser(test.database));
    const secret = await keyFor(caller);
    const results = await atOnce(test, [
      () => confirm(caller, codeAt(secret)),
      () => confirm(caller, codeAt(secret)),
    ]);
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    expect(await test.database.client.recoveryCode.count({ where: { userId: caller.userId } })).toBe(10);
    expect(await prove(caller, "RemoveAuthenticator", codeAt(secret))).toMatchObject({ ok: false });
  });

  it("in place of another takes a proof of that other, and ends it", async () => {
    const { caller, secret } = await enrolled();
    expect(await begin(caller)).toMatchObject({ ok: false, field: "oldCode" });
    const wrongKind = await proofFor(caller, "RemoveAuthenticator", codeAt(secret));
    expect(await begin(caller, wrongKind)).toMatchObject({ field: "oldCode" });
    const proofId = await proofFor(caller, "ReplaceAuthenticator", codeAt(secret, 1));
    const pending = await keyFor(caller, proofId);
    expect(await begin(caller, proofId)).toMatchObject({ field: "oldCode" });
    expect(await confirm(caller, codeAt(pending))).toMatchObject({ ok: true, recoveryCodes: null });
    now = addMinutes(now, 5);
    expect(await prove(caller, "RemoveAuthenticator", codeAt(secret))).toMatchObject({ ok: false });
    expect(await prove(caller, "RemoveAuthenticator", codeAt(pending))).toMatchObject({ ok: true });
  });
});

describe("a key that waits to be confirmed", () => {
  const password = "old grey walls of slate";
  const waiting = (userId: string) =>
    test.database.client.totpFactor.count({ where: { userId, confirmedAt: null } });
  async function starting() {
    const user = await makeUser(test.database);
    const hash = await hashPassword(password);
    await test.database.client.passwordCredential.create({ data: { userId: user.id, hash } });
    const caller = await makeCaller(test.database, user);
    return { user, caller, secret: await keyFor(caller) };
  }

  it("is another one each time, and none for another session of the same person", async () => {
    const { user, caller, secret } = await starting();
    const stolen = await makeCaller(test.database, user);
    expect(await confirm(stolen, codeAt(secret))).toMatchObject({ ok: false, startAgain: true });
    const next = await keyFor(caller);
    expect(next).not.toBe(secret);
    expect(await confirm(caller, codeAt(secret))).toMatchObject({ ok: false });
    expect(await confirm(caller, codeAt(next))).toMatchObject({ ok: true });
  });

  it("is good for ten minutes", async () => {
    const { caller, secret } = await starting();
    now = addMinutes(now, 10);
    expect(await confirm(caller, codeAt(secret))).toMatchObject({ ok: false, startAgain: true });
  });

  it("ends with its session, a change of password, a sign-in that is issued and a reset", async () => {
    const ends: Record<string, (caller: Caller) => Promise<unknown>> = {
      "sign-out": (caller) => endSession(test.database, caller, caller.sessionId),
      "change of password": (caller) =>
        changePassword(test.database, caller, {
          currentPassword: password,
          newPassword: "seven brown loaves",
        }),
      "one-time password": (caller) =>
        test.database.client.passwordCredential.update({
          where: { userId: caller.userId },
          data: { mustChange: true },
        }),
      invitation: (caller) =>
        test.database.client.passwordTicket.create({
          data: {
            userId: caller.userId,
            purpose: "Invitation",
            tokenHash: makeToken().tokenHash,
            expiresAt: addMinutes(now, 60),
          },
        }),
    };
    for (const [what, end] of Object.entries(ends)) {
      const { caller, secret } = await starting();
      await end(caller);
      expect(await waiting(caller.userId), what).toBe(0);
      expect(await confirm(caller, codeAt(secret)), what).toMatchObject({ ok: false, startAgain: true });
    }
  });

  it("ends after five wrong codes, and that is logged", async () => {
    const { caller, secret } = await starting();
    for (let tries = 0; tries < 5; tries += 1) await confirm(caller, "000000");
    expect(await confirm(caller, codeAt(secret))).toMatchObject({ ok: false, startAgain: true });
    const where = { actorId: caller.userId, kind: "AuthenticatorEnrolled", outcome: "Failure" as const };
    expect(await test.database.client.auditEvent.count({ where })).toBe(1);
  });

  it("that was made before another app came into force does not take its place", async () => {
    const { user, secret } = await starting();
    const other = await makeCaller(test.database, user);
    const theirs = await keyFor(other);
    expect(await confirm(other, codeAt(theirs))).toMatchObject({ ok: true });
    expect(await waiting(user.id)).toBe(0);
    expect(await confirm(other, codeAt(secret))).toMatchObject({ ok: false });
  });
});

describe("a key that waits, and what ends it while it is being confirmed", () => {
  it("goes with the sign-out that came first", async () => {
    const caller = await makeCaller(test.database, await makeUser(test.database));
    const secret = await keyFor(caller);
    const ending = await holdLock(test, "UPDATE sessions SET ended_at = $2 WHERE id = $1", [
      caller.sessionId,
      now,
    ]);
    const confirming = confirm(caller, codeAt(secret));
    await ending.waitedFor();
    await ending.release();
    expect(await confirming).toMatchObject({ ok: false, startAgain: true });
    expect((await readFactors(test.database, caller)).factor).toBeNull();
  });

  it("goes with the recovery codes by one of which it was asked for", async () => {
    const { caller, secret, codes } = await enrolled();
    const user = await test.database.client.principal.findUniqueOrThrow({ where: { id: caller.userId } });
    const thief = await makeCaller(test.database, user);
    const theirs = await keyFor(thief, await proofFor(thief, "ReplaceAuthenticator", codes[0] ?? ""));
    const proofId = await proofFor(caller, "ReplaceRecoveryCodes", codeAt(secret));
    expect(await replaceRecoveryCodes(test.database, caller, proofId)).toHaveLength(10);
    expect(await confirm(thief, codeAt(theirs))).toMatchObject({ ok: false, startAgain: true });
  });
});

describe("a proof", () => {
  it("ends with its session, its factor or its recovery codes, even once its operation waits for a lock", async () => {
    const minuteLater = () => {
      now = addMinutes(now, 1);
    };
    const ends: Record<string, (caller: Caller, secret: string) => Promise<unknown>> = {
      "the session": (caller) => endSession(test.database, caller, caller.sessionId),
      "the factor": async (caller, secret) => {
        const proofId = await proofFor(caller, "RemoveAuthenticator", codeAt(secret));
        return removeAuthenticator(test.database, caller, proofId);
      },
      "the recovery codes": async (caller, secret) => {
        const proofId = await proofFor(caller, "ReplaceRecoveryCodes", codeAt(secret));
        return replaceRecoveryCodes(test.database, caller, proofId);
      },
    };
    for (const [what, end] of Object.entries(ends)) {
      const { caller, secret, codes } = await enrolled();
      const proofId = await proofFor(caller, "ReplaceRecoveryCodes", codes[0] ?? "");
      minuteLater();
      const held = await holdLock(test, "SELECT FROM step_up_proofs WHERE id = $1 FOR UPDATE", [proofId]);
      const spending = replaceRecoveryCodes(test.database, caller, proofId);
      await held.waitedFor();
      await end(caller, secret);
      await held.release();
      expect(await spending, what).toBeNull();
    }
  });

  it("ends with the factor that made it", async () => {
    const { caller, secret } = await enrolled();
    const proofId = await proofFor(caller, "ReplaceRecoveryCodes", codeAt(secret));
    const removal = await proofFor(caller, "RemoveAuthenticator", codeAt(secret, 1));
    expect(await removeAuthenticator(test.database, caller, removal)).toEqual({ ok: true });
    expect(await replaceRecoveryCodes(test.database, caller, proofId)).toBeNull();
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
    const results = await atOnce(
      test,
      [1, 2].map(() => () => prove(caller, "ReplaceRecoveryCodes", first)),
    );
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    const other = await enrolled();
    expect(await prove(other.caller, "ReplaceRecoveryCodes", second)).toMatchObject({ ok: false });
  });

  it("end when new ones are made, once for one proof", async () => {
    const { caller, secret, codes } = await enrolled();
    const proofId = await proofFor(caller, "ReplaceRecoveryCodes", codeAt(secret));
    const made = await atOnce(
      test,
      [1, 2, 3].map(() => () => replaceRecoveryCodes(test.database, caller, proofId)),
    );
    expect(made.filter((each) => each !== null)).toHaveLength(1);
    expect(await prove(caller, "ReplaceRecoveryCodes", codes[0] ?? "")).toMatchObject({ ok: false });
    const [fresh = ""] = made.find((each) => each !== null) ?? [];
    expect(await prove(caller, "ReplaceRecoveryCodes", fresh)).toMatchObject({ ok: true });
  });
});

describe("removing an authenticator app", () => {
  it("takes a proof, of which one use counts, and ends the recovery codes", async () => {
    const { caller, secret, codes } = await enrolled();
    expect(await removeAuthenticator(test.database, caller, null)).toMatchObject({ ok: false });
    const proofId = await proofFor(caller, "RemoveAuthenticator", codeAt(secret));
    const removed = await atOnce(
      test,
      [1, 2].map(() => () => removeAuthenticator(test.database, caller, proofId)),
    );
    expect(removed.filter(({ ok }) => ok)).toHaveLength(1);
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
    const results = await atOnce(
      test,
      [0, 1].map(
        (steps) => () =>
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
