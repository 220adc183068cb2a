import { randomBytes } from "node:crypto";
import { mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { afterEach, beforeEach, describe, expect, it } from "vitest";
import { knownDevice, rememberDevice } from "@/lib/identity/sessions/known-device";
import { openedCookie, sealedSession, sessionCookieSalt } from "@/lib/identity/sessions/session-cookie";
import { readEncryptionKeys } from "@/lib/platform/encryption-keys";
import { seal, unsealed } from "@/lib/platform/secrets";
import { checkKeys } from "@/lib/server/database/encryption-keys";
import { otherSessionSecret, sessionSecret } from "@/lib/server/database/kept-secrets";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { makeCaller, makeUser } from "../../support/factories";
import { runCommand } from "../../support/processes/command";

const [older, newer] = [
  "the former secret, long enough to be one",
  "the newer secret, long enough to be one",
];
let test: TestDatabase;
let folder: string;
beforeEach(async () => {
  test = await createTestDatabase();
  folder = mkdtempSync(join(tmpdir(), "postern-rotate-"));
});
afterEach(async () => {
  await test.drop();
  rmSync(folder, { recursive: true, force: true });
});

const rotate = (args: string, environment: Record<string, string> = {}) =>
  runCommand("rotate", args.split(" "), {
    ...{ DATABASE_URL: test.url, POSTERN_DATA_DIR: folder, POSTERN_SESSION_SECRET: "" },
    ...environment,
  });
const kept = (name: string) => readFileSync(join(folder, name), "utf8").trim();

/** A start's handling of the keys that it is given. */
async function startsWith(text: string) {
  const owner = new pg.Client({ connectionString: test.url });
  await owner.connect();
  await checkKeys(owner, readEncryptionKeys(text)).finally(() => owner.end());
}

describe("a session secret", () => {
  it("is changed in steps of which each opens what the one before and after it sealed", async () => {
    const token = {
      sessionId: "01890a5d-ac96-774b-bcce-b302099a8057",
      secret: randomBytes(24).toString("hex"),
    };
    const steps = [[older], [older, newer], [newer, older], [newer]] as const;
    const now = new Date("2027-03-01T09:00:00Z");
    const user = token.sessionId;
    for (const [index, sealing] of steps.entries())
      for (const [other, opening] of steps.entries()) {
        const opens = await openedCookie(await sealedSession(token, sealing), opening, sessionCookieSalt);
        const device = rememberDevice(sealing, null, user, now);
        const known = knownDevice(opening, device, user, { now, passwordChangedAt: null });
        const beside = Math.abs(index - other) <= 1;
        const shared = (opening as readonly string[]).includes(sealing[0]);
        expect(shared || !beside, `${index} and ${other}`).toBe(true);
        expect([opens !== null, known !== null], `${index} and ${other}`).toEqual([shared, shared]);
      }
    // A browser that signs in while both count is then known by the new one alone, for every account.
    const both = rememberDevice(
      [older],
      rememberDevice([older], null, user, now),
      user.replace("0", "1"),
      now,
    );
    const renewed = rememberDevice([newer, older], both, user, now);
    for (const each of [user, user.replace("0", "1")])
      expect(knownDevice([newer], renewed, each, { now, passwordChangedAt: null })).not.toBeNull();
  });

  it("that the data folder keeps is replaced there, and the former one goes once no session needs it", async () => {
    const before = sessionSecret(folder, undefined);
    const { said } = await rotate("session-secret");
    expect(said).toContain("Nobody is signed out");
    expect(said).toContain("session-secret --finish --sign-out at once");
    expect(sessionSecret(folder, undefined)).not.toBe(before);
    expect(otherSessionSecret(folder, {})).toBe(before);
    for (const name of ["session-secret", "session-secret-former"])
      expect(statSync(join(folder, name)).mode & 0o777).toBe(0o600);
    expect(await rotate("session-secret")).toMatchObject({
      code: 1,
      said: expect.stringContaining("not finished"),
    });

    const user = await makeUser(test.database);
    await makeCaller(test.database, user);
    await test.asOwner(
      "UPDATE sessions SET created_at = now() - interval '1 hour', expires_at = now() + interval '1 hour'",
    );
    expect(await rotate("session-secret --finish")).toMatchObject({
      code: 1,
      said: expect.stringContaining("Sessions are open that need the former secret, the last until"),
    });
    expect(otherSessionSecret(folder, {})).toBe(before);
    // A browser that was first known since then does not need it.
    await test.asOwner("UPDATE sessions SET created_at = now() + interval '1 minute'");
    expect((await rotate("session-secret --finish")).code).toBe(0);
    expect(otherSessionSecret(folder, {})).toBeUndefined();
  });

  it("that the environment gives is changed in steps that it prints, and nothing is written", async () => {
    const { code, said } = await rotate("session-secret", { POSTERN_SESSION_SECRET: older });
    expect(code).toBe(0);
    expect(said).toMatch(/POSTERN_OTHER_SESSION_SECRET=[\w-]{64}\n/);
    expect(said).not.toContain(older);
    expect(readdirSync(folder)).toEqual([]);
  });
});

describe("an encryption key", () => {
  async function stored(text: string) {
    const user = await makeUser(test.database);
    await test.database.client.totpFactor.create({
      data: {
        userId: user.id,
        ...seal(readEncryptionKeys(text), "a secret", user.id),
        confirmedAt: new Date(),
      },
    });
    return async (keys: string) => {
      const [row] = await test.database.client.totpFactor.findMany({ where: { userId: user.id } });
      return row ? unsealed(readEncryptionKeys(keys), row, user.id) : null;
    };
  }

  it("that the data folder keeps is added, used from a start on, and the former one is put aside", async () => {
    const first = `k1:${"1".repeat(64)}`;
    writeFileSync(join(folder, "encryption-keys"), first, { mode: 0o600 });
    await startsWith(first);
    const read = await stored(first);
    expect((await rotate("encryption-key")).code).toBe(0);
    const both = kept("encryption-keys");
    expect(both).toMatch(new RegExp(`^k2:[0-9a-f]{64},${first}$`));
    // A running Postern could not read the re-encrypted secrets.
    expect(await rotate("encryption-key --finish")).toMatchObject({
      code: 1,
      said: expect.stringContaining("restart"),
    });
    expect(await read(first)).toBe("a secret");

    await startsWith(both);
    const finished = await rotate("encryption-key --finish");
    expect(finished).toMatchObject({ code: 0, said: expect.stringContaining("Re-encrypted: 1.") });
    const [second = ""] = both.split(",");
    expect(kept("encryption-keys")).toBe(second);
    expect(await read(second)).toBe("a secret");
    const [aside = ""] = readdirSync(folder).filter((name) => name.startsWith("former-encryption-keys-"));
    expect(kept(aside)).toBe(first);
    expect(statSync(join(folder, aside)).mode & 0o777).toBe(0o600);
    expect((await rotate("encryption-key --finish")).said).toContain("Re-encrypted: 0.");
    expect(kept("encryption-keys")).toBe(second);
  });

  it("that the environment gives is changed in steps that it prints, and re-encrypted when asked", async () => {
    const first = `k2:${"1".repeat(64)}`;
    await startsWith(first);
    const read = await stored(first);
    const { said } = await rotate("encryption-key", { POSTERN_ENCRYPTION_KEYS: first });
    const steps = [...said.matchAll(/POSTERN_ENCRYPTION_KEYS=(\S+?),?(?=[\s,]*$|,? once)/gm)].map(
      ([, keys = ""]) => keys,
    );
    expect(steps).toHaveLength(3);
    const [append = "", swap = "", last = ""] = steps;
    expect(append).toBe(`${first},${last}`);
    expect(swap).toBe(`${last},${first}`);
    for (const each of [append, swap]) await startsWith(each);
    await expect(startsWith(last)).rejects.toThrow("lacks k2");
    const finished = await rotate("encryption-key --finish", { POSTERN_ENCRYPTION_KEYS: swap });
    expect(finished.said).toContain("May be removed");
    await startsWith(last);
    expect(await read(last)).toBe("a secret");
    expect(readdirSync(folder)).toEqual([]);
  });
});

it("what is not known is answered with what there is", async () => {
  expect(await rotate("everything")).toMatchObject({
    code: 1,
    said: expect.stringContaining("npm run rotate --"),
  });
  expect((await rotate("encryption-key --sign-out")).code).toBe(1);
});
