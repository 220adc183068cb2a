import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { mostPasskeys } from "@/lib/domain/people/passkey";
import { addMinutes } from "@/lib/domain/time/schedule";
import { beginEnrolment } from "@/lib/identity/factors/authenticator";
import { verifyPasskeyEvidence } from "@/lib/identity/factors/passkey-challenge";
import { beginPasskey, confirmPasskey } from "@/lib/identity/factors/passkey-registration";
import { listPasskeys, removePasskey, renamePasskey } from "@/lib/identity/factors/passkeys";
import { endSession } from "@/lib/identity/sessions/sessions";
import { meetChallengeWithPasskey } from "@/lib/identity/step-up/meet-with-passkey";
import { createChallenge } from "@/lib/identity/step-up/step-up";
import { activateRole } from "@/lib/operations/activation/activate-role";
import { resetAuthenticator } from "@/lib/operations/people/reset-authenticator";
import type { Caller } from "@/lib/platform/caller";
import { makeAdministration } from "../../support/administration";
import { atOnce } from "../../support/database/held-lock";
import { grant, makeCaller } from "../../support/factories";
import {
  party,
  proveWithPasskey,
  registerPasskey,
  softwarePasskey,
} from "../../support/peers/software-passkey";
import type { Organisation } from "../../support/privileges";

const start = new Date("2026-03-02T09:00:00Z");
let now = start;
let at: Organisation;
beforeAll(async () => {
  at = await makeAdministration(() => now);
});
beforeEach(() => {
  now = start;
});
afterAll(() => at.test.drop());

const operation: ProtectedOperation = { kind: "RegisterPasskey" };
type Asked = Omit<Extract<ProtectedOperation, { kind: "ActivateRole" }>, "kind">;
const activateRoleOperation = ({ eligibilityId, resourceId, startsAt, durationMinutes }: Asked) => ({
  ...{ kind: "ActivateRole" as const, eligibilityId, resourceId, startsAt, durationMinutes },
});
const begin = (caller: Caller, proofId: string | null, reauthenticated: boolean) =>
  beginPasskey(at.database, party, caller, { proofId, reauthenticated, pass: "" });
const confirm = (caller: Caller, response: Parameters<typeof confirmPasskey>[3]["response"], name = "Key") =>
  confirmPasskey(at.database, party, caller, { name, response });
async function begun(caller: Caller, proofId: string | null = null): Promise<string> {
  const result = await begin(caller, proofId, true);
  if (!result.ok) throw new Error(result.message);
  return result.options.challenge;
}
/** Somebody with a passkey, and that passkey. */
async function withPasskey(name = "Pat Passkey") {
  const caller = await at.person(name);
  return { caller, passkey: await registerPasskey(at.database, caller) };
}
const events = async (userId: string) =>
  (await at.eventsOf(userId)).filter((each) => /Passkey|StepUp/.test(each));
const passkeysOf = (userId: string) => at.database.client.passkey.count({ where: { userId } });

