import { randomBytes } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { addHours } from "@/lib/domain/time/schedule";
import { makeOneTimePassword } from "@/lib/identity/passwords/password-ticket";
import { deliverNotifications } from "@/lib/operations/notifications/deliver-notifications";
import { applyFactorResets } from "@/lib/operations/people/apply-factor-resets";
import {
  confirmFactorReset,
  confirmFactorResetOperation,
} from "@/lib/operations/people/confirm-factor-reset";
import { issueSignIn } from "@/lib/operations/people/issue-sign-in";
import { resetAuthenticator } from "@/lib/operations/people/reset-authenticator";
import { stopFactorReset } from "@/lib/operations/people/stop-factor-reset";
import { withdrawFactorReset } from "@/lib/operations/people/withdraw-factor-reset";
import type { Caller } from "@/lib/platform/caller";
import { inTransaction } from "@/lib/platform/transaction";
import { ownReset } from "@/lib/queries/people/factor-reset";
import { viewPerson } from "@/lib/queries/people/person";
import {
  type Administration,
  makeAdministration,
  refusedBy,
  refusedWith,
} from "../../support/administration";
import { atOnce, oneAfterTheOther, oneBesideTheOther } from "../../support/database/held-lock";
import { grant, makeActivation, makeCaller } from "../../support/factories";
import { setRules } from "../../support/sign-in-rules";

const start = new Date("2026-03-02T09:00:00Z");
const because = { justification: "They lost the phone" };
let now = start;
let at: Administration;
let second: Caller;
beforeAll(async () => {
  at = await makeAdministration(() => now);
  second = await at.person("Sam Second");
  await grant(at.database, "active", second.userId, at.ownerAssignment.roleDefinitionId, at.tree.root.id);
});
afterAll(() => at.test.drop());
beforeEach(async () => {
  now = start;
  await setRules(at.test, { reset_takes_two: false, reset_delay_hours: 0 });
});

const passwordsAre = (local_passwords: string) => setRules(at.test, { local_passwords });

async function withFactor(name: string): Promise<Caller> {
  const person = await at.person(name);
  const sealed = { keyId: "k1", nonce: new Uint8Array(12), ciphertext: new Uint8Array(32) };
  await at.database.client.totpFactor.create({
    data: { userId: person.userId, ...sealed, confirmedAt: now },
  });
  return person;
}
const factorsOf = (person: Caller) =>
  at.database.client.totpFactor.count({ where: { userId: person.userId, removedAt: null } });
async function ask(person: Caller, caller = at.owner) {
  const operation = { kind: "ResetAuthenticator" as const, principalId: person.userId };
  const proofId = await at.prove(operation, caller);
  return resetAuthenticator(at.database, caller, { principalId: person.userId, ...because, proofId });
}
async function open(person: Caller) {
  const reset = await at.database.client.factorReset.findFirst({
    where: { userId: person.userId, endedAt: null },
  });
  return { principalId: person.userId, resetId: reset?.id ?? "00000000-0000-4000-8000-000000000000" };
}
async function confirm(person: Caller, caller = second, shown?: { principalId: string; resetId: string }) {
  const input = shown ?? (await open(person));
  const proofId = await at.prove(confirmFactorResetOperation(input), caller);
  return confirmFactorReset(at.database, caller, { ...input, ...because, proofId });
}
async function makeSignInFor(person: Caller) {
  const { passwordHash } = await makeOneTimePassword(person);
  return { signIn: { kind: "OneTimePassword" as const, passwordHash } };
}
const stop = async (person: Caller) => stopFactorReset(at.database, person, await open(person));
const outcomeOf = async (person: Caller) =>
  (
    await at.database.client.factorReset.findFirstOrThrow({
      where: { userId: person.userId },
      orderBy: { askedAt: "desc" },
    })
  ).outcome;

