import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { addHours, addMinutes } from "@/lib/domain/time/schedule";
import { type BeginInput, beginEnrolment, confirmEnrolment } from "@/lib/identity/factors/authenticator";
import { makeFactorPass } from "@/lib/identity/factors/first-factor";
import { beginPasskey } from "@/lib/identity/factors/passkey-registration";
import { setUpFirstOwner } from "@/lib/identity/sign-in/set-up";
import { createChallenge, meetChallenge } from "@/lib/identity/step-up/step-up";
import { deliverNotifications } from "@/lib/operations/notifications/deliver-notifications";
import { disablePrincipal } from "@/lib/operations/people/disable-principal";
import { issueFactorPass, issueFactorPassOperation } from "@/lib/operations/people/issue-factor-pass";
import { issueSignIn } from "@/lib/operations/people/issue-sign-in";
import { revokeFactorPass } from "@/lib/operations/people/revoke-factor-pass";
import type { Caller } from "@/lib/platform/caller";
import { inTransaction } from "@/lib/platform/transaction";
import {
  type Administration,
  makeAdministration,
  refusedBy,
  refusedWith,
} from "../../support/administration";
import { appCode } from "../../support/app-code";
import { createTestDatabase } from "../../support/database/database";
import { atOnce } from "../../support/database/held-lock";
import { grant, makeCaller, makeOwnerRole, makeTree } from "../../support/factories";
import { party, registerPasskey, softwarePasskey } from "../../support/peers/software-passkey";
import { openPass, setRules } from "../../support/sign-in-rules";

const keys = [{ id: "k1", key: Buffer.alloc(32, 7) }];
const start = new Date("2026-03-02T09:00:00Z");
const because = { justification: "They called and I knew the voice" };
let now = start;
let at: Administration;
beforeAll(async () => {
  at = await makeAdministration(() => now);
});
afterAll(() => at.test.drop());
beforeEach(async () => {
  now = start;
  await setRules(at.test, { first_factor: "OneTimePass", factor_waits_hours: 0 });
});

const begin = (caller: Caller, pass: string, how: Partial<BeginInput> = {}) =>
  beginEnrolment(at.database, keys, caller, { proofId: null, reauthenticated: true, pass, ...how });
const confirm = (caller: Caller, secret: string) =>
  confirmEnrolment(at.database, keys, caller, appCode(secret, now));
async function begun(caller: Caller, pass: string): Promise<string> {
  const result = await begin(caller, pass);
  if (!result.ok) throw new Error(result.message);
  return result.secret;
}
const passFor = (caller: Caller, hours = 24) => openPass(at.database, caller.userId, at.owner.userId, hours);
const noFactor = async (caller: Caller) =>
  (await at.database.client.totpFactor.count({
    where: { userId: caller.userId, confirmedAt: { not: null } },
  })) +
    (await at.database.client.passkey.count({ where: { userId: caller.userId } })) ===
  0;

async function issue(person: Caller, how: { caller?: Caller; proved?: boolean; hours?: number } = {}) {
  const { pass, passHash } = makeFactorPass();
  const caller = how.caller ?? at.owner;
  const input = { principalId: person.userId, hours: how.hours ?? 24, passHash, ...because };
  const proofId = how.proved === false ? null : await at.prove(issueFactorPassOperation(input), caller);
  return { pass, result: await issueFactorPass(at.database, caller, { ...input, proofId }) };
}

