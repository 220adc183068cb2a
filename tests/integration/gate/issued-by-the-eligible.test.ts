import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { couldManage } from "@/lib/authority/authority-over";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import { addHours, addMinutes } from "@/lib/domain/time/schedule";
import { beginEnrolment } from "@/lib/identity/factors/authenticator";
import { makeFactorPass } from "@/lib/identity/factors/first-factor";
import { choosePassword, makeOneTimePassword, makeToken } from "@/lib/identity/passwords/password-ticket";
import { signInByProvider } from "@/lib/identity/providers/provider-sign-in";
import { signIn } from "@/lib/identity/sign-in/sign-in";
import { applyFactorResets } from "@/lib/operations/people/apply-factor-resets";
import {
  confirmFactorReset,
  confirmFactorResetOperation,
} from "@/lib/operations/people/confirm-factor-reset";
import { issueFactorPass, issueFactorPassOperation } from "@/lib/operations/people/issue-factor-pass";
import { issueIdentityLink } from "@/lib/operations/people/issue-identity-link";
import { issueSignIn, type NewSignIn } from "@/lib/operations/people/issue-sign-in";
import { resetAuthenticator } from "@/lib/operations/people/reset-authenticator";
import type { Caller } from "@/lib/platform/caller";
import { inTransaction } from "@/lib/platform/transaction";
import { type Administration, makeAdministration } from "../../support/administration";
import { grant, makeActivation, makeRole } from "../../support/factories";
import { setRules } from "../../support/sign-in-rules";

/**
 * Somebody of the help desk may activate Owner, after a code or an approval. They issued something to a person who
 * becomes an Owner afterwards. An eligibility that they never activated must not let them use what they issued.
 */

const origin = { ipAddress: "192.0.2.23", userAgent: "test" };
const secrets = ["a-session-secret-of-at-least-thirty-two-characters"] as const;
const because = { justification: "They called and I knew the voice" };
const keys = [{ id: "k1", key: Buffer.alloc(32, 7) }];
const start = new Date("2026-03-02T09:00:00Z");
let now = start;
let at: Administration;
beforeAll(async () => {
  at = await makeAdministration(() => now);
});
afterAll(() => at.test.drop());
beforeEach(async () => {
  now = start;
  await setRules(at.test, { first_factor: "OneTimePass", reset_takes_two: false, reset_delay_hours: 2 });
});

/** Things that the administrator issues to the person. Each returns a function that uses it, and says whether it worked. */
type Way = (by: Caller, person: Caller) => Promise<() => Promise<boolean>>;

const issueTo = async (by: Caller, person: Caller, next: NewSignIn) => {
  const proofId = await at.prove({ kind: "IssueSignIn", principalId: person.userId }, by);
  const input = { principalId: person.userId, signIn: next, ...because, proofId };
  expect(await issueSignIn(at.database, by, input)).toMatchObject({ ok: true });
};
const choose = async (token: string) =>
  (await choosePassword(at.database, { token, password: "seven herons over tiled roofs" }, origin)).ok;
const reset = async (by: Caller, person: Caller) => {
  const sealed = { keyId: "k1", nonce: new Uint8Array(12), ciphertext: new Uint8Array(32) };
  await at.database.client.totpFactor.create({
    data: { userId: person.userId, ...sealed, confirmedAt: now },
  });
  await at.database.client.passwordCredential.create({ data: { userId: person.userId, hash: "x" } });
  const proofId = await at.prove({ kind: "ResetAuthenticator", principalId: person.userId }, by);
  const input = { principalId: person.userId, ...because, proofId };
  expect(await resetAuthenticator(at.database, by, input)).toMatchObject({ ok: true });
};
const applied = (person: Caller) => async () => {
  now = addHours(now, 2);
  await applyFactorResets(at.database);
  const { outcome } = await at.database.client.factorReset.findFirstOrThrow({
    where: { userId: person.userId },
  });
  return outcome === "Applied";
};

