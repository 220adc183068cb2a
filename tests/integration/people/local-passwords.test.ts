import { randomBytes, randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { SignInRules } from "@/lib/domain/people/sign-in-rules";
import { addMinutes } from "@/lib/domain/time/schedule";
import { removePasskey } from "@/lib/identity/factors/passkeys";
import { changePassword } from "@/lib/identity/passwords/change-password";
import { hashPassword } from "@/lib/identity/passwords/password";
import { choosePassword, makeToken, readPasswordTicket } from "@/lib/identity/passwords/password-ticket";
import { provedForFirstFactor, reauthenticate } from "@/lib/identity/passwords/reauthenticate";
import { findAwaiting, lockAwaiting, openAwaiting } from "@/lib/identity/sessions/awaiting-session";
import { createSession } from "@/lib/identity/sessions/sessions";
import { signIn } from "@/lib/identity/sign-in/sign-in";
import { issueSignIn } from "@/lib/operations/people/issue-sign-in";
import {
  removeBreakGlassAccount,
  removeBreakGlassAccountOperation,
} from "@/lib/operations/people/remove-break-glass-account";
import { removeIdentityLink } from "@/lib/operations/people/remove-identity-link";
import { updateSignInRules, updateSignInRulesOperation } from "@/lib/operations/people/update-sign-in-rules";
import type { Caller } from "@/lib/platform/caller";
import { inTransaction } from "@/lib/platform/transaction";
import { type Administration, makeAdministration, refusedWith } from "../../support/administration";
import { listedAccount } from "../../support/break-glass-accounts";
import { oneAfterTheOther } from "../../support/database/held-lock";
import { makeCaller, makeUser } from "../../support/factories";
import { passkeysAlone, rulesNow, setRules } from "../../support/sign-in-rules";

const start = new Date("2026-03-02T09:00:00Z");
const secrets = ["a secret of the test's own, long enough"] as const;
const password = "old grey walls of slate";
const why = { justification: "As agreed" };
let now = start;
let at: Administration;
let hash: string;
beforeAll(async () => {
  at = await makeAdministration(() => now);
  hash = await hashPassword(password);
});
afterAll(() => at.test.drop());
beforeEach(async () => {
  now = addMinutes(now, 60);
  await setRules(at.test, { local_passwords: "Everyone" });
});

let networks = 0;
const somewhere = () => {
  networks += 1;
  return { ipAddress: `192.0.2.${networks}`, userAgent: "test" };
};
async function withPassword(mustChange = false) {
  const user = await makeUser(at.database);
  await at.database.client.passwordCredential.create({ data: { userId: user.id, hash, mustChange } });
  return user;
}
const attempt = (email: string | null, typed = password) =>
  signIn(at.database, secrets, { email: email ?? "", password: typed }, somewhere());
const off = () => setRules(at.test, { local_passwords: "BreakGlassOnly" });
async function save(change: Partial<SignInRules>) {
  const { version, ...rules } = await rulesNow(at.database);
  const input = { expectedVersion: version, rules: { ...rules, ...change } };
  const proofId = await at.prove(updateSignInRulesOperation(input));
  return updateSignInRules(at.database, at.owner, { ...input, proofId, others: passkeysAlone });
}
const link = (principalId: string) =>
  at.database.client.identityLink.create({
    data: { principalId, issuer: "https://id.example", subject: randomUUID() },
  });
async function unlist(principalId: string) {
  const proofId = await at.prove(removeBreakGlassAccountOperation({ principalId }));
  return removeBreakGlassAccount(at.database, at.owner, { principalId, ...why, proofId });
}
const refusedSwitch = (message: RegExp) => ({
  ok: false,
  error: {
    code: "InvalidInput",
    faults: [{ field: "localPasswords", message: expect.stringMatching(message) }],
  },
});

describe("switching passwords off", () => {
  it("takes a break-glass account that would help, and another way in for whoever switches", async () => {
    await at.database.client.breakGlassAccount.deleteMany();
    expect(await save({ localPasswords: "BreakGlassOnly" })).toMatchObject(
      refusedSwitch(/break-glass account.*passkey or link/),
    );
    const account = await listedAccount(at, at.owner.userId);
    expect(await save({ localPasswords: "BreakGlassOnly" })).toMatchObject(
      refusedSwitch(/^First add a passkey/),
    );
    const { id } = await link(at.owner.userId);
    await at.database.client.passkey.updateMany({ where: { userId: account.id }, data: { removedAt: now } });
    expect(await save({ localPasswords: "BreakGlassOnly" })).toMatchObject(refusedSwitch(/^First name/));
    await at.database.client.passkey.updateMany({ where: { userId: account.id }, data: { removedAt: null } });
    expect(await save({ localPasswords: "BreakGlassOnly" })).toMatchObject({ ok: true });
    const event = await at.database.client.auditEvent.findFirstOrThrow({
      where: { kind: "SignInRulesUpdated", outcome: "Success" },
    });
    expect(event.details).toMatchObject({
      after: { "Who may sign in with a password": "Break-glass accounts only" },
    });
    await at.database.client.identityLink.delete({ where: { id } });
  });

  it("keeps the last account that would help on the list, also while it is being switched", async () => {
    const account = await listedAccount(at, at.owner.userId);
    const { id } = await link(at.owner.userId);
    const results = await oneAfterTheOther(
      at.test,
      () => save({ localPasswords: "BreakGlassOnly" }),
      () => unlist(account.id),
    );
    expect(results).toMatchObject([{ ok: true }, refusedWith("Conflict")]);
    const second = await listedAccount(at, at.owner.userId, { besides: true });
    expect(await unlist(account.id)).toMatchObject({ ok: true });
    expect(await unlist(second.id)).toMatchObject(refusedWith("Conflict"));
    await at.database.client.identityLink.delete({ where: { id } });
  });
});

describe("while passwords are switched off", () => {
  it("refuses everybody's but those of break-glass accounts, with the answer to a wrong one", async () => {
    const user = await withPassword();
    const account = await listedAccount(at, at.owner.userId, { hash });
    const wrong = await attempt(user.email, "another password altogether");
    await off();
    expect(await attempt(user.email)).toEqual(wrong);
    expect(await attempt("nobody@contoso.example")).toEqual(wrong);
    expect(await attempt((await withPassword(true)).email), "a one-time password").toEqual(wrong);
    expect(await attempt(account.email)).toMatchObject({ ok: true });
    const events = await at.database.client.auditEvent.findMany({
      where: { kind: "SignInFailed", details: { path: ["email"], equals: user.email ?? "" } },
      select: { outcome: true, actorId: true, details: true },
    });
    expect(events).toHaveLength(2);
    expect(events[1]).toEqual(events[0]);
    await setRules(at.test, { local_passwords: "Everyone" });
    expect(await attempt(user.email), "on again").toMatchObject({ ok: true });
  });

  it("opens the review of a break-glass account that shows a second factor as well, once it has", async () => {
    const account = await listedAccount(at, at.owner.userId, { hash });
    await off();
    await setRules(at.test, { sign_in_takes_two: true });
    const origin = somewhere();
    const typed = await signIn(at.database, secrets, { email: account.email ?? "", password }, origin);
    if (typed.ok || typed.reason !== "SecondFactor") throw new Error(JSON.stringify(typed));
    const reviews = () => at.database.client.breakGlassSignIn.count({ where: { userId: account.id } });
    expect(await reviews(), "the password alone signs nobody in").toBe(0);
    const opened = await inTransaction(at.database, async (transaction) => {
      const caller = await lockAwaiting(transaction, typed.awaiting, origin);
      return caller && openAwaiting(transaction, caller);
    });
    expect(opened).toMatchObject({ sessionId: typed.awaiting.sessionId });
    expect(await reviews()).toBe(1);
    await setRules(at.test, { sign_in_takes_two: false });
  });

  it("lets nobody else show a second factor after a password that no longer counts", async () => {
    const user = await withPassword();
    await setRules(at.test, { sign_in_takes_two: true });
    const origin = somewhere();
    const typed = await signIn(at.database, secrets, { email: user.email ?? "", password }, origin);
    if (typed.ok || typed.reason !== "SecondFactor") throw new Error(JSON.stringify(typed));
    expect(await findAwaiting(at.database, typed.awaiting, origin)).toMatchObject({ userId: user.id });
    await off();
    expect(await findAwaiting(at.database, typed.awaiting, origin)).toBeNull();
    await setRules(at.test, { sign_in_takes_two: false });
  });

  it("lets no password be chosen, changed, issued, or count as proof", async () => {
    const user = await withPassword();
    const caller = await makeCaller(at.database, user);
    const invited = await makeUser(at.database);
    const { token, tokenHash } = makeToken();
    await at.database.client.passwordTicket.create({
      data: { userId: invited.id, purpose: "Invitation", tokenHash, expiresAt: addMinutes(now, 60) },
    });
    const opened = () => readPasswordTicket(at.database, token, somewhere());
    expect(await opened()).toMatchObject({ passwordCounts: true });
    await off();
    expect(await opened(), "what the invitation's page shows").toMatchObject({ passwordCounts: false });
    expect(
      await choosePassword(at.database, { token, password: "seven slow grey herons" }, somewhere()),
    ).toMatchObject({ ok: false, message: expect.stringMatching(/switched off/) });
    const change = { currentPassword: password, newPassword: "seven slow grey herons" };
    expect(await changePassword(at.database, caller, change)).toMatchObject({ ok: false });
    expect(await reauthenticate(at.database, caller, password, "ProvedAgain")).toBe(false);
    const issued = async (principalId: string) =>
      issueSignIn(at.database, at.owner, {
        ...{ principalId, ...why, signIn: { kind: "Invitation", tokenHash: makeToken().tokenHash } },
        proofId: await at.prove({ kind: "IssueSignIn", principalId }),
      });
    expect(await issued(user.id)).toMatchObject(refusedWith("Conflict"));
    expect(await issued((await listedAccount(at, at.owner.userId)).id)).toMatchObject({ ok: true });
    const { id: linkId } = await link(user.id);
    const operation = { kind: "UnlinkIdentity" as const, principalId: user.id, linkId };
    const proofId = await at.prove(operation, caller);
    const input = { principalId: user.id, linkId, provider: "Example", ...why, proofId };
    expect(await removeIdentityLink(at.database, caller, input), "the last way in").toMatchObject(
      refusedWith("Conflict"),
    );
  });
});

describe("one's last way to sign in", () => {
  const passkeyOf = async (userId: string) => {
    const data = {
      credentialId: new Uint8Array(randomBytes(32)),
      publicKey: new Uint8Array([1]),
      counter: 0n,
    };
    const kept = { backupEligible: false, backedUp: false, name: "Key" };
    return (await at.database.client.passkey.create({ data: { userId, ...data, ...kept } })).id;
  };
  async function remove(userId: string, passkeyId: string, known?: Caller) {
    const user = await at.database.client.principal.findUniqueOrThrow({ where: { id: userId } });
    const caller = known ?? (await makeCaller(at.database, user));
    const proofId = await at.prove({ kind: "RemovePasskey", passkeyId }, caller);
    return removePasskey(at.database, caller, { passkeyId, proofId });
  }
  const lastWay = { ok: false, unproved: false, message: expect.stringMatching(/only way to sign in/) };

  it("is no passkey that its owner can remove, unless a password that counts, a link or another is left", async () => {
    const user = await withPassword();
    const [first, second] = [await passkeyOf(user.id), await passkeyOf(user.id)];
    expect(await remove(user.id, first)).toMatchObject({ ok: true });
    await off();
    expect(await remove(user.id, second)).toMatchObject(lastWay);
    const refusal = await at.database.client.auditEvent.findFirstOrThrow({
      where: { kind: "PasskeyRemoved", outcome: "Failure", actorId: user.id },
    });
    expect(refusal.details).toMatchObject({ error: "LastWayIn", name: "Key" });
    const { id: linkId } = await link(user.id);
    expect(await remove(user.id, second)).toMatchObject({ ok: true });
    const third = await passkeyOf(user.id);
    const unlink = async () => {
      const caller = await makeCaller(at.database, user);
      const operation = { kind: "UnlinkIdentity" as const, principalId: user.id, linkId };
      const proofId = await at.prove(operation, caller);
      return removeIdentityLink(at.database, caller, {
        ...{ principalId: user.id, linkId, provider: "Example", ...why, proofId },
      });
    };
    const results = await oneAfterTheOther(at.test, () => remove(user.id, third), unlink);
    expect(results, "both at once").toMatchObject([{ ok: true }, refusedWith("Conflict")]);
    const listed = await withPassword();
    const caller = await makeCaller(at.database, listed);
    await at.database.client.breakGlassAccount.create({
      data: { userId: listed.id, namedById: at.owner.userId, reason: "In the safe" },
    });
    const only = await passkeyOf(listed.id);
    expect(await remove(listed.id, only, caller), "its last factor").toMatchObject({ unproved: false });
    const sealed = { keyId: "k1", nonce: new Uint8Array(12), ciphertext: new Uint8Array(40) };
    await at.database.client.totpFactor.create({ data: { userId: listed.id, ...sealed, confirmedAt: now } });
    expect(await remove(listed.id, only, caller), "a break-glass account").toMatchObject({ ok: true });
  });

  it("stays while passwords are being switched off", async () => {
    await listedAccount(at, at.owner.userId);
    await at.database.client.passwordCredential.upsert({
      where: { userId: at.owner.userId },
      create: { userId: at.owner.userId, hash },
      update: {},
    });
    const passkeyId = await passkeyOf(at.owner.userId);
    const results = await oneAfterTheOther(
      at.test,
      () => save({ localPasswords: "BreakGlassOnly" }),
      () => remove(at.owner.userId, passkeyId),
    );
    expect(results).toMatchObject([{ ok: true }, lastWay]);
    await at.database.client.passkey.delete({ where: { id: passkeyId } });
  });
});

describe("somebody who has no password", () => {
  it("may begin a first factor just after coming through a provider, and only then", async () => {
    const user = await makeUser(at.database);
    const { id: identityLinkId } = await link(user.id);
    const through = async (method: "IdentityProvider" | "Passkey") => {
      const { sessionId } = await inTransaction(at.database, (transaction) =>
        createSession(transaction, user.id, somewhere(), {
          method,
          ...(method === "IdentityProvider" ? { identityLinkId } : {}),
        }),
      );
      return { ...(await makeCaller(at.database, user)), sessionId };
    };
    const may = (caller: Awaited<ReturnType<typeof through>>) =>
      provedForFirstFactor(at.database, caller, "", "AuthenticatorEnrolled");
    const arrived = await through("IdentityProvider");
    expect(await may(arrived)).toBe(true);
    expect(await may(await through("Passkey"))).toBe(false);
    await at.database.client.passwordCredential.create({ data: { userId: user.id, hash } });
    expect(await may(arrived), "with a password").toBe(false);
    await off();
    expect(await may(arrived), "with a password that does not count").toBe(true);
    now = addMinutes(now, 16);
    expect(await may(arrived), "a quarter of an hour later").toBe(false);
  });
});