describe("whoever has only a stolen password", () => {
  it("enrols no factor by default: not an app and not a passkey, and cannot prove anything", async () => {
    const fresh = await createTestDatabase({ clock: () => now });
    const { rows } = await fresh.asOwner("SELECT first_factor FROM sign_in_rules");
    expect(rows).toEqual([{ first_factor: "OneTimePass" }]);
    await fresh.drop();

    const thief = await at.person("Tia Target");
    for (const pass of ["", "aaaa-bbbb-cccc-dddd-eeee-ffff", "' OR true --"])
      expect(await begin(thief, pass), pass).toMatchObject({ ok: false, field: "pass" });
    const passkey = await beginPasskey(at.database, party, thief, {
      ...{ proofId: null, reauthenticated: true, pass: "" },
    });
    expect(passkey).toMatchObject({ ok: false, field: "pass" });
    expect(await confirm(thief, "JBSWY3DPEHPK3PXPJBSWY3DPEHPK3PXP")).toMatchObject({
      ok: false,
      startAgain: true,
    });
    expect(await noFactor(thief)).toBe(true);
    expect(await at.eventsOf(thief.userId)).toEqual(Array(4).fill(expect.stringContaining("Failure")));
  });

  it("gets no further with a sign-in that an administrator issued, nor with another person's pass", async () => {
    const person = await at.person("Ina Issued");
    const proofId = await at.prove({ kind: "IssueSignIn", principalId: person.userId });
    const signIn = { kind: "Invitation" as const, tokenHash: new Uint8Array(32) };
    await issueSignIn(at.database, at.owner, { principalId: person.userId, signIn, ...because, proofId });
    const again = await makeCaller(at.database, {
      id: person.userId,
      displayName: "Ina Issued",
      email: null,
    });
    expect(await begin(again, ""), "signed in with what was issued").toMatchObject({ field: "pass" });
    const other = await passFor(await at.person("Olaf Other"));
    expect(await begin(again, other)).toMatchObject({ field: "pass" });
  });

  it("gets nothing with the pass alone either: the password is asked first", async () => {
    const person = await at.person("Pia Pass");
    const pass = await passFor(person);
    expect(await begin(person, pass, { reauthenticated: false })).toMatchObject({ field: "password" });
    expect(await begin(person, pass), "and the pass is not used up by that").toMatchObject({ ok: true });
  });

  it("is slowed when guessing passes, in one session and in many, and each refusal is in the log", async () => {
    const person = await at.person("Gus Guessed");
    const pass = await passFor(person);
    const sessions = await Promise.all(
      [1, 2, 3].map(() =>
        makeCaller(at.database, { id: person.userId, displayName: "Gus Guessed", email: null }),
      ),
    );
    for (let tries = 0; tries < 9; tries += 1) await begin(sessions[tries % 3] ?? person, `wrong-${tries}`);
    expect(await begin(person, pass), "the right one waits too").toMatchObject({ field: "pass" });
    now = addMinutes(now, 20);
    expect(await begin(person, pass)).toMatchObject({ ok: true });
    expect((await at.eventsOf(person.userId)).length).toBeGreaterThanOrEqual(5);
  });
});

