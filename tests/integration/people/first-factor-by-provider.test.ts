import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { statedPerson } from "@/lib/domain/people/identity-link";
import { beginEnrolment, confirmEnrolment } from "@/lib/identity/factors/authenticator";
import { firstFactorState } from "@/lib/identity/factors/first-factor";
import { beginPasskey } from "@/lib/identity/factors/passkey-registration";
import { signInByProvider } from "@/lib/identity/providers/provider-sign-in";
import { findCaller } from "@/lib/identity/sessions/sessions";
import type { Caller } from "@/lib/platform/caller";
import { type Administration, makeAdministration } from "../../support/administration";
import { appCode } from "../../support/app-code";
import { providerJourney } from "../../support/e2e/provider-journey";
import { makeUser } from "../../support/factories";
import { party } from "../../support/peers/software-passkey";
import { openPass, setRules } from "../../support/sign-in-rules";

// A real provider, by HTTP, and a real database: neither has a clock of the test's own.
const keys = [{ id: "k1", key: Buffer.alloc(32, 7) }];
const origin = { ipAddress: "192.0.2.7", userAgent: "test" };
const ways = {
  ...{ acrValues: ["mfa", "phr"], phishingResistant: ["phr"] },
  ...({ claim: "acr", request: "acr_values" } as const),
};
let at: Administration;
let journey: Awaited<ReturnType<typeof providerJourney>>;
beforeAll(async () => {
  at = await makeAdministration();
  journey = await providerJourney("contoso", { stepUp: ways }, { acrValues: ["pwd", "mfa", "phr"] });
});
beforeEach(async () => {
  journey.provider.login = { acr: "mfa" };
  await setRules(at.test, { first_factor: "ProviderSecondFactor", factor_waits_hours: 0 });
});
afterEach(() => {
  journey.provider.alter = null;
});
afterAll(async () => {
  await journey.close();
  await at.test.drop();
});

/** Somebody without a factor or a password, linked by themselves or by an administrator. */
async function linked(by: "self" | "administrator" = "administrator") {
  const user = await makeUser(at.database);
  const subject = `ada-${user.id}`;
  const createdById = by === "self" ? user.id : at.owner.userId;
  await at.database.client.identityLink.create({
    data: { principalId: user.id, issuer: journey.given.issuer, subject, createdById },
  });
  return { ...user, subject };
}

/** Goes to the provider and back, and is signed in. */
async function arrive(subject: string, anew: boolean): Promise<Caller> {
  journey.provider.account = { sub: subject, email: "ada@contoso.example" };
  const back = await journey.visit(null, anew);
  const claims = await journey.arrive(back);
  if (typeof claims === "string") throw new Error(claims);
  const person = statedPerson(claims, journey.given);
  if (!person) throw new Error("nobody");
  const state = back.query.state ?? "";
  const arrival = { provider: journey.given, person, state, pass: null, sessionId: null };
  const signedIn = await signInByProvider(at.database, arrival, origin);
  const caller =
    signedIn.ok && signedIn.kind === "SignedIn"
      ? await findCaller(at.database, signedIn.token, origin)
      : null;
  if (!caller) throw new Error("not in");
  return caller;
}

const begin = (caller: Caller, pass = "") =>
  beginEnrolment(at.database, keys, caller, { proofId: null, reauthenticated: true, pass });
const passkey = (caller: Caller) =>
  beginPasskey(at.database, party, caller, { proofId: null, reauthenticated: true, pass: "" });
const confirm = (caller: Caller, secret: string) =>
  confirmEnrolment(at.database, keys, caller, appCode(secret, new Date()));
const needsPass = { ok: false, field: "pass" };

describe("where a provider's second factor stands in for the one-time pass", () => {
  it("a sign-in that took it just now enrols an app or a passkey, and the log says so", async () => {
    const user = await linked();
    const caller = await arrive(user.subject, true);
    expect(await firstFactorState(at.database.client, caller)).toMatchObject({ needsPass: false });
    expect(await passkey(caller)).toMatchObject({ ok: true });
    const begun = await begin(caller);
    if (!begun.ok) throw new Error(begun.message);
    expect(await confirm(caller, begun.secret)).toMatchObject({ ok: true });
    const event = await at.database.client.auditEvent.findFirstOrThrow({
      where: { kind: "AuthenticatorEnrolled", actorId: user.id, outcome: "Success" },
    });
    expect(event.details).toMatchObject({ withProvidersSecondFactor: true });
  });

  it.each([
    ["an ordinary sign-in, which says no time", false, { acr: "mfa" }, {}],
    ["a sign-in with a password alone", true, { acr: "pwd" }, {}],
    ["a session at the provider that began an hour ago", true, { acr: "mfa" }, { auth_time: -3_600 }],
    ["a time to come", true, { acr: "mfa" }, { auth_time: 600 }],
  ])("%s enrols nothing without a pass, and something with one", async (_what, anew, login, later) => {
    const user = await linked();
    journey.provider.login = login;
    journey.provider.alter = (claims) => ({
      ...claims,
      ...("auth_time" in later ? { auth_time: Number(claims.auth_time) + later.auth_time } : {}),
    });
    const caller = await arrive(user.subject, anew);
    expect(await firstFactorState(at.database.client, caller)).toMatchObject({ needsPass: true });
    expect(await begin(caller)).toMatchObject(needsPass);
    expect(await passkey(caller)).toMatchObject(needsPass);
    const pass = await openPass(at.database, user.id, at.owner.userId);
    expect(await begin(caller, pass)).toMatchObject({ ok: true });
  });

  it("neither does another session of the same person, nor that one a quarter of an hour later", async () => {
    const user = await linked();
    const strong = await arrive(user.subject, true);
    expect(await begin(await arrive(user.subject, false)), "another session").toMatchObject(needsPass);
    const begun = await begin(strong);
    if (!begun.ok) throw new Error(begun.message);
    const age = (minutes: number) =>
      at.test.asOwner("UPDATE sessions SET created_at = now() - make_interval(mins => $1) WHERE id = $2", [
        minutes,
        strong.sessionId,
      ]);
    await age(16);
    expect(await begin(strong)).toMatchObject(needsPass);
    // A set-up that was begun in time may still be confirmed, as long as a key waits.
    await age(26);
    expect(await confirm(strong, begun.secret)).toMatchObject({ ok: false, startAgain: true });
  });

  it("a link that somebody else made waits for the hours of a first factor", async () => {
    const [made, own] = [await linked("administrator"), await linked("self")];
    await setRules(at.test, { factor_waits_hours: 4 });
    expect(await begin(await arrive(made.subject, true))).toMatchObject(needsPass);
    expect(await begin(await arrive(own.subject, true))).toMatchObject({ ok: true });
  });

  it("by default it stands in for nothing, also when the rule changes before the confirmation", async () => {
    const user = await linked();
    const caller = await arrive(user.subject, true);
    const begun = await begin(caller);
    if (!begun.ok) throw new Error(begun.message);
    await setRules(at.test, { first_factor: "OneTimePass" });
    expect(await confirm(caller, begun.secret)).toMatchObject({ ok: false, startAgain: true });
    expect(await begin(caller)).toMatchObject(needsPass);
  });

  it("nobody says later that a session began so", async () => {
    const user = await linked();
    const caller = await arrive(user.subject, false);
    const said = at.database.client.session.update({
      where: { id: caller.sessionId },
      data: { providerSecondFactor: true },
    });
    await expect(said).rejects.toThrow(/not said later/);
  });
});
