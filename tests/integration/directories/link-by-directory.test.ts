import { randomUUID } from "node:crypto";
import { afterAll, afterEach, beforeAll, describe, expect, it } from "vitest";
import { statedPerson } from "@/lib/domain/people/identity-link";
import { beginEnrolment } from "@/lib/identity/factors/authenticator";
import { factorState } from "@/lib/identity/factors/factor-state";
import { makeToken } from "@/lib/identity/passwords/password-ticket";
import { signInByProvider } from "@/lib/identity/providers/provider-sign-in";
import { findCaller } from "@/lib/identity/sessions/sessions";
import { deliverNotifications } from "@/lib/operations/notifications/deliver-notifications";
import { disablePrincipal } from "@/lib/operations/people/disable-principal";
import { issueIdentityLink } from "@/lib/operations/people/issue-identity-link";
import { removeIdentityLink } from "@/lib/operations/people/remove-identity-link";
import type { Caller } from "@/lib/platform/caller";
import type { IdentityProvider } from "@/lib/platform/identity-providers";
import { type Administration, makeAdministration } from "../../support/administration";
import { allBehind, atOnce, holdLock } from "../../support/database/held-lock";
import { entraUser, makeDirectory, patchOf } from "../../support/directories";
import { providerJourney } from "../../support/e2e/provider-journey";
import { grant, makeCaller, makeGroup } from "../../support/factories";
import { enrol, privilegeKinds } from "../../support/privileges";
import { openPass, setRules } from "../../support/sign-in-rules";

// A real provider by HTTP, and the real service of SCIM. A holder of the directory's token may send it
// anything.
const start = new Date("2026-03-02T09:00:00Z");
const keys = [{ id: "k1", key: Buffer.alloc(32, 7) }];
const origin = { ipAddress: "192.0.2.7", userAgent: "test" };
const because = { justification: "As agreed" };
const stepUp = {
  ...{ acrValues: ["mfa"], phishingResistant: ["mfa"] },
  ...({ claim: "acr", request: "acr_values" } as const),
};
let at: Administration;
let directory: Awaited<ReturnType<typeof makeDirectory>>;
let journey: Awaited<ReturnType<typeof providerJourney>>;
let linking: IdentityProvider;
beforeAll(async () => {
  at = await makeAdministration(() => start);
  directory = await makeDirectory(at);
  journey = await providerJourney("contoso", { stepUp }, { acrValues: ["mfa"] });
  linking = { ...journey.given, linkByDirectory: directory.name };
});
afterEach(() => {
  journey.provider.alter = null;
});
afterAll(async () => {
  await journey.close();
  await at.test.drop();
});

/** A person whom the directory creates, with this external id. */
async function joiner(externalId: string = randomUUID(), by = directory) {
  const { body, status } = await by.scim("POST", "/Users", entraUser({ externalId }));
  expect(status, JSON.stringify(body)).toBe(201);
  return { id: body.id, displayName: body.displayName, email: body.userName, subject: externalId };
}
const patch = (id: string, externalId: string) =>
  directory.scim("PATCH", `/Users/${id}`, patchOf({ op: "replace", path: "externalId", value: externalId }));

/** Comes back from the provider as this subject. */
async function arrive(subject: string, given: IdentityProvider = linking, pass: string | null = null) {
  journey.provider.account = { sub: subject, email: "ada@contoso.example", email_verified: true };
  const back = await journey.visit(pass);
  const claims = await journey.arrive(back, given);
  if (typeof claims === "string") throw new Error(claims);
  const person = statedPerson(claims, given);
  if (!person) throw new Error("nobody");
  const state = back.query.state ?? "";
  return signInByProvider(at.database, { provider: given, person, state, pass, sessionId: null }, origin);
}
async function comesIn(subject: string, given?: IdentityProvider): Promise<Caller> {
  const signedIn = await arrive(subject, given);
  const caller =
    signedIn.ok && signedIn.kind === "SignedIn"
      ? await findCaller(at.database, signedIn.token, origin)
      : null;
  if (!caller) throw new Error(JSON.stringify(signedIn));
  return caller;
}
const unknown = { ok: false, refusal: "Unknown" };
const linksOf = (principalId: string) => at.database.client.identityLink.findMany({ where: { principalId } });
/** The log's text about the last refused arrival. */
const lastRefusal = () =>
  at.database.client.auditEvent.findFirstOrThrow({
    where: { kind: "SignInFailed" },
    orderBy: { sequence: "desc" },
  });