describe("registering", () => {
  it("takes the password without a factor, and a proof of one with it: a stolen cookie alone makes none", async () => {
    const caller = await at.person("Pat Passkey");
    expect(await begin(caller, null, false)).toMatchObject({ ok: false, field: "password" });
    const passkey = await registerPasskey(at.database, caller);
    expect(await begin(caller, null, true)).toMatchObject({ ok: false, field: "code" });
    // A password alone cannot add an authenticator app beside it either.
    const keys = [{ id: "k1", key: Buffer.alloc(32, 7) }];
    expect(
      await beginEnrolment(at.database, keys, caller, { proofId: null, reauthenticated: true, pass: "" }),
    ).toMatchObject({ ok: false, field: "oldCode" });
    const proved = await proveWithPasskey(at.database, caller, operation, passkey);
    if (!proved.ok) throw new Error(proved.error.message);
    now = addMinutes(now, 1);
    await registerPasskey(at.database, caller, softwarePasskey({ synced: true }), proved.proofId);
    expect(await listPasskeys(at.database, caller)).toMatchObject([
      { name: "Key", backupEligible: false, backedUp: false },
      { name: "Key", backupEligible: true, backedUp: true },
    ]);
    expect(await events(caller.userId)).toEqual([
      "PasskeyRegistered Success",
      "PasskeyRegistered Failure",
      "StepUpSucceeded Success",
      "PasskeyRegistered Success",
    ]);
  });

  it.each([
    ["at another origin", { origin: "https://postern.example.evil.example" }],
    ["at the same name with another port", { origin: "https://postern.example:8443" }],
    ["for another site", { rpId: "example" }],
    ["without the person verified", { userVerified: false }],
    ["in answer to a sign-in", { type: "webauthn.get" }],
  ])("is refused %s", async (_why, says) => {
    const caller = await at.person("Pat Passkey");
    const challenge = await begun(caller);
    expect(await confirm(caller, softwarePasskey().register(challenge, says))).toMatchObject({ ok: false });
    expect(await passkeysOf(caller.userId)).toBe(0);
    // The challenge is used up, so the right answer comes too late.
    expect(await confirm(caller, softwarePasskey().register(challenge))).toMatchObject({ ok: false });
  });

  it("belongs to one session, ends in ten minutes, and with the session", async () => {
    const caller = await at.person("Pat Passkey");
    const user = await at.database.client.principal.findUniqueOrThrow({ where: { id: caller.userId } });
    const elsewhere = await makeCaller(at.database, user);
    const challenge = await begun(caller);
    expect(await confirm(elsewhere, softwarePasskey().register(challenge))).toMatchObject({ ok: false });
    now = addMinutes(now, 10);
    expect(await confirm(caller, softwarePasskey().register(challenge))).toMatchObject({ ok: false });
    const again = await begun(caller);
    await endSession(at.database, caller, caller.sessionId);
    expect(await at.database.client.passkeyRegistration.count({ where: { userId: caller.userId } })).toBe(0);
    expect(await confirm(caller, softwarePasskey().register(again))).toMatchObject({ ok: false });
  });

  it("is refused for one that somebody has, and beyond ten", async () => {
    const { passkey } = await withPasskey();
    const caller = await at.person("Pia Passkey");
    expect(await confirm(caller, passkey.register(await begun(caller)))).toMatchObject({
      ok: false,
      message: "This passkey is already registered.",
    });
    const own = await registerPasskey(at.database, caller);
    for (let made = 1; made < mostPasskeys; made += 1) {
      const proved = await proveWithPasskey(at.database, caller, operation, own);
      if (!proved.ok) throw new Error(proved.error.message);
      await registerPasskey(at.database, caller, softwarePasskey(), proved.proofId);
    }
    expect(await begin(caller, null, true)).toMatchObject({ ok: false, field: "name" });
  });
});

