import { randomBytes } from "node:crypto";
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { generateSecret, generateSync } from "otplib";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { addMinutes } from "@/lib/domain/time/schedule";
import { beginEnrolment, confirmEnrolment } from "@/lib/identity/factors/authenticator";
import { recoveryCodeHash } from "@/lib/identity/factors/verify-factor";
import { createChallenge, meetChallenge } from "@/lib/identity/step-up/step-up";
import { reEncryptSecrets } from "@/lib/operations/people/re-encrypt-secrets";
import type { Caller } from "@/lib/platform/caller";
import { readEncryptionKeys } from "@/lib/platform/encryption-keys";
import { seal } from "@/lib/platform/secrets";
import { checkKeys, unreadableKeys } from "@/lib/server/database/encryption-keys";
import { encryptionKeys } from "@/lib/server/database/kept-secrets";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { makeCaller, makeUser } from "../../support/factories";
import { setRules } from "../../support/sign-in-rules";

const start = new Date("2027-03-01T09:00:00Z");
const clock = { now: start };
let test: TestDatabase;
let owner: pg.Client;
let folder: string;
const given = process.env.POSTERN_ENCRYPTION_KEYS;
beforeEach(async () => {
  clock.now = start;
  test = await createTestDatabase({ clock: () => clock.now });
  await setRules(test, { first_factor: "AnyoneSignedIn" });
  owner = new pg.Client({ connectionString: test.url });
  await owner.connect();
  folder = mkdtempSync(join(tmpdir(), "postern-keys-"));
  Reflect.deleteProperty(process.env, "POSTERN_ENCRYPTION_KEYS");
});
afterEach(async () => {
  if (given !== undefined) process.env.POSTERN_ENCRYPTION_KEYS = given;
  await owner.end();
  await test.drop();
  rmSync(folder, { recursive: true, force: true });
});

const digits = () => randomBytes(32).toString("hex");
const [first, second] = [`k1:${digits()}`, `k2:${digits()}`];
const check = (text: string) => checkKeys(owner, readEncryptionKeys(text));
const missing = (text: string) => unreadableKeys(owner, readEncryptionKeys(text));
const code = (secret: string) => generateSync({ secret, epoch: clock.now.getTime() / 1_000 });

/** Somebody with an authenticator app whose secret is under the first of these keys, and their recovery codes. */
async function enrolled(text: string) {
  const { client } = test.database;
  const user = await makeUser(test.database);
  const secret = generateSecret();
  await client.totpFactor.create({
    data: { userId: user.id, ...seal(readEncryptionKeys(text), secret, user.id), confirmedAt: clock.now },
  });
  const recoveryCodes = [randomBytes(15), randomBytes(15)].map((bytes) =>
    [...bytes, ...bytes.subarray(0, 9)].map((byte) => "ABCDEFGHIJKLMNOPQRSTUVWXYZ234567"[byte & 31]).join(""),
  );
  await client.recoveryCode.createMany({
    data: recoveryCodes.map((each) => ({ userId: user.id, hash: recoveryCodeHash(each) })),
  });
  return { caller: await makeCaller(test.database, user), secret, recoveryCodes };
}

async function meet(text: string, caller: Caller, typed: string) {
  const challenge = await createChallenge(test.database, caller, { kind: "ReplaceRecoveryCodes" });
  const input = { challengeId: challenge?.challengeId ?? "", code: typed };
  return meetChallenge(test.database, readEncryptionKeys(text), caller, input);
}

