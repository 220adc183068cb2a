import { randomUUID } from "node:crypto";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { ownerRoleId } from "@/lib/domain/gate/last-owner";
import { mostAccountsInHour } from "@/lib/domain/people/identity-link";
import { addMinutes } from "@/lib/domain/time/schedule";
import { makeToken } from "@/lib/identity/passwords/password-ticket";
import { readLinkPass } from "@/lib/identity/providers/link-pass";
import { recordRefusedArrival, signInByProvider } from "@/lib/identity/providers/provider-sign-in";
import { findCaller, isSessionGood } from "@/lib/identity/sessions/sessions";
import { deliverNotifications } from "@/lib/operations/notifications/deliver-notifications";
import { disablePrincipal } from "@/lib/operations/people/disable-principal";
import { enablePrincipal } from "@/lib/operations/people/enable-principal";
import { issueIdentityLink } from "@/lib/operations/people/issue-identity-link";
import { issueSignIn } from "@/lib/operations/people/issue-sign-in";
import { removeIdentityLink } from "@/lib/operations/people/remove-identity-link";
import type { Caller } from "@/lib/platform/caller";
import type { IdentityProvider } from "@/lib/platform/identity-providers";
import { linkedPeople } from "@/lib/queries/people/linked-people";
import {
  type Administration,
  makeAdministration,
  refusedBy,
  refusedWith,
} from "../../support/administration";
import { allBehind, holdLock } from "../../support/database/held-lock";
import { grant, makeCaller, makeUser } from "../../support/factories";

const start = new Date("2026-03-02T09:00:00Z");
let now = start;
let at: Administration;
beforeAll(async () => {
  at = await makeAdministration(() => now);
});
afterAll(() => at.test.drop());
beforeEach(() => {
  now = start;
});

const provider: IdentityProvider = {
  id: "contoso",
  name: "Contoso",
  issuer: "https://id.contoso.example",
  clientId: "postern",
  clientSecret: "x",
  clientAuthentication: "client_secret_basic",
  signingAlgorithm: "RS256",
  scopes: ["openid"],
  allowedDomains: [],
  claims: { name: "name", address: "email", externalId: "sub" },
  addressesAreVerified: false,
  untypedLogoutTokens: false,
  unknownPeople: "Refuse",
};
const creating: IdentityProvider = { ...provider, unknownPeople: "CreateWithoutAccess" };
const origin = { ipAddress: "192.0.2.7", userAgent: "test" };

interface Given {
  readonly subject?: string;
  readonly address?: string | null;
  readonly addressVerified?: boolean;
  readonly by?: IdentityProvider;
  readonly pass?: string;
  readonly session?: Caller;
  readonly state?: string;
}
const arrive = (given: Given) =>
  signInByProvider(
    at.database,
    {
      provider: given.by ?? provider,
      person: {
        subject: given.subject ?? randomUUID(),
        address: given.address === undefined ? `${randomUUID()}@contoso.example` : given.address,
        addressVerified: given.addressVerified ?? true,
        name: "Nina New",
        sid: null,
        externalId: null,
        secondFactorAt: null,
      },
      state: given.state ?? randomUUID(),
      pass: given.pass ?? null,
      sessionId: given.session?.sessionId ?? null,
    },
    origin,
  );
const refused = (refusal: string) => ({ ok: false, refusal });

/** A person who is linked already. */
async function linked() {
  const user = await makeUser(at.database);
  const subject = randomUUID();
  const link = await at.database.client.identityLink.create({
    data: { principalId: user.id, issuer: provider.issuer, subject },
  });
  return { user, subject, link };
}

/** A link that is issued to `principalId` by `by`, and the result. */
async function issue(by: Caller, principalId: string, proved = true) {
  const { token, tokenHash } = makeToken();
  const operation = { kind: "LinkIdentity" as const, principalId, issuer: provider.issuer };
  const proofId = proved ? await at.prove(operation, by) : null;
  const input = { principalId, provider, tokenHash, justification: "As agreed", proofId };
  return { token, result: await issueIdentityLink(at.database, by, input) };
}

const people = () => at.database.client.principal.count();
const linksOf = (principalId: string) => at.database.client.identityLink.count({ where: { principalId } });