describe("a step-up by passkey", () => {
  async function activation() {
    const { caller, passkey } = await withPasskey();
    const role = await at.protectedRole();
    const { id } = await grant(at.database, "eligible", caller.userId, role.id, at.tree.subscription.id);
    const input = {
      ...{ eligibilityId: id, resourceId: at.tree.subscription.id, startsAt: null, durationMinutes: 60 },
      ...{ justification: "As agreed", ticketNumber: null, ticketSystem: null },
    };
    return { caller, passkey, input };
  }

  it("lets one operation be done once, and the log alone shows later what was signed", async () => {
    const { caller, passkey, input } = await activation();
    const asked = activateRoleOperation(input);
    const proved = await proveWithPasskey(at.database, caller, asked, passkey);
    if (!proved.ok) throw new Error(proved.error.message);
    const { proofId } = proved;
    const longer = { ...input, durationMinutes: 90, proofId };
    expect(await activateRole(at.database, caller, longer)).toMatchObject({ ok: false });
    expect(await activateRole(at.database, caller, { ...input, proofId })).toMatchObject({ ok: true });
    const done = await at.database.client.auditEvent.findFirstOrThrow({
      where: { proofId, kind: "RoleActivated" },
    });
    expect(done.factor).toBe("Passkey");

    const { details } = await at.database.client.auditEvent.findFirstOrThrow({
      where: { proofId: done.proofId, kind: "StepUpSucceeded" },
    });
    const logged = JSON.parse(JSON.stringify(details));
    expect(logged.passkey.operation).toMatchObject({ kind: "ActivateRole", durationMinutes: 60 });
    expect(await verifyPasskeyEvidence(logged, party)).toBe(true);
    const changed = (change: object) => ({ passkey: { ...logged.passkey, ...change } });
    const other = await withPasskey("Pia Passkey");
    const theirs = await at.database.client.passkey.findFirstOrThrow({
      where: { userId: other.caller.userId },
    });
    const elsewhere = { id: "other.example", origin: "https://other.example" };
    expect(await verifyPasskeyEvidence(logged, elsewhere)).toBe(false);
    for (const change of [
      { operation: { ...logged.passkey.operation, durationMinutes: 480 } },
      { operation: { ...logged.passkey.operation, resourceId: at.tree.root.id } },
      { challengeId: done.id },
      { random: Buffer.alloc(32).toString("base64url") },
      { publicKey: Buffer.from(theirs.publicKey).toString("base64url") },
      { signature: logged.passkey.signature.slice(0, -8) },
    ])
      expect(await verifyPasskeyEvidence(changed(change), party), JSON.stringify(change)).toBe(false);
  });

  it.each([
    ["from another origin", { origin: "http://postern.example" }],
    ["for another site", { rpId: "evil.example" }],
    ["without the person verified", { userVerified: false }],
    ["in answer to a registration", { type: "webauthn.create" }],
  ])("is refused %s, and ends its challenge", async (_why, says) => {
    const { caller, passkey, input } = await activation();
    const challenge = await createChallenge(at.database, caller, activateRoleOperation(input));
    const meet = (given: typeof says | object) =>
      meetChallengeWithPasskey(at.database, party, caller, {
        challengeId: challenge?.challengeId ?? "",
        response: passkey.answer(challenge?.passkey?.challenge ?? "", given),
      });
    expect(await meet(says)).toMatchObject({ ok: false, error: { code: "InvalidPasskey" } });
    expect(await meet({})).toMatchObject({ ok: false, error: { code: "ChallengeExpired" } });
    expect((await events(caller.userId)).at(-1)).toBe("StepUpFailed Failure");
  });

  it("is refused for another operation, another challenge, another person's passkey, and too late", async () => {
    const { caller, passkey, input } = await activation();
    const ask = async (minutes: number) =>
      createChallenge(at.database, caller, activateRoleOperation({ ...input, durationMinutes: minutes }));
    const meet = (challengeId = "", response = passkey.answer("")) =>
      meetChallengeWithPasskey(at.database, party, caller, { challengeId, response });
    const [hour, day] = [await ask(60), await ask(480)];
    // The person signed an hour, and a page sends the answer for the day.
    const anHour = passkey.answer(hour?.passkey?.challenge ?? "");
    expect(await meet(day?.challengeId, anHour)).toMatchObject({ error: { code: "InvalidPasskey" } });
    expect(await meet(hour?.challengeId, anHour)).toMatchObject({ ok: true });
    expect(await meet(hour?.challengeId, anHour), "replayed").toMatchObject({ ok: false });
    const same = await ask(60);
    expect(await meet(same?.challengeId, anHour), "for the same once more").toMatchObject({ ok: false });

    const { passkey: theirs } = await withPasskey("Pia Passkey");
    const next = await ask(60);
    const byAnother = theirs.answer(next?.passkey?.challenge ?? "");
    expect(await meet(next?.challengeId, byAnother)).toMatchObject({ error: { code: "InvalidPasskey" } });
    const last = await ask(60);
    now = addMinutes(now, 10);
    expect(await meet(last?.challengeId, passkey.answer(last?.passkey?.challenge ?? ""))).toMatchObject({
      error: { code: "ChallengeExpired" },
    });
  });

  it("is refused and logged when the count of signatures goes back", async () => {
    const { caller, passkey, input } = await activation();
    const asked = activateRoleOperation(input);
    expect(await proveWithPasskey(at.database, caller, asked, passkey, { counter: 7 })).toMatchObject({
      ok: true,
    });
    for (const counter of [7, 3, 0])
      expect(await proveWithPasskey(at.database, caller, asked, passkey, { counter })).toMatchObject({
        ok: false,
        error: { code: "CounterWentBack" },
      });
    expect(await proveWithPasskey(at.database, caller, asked, passkey, { counter: 8 })).toMatchObject({
      ok: true,
    });
    const entries = await at.database.client.auditEvent.findMany({ where: { kind: "PasskeyCounterBack" } });
    expect(entries).toHaveLength(3);
    expect(entries[0]).toMatchObject({ targetId: caller.userId, outcome: "Failure", details: { known: 7 } });
  });

  it("makes one proof of two simultaneous answers to one challenge", async () => {
    const { caller, passkey, input } = await activation();
    const challenge = await createChallenge(at.database, caller, activateRoleOperation(input));
    const response = passkey.answer(challenge?.passkey?.challenge ?? "");
    const challengeId = challenge?.challengeId ?? "";
    const meet = () => meetChallengeWithPasskey(at.database, party, caller, { challengeId, response });
    const results = await atOnce(at.test, [meet, meet]);
    expect(results.filter((result) => result.ok)).toHaveLength(1);
    expect((await events(caller.userId)).at(-1), "no alarm of a copy").toBe("StepUpSucceeded Success");
  });

  it("is worth nothing once the passkey is removed, or reset by an administrator", async () => {
    const { caller, passkey, input } = await activation();
    const prove = async (what: ProtectedOperation) => {
      const proved = await proveWithPasskey(at.database, caller, what, passkey);
      if (!proved.ok) throw new Error(proved.error.message);
      return proved.proofId;
    };
    const proofId = await prove(activateRoleOperation(input));
    const [row] = await listPasskeys(at.database, caller);
    const passkeyId = row?.id ?? "";
    await at.database.client.passwordCredential.create({ data: { userId: caller.userId, hash: "none" } });
    expect(await removePasskey(at.database, caller, { passkeyId, proofId: null })).toMatchObject({
      ok: false,
      unproved: true,
    });
    const removal = await prove({ kind: "RemovePasskey", passkeyId });
    expect(await removePasskey(at.database, caller, { passkeyId, proofId: removal })).toMatchObject({
      ok: true,
    });
    expect(await activateRole(at.database, caller, { ...input, proofId })).toMatchObject({ ok: false });
    expect((await createChallenge(at.database, caller, activateRoleOperation(input)))?.passkey).toBeNull();

    const other = await withPasskey("Pia Passkey");
    const resetting = { kind: "ResetAuthenticator" as const, principalId: other.caller.userId };
    const reset = await resetAuthenticator(at.database, at.owner, {
      ...{ principalId: other.caller.userId, justification: "Lost" },
      proofId: await at.prove(resetting, at.owner),
    });
    expect(reset).toMatchObject({ ok: true });
    expect(await listPasskeys(at.database, other.caller)).toEqual([]);
  });
});

it("renames one's own passkey alone, with a name that can be read", async () => {
  const { caller } = await withPasskey();
  const { caller: stranger } = await withPasskey("Sam Stranger");
  const [row] = await listPasskeys(at.database, caller);
  const rename = (by: Caller, name: string) =>
    renamePasskey(at.database, by, { passkeyId: row?.id ?? "", name });
  expect(await rename(stranger, "Mine")).toMatchObject({ ok: false });
  for (const name of ["", "   ", "x".repeat(61), "Key\u202e"])
    expect(await rename(caller, name), JSON.stringify(name)).toMatchObject({ ok: false });
  expect(await rename(caller, "  Blue   key ")).toEqual({ ok: true });
  expect(await listPasskeys(at.database, caller)).toMatchObject([{ name: "Blue key" }]);
});