describe("a one-time pass", () => {
  it("lets its person enrol one factor, once; hyphens, spaces and capitals do not matter", async () => {
    const person = await at.person("Ann New");
    const { pass, result } = await issue(person);
    expect(result).toMatchObject({ ok: true, expiresAt: addHours(now, 24) });
    const secret = await begun(person, ` ${pass.toUpperCase().replaceAll("-", " ")} `);
    expect(await confirm(person, secret)).toMatchObject({ ok: true });
    expect(await at.eventsOf(person.userId)).toEqual([
      "FactorPassIssued Success",
      "AuthenticatorEnrolled Success",
    ]);
    await at.database.client.totpFactor.updateMany({
      where: { userId: person.userId },
      data: { removedAt: now },
    });
    expect(await begin(person, pass), "used up").toMatchObject({ field: "pass" });
  });

  it("enrols a passkey as well, and is used up by it", async () => {
    const person = await at.person("Pat Key");
    const pass = await passFor(person);
    await registerPasskey(at.database, person, softwarePasskey(), null, pass);
    expect(await at.database.client.passkey.count({ where: { userId: person.userId } })).toBe(1);
    const { usedAt } = await at.database.client.factorPass.findFirstOrThrow({
      where: { userId: person.userId },
    });
    expect(usedAt).toEqual(now);
  });

  it("is spent by one of two enrolments at once", async () => {
    const person = await at.person("Two Tabs");
    const other = await makeCaller(at.database, { id: person.userId, displayName: "Two Tabs", email: null });
    const pass = await passFor(person);
    const mine = await begun(person, pass);
    const passkey = softwarePasskey();
    const results = await atOnce(at.test, [
      async () => (await confirm(person, mine)).ok,
      () =>
        registerPasskey(at.database, other, passkey, null, pass).then(
          () => true,
          () => false,
        ),
    ]);
    expect(results.filter(Boolean)).toHaveLength(1);
  });

  it("is worth nothing once its person has access that its administrator could not give, until one who can makes another", async () => {
    const { caller: helpdesk } = await at.peopleManager();
    const person = await at.person("Nora Promoted");
    const promote = () => grant(at.database, "eligible", person.userId, ownerRoleId, at.tree.root.id);
    const { pass, result } = await issue(person, { caller: helpdesk });
    expect(result).toMatchObject({ ok: true });
    // Begun before, so the confirmation is the last step that can use it.
    const secret = await begun(person, pass);
    await promote();
    expect(await confirm(person, secret)).toMatchObject({ ok: false, startAgain: true });
    expect(await begin(person, pass)).toMatchObject({ ok: false, field: "pass" });
    expect((await at.eventsOf(person.userId)).at(-1)).toBe("AuthenticatorEnrolled Failure");
    expect(await noFactor(person)).toBe(true);
    const renewed = await issue(person);
    expect(await confirm(person, await begun(person, renewed.pass))).toMatchObject({ ok: true });
  });

  it("is worth nothing once whoever made it may not manage people", async () => {
    const { caller: helpdesk, assignment } = await at.peopleManager();
    const person = await at.person("Lara Left");
    const { pass } = await issue(person, { caller: helpdesk });
    const ends = addMinutes(now, 1);
    await at.test.asOwner("UPDATE assignments SET ends_at = $1 WHERE id = $2", [ends, assignment.id]);
    now = addMinutes(now, 2);
    expect(await begin(person, pass)).toMatchObject({ ok: false, field: "pass" });
  });

  it("ends with its hours, by a newer one, when revoked, and when its person is disabled, before the confirmation too", async () => {
    const ends: [string, (person: Caller) => Promise<unknown>][] = [
      [
        "expired",
        async () => {
          now = addMinutes(now, 6);
        },
      ],
      ["replaced", (person) => issue(person)],
      [
        "revoked",
        (person) => revokeFactorPass(at.database, at.owner, { principalId: person.userId, ...because }),
      ],
    ];
    for (const [why, end] of ends) {
      now = start;
      const person = await at.person(`Eve ${why}`);
      const pass = await passFor(person, 1);
      now = addMinutes(start, 55);
      const secret = await begun(person, pass);
      await end(person);
      expect(await confirm(person, secret), `${why} before the confirmation`).toMatchObject({
        startAgain: true,
      });
      expect(await begin(person, pass), why).toMatchObject({ field: "pass" });
      expect(await noFactor(person), why).toBe(true);
    }
    now = start;
    const gone = await at.person("Dis Abled");
    await passFor(gone);
    await disablePrincipal(at.database, at.owner, { principalId: gone.userId, ...because });
    expect(
      await at.database.client.factorPass.count({ where: { userId: gone.userId, replacedAt: null } }),
    ).toBe(0);
  });

  it("is refused at the confirmation if the rules ask for one since", async () => {
    await setRules(at.test, { first_factor: "AnyoneSignedIn" });
    const person = await at.person("Mid Way");
    const secret = await begun(person, "");
    await setRules(at.test, { first_factor: "OneTimePass" });
    expect(await confirm(person, secret)).toMatchObject({ ok: false, startAgain: true });
    expect(await noFactor(person)).toBe(true);
  });

  it("is made with a code by whoever has authority over all that the person has, for hours within limits", async () => {
    const person = await at.person("Nor Mal");
    expect((await issue(person, { proved: false })).result).toMatchObject(refusedBy("MfaRule"));
    for (const hours of [0, 73, 1.5])
      expect((await issue(person, { hours })).result, String(hours)).toMatchObject(
        refusedWith("InvalidInput"),
      );
    const { caller: manager } = await at.peopleManager();
    expect((await issue(person, { caller: manager })).result).toMatchObject({ ok: true });
    await grant(
      at.database,
      "eligible",
      person.userId,
      at.ownerAssignment.roleDefinitionId,
      at.tree.subscription.id,
    );
    expect((await issue(person, { caller: manager })).result).toMatchObject(
      refusedWith("AuthorizationFailed"),
    );
    expect((await issue(at.owner)).result, "one's own").toMatchObject(refusedWith("Conflict"));
    const stored = await at.database.client.factorPass.findFirstOrThrow({ where: { userId: person.userId } });
    expect(stored.passHash).toHaveLength(32);
  });

  it("is notified to its person, by mail too", async () => {
    const person = await at.person("Mia Mail");
    await issue(person);
    await deliverNotifications(at.database, { mail: true });
    const [notice] = await at.database.client.notification.findMany({
      where: { recipientId: person.userId },
    });
    expect(notice?.title).toBe("A one-time pass was made for you");
    expect(await at.database.client.mailMessage.count({ where: { recipientId: person.userId } })).toBe(1);
  });

  it("cannot be made in the database without an event, nor used again", async () => {
    const person = await at.person("Raw Row");
    const { passHash } = makeFactorPass();
    const raw = (sql: string) =>
      inTransaction(at.database, (transaction) => transaction.$executeRawUnsafe(sql));
    await expect(
      inTransaction(
        at.database,
        (transaction) => transaction.$executeRaw`INSERT INTO factor_passes (user_id, pass_hash, expires_at)
          VALUES (${person.userId}::uuid, ${passHash}, now() + interval '1 day')`,
      ),
    ).rejects.toThrow("no event of the log tells");
    await passFor(person);
    await at.test.asOwner("UPDATE factor_passes SET used_at = now() WHERE user_id = $1", [person.userId]);
    await expect(
      raw(`UPDATE factor_passes SET used_at = NULL WHERE user_id = '${person.userId}'`),
    ).rejects.toThrow();
  });
});