describe("a reset of somebody's factors", () => {
  it("takes effect at once where the rules ask for nothing more", async () => {
    const person = await withFactor("Ada Atonce");
    expect(await ask(person)).toMatchObject({ ok: true, waits: null });
    expect(await factorsOf(person)).toBe(0);
    expect(await at.eventsOf(person.userId)).toEqual(["AuthenticatorReset Success"]);
  });

  it("waits its hours, in which the factor works, and is applied then; its person is notified at once", async () => {
    await setRules(at.test, { reset_delay_hours: 24 });
    const person = await withFactor("Del Ayed");
    expect(await ask(person)).toMatchObject({
      ok: true,
      waits: { for: "hours", until: addHours(start, 24) },
    });
    await deliverNotifications(at.database, { mail: true });
    const notices = await at.database.client.notification.findMany({ where: { recipientId: person.userId } });
    expect(notices.map(({ title }) => title)).toContain("A reset of your second factors was asked for");
    now = new Date(addHours(start, 24).getTime() - 1);
    expect(await applyFactorResets(at.database)).toBe(0);
    expect(await factorsOf(person)).toBe(1);
    now = addHours(start, 24);
    expect(await applyFactorResets(at.database)).toBe(1);
    expect(await factorsOf(person)).toBe(0);
    expect(await outcomeOf(person)).toBe("Applied");
    expect(await at.eventsOf(person.userId)).toEqual([
      "FactorResetAsked Success",
      "AuthenticatorReset Success",
    ]);
  });

  it("is shown to administrators on the person's page, and to its person", async () => {
    await setRules(at.test, { reset_delay_hours: 24, reset_takes_two: true });
    const person = await withFactor("Sho Wn");
    await ask(person);
    const shown = { askedBy: { id: at.owner.userId }, confirmedBy: null, dueAt: null, delayHours: 24 };
    expect((await viewPerson(at.database, at.owner, person.userId))?.reset).toMatchObject({
      ...{ ...shown, askedAt: start, lapsesAt: addHours(start, 72) },
    });
    await confirm(person);
    expect(await confirm(person), "twice").toMatchObject(refusedWith("Conflict"));
    const confirmed = { dueAt: addHours(start, 24), confirmedBy: { id: second.userId } };
    expect(await ownReset(at.database, person)).toMatchObject({ ...shown, ...confirmed });
    await stop(person);
    expect(await ownReset(at.database, person)).toBeNull();
  });

  it("waits once for each person", async () => {
    await setRules(at.test, { reset_delay_hours: 24 });
    const person = await withFactor("One Reset");
    await ask(person);
    expect(await ask(person)).toMatchObject(refusedWith("Conflict"));
  });

  it("keeps the rules that it was asked under, whatever they become", async () => {
    await setRules(at.test, { reset_takes_two: true, reset_delay_hours: 24 });
    const person = await withFactor("Kim Kept");
    await ask(person);
    await setRules(at.test, { reset_takes_two: false, reset_delay_hours: 0 });
    expect(await applyFactorResets(at.database)).toBe(0);
    expect(await confirm(person)).toMatchObject({ ok: true, dueAt: addHours(start, 24) });
  });

  it("is stopped by its person alone, while it is not applied, and stays so", async () => {
    await setRules(at.test, { reset_delay_hours: 1 });
    const person = await withFactor("Sto Pper");
    await ask(person);
    const shown = await open(person);
    expect(await stopFactorReset(at.database, second, shown), "somebody else").toMatchObject(
      refusedWith("NotFound"),
    );
    expect(await stopFactorReset(at.database, person, shown)).toMatchObject({ ok: true });
    expect(await stopFactorReset(at.database, person, shown), "twice").toMatchObject(refusedWith("NotFound"));
    now = addHours(start, 2);
    expect(await applyFactorResets(at.database)).toBe(0);
    expect([await factorsOf(person), await outcomeOf(person)]).toEqual([1, "Stopped"]);
  });

  it("is applied and not stopped, or the other way round, whoever is first", async () => {
    await setRules(at.test, { reset_delay_hours: 1 });
    const [stopped, applied] = [await withFactor("Sia First"), await withFactor("Due First")];
    await ask(stopped);
    now = addHours(start, 1);
    const [stop, skipped] = await oneBesideTheOther(
      at.test,
      async () => stopFactorReset(at.database, stopped, await open(stopped)),
      () => applyFactorResets(at.database),
    );
    expect([stop.ok, skipped]).toEqual([true, 0]);
    expect([await factorsOf(stopped), await outcomeOf(stopped)]).toEqual([1, "Stopped"]);

    now = start;
    await ask(applied);
    now = addHours(start, 1);
    const shown = await open(applied);
    const [ended, late] = await oneAfterTheOther(
      at.test,
      () => applyFactorResets(at.database),
      () => stopFactorReset(at.database, applied, shown),
    );
    expect(ended).toBe(1);
    expect(late).toMatchObject(refusedWith("NotFound"));
    expect([await factorsOf(applied), await outcomeOf(applied)]).toEqual([0, "Applied"]);
  });

  it("is confirmed or withdrawn, not both", async () => {
    await setRules(at.test, { reset_takes_two: true });
    for (const leading of ["first", "second"] as const) {
      const person = await withFactor(`Ray ${leading}`);
      await ask(person);
      const shown = await open(person);
      const proofId = await at.prove(confirmFactorResetOperation(shown), second);
      const [confirmed, withdrawn] = await oneAfterTheOther(
        at.test,
        () => confirmFactorReset(at.database, second, { ...shown, ...because, proofId }),
        () => withdrawFactorReset(at.database, at.owner, { ...shown, ...because }),
        leading,
      );
      expect([confirmed.ok, withdrawn.ok]).toEqual([leading === "first", leading === "second"]);
      expect(await factorsOf(person)).toBe(leading === "first" ? 0 : 1);
    }
  });

  it("takes a second administrator who is neither its person nor whoever asked, with a code of their own", async () => {
    await setRules(at.test, { reset_takes_two: true });
    const person = await withFactor("Two Eyes");
    expect(await ask(person)).toMatchObject({ ok: true, waits: { for: "administrator" } });
    const shown = await open(person);
    expect(await confirm(person, at.owner)).toMatchObject(refusedWith("OwnRequest"));
    await grant(at.database, "active", person.userId, at.ownerAssignment.roleDefinitionId, at.tree.root.id);
    expect(await confirm(person, person), "its person").toMatchObject(refusedWith("OwnRequest"));
    expect(
      await confirmFactorReset(at.database, second, { ...shown, ...because, proofId: null }),
    ).toMatchObject(refusedBy("MfaRule"));
    const { caller: manager } = await at.peopleManager();
    expect(await confirm(person, manager), "without authority").toMatchObject(
      refusedWith("AuthorizationFailed"),
    );
    expect(await factorsOf(person)).toBe(1);
    const results = await atOnce(at.test, [
      () => confirm(person, second, shown),
      () => confirm(person, second, shown),
    ]);
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    expect(await factorsOf(person)).toBe(0);
  });

  it("lapses if nobody confirms it in three days, and can be asked for anew", async () => {
    await setRules(at.test, { reset_takes_two: true });
    const person = await withFactor("Lap Sed");
    await ask(person);
    now = addHours(start, 72);
    expect(await confirm(person)).toMatchObject(refusedWith("Conflict"));
    expect(await ask(person)).toMatchObject({ ok: true });
    expect(await confirm(person)).toMatchObject({ ok: true });
    const other = await withFactor("Lap Sing");
    await ask(other);
    now = addHours(start, 143);
    await applyFactorResets(at.database);
    expect(await outcomeOf(other)).toBeNull();
    now = addHours(start, 144);
    await applyFactorResets(at.database);
    expect([await factorsOf(other), await outcomeOf(other)]).toEqual([1, "Lapsed"]);
  });

  it("is not confirmed by somebody who has their power from whoever asked, nor the other way round", async () => {
    await setRules(at.test, { reset_takes_two: true });
    const accomplice = await at.person("Ann Accomplice");
    await grant(
      at.database,
      "active",
      accomplice.userId,
      at.ownerAssignment.roleDefinitionId,
      at.tree.root.id,
    );
    const { signIn } = await makeSignInFor(accomplice);
    const proofId = await at.prove({ kind: "IssueSignIn", principalId: accomplice.userId });
    const input = { principalId: accomplice.userId, signIn, ...because, proofId };
    expect(await issueSignIn(at.database, at.owner, input)).toMatchObject({ ok: true });
    now = addHours(start, 6 * 24);
    const [one, other] = [await withFactor("Ina Independent"), await withFactor("Ida Independent")];
    await ask(one);
    expect(await confirm(one, accomplice)).toMatchObject(refusedWith("OwnRequest"));
    expect(await confirm(one)).toMatchObject({ ok: true });
    // The new sign-in ended the session.
    const again = await makeCaller(at.database, {
      ...{ id: accomplice.userId, displayName: "Ann Accomplice", email: accomplice.email },
    });
    expect(await ask(other, again)).toMatchObject({ ok: true });
    expect(await confirm(other, at.owner)).toMatchObject(refusedWith("OwnRequest"));
    expect(await factorsOf(other)).toBe(1);
  });

  it("is withdrawn by whoever could ask for it, and by nobody less", async () => {
    await setRules(at.test, { reset_delay_hours: 1 });
    const person = await withFactor("Wes Withdrawn");
    await grant(at.database, "active", person.userId, at.ownerAssignment.roleDefinitionId, at.tree.root.id);
    await ask(person);
    const { caller: manager } = await at.peopleManager();
    const shown = { ...(await open(person)), ...because };
    expect(await withdrawFactorReset(at.database, manager, shown)).toMatchObject(
      refusedWith("AuthorizationFailed"),
    );
    expect(await withdrawFactorReset(at.database, second, shown)).toMatchObject({ ok: true });
    now = addHours(start, 2);
    expect(await applyFactorResets(at.database)).toBe(0);
    expect([await factorsOf(person), await outcomeOf(person)]).toEqual([1, "Withdrawn"]);
  });

  it("lapses when it is due if whoever asked or confirmed has lost the authority, or nothing is left", async () => {
    await setRules(at.test, { reset_delay_hours: 1, reset_takes_two: true });
    const [byLost, confirmedByLost, grown, bare] = [
      await withFactor("Lost Asker"),
      await withFactor("Lost Confirmer"),
      await withFactor("Gro Wn"),
      await withFactor("Bea Bare"),
    ];
    const { caller: manager, assignment } = await at.peopleManager();
    await ask(byLost, manager);
    await confirm(byLost);
    await ask(confirmedByLost);
    await confirm(confirmedByLost, manager);
    for (const person of [grown, bare]) {
      await ask(person);
      await confirm(person);
    }
    await at.test.asOwner("UPDATE totp_factors SET removed_at = $2 WHERE user_id = $1", [bare.userId, now]);
    await at.test.asOwner("UPDATE assignments SET ends_at = $2, removed_at = $2 WHERE id = $1", [
      assignment.id,
      now,
    ]);
    now = addHours(start, 1);
    expect(await applyFactorResets(at.database)).toBe(4);
    expect(await Promise.all([byLost, confirmedByLost, grown, bare].map(outcomeOf))).toEqual([
      ...["Lapsed", "Lapsed", "Applied", "Lapsed"],
    ]);
    expect([await factorsOf(byLost), await factorsOf(confirmedByLost)]).toEqual([1, 1]);
    expect(await at.eventsOf(byLost.userId)).toContain("FactorResetLapsed Success");
  });

  it("takes effect though what its administrator had activated has ended, if they are still eligible", async () => {
    await setRules(at.test, { reset_delay_hours: 24 });
    const { roleDefinitionId } = at.ownerAssignment;
    const [eligible, former] = [await at.person("Ela Eligible"), await at.person("Fay Former")];
    const reset: Caller[] = [];
    for (const caller of [eligible, former]) {
      const eligibility = await grant(
        at.database,
        "eligible",
        caller.userId,
        roleDefinitionId,
        at.tree.root.id,
      );
      await inTransaction(at.database, (transaction) => makeActivation(transaction, eligibility, now, 240));
      const person = await withFactor(`Lost by ${caller.displayName}`);
      expect(await ask(person, caller)).toMatchObject({ ok: true });
      reset.push(person);
    }
    now = addHours(start, 23);
    await at.test.asOwner("UPDATE eligibilities SET ends_at = $2 WHERE principal_id = $1", [
      former.userId,
      now,
    ]);
    now = addHours(start, 24);
    expect(await applyFactorResets(at.database)).toBe(2);
    expect(await Promise.all(reset.map(outcomeOf))).toEqual(["Applied", "Lapsed"]);
  });

  it("notifies its person of each step, and administrators where a second one is wanted or its person stopped it", async () => {
    await setRules(at.test, { reset_takes_two: true, reset_delay_hours: 4 });
    const person = await withFactor("Tess Told");
    await ask(person);
    await confirm(person);
    await stop(person);
    await deliverNotifications(at.database, { mail: true });
    const titles = async (recipientId: string) =>
      (
        await at.database.client.notification.findMany({
          where: { recipientId, title: { contains: "second factors" } },
          orderBy: { id: "asc" },
        })
      ).map(({ title }) => title.replace(/ \([^)]*\)/, ""));
    expect((await titles(person.userId)).toSorted()).toEqual([
      "A reset of your second factors was asked for",
      "The reset of your second factors was confirmed",
      "You stopped the reset of your second factors",
    ]);
    expect((await titles(second.userId)).filter((title) => title.includes("Tess Told")).toSorted()).toEqual([
      "A reset of the second factors of Tess Told waits for a second administrator",
      "Tess Told stopped the reset of their second factors",
    ]);
    expect(await at.database.client.mailMessage.count({ where: { recipientId: person.userId } })).toBe(3);
  });

  it("cannot be moved or brought back in the database", async () => {
    await setRules(at.test, { reset_delay_hours: 1 });
    const person = await withFactor("Raw Reset");
    await ask(person);
    const raw = (sql: string) =>
      inTransaction(at.database, (transaction) => transaction.$executeRawUnsafe(sql));
    const of = `WHERE user_id = '${person.userId}'`;
    await expect(raw(`UPDATE factor_resets SET due_at = now() ${of}`)).rejects.toThrow("does not move");
    await expect(raw(`UPDATE factor_resets SET ended_at = now(), outcome = 'Applied' ${of}`)).rejects.toThrow(
      "no event",
    );
    await stop(person);
    await expect(raw(`UPDATE factor_resets SET ended_at = NULL, outcome = NULL ${of}`)).rejects.toThrow(
      "stays so",
    );
  });
});