describe("somebody who is linked", () => {
  it("gets a session of their own each time, and the log says how", async () => {
    const { user, subject, link } = await linked();
    const [one, two] = [await arrive({ subject }), await arrive({ subject })];
    if (!one.ok || one.kind !== "SignedIn" || !two.ok || two.kind !== "SignedIn") throw new Error("not in");
    expect(one.token.sessionId).not.toBe(two.token.sessionId);
    expect(await findCaller(at.database, one.token, origin)).toMatchObject({ userId: user.id });
    const session = await at.database.client.session.findUniqueOrThrow({
      where: { id: one.token.sessionId },
    });
    expect(session).toMatchObject({ signInMethod: "IdentityProvider", identityLinkId: link.id });
    const event = await at.database.client.auditEvent.findFirstOrThrow({
      where: { kind: "SignIn", actorId: user.id },
    });
    expect(event.details).toMatchObject({ method: "IdentityProvider", provider: "Contoso", linkId: link.id });
  });

  it("stays the same person when the provider says another address, which changes nothing", async () => {
    const { user, subject, link } = await linked();
    const other = await makeUser(at.database);
    expect(await arrive({ subject, address: other.email })).toMatchObject({ ok: true });
    const after = await at.database.client.principal.findUniqueOrThrow({ where: { id: user.id } });
    expect(after).toMatchObject({ email: user.email, version: user.version });
    const shown = await at.database.client.identityLink.findUniqueOrThrow({ where: { id: link.id } });
    expect(shown).toMatchObject({ address: other.email, lastUsedAt: now });
  });

  it("is refused once disabled, also while the sign-in is under way", async () => {
    const { user, subject } = await linked();
    const disabling = "UPDATE principals SET disabled_at = now() WHERE id = $1";
    const held = await holdLock(at.test, disabling, [user.id]);
    expect(await allBehind(held, [() => arrive({ subject })])).toEqual([refused("Disabled")]);
    expect(await arrive({ subject })).toEqual(refused("Disabled"));
    expect(await at.database.client.session.count({ where: { userId: user.id } })).toBe(0);
  });

  it("is known by the issuer and the subject together", async () => {
    const { subject } = await linked();
    const elsewhere = { ...provider, id: "other", issuer: "https://other.example" };
    expect(await arrive({ subject, by: elsewhere })).toEqual(refused("Unknown"));
    expect(await arrive({ subject: subject.toUpperCase() })).toEqual(refused("Unknown"));
  });

  it("comes in once for each way there", async () => {
    const { subject } = await linked();
    const state = randomUUID();
    const both = await Promise.all([arrive({ subject, state }), arrive({ subject, state })]);
    expect(both.filter(({ ok }) => ok)).toHaveLength(1);
    expect(both).toContainEqual(refused("Replayed"));
  });

  it("needs an address of an allowed domain, which the provider has verified", async () => {
    const { subject } = await linked();
    const by = { ...provider, allowedDomains: ["contoso.example"] };
    expect(await arrive({ subject, by })).toMatchObject({ ok: true });
    for (const given of [
      { address: "ada@fabrikam.example" },
      { address: "ada@contoso.example.evil.example" },
      { address: null },
      { addressVerified: false },
    ])
      expect(await arrive({ subject, by, ...given })).toEqual(refused("OtherDomain"));
  });
});

describe("somebody unknown", () => {
  it("is refused, whatever address the provider says, and the log tells of it once in ten minutes", async () => {
    const user = await makeUser(at.database);
    const before = await people();
    const subject = randomUUID();
    for (let time = 0; time < 5; time += 1)
      expect(await arrive({ subject, address: user.email })).toEqual(refused("Unknown"));
    expect(await people()).toBe(before);
    expect(await linksOf(user.id)).toBe(0);
    const reports = () =>
      at.database.client.auditEvent.findMany({
        where: { kind: "SignInFailed", details: { path: ["subject"], equals: subject } },
        orderBy: { sequence: "asc" },
      });
    expect(await reports()).toHaveLength(1);
    now = addMinutes(start, 11);
    await arrive({ subject });
    expect((await reports()).map(({ details }) => details)).toMatchObject([
      { reason: "Unknown", attempts: 1 },
      { reason: "Unknown", attempts: 5 },
    ]);
  });

  it("gets an account without any access where the provider's configuration says so, once", async () => {
    const given = { subject: randomUUID(), address: `${randomUUID()}@contoso.example`, by: creating };
    const both = await Promise.all([arrive(given), arrive(given)]);
    expect(both).toMatchObject([{ ok: true }, { ok: true }]);
    const made = await at.database.client.principal.findMany({ where: { email: given.address } });
    expect(made).toMatchObject([{ displayName: "Nina New", type: "User" }]);
    const id = made[0]?.id ?? "";
    expect(await linksOf(id)).toBe(1);
    expect(await at.database.client.passwordCredential.count({ where: { userId: id } })).toBe(0);
    expect(await at.eventsOf(id)).toEqual(["PrincipalCreated Success", "IdentityLinked Success"]);
  });

  it("gets none once the provider has made as many as it may within an hour; administrators hear of the last one", async () => {
    const lying = { ...creating, issuer: `https://${randomUUID()}.example` };
    expect(await arrive({ by: lying })).toMatchObject({ ok: true });
    await at.test.asOwner("UPDATE sign_in_throttles SET refused = $1 WHERE key = $2", [
      mostAccountsInHour - 1,
      `counted:accounts:${lying.issuer}`,
    ]);
    now = addMinutes(start, 59);
    const [before, both] = [await people(), [arrive({ by: lying }), arrive({ by: lying })]];
    expect((await Promise.all(both)).filter(({ ok }) => ok)).toHaveLength(1);
    for (let more = 0; more < 3; more += 1)
      expect(await arrive({ by: lying })).toEqual(refused("TooManyAccounts"));
    expect(await people()).toBe(before + 1);
    const reason = { path: ["reason"], equals: "TooManyAccounts" };
    const logged = { kind: "SignInFailed", details: reason } as const;
    expect(await at.database.client.auditEvent.count({ where: logged }), "made-up people are one").toBe(1);
    expect(await arrive({ by: creating }), "another provider").toMatchObject({ ok: true });

    await deliverNotifications(at.database, { mail: true });
    const reports = await at.database.client.notification.findMany({
      where: { recipientId: at.owner.userId, title: { contains: "accounts within an hour" } },
    });
    expect(reports.map(({ title }) => title)).toEqual([
      `Contoso has made ${mostAccountsInHour} accounts within an hour`,
    ]);
    now = addMinutes(start, 60);
    expect(await arrive({ by: lying }), "in the next hour").toMatchObject({ ok: true });
  });

  it("never becomes somebody who has the address, or is known by it", async () => {
    const user = await makeUser(at.database);
    const before = await people();
    const address = user.email?.toUpperCase() ?? "";
    for (const given of [{ address: user.email }, { address: address.toLowerCase() }])
      expect(await arrive({ ...given, by: creating })).toEqual(refused("AddressTaken"));
    for (const given of [{ address: null }, { addressVerified: false }])
      expect(await arrive({ ...given, by: creating })).toEqual(refused("NoAddress"));
    expect(await people()).toBe(before);
    expect(await linksOf(user.id)).toBe(0);
  });
});