describe("a process that starts", () => {
  it("with the keys of before is let in, with a further one too", async () => {
    await enrolled(first);
    await check(first);
    await check(`${second},${first}`);
    await check(`${first},${second}`);
  });

  it("without a key that something is stored under is refused, in one line that names it", async () => {
    await enrolled(first);
    await check(first);
    await expect(check(second)).rejects.toThrow(/lacks k1, under which 1 stored secret is: put it back/);
    expect(await missing(second)).toEqual(["k1"]);
  });

  it("with other digits under a known name is refused, whether something is stored under it or not", async () => {
    await check(first);
    const other = `k1:${digits()}`;
    await expect(check(other)).rejects.toThrow(/k1 with other digits/);
    await enrolled(first);
    await expect(check(`${second},${other}`)).rejects.toThrow(/k1 with other digits/);
    expect(await missing(other)).toEqual(["k1"]);
  });

  it("on a database of before fingerprints is refused when its key decrypts nothing", async () => {
    await enrolled(first);
    await expect(check(`k1:${digits()}`)).rejects.toThrow(/do not decrypt/);
    expect((await owner.query("SELECT FROM encryption_keys")).rowCount).toBe(0);
    await check(first);
  });

  it("with two keys of one name is refused", () => {
    expect(() => readEncryptionKeys(`${first},k1:${digits()}`)).toThrow("names k1 twice");
    for (const text of ["", "k1", "k1:abc", `k1:${digits()};`, ` :${digits()}`])
      expect(() => readEncryptionKeys(text), text).toThrow();
  });

  it("keeps of a key nothing that reveals it", async () => {
    await check(first);
    const { rows } = await owner.query("SELECT * FROM encryption_keys");
    const [, hexadecimal = ""] = first.split(":");
    expect(JSON.stringify(rows)).not.toContain(hexadecimal);
    expect(rows[0].fingerprint.toString("hex")).not.toContain(hexadecimal);
  });
});

describe("a key is made at a start", () => {
  const keysOf = (external: boolean) =>
    encryptionKeys(folder, owner, { external, given: process.env.POSTERN_ENCRYPTION_KEYS });

  it("for an embedded database that never had one, and not again when its file is lost", async () => {
    const made = await keysOf(false);
    expect(await keysOf(false)).toBe(made);
    const file = join(folder, "encryption-keys");
    rmSync(file);
    await expect(keysOf(false)).rejects.toThrow(/encryption-keys is missing: put it back/);
    expect(existsSync(file)).toBe(false);
  });

  it("never for an outer database", async () => {
    await expect(keysOf(true)).rejects.toThrow(
      /POSTERN_ENCRYPTION_KEYS is not set: with DATABASE_URL no key is made/,
    );
    expect(existsSync(join(folder, "encryption-keys"))).toBe(false);
    // A key that was made for another database is refused as well.
    writeFileSync(join(folder, "encryption-keys"), first);
    await expect(keysOf(true)).rejects.toThrow(/POSTERN_ENCRYPTION_KEYS is not set/);
  });

  it("and one that an earlier version made for this very outer database is good", async () => {
    await enrolled(first);
    writeFileSync(join(folder, "encryption-keys"), first);
    expect(await keysOf(true)).toBe(first);
    expect(readFileSync(join(folder, "encryption-keys"), "utf8")).toBe(first);
  });
});