const ways: Record<string, Way> = {
  async "an invitation"(by, person) {
    const { token, tokenHash } = makeToken();
    await issueTo(by, person, { kind: "Invitation", tokenHash });
    return () => choose(token);
  },
  async "a one-time password"(by, person) {
    const { password, passwordHash } = await makeOneTimePassword(by);
    await issueTo(by, person, { kind: "OneTimePassword", passwordHash });
    return async () => {
      const credentials = { email: person.email ?? "", password };
      const result = await signIn(at.database, secrets, credentials, origin);
      if (result.ok || result.reason !== "ChoosePassword") throw new Error(JSON.stringify(result));
      return choose(result.ticket);
    };
  },
  async "a one-time pass for a factor"(by, person) {
    const { pass, passHash } = makeFactorPass();
    const input = { principalId: person.userId, hours: 24, passHash, ...because };
    const proofId = await at.prove(issueFactorPassOperation(input), by);
    expect(await issueFactorPass(at.database, by, { ...input, proofId })).toMatchObject({ ok: true });
    return async () =>
      (await beginEnrolment(at.database, keys, person, { proofId: null, reauthenticated: true, pass })).ok;
  },
  async "a link to a provider"(by, person) {
    const { token, tokenHash } = makeToken();
    const provider = { id: "contoso", name: "Contoso", issuer: "https://id.contoso.example" };
    const operation = { kind: "LinkIdentity" as const, principalId: person.userId, issuer: provider.issuer };
    const proofId = await at.prove(operation, by);
    const input = { principalId: person.userId, provider, tokenHash, ...because, proofId };
    expect(await issueIdentityLink(at.database, by, input)).toMatchObject({ ok: true });
    return async () =>
      (
        await signInByProvider(
          at.database,
          {
            provider: { ...provider, ...configured },
            person: { ...stated, subject: randomUUID() },
            ...{ state: randomUUID(), pass: token, sessionId: null },
          },
          origin,
        )
      ).ok;
  },
  async "a reset that waits its hours"(by, person) {
    await reset(by, person);
    return applied(person);
  },
  async "a reset that somebody else asked for, once confirmed"(by, person) {
    await setRules(at.test, { reset_takes_two: true });
    await reset(at.owner, person);
    now = addMinutes(now, 30);
    const open = await at.database.client.factorReset.findFirstOrThrow({ where: { userId: person.userId } });
    const shown = { principalId: person.userId, resetId: open.id };
    const proofId = await at.prove(confirmFactorResetOperation(shown), by);
    const input = { ...shown, ...because, proofId };
    expect(await confirmFactorReset(at.database, by, input)).toMatchObject({ ok: true });
    return applied(person);
  },
};
const configured = {
  ...{ clientId: "postern", clientSecret: "x", clientAuthentication: "client_secret_basic" as const },
  ...{ signingAlgorithm: "RS256" as const, scopes: ["openid"], allowedDomains: [] },
  claims: { name: "name", address: "email", externalId: "sub" },
  ...{ addressesAreVerified: false, untypedLogoutTokens: false, unknownPeople: "Refuse" as const },
};
const stated = {
  ...{ address: "nora@contoso.example", addressVerified: true, name: "Nora New", sid: null },
  ...{ externalId: null, secondFactorAt: null },
};

/** Somebody of the help desk with an eligibility for Owner at the root. */
async function helpDesk() {
  const { caller } = await at.peopleManager();
  const eligibility = await grant(at.database, "eligible", caller.userId, ownerRoleId, at.tree.root.id);
  const activate = (startsAt: Date, minutes: number) =>
    inTransaction(at.database, (transaction) => makeActivation(transaction, eligibility, startsAt, minutes));
  return { caller, eligibility, activate };
}

