import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { addMinutes } from "@/lib/domain/time/schedule";
import { proveAgainWithFactor, proveAgainWithPassword } from "@/lib/identity/factors/prove-again";
import { changePassword } from "@/lib/identity/passwords/change-password";
import { hashPassword } from "@/lib/identity/passwords/password";
import { endOwnSessions } from "@/lib/identity/sessions/own-sessions";
import { isSessionGood } from "@/lib/identity/sessions/sessions";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import { inTransaction } from "@/lib/platform/transaction";
import { ownSessions } from "@/lib/queries/people/sessions";
import { ownSignIns } from "@/lib/queries/people/sign-ins";
import { type Administration, makeAdministration } from "../../support/administration";
import { oneAfterTheOther } from "../../support/database/held-lock";
import { makeCaller, makeUser } from "../../support/factories";

const start = new Date("2026-03-02T09:00:00Z");
const password = "correct-horse-battery-staple-9";
let now = start;
let at: Administration;
beforeAll(async () => {
  at = await makeAdministration(() => now);
});
afterAll(() => at.test.drop());
beforeEach(() => {
  now = start;
});

/** Somebody with a password and two sessions. */
async function signedInTwice(): Promise<[Caller, Caller]> {
  const user = await makeUser(at.database);
  const hash = await hashPassword(password, "test");
  await at.database.client.passwordCredential.create({ data: { userId: user.id, hash } });
  return [await makeCaller(at.database, user), await makeCaller(at.database, user)];
}
const sees = async (caller: Caller) => (await ownSessions(at.database, caller))?.length ?? null;
const end = (caller: Caller, sessionId: string | null = null) =>
  endOwnSessions(at.database, caller, sessionId);
const good = (caller: Caller) => isSessionGood(at.database, caller.sessionId);
const events = async (caller: Caller, kind: "ProvedAgain" | "SessionEnded") =>
  (
    await at.database.client.auditEvent.findMany({
      where: { actorId: caller.userId, kind },
      orderBy: { sequence: "asc" },
    })
  ).map(({ outcome }) => outcome);

it("shows and ends one's sessions for an hour after signing in, to the second, and then asks for the password", async () => {
  const [here, there] = await signedInTwice();
  now = new Date(addMinutes(start, 60).getTime() - 1_000);
  expect(await sees(here)).toBe(2);
  now = addMinutes(start, 60);
  expect(await sees(here)).toBeNull();
  expect(await end(here, there.sessionId)).toBeNull();
  expect(await end(here)).toBeNull();
  expect(await good(there)).toBe(true);

  expect(await proveAgainWithPassword(at.database, here, "not this one")).toBe(false);
  expect(await sees(here)).toBeNull();
  expect(await proveAgainWithPassword(at.database, here, password)).toBe(true);
  expect(await sees(here)).toBe(2);
  expect(await sees(there), "the other session was not proved again").toBeNull();
  expect(await end(there, here.sessionId)).toBeNull();
  now = addMinutes(start, 119);
  expect(await end(here)).toBe(1);
  expect([await good(here), await good(there)]).toEqual([true, false]);
  now = addMinutes(start, 120);
  expect(await sees(here)).toBeNull();
  expect(await events(here, "ProvedAgain")).toEqual(["Failure", "Success"]);
  expect(await events(here, "SessionEnded")).toEqual(["Failure", "Failure", "Failure", "Success"]);
});

it("takes the proof of a factor for exactly this, once", async () => {
  const [here] = await signedInTwice();
  now = addMinutes(start, 61);
  const other = await at.prove({ kind: "ReplaceRecoveryCodes" }, here);
  expect(await proveAgainWithFactor(at.database, here, other)).toBe(false);
  expect(await proveAgainWithFactor(at.database, here, null)).toBe(false);
  const proofId = await at.prove({ kind: "ManageSessions" }, here);
  expect(await proveAgainWithFactor(at.database, here, proofId)).toBe(true);
  expect(await sees(here)).toBe(2);
  expect(await proveAgainWithFactor(at.database, here, proofId)).toBe(false);
});

it("ends no session of somebody else, and not the one that asks", async () => {
  const [here] = await signedInTwice();
  const [stranger] = await signedInTwice();
  expect(await end(here, stranger.sessionId)).toBe(0);
  expect(await end(here, here.sessionId)).toBe(0);
  expect([await good(here), await good(stranger)]).toEqual([true, true]);
});

it("opens no session whose password changes at the same moment", async () => {
  const [here, there] = await signedInTwice();
  now = addMinutes(start, 61);
  const input = { currentPassword: password, newPassword: "seven-brown-loaves-of-bread-4" };
  const [changed, proved] = await oneAfterTheOther(
    at.test,
    () => changePassword(at.database, there, input),
    () => proveAgainWithPassword(at.database, here, password),
  );
  expect([changed.ok, proved]).toEqual([true, false]);
  expect(await good(here)).toBe(false);
});

it("lists one's sign-ins of ninety days page by page, refused ones too, and nobody else's", async () => {
  const [here] = await signedInTwice();
  const [other] = await signedInTwice();
  const record = (who: Caller, kind: "SignIn" | "SignInFailed", details = {}) =>
    inTransaction(at.database, (transaction) =>
      recordAuditEvent(transaction, {
        ...{ kind, outcome: kind === "SignIn" ? "Success" : "Failure", details },
        caller: { userId: who.userId, displayName: who.displayName, ipAddress: "192.0.2.1" },
      }),
    );
  await record(here, "SignIn");
  now = addMinutes(start, 91 * 1_440);
  for (let count = 0; count < 26; count += 1) await record(here, "SignIn", { method: "Passkey" });
  await record(other, "SignIn");
  await record(here, "SignInFailed", { attempts: 7 });
  const first = await ownSignIns(at.database, here, null);
  expect(first.rows).toHaveLength(25);
  expect(first.rows[0]).toMatchObject({ outcome: "Failure", attempts: 7, method: "Password" });
  expect(first.rows[1]).toMatchObject({ outcome: "Success", attempts: 1, method: "Passkey" });
  const second = await ownSignIns(at.database, here, first.next);
  expect(second).toMatchObject({ rows: [{}, {}], next: null });
  const [theirs] = (await ownSignIns(at.database, other, null)).rows;
  expect((await ownSignIns(at.database, here, theirs?.id ?? "")).rows).toEqual([]);
});