describe("a key that is not there", () => {
  it("lets recovery codes be used, refuses codes of the app clearly, and counts none of them as wrong", async () => {
    const { caller, secret, recoveryCodes } = await enrolled(first);
    for (let tries = 0; tries < 6; tries += 1)
      expect(await meet(second, caller, code(secret))).toMatchObject({
        ok: false,
        error: { code: "FactorUnreadable", message: expect.stringContaining("Enter a recovery code") },
      });
    expect(await meet(second, caller, recoveryCodes[0] ?? "")).toMatchObject({ ok: true });
    expect(await meet(second, caller, recoveryCodes[0] ?? "")).toMatchObject({
      ok: false,
      error: { code: "InvalidAuthenticationCode" },
    });
    expect(await meet(first, caller, code(secret))).toMatchObject({ ok: true });
  });

  it("keeps nobody out on the replicas that have it, while one that has only the former is reported as being without", async () => {
    const { caller, secret } = await enrolled(first);
    const both = `${second},${first}`;
    await check(first);
    await check(both);
    // The first code on a replica with the new key encrypts the secret with it.
    expect(await meet(both, caller, code(secret))).toMatchObject({ ok: true });
    expect(await missing(first)).toEqual(["k2"]);
    clock.now = addMinutes(clock.now, 1);
    const wrong = { ok: false, error: { code: "FactorUnreadable" } };
    for (let tries = 0; tries < 12; tries += 1)
      expect(await meet(first, caller, code(secret))).toMatchObject(wrong);
    // An app that is set up there meanwhile works everywhere.
    const other = await enrolled(first);
    expect(await meet(both, other.caller, code(other.secret))).toMatchObject({ ok: true });
    expect(await meet(both, caller, code(secret))).toMatchObject({ ok: true });
    // Wrong digits under a name are as far from the key as none.
    expect(await missing(`${second.slice(0, 3)}${digits()}`)).toEqual(["k2"]);
    expect(await missing(both)).toEqual([]);
  });

  it("and a ciphertext of another row are refused alike, and enrolment begins anew", async () => {
    const [one, two] = [await enrolled(first), await enrolled(first)];
    await test.asOwner(
      `UPDATE totp_factors SET nonce = other.nonce, ciphertext = other.ciphertext
       FROM totp_factors other WHERE totp_factors.user_id = $1 AND other.user_id = $2`,
      [one.caller.userId, two.caller.userId],
    );
    for (const secret of [one.secret, two.secret])
      expect(await meet(first, one.caller, code(secret))).toMatchObject({
        ok: false,
        error: { code: "FactorUnreadable" },
      });
    expect(await meet(first, one.caller, one.recoveryCodes[0] ?? "")).toMatchObject({ ok: true });

    const other = await makeCaller(test.database, await makeUser(test.database));
    const proved = { proofId: null, reauthenticated: true, pass: "" };
    await beginEnrolment(test.database, readEncryptionKeys(first), other, proved);
    const confirm = (typed: string) =>
      confirmEnrolment(test.database, readEncryptionKeys(second), other, typed);
    expect(await confirm("000000")).toMatchObject({ ok: false, startAgain: true });
    const begun = await beginEnrolment(test.database, readEncryptionKeys(second), other, proved);
    expect(await confirm(begun.ok ? code(begun.secret) : "")).toMatchObject({ ok: true });
  });
});

describe("re-encryption", () => {
  it("puts all under the first key, after which the old one may go", async () => {
    const people = [await enrolled(first), await enrolled(first), await enrolled(second)];
    const keys = `${second},${first}`;
    expect(await missing(second)).toEqual(["k1"]);
    expect(await reEncryptSecrets(test.database, readEncryptionKeys(keys))).toBe(2);
    expect(await reEncryptSecrets(test.database, readEncryptionKeys(keys))).toBe(0);
    expect(await missing(second)).toEqual([]);
    await check(second);
    for (const { caller, secret } of people)
      expect(await meet(second, caller, code(secret))).toMatchObject({ ok: true });
  });

  it("skips what is used at the moment, and reports what it cannot decrypt once the rest is done", async () => {
    const [used, lost, fine] = [
      await enrolled(first),
      await enrolled(`k0:${digits()}`),
      await enrolled(first),
    ];
    const keys = readEncryptionKeys(`${second},${first}`);
    await owner.query("BEGIN");
    await owner.query("SELECT FROM totp_factors WHERE user_id = $1 FOR UPDATE", [used.caller.userId]);
    await expect(reEncryptSecrets(test.database, keys)).rejects.toThrow(
      "1 stored secret cannot be decrypted",
    );
    await owner.query("COMMIT");
    const keyOf = async ({ caller }: { caller: Caller }) =>
      (await test.database.client.totpFactor.findFirstOrThrow({ where: { userId: caller.userId } })).keyId;
    expect([await keyOf(used), await keyOf(lost), await keyOf(fine)]).toEqual(["k1", "k0", "k2"]);
    await expect(reEncryptSecrets(test.database, keys)).rejects.toThrow();
    expect(await keyOf(used)).toBe("k2");
  });
});