/** Refused as an unknown person is, and the log says who was concerned and why. */
async function isRefused(person: { id: string; subject: string }, why: RegExp, given?: IdentityProvider) {
  expect(await arrive(person.subject, given)).toEqual(unknown);
  expect(
    await at.database.client.session.count({ where: { userId: person.id, identityLinkId: { not: null } } }),
  ).toBe(0);
  const event = await lastRefusal();
  expect(event).toMatchObject({ targetId: person.id, actorId: null, outcome: "Failure" });
  const said = event.details as { reason: string; because: string[]; directoryName: string };
  expect(said).toMatchObject({ reason: "Unknown", directoryName: directory.name });
  expect(said.because.join(" ")).toMatch(why);
}
async function eligible(principalId: string, settings: Record<string, unknown> = {}) {
  const { id } = await at.protectedRole(settings);
  return grant(at.database, "eligible", principalId, id, at.tree.subscription.id);
}

describe("a new joiner", () => {
  it("is linked at the first sign-in by the external id that the directory made them with, and hears of it", async () => {
    const person = await joiner();
    await eligible(person.id);
    const caller = await comesIn(person.subject);
    expect(caller.userId).toBe(person.id);
    expect(await linksOf(person.id)).toMatchObject([
      { subject: person.subject, issuer: journey.given.issuer, directoryId: directory.id, createdById: null },
    ]);
    const event = await at.database.client.auditEvent.findFirstOrThrow({
      where: { kind: "IdentityLinked", targetId: person.id },
    });
    expect(event.details).toMatchObject({
      ...{ provider: "Provider contoso", directoryName: directory.name, directoryId: directory.id },
      ...{ rule: "ExternalIdOfDirectory", externalId: person.subject, claim: "sub" },
    });
    await deliverNotifications(at.database, { mail: false });
    const notice = await at.database.client.notification.findFirstOrThrow({
      where: { recipientId: person.id, title: { contains: "linked to Provider contoso" } },
    });
    expect(notice.body).toContain(`since the directory ${directory.name} knows you by it`);
    expect((await comesIn(person.subject)).userId, "again").toBe(person.id);
    expect(await linksOf(person.id)).toHaveLength(1);
  });

  it("at Entra ID is known by oid, and by the directory's id as well as its name", async () => {
    const entra = {
      ...{ ...linking, linkByDirectory: directory.id },
      claims: { ...linking.claims, externalId: "oid" },
    };
    const person = await joiner();
    journey.provider.alter = (claims) => ({ ...claims, oid: person.subject });
    expect((await comesIn("a subject of this application", entra)).userId).toBe(person.id);
    journey.provider.alter = null;
    const other = await joiner();
    expect(await arrive(other.subject, entra), "by the subject").toEqual(unknown);
  });

  it("confirms nothing by that link, and enrols a first factor with a pass alone, whatever the rule", async () => {
    const person = await joiner();
    await eligible(person.id);
    journey.provider.login = { acr: "mfa" };
    journey.provider.alter = (claims) => ({ ...claims, acr: "mfa", auth_time: start.getTime() / 1_000 });
    const caller = await comesIn(person.subject);
    const session = await at.database.client.session.findUniqueOrThrow({ where: { id: caller.sessionId } });
    expect(session.providerSecondFactor, "it was a second factor, just now").toBe(true);
    expect(await factorState(at.database, caller)).toMatchObject({ enrolled: false, issuers: [] });
    const begin = (pass: string) =>
      beginEnrolment(at.database, keys, caller, { proofId: null, reauthenticated: true, pass });
    for (const rule of ["OneTimePass", "ProviderSecondFactor", "AnyoneSignedIn"]) {
      await setRules(at.test, { first_factor: rule });
      expect(await begin(""), rule).toMatchObject({ ok: false, field: "pass" });
    }
    expect(await begin(await openPass(at.database, person.id, at.owner.userId))).toMatchObject({ ok: true });
  });

  it.each([
    ["themselves", "confirms"],
    ["an administrator", "confirms nothing beside the factor that they have"],
  ])("once linked again by %s has a link that %s", async (by, does) => {
    const person = await joiner();
    const caller = await comesIn(person.subject);
    await enrol(at, person.id, start);
    const { token, tokenHash } = makeToken();
    const issuer = by === "themselves" ? caller : at.owner;
    const operation = {
      kind: "LinkIdentity" as const,
      principalId: person.id,
      issuer: journey.given.issuer,
    };
    const proofId = await at.prove(operation, issuer);
    const input = { principalId: person.id, provider: journey.given, tokenHash, proofId, ...because };
    expect(await issueIdentityLink(at.database, issuer, input)).toMatchObject({ ok: true });
    journey.provider.account = { sub: person.subject };
    const back = await journey.visit(token);
    const claims = await journey.arrive(back);
    const stated = typeof claims === "string" ? null : statedPerson(claims, linking);
    if (!stated) throw new Error(String(claims));
    const sessionId = by === "themselves" ? caller.sessionId : null;
    const arrival = {
      provider: linking,
      person: stated,
      state: back.query.state ?? "",
      pass: token,
      sessionId,
    };
    expect(await signInByProvider(at.database, arrival, origin)).toMatchObject({ ok: true });
    expect(await linksOf(person.id)).toMatchObject([{ directoryId: null, createdById: issuer.userId }]);
    expect((await factorState(at.database, caller)).issuers).toEqual(
      does === "confirms" ? [journey.given.issuer] : [],
    );
    expect((await at.eventsOf(person.id)).filter((each) => each === "IdentityLinked Success")).toHaveLength(
      2,
    );
  });
});