describe("a first factor that waits", () => {
  const operation: ProtectedOperation = { kind: "ReplaceRecoveryCodes" };
  const submit = async (caller: Caller, code: string) => {
    const challenge = await createChallenge(at.database, caller, operation);
    return meetChallenge(at.database, keys, caller, { challengeId: challenge?.challengeId ?? "", code });
  };

  it("confirms nothing until its hours are over, with no code of any kind, and says from when", async () => {
    await setRules(at.test, { first_factor: "AnyoneSignedIn", factor_waits_hours: 4 });
    const person = await at.person("Wai Ting");
    const secret = await begun(person, "");
    const confirmed = await confirm(person, secret);
    if (!confirmed.ok || !confirmed.recoveryCodes) throw new Error("not enrolled");
    const [recovery = ""] = confirmed.recoveryCodes;
    now = addMinutes(addHours(start, 4), -1);
    for (let tries = 0; tries < 6; tries += 1)
      expect(await submit(person, tries % 2 ? appCode(secret, now) : recovery)).toMatchObject({
        ok: false,
        error: { code: "FactorWaits", message: expect.stringContaining("13:00") },
      });
    expect(await begin(person, ""), "nor is another enrolled beside it").toMatchObject({ field: "oldCode" });
    now = addHours(start, 4);
    expect(await submit(person, appCode(secret, now)), "no attempt was counted").toMatchObject({ ok: true });
    expect(await submit(person, recovery)).toMatchObject({ ok: true });
  });

  it("proves nothing in the database either; one made with a proof counts at once", async () => {
    await setRules(at.test, { first_factor: "AnyoneSignedIn", factor_waits_hours: 4 });
    const person = await at.person("Dora Direct");
    const secret = await begun(person, "");
    await confirm(person, secret);
    const factor = await at.database.client.totpFactor.findFirstOrThrow({ where: { userId: person.userId } });
    const challenge = await createChallenge(at.database, person, operation);
    await expect(
      inTransaction(
        at.database,
        (
          transaction,
        ) => transaction.$queryRaw`SELECT * FROM make_step_up_proof(${challenge?.challengeId}::uuid,
          ${person.userId}::uuid, ${person.sessionId}::uuid, 'Totp', ${factor.id}::uuid)`,
      ),
    ).rejects.toThrow("does not count yet");
    now = addHours(start, 5);
    const replace: ProtectedOperation = { kind: "ReplaceAuthenticator" };
    const asked = await createChallenge(at.database, person, replace);
    const proof = await meetChallenge(at.database, keys, person, {
      challengeId: asked?.challengeId ?? "",
      code: appCode(secret, now),
    });
    if (!proof.ok) throw new Error(proof.error.message);
    const next = await begin(person, "", { proofId: proof.proofId });
    if (!next.ok) throw new Error(next.message);
    expect(await confirm(person, next.secret)).toMatchObject({ ok: true });
    now = addMinutes(now, 2);
    expect(await submit(person, appCode(next.secret, now))).toMatchObject({ ok: true });
  });
});

it("the first Owner enrols with the set-up address, which is good for three days and once", async () => {
  const test = await createTestDatabase({ clock: () => now });
  await makeTree(test.database);
  await makeOwnerRole(test.database);
  const token = "set-up-token-of-the-first-start-0123";
  await test.asOwner("UPDATE installation SET setup_token_hashes = ARRAY[sha256(convert_to($1, 'UTF8'))]", [
    token,
  ]);
  const input = {
    token,
    displayName: "Olga Owner",
    email: "olga@contoso.example",
    password: "ninety cold blue lanterns",
  };
  expect(
    await setUpFirstOwner(test.database, input, { ipAddress: "192.0.2.1", userAgent: "test" }),
  ).toMatchObject({
    ok: true,
  });
  const owner = await test.database.client.principal.findFirstOrThrow({ where: { type: "User" } });
  const caller = await makeCaller(test.database, owner);
  const first = (pass: string) =>
    beginEnrolment(test.database, keys, caller, { proofId: null, reauthenticated: true, pass });
  expect(await first("")).toMatchObject({ field: "pass" });
  expect(await first(token)).toMatchObject({ ok: true });
  const address = await first(`https://postern.contoso.example/set-up?token=${token}`);
  if (!address.ok) throw new Error(address.message);
  expect(await confirmEnrolment(test.database, keys, caller, appCode(address.secret, now))).toMatchObject({
    ok: true,
  });
  await test.database.client.totpFactor.updateMany({ data: { removedAt: now } });
  expect(await first(token), "once").toMatchObject({ field: "pass" });
  await test.drop();
});
