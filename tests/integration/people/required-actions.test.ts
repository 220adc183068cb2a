import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addMinutes } from "@/lib/domain/time/schedule";
import { hashPassword } from "@/lib/identity/passwords/password";
import { choosePassword, makeToken } from "@/lib/identity/passwords/password-ticket";
import { reauthenticate } from "@/lib/identity/passwords/reauthenticate";
import { findCaller } from "@/lib/identity/sessions/sessions";
import { setUpFirstOwner } from "@/lib/identity/sign-in/set-up";
import { signIn } from "@/lib/identity/sign-in/sign-in";
import { createChallenge, meetChallenge } from "@/lib/identity/step-up/step-up";
import { issueSignIn } from "@/lib/operations/people/issue-sign-in";
import type { Caller } from "@/lib/platform/caller";
import { seal } from "@/lib/platform/secrets";
import { makeAdministration } from "../../support/administration";
import { holdLock } from "../../support/database/held-lock";

const secrets = ["a secret of the test's own, long enough"] as const;
const keys = [{ id: "k1", key: Buffer.alloc(32, 7) }];
const given = "old grey walls of slate";
const start = new Date("2026-03-02T09:00:00Z");
let now = start;
let at: Awaited<ReturnType<typeof makeAdministration>>;
let hash: string;
beforeAll(async () => {
  at = await makeAdministration(() => now);
  hash = await hashPassword(given);
});
afterAll(() => at.test.drop());
beforeEach(() => {
  now = start;
});

let addresses = 0;
const somewhere = () => {
  addresses += 1;
  return { ipAddress: `198.51.100.${addresses}`, userAgent: "test" };
};
const enter = (person: Caller, password: string) =>
  signIn(at.database, secrets, { email: person.email, password }, somewhere());
const sessionsOf = (userId: string) => at.database.client.session.count({ where: { userId, endedAt: null } });

/** Somebody whom an administrator has just given a one-time password. */
async function withOneTimePassword() {
  const person = await at.person("Nina New");
  const proofId = await at.prove({ kind: "IssueSignIn", principalId: person.userId });
  const issued = await issueSignIn(at.database, at.owner, {
    principalId: person.userId,
    signIn: { kind: "OneTimePassword", passwordHash: hash },
    justification: "First day",
    proofId,
  });
  expect(issued).toMatchObject({ ok: true });
  return person;
}

describe("a required action that begins on another way in", () => {
  it("stays: a one-time password gives no session, however often, until a password is chosen", async () => {
    const person = await withOneTimePassword();
    for (let tries = 0; tries < 3; tries += 1)
      expect(await enter(person, given)).toMatchObject({ ok: false, reason: "ChoosePassword" });
    expect(await sessionsOf(person.userId)).toBe(0);
    expect(
      await findCaller(at.database, { sessionId: person.sessionId, secret: "x".repeat(43) }, person),
    ).toBeNull();
  });

  it("stays: what the one-time password was traded for is no session and no way to anything else", async () => {
    const person = await withOneTimePassword();
    const traded = await enter(person, given);
    const ticket = !traded.ok && traded.reason === "ChoosePassword" ? traded.ticket : "";
    expect(ticket).not.toBe("");
    for (const token of [
      { sessionId: person.sessionId, secret: ticket },
      { sessionId: randomUUID(), secret: ticket },
    ])
      expect(await findCaller(at.database, token, person)).toBeNull();
    const asOwner = { token: ticket, displayName: "Nina", email: "nina@contoso.example", password: "x" };
    expect(await setUpFirstOwner(at.database, asOwner, somewhere())).toMatchObject({ ok: false });
    // A session from before the one-time password has ended. Choosing a password does not revive it.
    expect(await reauthenticate(at.database, person, "wrong", "PasswordChanged")).toBe(false);
    expect(await sessionsOf(person.userId)).toBe(0);
  });

  it("ends what it was given for: the one-time password is good for nothing once another is chosen", async () => {
    const person = await withOneTimePassword();
    const traded = await enter(person, given);
    const ticket = !traded.ok && traded.reason === "ChoosePassword" ? traded.ticket : "";
    const chosen = "seven herons over tiled roofs";
    expect(await choosePassword(at.database, { token: ticket, password: given }, somewhere())).toMatchObject({
      ok: false,
    });
    expect(await choosePassword(at.database, { token: ticket, password: chosen }, somewhere())).toEqual({
      ok: true,
    });
    expect(await enter(person, given)).toMatchObject({ ok: false });
    expect(await enter(person, chosen)).toMatchObject({ ok: true });
  });
});