describe("whoever has the directory's token", () => {
  it("becomes nobody by giving them the external id of their own account", async () => {
    const thief = randomUUID();
    const victim = await joiner();
    await eligible(victim.id);
    expect((await patch(victim.id, thief)).status).toBe(200);
    await isRefused({ id: victim.id, subject: thief }, /not the one with which the directory made them/);
    // Restoring it does not help either: an external id that was changed once no longer counts.
    expect((await patch(victim.id, victim.subject)).status).toBe(200);
    await isRefused(victim, /not the one with which the directory made them/);
    const whole = await joiner();
    await directory.scim(
      "PUT",
      `/Users/${whole.id}`,
      entraUser({ userName: whole.email, externalId: thief }),
    );
    await isRefused({ id: whole.id, subject: thief }, /not the one with which/);
  });

  it("becomes nobody by taking over, by letting go and making anew, or by giving an external id later", async () => {
    const byHand = await at.person("Hanna Byhand");
    const subject = randomUUID();
    await at.database.client.principal.update({
      where: { id: byHand.userId },
      data: { externalId: subject },
    });
    expect((await joiner(subject)).id).toBe(byHand.userId);
    await isRefused({ id: byHand.userId, subject }, /not the one with which/);

    const gone = await joiner();
    expect((await directory.scim("DELETE", `/Users/${gone.id}`)).status).toBe(204);
    expect(await arrive(gone.subject)).toEqual(unknown);
    const again = await directory.scim("POST", "/Users", entraUser({ externalId: gone.subject }));
    expect(again.body.id).toBe(gone.id);
    await isRefused(gone, /not the one with which/);

    const late = await directory.scim("POST", "/Users", entraUser({ externalId: undefined }));
    const given = randomUUID();
    expect((await patch(late.body.id, given)).status).toBe(200);
    await isRefused({ id: late.body.id, subject: given }, /not the one with which/);
  });

  it("is out again, with every session, once an administrator's link says who the person is", async () => {
    const person = await joiner();
    const thief = await comesIn(person.subject);
    const { token, tokenHash } = makeToken();
    const link = { principalId: person.id, issuer: journey.given.issuer };
    const input = { principalId: person.id, provider: journey.given, tokenHash, ...because };
    const proofId = await at.prove({ kind: "LinkIdentity", ...link });
    expect(await issueIdentityLink(at.database, at.owner, { ...input, proofId })).toMatchObject({ ok: true });
    const own = randomUUID();
    const signedIn = await arrive(own, linking, token);
    expect(signedIn).toMatchObject({ ok: true, kind: "SignedIn" });
    expect(await linksOf(person.id)).toMatchObject([{ subject: own, createdById: at.owner.userId }]);
    const sessions = await at.database.client.session.findMany({
      where: { userId: person.id, endedAt: null },
    });
    expect(sessions.map(({ id }) => id)).not.toContain(thief.sessionId);
    expect(sessions).toHaveLength(1);
    expect(await arrive(person.subject)).toEqual(unknown);
    expect(await at.eventsOf(person.id)).toContain("IdentityUnlinked Success");
  });

  it("gets, by somebody whom they make, a person without access", async () => {
    const caller = await comesIn((await joiner()).subject);
    expect(await at.database.client.assignment.count({ where: { principalId: caller.userId } })).toBe(0);
    expect(await factorState(at.database, caller)).toMatchObject({ enrolled: false, issuers: [] });
  });
});

