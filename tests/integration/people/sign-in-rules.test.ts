import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { SignInRules } from "@/lib/domain/people/sign-in-rules";
import { addMinutes } from "@/lib/domain/time/schedule";
import { changePassword } from "@/lib/identity/passwords/change-password";
import { hashPassword } from "@/lib/identity/passwords/password";
import { createSession, findCaller, isSessionGood, isTokenGood } from "@/lib/identity/sessions/sessions";
import { createChallenge } from "@/lib/identity/step-up/step-up";
import { deliverNotifications } from "@/lib/operations/notifications/deliver-notifications";
import { updateSignInRules, updateSignInRulesOperation } from "@/lib/operations/people/update-sign-in-rules";
import type { Caller } from "@/lib/platform/caller";
import { inTransaction } from "@/lib/platform/transaction";
import { sessionsOfPerson } from "@/lib/queries/people/sessions";
import { signInRulesFor } from "@/lib/queries/people/sign-in-rules";
import {
  type Administration,
  makeAdministration,
  refusedBy,
  refusedWith,
} from "../../support/administration";
import { grant, makeCaller, makeUser } from "../../support/factories";
import { passkeysAlone, rulesNow, setRules } from "../../support/sign-in-rules";

const start = new Date("2026-03-02T09:00:00Z");
let now = start;
let at: Administration;
beforeAll(async () => {
  at = await makeAdministration(() => now);
});
afterAll(() => at.test.drop());
beforeEach(async () => {
  now = start;
  const rules =
    "session_hours = 12, idle_minutes = 120, recovery_codes_confirm = true, minimum_password_length = 12, sessions_begun_after = NULL, sessions_used_after = NULL";
  await at.test.asOwner(`UPDATE sign_in_rules SET installation_name = 'Postern', ${rules}`);
});

async function save(change: Partial<SignInRules>, how: { proved?: boolean; caller?: Caller } = {}) {
  const caller = how.caller ?? at.owner;
  const { version, ...rules } = await rulesNow(at.database);
  const input = { expectedVersion: version, rules: { ...rules, ...change } };
  const proofId = how.proved === false ? null : await at.prove(updateSignInRulesOperation(input), caller);
  return updateSignInRules(at.database, caller, { ...input, proofId, others: passkeysAlone });
}

describe("the rules for signing in", () => {
  it("are changed by root administrators alone, always with a code, and stand in the log in words", async () => {
    expect(await save({ sessionHours: 24 }, { proved: false })).toMatchObject(refusedBy("MfaRule"));
    expect(await save({ sessionHours: 8, installationName: "  Contoso   Ltd " })).toMatchObject({ ok: true });
    expect(await signInRulesFor(at.database, at.owner)).toMatchObject({
      sessionHours: 8,
      installationName: "Contoso Ltd",
    });
    const event = await at.database.client.auditEvent.findFirstOrThrow({
      where: { kind: "SignInRulesUpdated", outcome: "Success" },
    });
    expect(event).toMatchObject({
      actorId: at.owner.userId,
      factor: "Totp",
      details: {
        before: { "A session lasts at most": "12 hours", "Name in authenticator apps": "Postern" },
        after: { "A session lasts at most": "8 hours", "Name in authenticator apps": "Contoso Ltd" },
      },
    });
    expect(await save({}), "the present rules").toMatchObject({ ok: true });
    await deliverNotifications(at.database, { mail: true });
    const notices = await at.database.client.notification.findMany({ select: { title: true } });
    expect(notices.map(({ title }) => title)).not.toContain("The allowed mail domains were changed");
  });

  it("are kept from whoever is an administrator below the root", async () => {
    const below = await at.person("Bo Below");
    await grant(
      at.database,
      "active",
      below.userId,
      at.ownerAssignment.roleDefinitionId,
      at.tree.subscription.id,
    );
    expect(await save({ sessionHours: 24 }, { caller: below })).toMatchObject(
      refusedWith("AuthorizationFailed"),
    );
    expect(await signInRulesFor(at.database, below)).toBeNull();
    const { version, ...rules } = await rulesNow(at.database);
    const operation = updateSignInRulesOperation({ expectedVersion: version, rules });
    expect(await createChallenge(at.database, below, operation)).toBeNull();
  });

  it("are described by what changes before a code is typed", async () => {
    const { version, ...rules } = await rulesNow(at.database);
    const operation = updateSignInRulesOperation({
      expectedVersion: version,
      rules: { ...rules, idleMinutes: 15, recoveryCodesConfirm: false },
    });
    const shown = JSON.stringify(await createChallenge(at.database, at.owner, operation));
    expect(shown).toMatch(/2 hours.*15 minutes/);
    expect(shown).toContain("Accept recovery codes");
    expect(shown).not.toContain("Shortest password");
  });

  it("refuse what is out of range and an edit of what another saved meanwhile, with both values", async () => {
    for (const [field, wrong] of [
      ["sessionHours", 0],
      ["sessionHours", 25],
      ["sessionHours", 1.5],
      ["idleMinutes", 14],
      ["idleMinutes", 721],
      ["minimumPasswordLength", 11],
      ["minimumPasswordLength", 65],
      ["installationName", " "],
      ["installationName", "a:b"],
      ["installationName", "x".repeat(61)],
      ["installationName", "Con\u202Etoso"],
    ] as const)
      expect(await save({ [field]: wrong }), `${field} ${wrong}`).toMatchObject({
        ok: false,
        error: { code: "InvalidInput", faults: [{ field }] },
      });
    const { version, ...rules } = await rulesNow(at.database);
    const stale = { expectedVersion: version, rules: { ...rules, sessionHours: 20 } };
    await save({ sessionHours: 6 });
    const proofId = await at.prove(updateSignInRulesOperation(stale));
    const refused = await updateSignInRules(at.database, at.owner, {
      ...stale,
      proofId,
      others: passkeysAlone,
    });
    expect(refused).toMatchObject(refusedWith("StaleEdit"));
    expect(JSON.stringify(refused)).toContain("A session lasts at most: 6 hours now, 20 hours here.");
  });

  it("cannot be changed in the database without an event", async () => {
    const change = inTransaction(
      at.database,
      (transaction) => transaction.$executeRaw`UPDATE sign_in_rules SET session_hours = 24`,
    );
    await expect(change).rejects.toThrow("no event of the log tells");
  });
});