describe("a link", () => {
  it("that one asks for oneself belongs to that session, and keeps it", async () => {
    const me = await at.person("Lena Link");
    const subject = randomUUID();
    const { token, result } = await issue(me, me.userId);
    expect(result).toMatchObject({ ok: true });
    // Its address reveals nothing, and it is of no use in another browser.
    expect(await readLinkPass(at.database, token, origin)).toBeNull();
    const other = await makeCaller(at.database, { id: me.userId, displayName: "Lena Link", email: me.email });
    for (const session of [undefined, other])
      expect(await arrive({ subject, pass: token, ...(session ? { session } : {}) })).toEqual(
        refused("PassGone"),
      );
    expect(await arrive({ subject, pass: token, session: me })).toEqual({ ok: true, kind: "Linked" });
    expect(await arrive({ subject, pass: token, session: me }), "again").toEqual(refused("PassGone"));
    expect(await isSessionGood(at.database, me.sessionId)).toBe(true);
    expect(await arrive({ subject })).toMatchObject({ ok: true, kind: "SignedIn" });
    expect(await at.eventsOf(me.userId)).toEqual(["IdentityLinkIssued Success", "IdentityLinked Success"]);
  });

  it("that an administrator issues signs its person in, once", async () => {
    const user = await makeUser(at.database);
    const subject = randomUUID();
    const { token, result } = await issue(at.owner, user.id);
    expect(result).toMatchObject({ ok: true });
    expect(await readLinkPass(at.database, token, origin)).toMatchObject({ email: user.email });
    const [one, two] = await Promise.all([
      arrive({ subject, pass: token }),
      arrive({ subject: randomUUID(), pass: token }),
    ]);
    expect([one, two].filter(({ ok }) => ok)).toHaveLength(1);
    expect([one, two]).toContainEqual(refused("PassGone"));
    expect(await linksOf(user.id)).toBe(1);
  });

  it("takes a code for exactly that person and provider", async () => {
    const user = await makeUser(at.database);
    const unproved = refusedBy("MfaRule");
    expect((await issue(at.owner, user.id, false)).result).toMatchObject(unproved);
    const me = await at.person("Lena Link");
    expect((await issue(me, me.userId, false)).result).toMatchObject(unproved);
    expect((await issue(me, user.id)).result).toMatchObject(refusedWith("NotFound"));
  });

  it.each([
    [
      "has run out",
      async () => {
        now = addMinutes(start, 3 * 24 * 60 + 1);
      },
    ],
    ["was replaced", (id: string) => issue(at.owner, id)],
    [
      "is for somebody disabled",
      (id: string) => disablePrincipal(at.database, at.owner, { principalId: id, justification: "Left" }),
    ],
    [
      "is for somebody who left and came back since",
      async (principalId: string) => {
        const why = { principalId, justification: "Left, and came back" };
        await disablePrincipal(at.database, at.owner, why);
        expect(await enablePrincipal(at.database, at.owner, { ...why, proofId: null })).toMatchObject({
          ok: true,
        });
      },
    ],
    [
      "was overtaken by an invitation",
      async (principalId: string) =>
        issueSignIn(at.database, at.owner, {
          principalId,
          signIn: { kind: "Invitation", tokenHash: makeToken().tokenHash },
          justification: null,
          proofId: await at.prove({ kind: "IssueSignIn", principalId }),
        }),
    ],
    [
      "was issued by somebody who could not give its person what they have by now",
      (id: string) => grant(at.database, "eligible", id, ownerRoleId, at.tree.root.id),
      true,
    ],
  ] as [string, (id: string) => Promise<unknown>, boolean?][])(
    "that %s leads nowhere",
    async (_what, happen, stillRead) => {
      const user = await makeUser(at.database);
      const by = stillRead ? (await at.peopleManager()).caller : at.owner;
      const { token, result } = await issue(by, user.id);
      expect(result).toMatchObject({ ok: true });
      await happen(user.id);
      const read = await readLinkPass(at.database, token, { ...origin, ipAddress: "192.0.2.8" });
      expect(read !== null).toBe(stillRead ?? false);
      expect(await arrive({ pass: token })).toEqual(refused("PassGone"));
      expect(await linksOf(user.id)).toBe(0);
    },
  );

  it("never takes an identity from somebody else, and ten are the most", async () => {
    const { user, subject } = await linked();
    const thief = await makeUser(at.database);
    const { token } = await issue(at.owner, thief.id);
    expect(await arrive({ subject, pass: token })).toEqual(refused("LinkedElsewhere"));
    expect(await linksOf(user.id)).toBe(1);
    await at.database.client.identityLink.createMany({
      data: Array.from({ length: 10 }, (_, each) => ({
        principalId: thief.id,
        issuer: provider.issuer,
        subject: `${thief.id} ${each}`,
      })),
    });
    expect(await arrive({ pass: token })).toEqual(refused("TooManyLinks"));
    expect((await issue(at.owner, thief.id)).result).toMatchObject(refusedWith("Conflict"));
  });

  it("that is removed ends the sessions that it began, but never one's own last way in", async () => {
    const { user, subject, link } = await linked();
    const signedIn = await arrive({ subject });
    if (!signedIn.ok || signedIn.kind !== "SignedIn") throw new Error("not in");
    const other = await arrive({ subject });
    const me = await findCaller(at.database, signedIn.token, origin);
    if (!me || !other.ok || other.kind !== "SignedIn") throw new Error("not in");
    const operation = { kind: "UnlinkIdentity" as const, principalId: user.id, linkId: link.id };
    const input = { principalId: user.id, linkId: link.id, provider: "Contoso", justification: null };
    const remove = async (by: Caller) =>
      removeIdentityLink(at.database, by, { ...input, proofId: await at.prove(operation, by) });
    expect(await remove(me), "the only way").toMatchObject(refusedWith("Conflict"));
    await at.database.client.passwordCredential.create({ data: { userId: user.id, hash: "$argon2id$" } });
    expect(await removeIdentityLink(at.database, me, { ...input, proofId: null })).toMatchObject(
      refusedBy("MfaRule"),
    );
    expect(await remove(me)).toMatchObject({ ok: true, endedSessions: 1 });
    expect(await isSessionGood(at.database, me.sessionId)).toBe(true);
    expect(await isSessionGood(at.database, other.token.sessionId)).toBe(false);
    expect(await arrive({ subject })).toEqual(refused("Unknown"));
  });
});

it("shows root administrators, and nobody else, how many people each provider leads in", async () => {
  const issuer = "https://counted.contoso.example";
  const [twice, disabled] = [await makeUser(at.database), await makeUser(at.database)];
  for (const { id } of [twice, twice, disabled])
    await at.database.client.identityLink.create({
      data: { principalId: id, issuer, subject: randomUUID() },
    });
  await at.test.asOwner("UPDATE principals SET disabled_at = now() WHERE id = $1", [disabled.id]);
  const linkedFor = (caller: Caller) => linkedPeople(at.database, caller, [issuer, "https://none.example"]);
  expect(await linkedFor(at.owner)).toEqual(new Map([[issuer, 1]]));
  expect(await linkedFor(await at.person("Bo Below"))).toBeNull();
});

it("gathers what is refused before anybody is known", async () => {
  const where = { kind: "SignInFailed", details: { path: ["reason"], equals: "Unreachable" } };
  for (let time = 0; time < 4; time += 1)
    await recordRefusedArrival(at.database, { provider }, "Unreachable", origin);
  expect(await at.database.client.auditEvent.count({ where })).toBe(1);
});