describe("a directory's external id links nobody", () => {
  const kinds = Object.entries(privilegeKinds).filter(([, { types }]) => types.includes("User"));
  it.each(kinds.filter(([, { called }]) => called !== "Eligible"))("who has %s", async (_what, { give }) => {
    const person = await joiner();
    await give(at, person.id);
    await isRefused(person, /active role, a right to decide/);
  });

  it("who has such through a group, or a role whose activation takes no second factor", async () => {
    const person = await joiner();
    const group = await makeGroup(at.database, [person.id]);
    const { id: role } = await at.protectedRole();
    await grant(at.database, "active", group.id, role, at.tree.subscription.id);
    await isRefused(person, /active role, a right to decide/);
    const weak = await joiner();
    await eligible(weak.id, { activationRequiresMfa: false });
    await isRefused(weak, /takes no second factor/);
  });

  it.each<[string, RegExp, (id: string) => Promise<unknown>]>([
    [
      "who has a password",
      /password here/,
      (userId) => at.database.client.passwordCredential.create({ data: { userId, hash: "none" } }),
    ],
    [
      "who has an open invitation",
      /open invitation/,
      (id) =>
        at.test.asOwner(
          `INSERT INTO password_tickets (user_id, purpose, token_hash, expires_at)
           VALUES ($1, 'Invitation', decode(md5($2) || md5($2), 'hex'), '2026-03-03')`,
          [id, id],
        ),
    ],
    ["who has an authenticator app", /second factor\./, (id) => enrol(at, id, start)],
    [
      "who signed in before",
      /signed in before/,
      (id) => makeCaller(at.database, { id, displayName: "Ada", email: null }),
    ],
    [
      "who is a break-glass account",
      /break-glass account/,
      (userId) =>
        at.database.client.breakGlassAccount.create({
          data: { userId, namedById: at.owner.userId, reason: "Kept in the safe" },
        }),
    ],
    [
      "who is disabled",
      /They are disabled/,
      (id) => disablePrincipal(at.database, at.owner, { principalId: id, ...because }),
    ],
  ])("%s", async (_what, why, change) => {
    const person = await joiner();
    if (/disabled/.test(String(why)))
      expect(
        (
          await directory.scim(
            "PATCH",
            `/Users/${person.id}`,
            patchOf({ op: "replace", path: "active", value: false }),
          )
        ).status,
      ).toBe(200);
    else await change(person.id);
    await isRefused(person, why);
  });

  it("who was linked before, whoever removed that link", async () => {
    const person = await joiner();
    await comesIn(person.subject);
    const [link] = await linksOf(person.id);
    if (!link) throw new Error("no link");
    const unlink = { principalId: person.id, linkId: link.id };
    const removed = await removeIdentityLink(at.database, at.owner, {
      ...{ ...unlink, ...because, provider: "Provider contoso" },
      proofId: await at.prove({ kind: "UnlinkIdentity", ...unlink }),
    });
    expect(removed).toMatchObject({ ok: true });
    expect(await arrive(person.subject)).toEqual(unknown);
    expect((await lastRefusal()).details).toMatchObject({
      because: [/linked before/, /signed in/].map((each) => expect.stringMatching(each)),
    });
  });

  it("of another directory, by another case, at another provider, or where none is configured", async () => {
    const [person, foreign] = [
      await joiner(randomUUID()),
      await joiner(randomUUID(), await makeDirectory(at)),
    ];
    expect(await arrive(foreign.subject)).toEqual(unknown);
    expect(await arrive(person.subject.toUpperCase())).toEqual(unknown);
    expect(await arrive(person.subject, journey.given)).toEqual(unknown);
    expect(await arrive(person.subject, { ...linking, linkByDirectory: "Nobody's" })).toEqual(unknown);
    const domains = { ...linking, allowedDomains: ["fabrikam.example"] };
    expect(await arrive(person.subject, domains)).toEqual({ ok: false, refusal: "OtherDomain" });
    expect(await linksOf(person.id)).toEqual([]);
    expect((await lastRefusal()).details).not.toHaveProperty("because");
  });

  it("and makes no second account for whom it refuses", async () => {
    const person = await joiner();
    await privilegeKinds["a role held actively"]?.give(at, person.id);
    const before = await at.database.client.principal.count();
    await isRefused(person, /active role/, { ...linking, unknownPeople: "CreateWithoutAccess" });
    expect(await at.database.client.principal.count()).toBe(before);
  });
});