describe("a session", () => {
  const origin = { ipAddress: "192.0.2.1", userAgent: "test" };
  async function begun() {
    const user = await makeUser(at.database);
    const token = await inTransaction(at.database, (transaction) =>
      createSession(transaction, user.id, origin),
    );
    const good = async () => {
      const all = await Promise.all([
        isTokenGood(at.database, token),
        isSessionGood(at.database, token.sessionId),
        sessionsOfPerson(at.database, at.owner, user.id).then((list) => list?.length === 1),
      ]);
      expect(new Set(all).size, JSON.stringify(all)).toBe(1);
      return all[0];
    };
    const use = () => findCaller(at.database, token, origin);
    return { good, use };
  }

  it("ends by the rules in force, to the second, shortened ones at once", async () => {
    await setRules(at.test, { session_hours: 2, idle_minutes: 60 });
    const session = await begun();
    now = addMinutes(start, 59);
    expect(await session.use()).not.toBeNull();
    now = addMinutes(start, 118);
    expect(await session.use()).not.toBeNull();
    now = new Date(addMinutes(start, 120).getTime() - 1_000);
    expect(await session.good()).toBe(true);
    now = addMinutes(start, 120);
    expect(await session.good()).toBe(false);
    expect(await session.use()).toBeNull();
    await setRules(at.test, { session_hours: 24, idle_minutes: 720 });
    expect(await session.good(), "longer rules bring nothing back").toBe(false);

    const other = await begun();
    now = addMinutes(now, 30);
    expect(await other.good()).toBe(true);
    await setRules(at.test, { idle_minutes: 15 });
    expect(await other.good(), "idle").toBe(false);
    await setRules(at.test, { idle_minutes: 60 });
    now = addMinutes(now, 31);
    await setRules(at.test, { idle_minutes: 720, session_hours: 1 });
    expect(await other.good(), "too old").toBe(false);
  });

  it("that the rules ended does not come back by longer ones, nor one that they were shortened to end", async () => {
    const [unused, old, later] = [await begun(), await begun(), await begun()];
    now = addMinutes(start, 100);
    for (const { use } of [old, later]) expect(await use()).not.toBeNull();
    now = addMinutes(start, 121);
    expect(await unused.good()).toBe(false);
    expect(await save({ idleMinutes: 720 })).toMatchObject({ ok: true });
    expect(await unused.good(), "unused too long by the rules of then").toBe(false);
    expect(await old.good()).toBe(true);
    const young = await begun();
    expect(await save({ sessionHours: 1 })).toMatchObject({ ok: true });
    expect(await old.good()).toBe(false);
    expect(await save({ sessionHours: 12 })).toMatchObject({ ok: true });
    expect(await old.good(), "what somebody meant to end").toBe(false);
    expect(await young.good()).toBe(true);
  });
});

it("a chosen password keeps to the length in force, and to what nobody guesses", async () => {
  const user = await makeUser(at.database, "Olivia Okafor");
  const password = "old grey walls of slate";
  await at.database.client.passwordCredential.create({
    data: { userId: user.id, hash: await hashPassword(password) },
  });
  const caller = { ...(await makeCaller(at.database, user)), displayName: user.displayName };
  const change = (newPassword: string) =>
    changePassword(at.database, caller, { currentPassword: password, newPassword });
  await setRules(at.test, { minimum_password_length: 30, installation_name: "Fabrikam" });
  expect(await change("ninety cold blue lanterns")).toMatchObject({
    field: "newPassword",
    message: "Choose at least 30 characters.",
  });
  await setRules(at.test, { minimum_password_length: 12 });
  const guessed = await change("Fabrikam-Okafor1");
  expect(guessed).toMatchObject({ ok: false, field: "newPassword" });
  expect(JSON.stringify(guessed)).toContain("the organisation's name");
  expect(await change("ninety cold blue lanterns")).toMatchObject({ ok: true });
});