for (const [what, issue] of Object.entries(ways)) {
  describe(`${what}, used after its person became an Owner`, () => {
    it("does nothing for somebody who could activate Owner, and had not when they issued it", async () => {
      const { caller, activate } = await helpDesk();
      await activate(addMinutes(start, -60), 45);
      await activate(addMinutes(start, 40), 15);
      const person = await at.person("Nora New");
      const use = await issue(caller, person);
      now = addHours(start, 1);
      await grant(at.database, "eligible", person.userId, ownerRoleId, at.tree.root.id);
      expect(await use()).toBe(false);
    });

    it("works for somebody who had activated Owner when they issued it, and still may", async () => {
      const { caller, activate } = await helpDesk();
      await activate(addMinutes(start, what.includes("confirmed") ? 20 : -5), 15);
      const person = await at.person("Nora New");
      const use = await issue(caller, person);
      now = addHours(start, 1);
      await grant(at.database, "eligible", person.userId, ownerRoleId, at.tree.root.id);
      expect(await use()).toBe(true);
    });
  });
}

describe("what somebody had activated when they issued something", () => {
  const could = (caller: Caller, person: Caller) =>
    inTransaction(at.database, (transaction) =>
      couldManage(transaction, caller.userId, person.userId, start),
    );

  it("counts no longer once the eligibility has ended", async () => {
    const { caller, eligibility, activate } = await helpDesk();
    await activate(start, 15);
    const person = await at.person("Nora New");
    await grant(at.database, "eligible", person.userId, ownerRoleId, at.tree.root.id);
    now = addHours(start, 1);
    expect(await could(caller, person)).toBe(true);
    await at.test.asOwner("UPDATE eligibilities SET ends_at = $1 WHERE id = $2", [now, eligibility.id]);
    expect(await could(caller, person)).toBe(false);
  });

  it("counts where it was activated, and not elsewhere under its eligibility", async () => {
    const { caller, eligibility } = await helpDesk();
    const narrower = { ...eligibility, resourceId: at.tree.group.id };
    await inTransaction(at.database, (transaction) => makeActivation(transaction, narrower, start, 15));
    const reader = await makeRole(at.database, "Reader", { actions: ["*/read"] });
    const [within, above] = [await at.person("Ines Inside"), await at.person("Abe Above")];
    await grant(at.database, "eligible", within.userId, reader.id, at.tree.group.id);
    await grant(at.database, "eligible", above.userId, reader.id, at.tree.subscription.id);
    now = addHours(start, 1);
    expect([await could(caller, within), await could(caller, above)]).toEqual([true, false]);
  });

  it("counts no longer where the eligibility does not reach any more", async () => {
    const { caller, eligibility, activate } = await helpDesk();
    await activate(start, 15);
    const person = await at.person("Nora New");
    await grant(at.database, "eligible", person.userId, ownerRoleId, at.tree.subscription.id);
    now = addHours(start, 1);
    expect(await could(caller, person)).toBe(true);
    await at.test.asOwner("UPDATE eligibilities SET resource_id = $1 WHERE id = $2", [
      at.tree.subscription.id,
      eligibility.id,
    ]);
    expect(await could(caller, person), "was activated above what it covers now").toBe(false);
  });

  it("is another's, not that of whoever shares the group that is eligible", async () => {
    const { caller, eligibility } = await helpDesk();
    const { caller: colleague } = await at.peopleManager();
    const group = await at.database.client.principal.create({
      data: { type: "Group", displayName: `Desk ${randomUUID()}` },
    });
    await at.database.client.groupMember.createMany({
      data: [caller, colleague].map(({ userId }) => ({ groupId: group.id, memberId: userId })),
    });
    const shared = await grant(at.database, "eligible", group.id, ownerRoleId, at.tree.root.id);
    await at.test.asOwner(
      "UPDATE eligibilities SET ends_at = starts_at, removed_at = starts_at WHERE id = $1",
      [eligibility.id],
    );
    const own = { ...shared, principalId: caller.userId };
    await inTransaction(at.database, (transaction) => makeActivation(transaction, own, start, 15));
    const person = await at.person("Nora New");
    await grant(at.database, "eligible", person.userId, ownerRoleId, at.tree.root.id);
    now = addHours(start, 1);
    expect([await could(caller, person), await could(colleague, person)]).toEqual([true, false]);
  });
});