describe("at the same moment", () => {
  it("two first sign-ins make one link, and both come in", async () => {
    const person = await joiner();
    const both = await atOnce(at.test, [() => arrive(person.subject), () => arrive(person.subject)]);
    expect(both).toMatchObject([{ ok: true }, { ok: true }]);
    expect(await linksOf(person.id)).toHaveLength(1);
  });

  it("a change of the external id that is first keeps the former one out", async () => {
    const person = await joiner();
    const change = "UPDATE principals SET external_id = 'another-' || id WHERE id = $1";
    const held = await holdLock(at.test, change, [person.id]);
    expect(await allBehind(held, [() => arrive(person.subject)])).toEqual([unknown]);
    expect(await linksOf(person.id)).toEqual([]);
  });

  it("an active role that is given meanwhile keeps them out", async () => {
    const person = await joiner();
    const { id: role } = await at.protectedRole();
    const held = await holdLock(at.test, "SELECT FROM principals WHERE id = $1 FOR NO KEY UPDATE", [
      person.id,
    ]);
    const [answer] = await Promise.all([
      arrive(person.subject),
      held.waitedFor(1).then(async () => {
        await grant(at.database, "active", person.id, role, at.tree.subscription.id);
        await held.release();
      }),
    ]);
    expect(answer).toEqual(unknown);
  });
});

describe("the database itself", () => {
  it("lets nobody say that an external id is still the first, or that a directory linked somebody", async () => {
    const person = await joiner();
    await comesIn(person.subject);
    const [link] = await linksOf(person.id);
    await at.test.asOwner("UPDATE principals SET directory_subject = external_id WHERE id = $1", [person.id]);
    const row = await at.database.client.principal.findUniqueOrThrow({ where: { id: person.id } });
    expect(row.directorySubject).toBeNull();
    const change = (set: string) =>
      at.test.asOwner(`UPDATE identity_links SET ${set} WHERE id = $1`, [link?.id]);
    await expect(change(`created_by_id = '${at.owner.userId}'`)).rejects.toThrow(/stays so/);
    await change("directory_id = NULL");
    await expect(change(`directory_id = '${directory.id}'`)).rejects.toThrow(/stays so/);
  });
});
