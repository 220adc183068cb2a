import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { beginEnrolment, confirmEnrolment } from "@/lib/identity/factors/authenticator";
import { createChallenge, meetChallenge } from "@/lib/identity/step-up/step-up";
import type { Caller } from "@/lib/platform/caller";
import { appCode } from "../../support/app-code";
import { createTestDatabase, type TestDatabase } from "../../support/database/database";
import { makeCaller, makeUser } from "../../support/factories";
import { setRules } from "../../support/sign-in-rules";

const keys = [{ id: "k1", key: Buffer.alloc(32, 7) }];
const operation = { kind: "ReplaceRecoveryCodes" as const };
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
const shifted = (code: string, zero: number) =>
  [...code].map((digit) => String.fromCodePoint(zero + Number(digit))).join("");

const ways: readonly (readonly [string, (code: string) => string])[] = [
  ["with a space", (code) => `${code.slice(0, 3)} ${code.slice(3)}`],
  ["with a hyphen", (code) => `${code.slice(0, 3)}-${code.slice(3)}`],
  ["with a dash and a no-break space", (code) => `\u00a0${code.slice(0, 3)}\u2013${code.slice(3)}`],
  ["in full-width digits", (code) => shifted(code, 0xff10)],
  ["in Arabic digits", (code) => shifted(code, 0x660)],
  ["with unseen direction marks", (code) => `\u200e${code}\u202c`],
  [
    "with a zero width space and a byte order mark",
    (code) => `\ufeff${code.slice(0, 2)}\u200b${code.slice(2)}`,
  ],
];

async function someone() {
  const caller = await makeCaller(test.database, await makeUser(test.database));
  const begun = await beginEnrolment(test.database, keys, caller, {
    proofId: null,
    reauthenticated: true,
    pass: "",
  });
  if (!begun.ok) throw new Error(begun.message);
  return { caller, secret: begun.secret };
}
const confirm = (caller: Caller, code: string) => confirmEnrolment(test.database, keys, caller, code);
async function submit(caller: Caller, code: string) {
  const challenge = await createChallenge(test.database, caller, operation);
  return meetChallenge(test.database, keys, caller, { challengeId: challenge?.challengeId ?? "", code });
}
const slips = ["", " ", "12345", "1234567", "12345a", "abcdef", "１２３", "hello", "1".repeat(2_000)];

describe("a person types a code as their app or keyboard writes it", () => {
  it.each(ways)("%s, and it is taken at enrolment and at a protected operation", async (_, written) => {
    const { caller, secret } = await someone();
    expect(await confirm(caller, written(codeAt(secret, -1)))).toMatchObject({ ok: true });
    expect(await submit(caller, written(codeAt(secret)))).toMatchObject({ ok: true });
    // It is used up, however it is written.
    expect(await submit(caller, codeAt(secret))).toMatchObject({ ok: false });
  });

  it("and a slip of the fingers counts towards no lock and fills no log", async () => {
    const { caller, secret } = await someone();
    for (const slip of slips)
      expect(await confirm(caller, slip), slip).toMatchObject({ ok: false, startAgain: false });
    expect(await confirm(caller, codeAt(secret, -1))).toMatchObject({ ok: true });
    for (let round = 0; round < 6; round += 1)
      for (const slip of slips)
        expect(await submit(caller, slip), slip).toMatchObject({
          ok: false,
          error: { code: "InvalidAuthenticationCode", message: expect.stringContaining("six digits") },
        });
    const factor = await test.database.client.totpFactor.findFirstOrThrow({
      where: { userId: caller.userId },
    });
    expect(factor).toMatchObject({ failedAttempts: 0, lockCount: 0 });
    expect(
      await test.database.client.auditEvent.count({
        where: { actorId: caller.userId, kind: "StepUpFailed" },
      }),
    ).toBe(0);
    expect(await submit(caller, codeAt(secret))).toMatchObject({ ok: true });
  });

  it("and a wrong code, or the length of a recovery code, counts as before", async () => {
    const { caller, secret } = await someone();
    expect(await confirm(caller, codeAt(secret, -1))).toMatchObject({ ok: true });
    for (const wrong of ["000 000", "A".repeat(24), "００００００", "000-000"]) await submit(caller, wrong);
    expect(await submit(caller, "000000")).toMatchObject({ error: { code: "FactorLocked" } });
    // While it is locked, no answer shows whether a code was right.
    expect(await submit(caller, "12345")).toMatchObject({ error: { code: "FactorLocked" } });
  });
});
