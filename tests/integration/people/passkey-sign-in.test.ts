import { afterAll, beforeAll, beforeEach, expect, it } from "vitest";
import { addMinutes } from "@/lib/domain/time/schedule";
import { listPasskeys, removePasskey } from "@/lib/identity/factors/passkeys";
import { findCaller } from "@/lib/identity/sessions/sessions";
import { beginPasskeySignIn, signInWithPasskey } from "@/lib/identity/sign-in/passkey-sign-in";
import { disablePrincipal } from "@/lib/operations/people/disable-principal";
import { makeAdministration } from "../../support/administration";
import { atOnce } from "../../support/database/held-lock";
import {
  party,
  registerPasskey,
  type SoftwarePasskey,
  softwarePasskey,
} from "../../support/peers/software-passkey";
import type { Organisation } from "../../support/privileges";

const start = new Date("2026-03-02T09:00:00Z");
const secrets = ["0123456789abcdef0123456789abcdef"] as const;
const origin = { ipAddress: "192.0.2.7", userAgent: "Test" };
let now = start;
let at: Organisation;
beforeAll(async () => {
  at = await makeAdministration(() => now);
});
beforeEach(() => {
  now = addMinutes(now, 60);
});
afterAll(() => at.test.drop());

async function withPasskey(name = "Pat Passkey") {
  const caller = await at.person(name);
  return { caller, passkey: await registerPasskey(at.database, caller) };
}
async function begin() {
  const begun = await beginPasskeySignIn(at.database, origin);
  if (!begun) throw new Error("too many ask");
  return begun;
}
const answer = (passkey: SoftwarePasskey, challenge: string, userId: string, says = {}) =>
  passkey.answer(challenge, { userId, ...says });
const finish = (browser: string | null, response: ReturnType<typeof answer>) =>
  signInWithPasskey(at.database, secrets, party, { browser, device: null, response }, origin);
const refused = { ok: false, reason: "Refused" };

it("signs its owner in without a password, in a session that says how, which proves nothing", async () => {
  const { caller, passkey } = await withPasskey();
  const { browser, challenge } = await begin();
  const result = await finish(browser, answer(passkey, challenge, caller.userId));
  if (!result.ok) throw new Error(JSON.stringify(result));
  expect(await findCaller(at.database, result.token, origin)).toMatchObject({ userId: caller.userId });
  const session = await at.database.client.session.findUniqueOrThrow({
    where: { id: result.token.sessionId },
  });
  expect(session.signInMethod).toBe("Passkey");
  expect(await at.database.client.stepUpProof.count({ where: { userId: caller.userId } })).toBe(0);
  const event = await at.database.client.auditEvent.findFirstOrThrow({
    where: { kind: "SignIn", actorId: caller.userId },
  });
  expect(event).toMatchObject({ factor: "Passkey", details: { method: "Passkey", passkeyName: "Key" } });
});

it("takes each challenge once, in the browser that it was given to, for five minutes", async () => {
  const { caller, passkey } = await withPasskey();
  const [one, other] = [await begin(), await begin()];
  const right = answer(passkey, one.challenge, caller.userId);
  for (const browser of [null, other.browser, `${one.browser}x`])
    expect(await finish(browser, right), String(browser)).toMatchObject(refused);
  expect(await finish(one.browser, right)).toMatchObject({ ok: true });
  expect(await finish(one.browser, right), "replayed").toMatchObject(refused);
  const late = await begin();
  now = addMinutes(now, 5);
  expect(await finish(late.browser, answer(passkey, late.challenge, caller.userId))).toMatchObject(refused);
  const same = await begin();
  const response = answer(passkey, same.challenge, caller.userId);
  const both = await atOnce(at.test, [
    () => finish(same.browser, response),
    () => finish(same.browser, response),
  ]);
  expect(both.filter(({ ok }) => ok)).toHaveLength(1);
});

it("refuses all else with the same words", async () => {
  const { caller, passkey } = await withPasskey();
  const { caller: other } = await withPasskey("Pia Passkey");
  const said = new Set<unknown>();
  const attempt = async (by: SoftwarePasskey, userId: string, says = {}) => {
    const { browser, challenge } = await begin();
    const result = await finish(browser, answer(by, challenge, userId, says));
    said.add(result.ok ? "signed in" : result.reason === "Refused" && result.message);
  };
  await attempt(softwarePasskey(), caller.userId);
  await attempt(passkey, other.userId);
  await attempt(passkey, caller.userId, { userId: "" });
  await attempt(passkey, caller.userId, { origin: "https://evil.example" });
  await attempt(passkey, caller.userId, { rpId: "evil.example" });
  await attempt(passkey, caller.userId, { userVerified: false });
  await attempt(passkey, caller.userId, { type: "webauthn.create" });
  expect(said.size).toBe(1);
  expect(said).not.toContain("signed in");
  await attempt(passkey, caller.userId, { counter: 90 });
  await attempt(passkey, caller.userId, { counter: 80 });
  expect([...said].filter((words) => words === "signed in")).toHaveLength(1);
  expect(said.size).toBe(2);
  const alarm = { kind: "PasskeyCounterBack", targetId: caller.userId };
  expect(await at.database.client.auditEvent.count({ where: alarm })).toBe(1);
});

it("signs nobody in who is disabled or has removed the passkey", async () => {
  const one = await withPasskey("Dan Disabled");
  const before = await begin();
  const early = answer(one.passkey, before.challenge, one.caller.userId);
  await disablePrincipal(at.database, at.owner, {
    ...{ principalId: one.caller.userId, justification: "Left" },
  });
  expect(await finish(before.browser, early)).toMatchObject(refused);
  const other = await withPasskey("Rea Removed");
  const [row] = await listPasskeys(at.database, other.caller);
  const removal = { kind: "RemovePasskey" as const, passkeyId: row?.id ?? "" };
  const proofId = await at.prove(removal, other.caller);
  await at.database.client.passwordCredential.create({ data: { userId: other.caller.userId, hash: "none" } });
  await removePasskey(at.database, other.caller, { passkeyId: removal.passkeyId, proofId });
  const after = await begin();
  expect(
    await finish(after.browser, answer(other.passkey, after.challenge, other.caller.userId)),
  ).toMatchObject(refused);
});

it("keeps few challenges of a network, and gathers refusals in the log without keeping anybody out", async () => {
  for (let asked = 0; asked < 60; asked += 1) await begin();
  expect(await at.database.client.passkeySignIn.count()).toBeLessThanOrEqual(50);
  const { caller, passkey } = await withPasskey();
  const failures = () => at.database.client.auditEvent.count({ where: { kind: "SignInFailed" } });
  const logged = await failures();
  for (let tried = 0; tried < 30; tried += 1) {
    const { browser, challenge } = await begin();
    await finish(browser, answer(softwarePasskey(), challenge, caller.userId));
  }
  expect((await failures()) - logged).toBeLessThan(25);
  const { browser, challenge } = await begin();
  expect(await finish(browser, answer(passkey, challenge, caller.userId))).toMatchObject({ ok: true });
});