it("is asked for while the clock runs", async () => {
  const running = await makeAdministration();
  try {
    await setRules(running.test, { reset_delay_hours: 24 });
    const person = await running.person("Cla Clock");
    const sealed = { keyId: "k1", nonce: new Uint8Array(12), ciphertext: new Uint8Array(32) };
    await running.database.client.totpFactor.create({
      data: { userId: person.userId, ...sealed, confirmedAt: new Date() },
    });
    const principalId = person.userId;
    const proofId = await running.prove({ kind: "ResetAuthenticator", principalId });
    const input = { principalId, ...because, proofId };
    expect(await resetAuthenticator(running.database, running.owner, input)).toMatchObject({ ok: true });
  } finally {
    await running.test.drop();
  }
});

describe("a reset of somebody who could not sign in afterwards, while passwords are off,", () => {
  const issuer = "https://id.example";
  const handOver = (person: Caller, sessionId: string | null = null) =>
    at.test.asOwner(
      `INSERT INTO identity_link_passes (principal_id, issuer, token_hash, session_id, created_by_id, expires_at)
      VALUES ($1, $2, $3, $4, $5, $6)`,
      [
        ...[person.userId, issuer, randomBytes(32), sessionId],
        ...[sessionId ? person.userId : at.owner.userId, addHours(now, 1)],
      ],
    );
  beforeEach(() => passwordsAre("BreakGlassOnly"));
  afterAll(() => passwordsAre("Everyone"));

  it("is refused until they have a link, have one handed over, or passwords count again", async () => {
    const linked = await withFactor("Lin Linked");
    expect(await ask(linked)).toMatchObject(refusedWith("Conflict"));
    expect(await factorsOf(linked)).toBe(1);
    await at.database.client.identityLink.create({
      data: { principalId: linked.userId, issuer, subject: "lin" },
    });
    expect(await ask(linked)).toMatchObject({ ok: true });
    const handed = await withFactor("Hal Handed");
    await handOver(handed);
    expect(await ask(handed)).toMatchObject({ ok: true });
    // A link that they began themselves belongs to a session, which the reset ends.
    const began = await withFactor("Bea Began");
    await handOver(began, began.sessionId);
    expect(await ask(began)).toMatchObject(refusedWith("Conflict"));
    await passwordsAre("Everyone");
    expect(await ask(began)).toMatchObject({ ok: true });
  });

  it("lapses where it comes to be so while it waits, and says why", async () => {
    await passwordsAre("Everyone");
    await setRules(at.test, { reset_delay_hours: 24 });
    const person = await withFactor("Wes Waits");
    expect(await ask(person)).toMatchObject({ ok: true });
    await passwordsAre("BreakGlassOnly");
    now = addHours(now, 25);
    await applyFactorResets(at.database);
    expect(await factorsOf(person)).toBe(1);
    const event = await at.database.client.auditEvent.findFirst({
      where: { kind: "FactorResetLapsed", targetId: person.userId },
    });
    expect(event?.details).toMatchObject({ reason: "NoWayIn" });
  });
});