describe("an invitation used twice", () => {
  async function invited() {
    const person = await at.person("Nina New");
    const { token, tokenHash } = makeToken();
    await at.database.client.passwordTicket.create({
      data: { userId: person.userId, purpose: "Invitation", tokenHash, expiresAt: addMinutes(now, 60) },
    });
    return { person, token };
  }
  const choose = (token: string, password: string) =>
    choosePassword(at.database, { token, password }, somewhere());

  it("gives one password, of any number that are chosen at once", async () => {
    const { person, token } = await invited();
    const held = await holdLock(at.test, "SELECT FROM password_tickets WHERE user_id = $1 FOR UPDATE", [
      person.userId,
    ]);
    const passwords = [
      "seven herons over tiled roofs",
      "eight herons over tiled roofs",
      "nine herons over tiled roofs",
    ];
    const choosing = passwords.map((password) => choose(token, password));
    await held.waitedFor(passwords.length);
    await held.release();
    const results = await Promise.all(choosing);
    expect(results.filter(({ ok }) => ok)).toHaveLength(1);
    for (const [index, { ok }] of results.entries())
      expect(await enter(person, passwords[index] ?? "")).toMatchObject({ ok });
    expect(
      (await at.eventsOf(person.userId)).filter((each) => each === "PasswordChanged Success"),
    ).toHaveLength(1);
    expect(await choose(token, "ten herons over tiled roofs")).toMatchObject({ ok: false, field: "token" });
  });

  it("gives none when a newer one is issued at the same moment", async () => {
    const { person, token } = await invited();
    const proofId = await at.prove({ kind: "IssueSignIn", principalId: person.userId });
    const held = await holdLock(at.test, "SELECT FROM password_tickets WHERE user_id = $1 FOR UPDATE", [
      person.userId,
    ]);
    const issuing = issueSignIn(at.database, at.owner, {
      principalId: person.userId,
      signIn: { kind: "Invitation", tokenHash: makeToken().tokenHash },
      justification: "Lost the first",
      proofId,
    });
    await held.waitedFor(1);
    const choosing = choose(token, "seven herons over tiled roofs");
    await held.waitedFor(2);
    await held.release();
    expect(await issuing).toMatchObject({ ok: true });
    expect(await choosing).toMatchObject({ ok: false, field: "token" });
    expect(await enter(person, "seven herons over tiled roofs")).toMatchObject({ ok: false });
  });
});

describe("a count of failures", () => {
  const failures = async (userId: string) =>
    (await at.database.client.totpFactor.findFirstOrThrow({ where: { userId, removedAt: null } }))
      .failedAttempts;

  it("is not taken back with what the wrong code was typed for", async () => {
    const person = await at.person("Nina New");
    const data = { userId: person.userId, ...seal(keys, "A".repeat(32), person.userId), confirmedAt: now };
    await at.database.client.totpFactor.create({ data });
    for (const wrong of [1, 2, 3]) {
      const challenge = await createChallenge(at.database, person, { kind: "RemoveAuthenticator" });
      const input = { challengeId: challenge?.challengeId ?? "", code: "000000" };
      expect(await meetChallenge(at.database, keys, person, input)).toMatchObject({ ok: false });
      expect(await failures(person.userId)).toBe(wrong);
    }
    // The verb that the codes were for is refused and rolled back; another of the same person's succeeds.
    const proofId = await at.prove({ kind: "RemoveAuthenticator" }, person);
    const refused = await issueSignIn(at.database, person, {
      principalId: at.owner.userId,
      signIn: { kind: "OneTimePassword", passwordHash: hash },
      justification: null,
      proofId,
    });
    expect(refused).toMatchObject({ ok: false });
    expect(await failures(person.userId)).toBe(3);
    const logged = (await at.eventsOf(person.userId)).filter((each) => each === "StepUpFailed Failure");
    expect(logged).toHaveLength(3);
  });

  it("is not lost where the connection dies that asked: the count was kept before the answer", async () => {
    const person = await at.person("Nina New");
    const data = { userId: person.userId, ...seal(keys, "A".repeat(32), person.userId), confirmedAt: now };
    await at.database.client.totpFactor.create({ data });
    const challenge = await createChallenge(at.database, person, { kind: "RemoveAuthenticator" });
    const input = { challengeId: challenge?.challengeId ?? "", code: "000000" };
    const answer = await meetChallenge(at.database, keys, person, input);
    await at.test.asOwner(
      "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = current_database() AND pid <> pg_backend_pid()",
    );
    expect(answer).toMatchObject({ ok: false });
    const { rows } = await at.test.asOwner("SELECT failed_attempts FROM totp_factors WHERE user_id = $1", [
      person.userId,
    ]);
    expect(rows).toEqual([{ failed_attempts: 1 }]);
  });
});
