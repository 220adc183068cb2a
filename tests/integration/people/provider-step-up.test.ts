import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from "vitest";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { factorState } from "@/lib/identity/factors/factor-state";
import { passkeyChallenge } from "@/lib/identity/factors/passkey-challenge";
import { addressToConfirm, confirmedClaims } from "@/lib/identity/providers/provider-round-trip";
import { endSession } from "@/lib/identity/sessions/sessions";
import {
  beginConfirmation,
  challengeNamedIn,
  confirmedProof,
  isOfStepUp,
  meetChallengeWithProvider,
  takeConfirmation,
} from "@/lib/identity/step-up/confirm-with-provider";
import { createChallenge } from "@/lib/identity/step-up/step-up";
import { activateRole } from "@/lib/operations/activation/activate-role";
import { removeIdentityLink } from "@/lib/operations/people/remove-identity-link";
import type { Caller } from "@/lib/platform/caller";
import { confirmingFor, confirmingProviders } from "@/lib/platform/confirming-providers";
import { operationDigest } from "@/lib/platform/operation-digest";
import { type Administration, makeAdministration } from "../../support/administration";

import { providerJourney, publicUrl, through } from "../../support/e2e/provider-journey";
import { grant, makeCaller } from "../../support/factories";
import { setRules } from "../../support/sign-in-rules";

// A real provider, by HTTP, and a real database: neither has a clock of the test's own.
const settings = { publicUrl, sessionSecrets: ["a secret of the test's own, long enough"] as const };
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
beforeEach(() => {
  journey.provider.login = { acr: "mfa" };
});
afterEach(() => {
  journey.provider.alter = null;
  journey.provider.before = null;
});
afterAll(async () => {
  await journey.close();
  await at.test.drop();
});

const provider = () => {
  const [one] = confirmingProviders([journey.given]);
  if (!one) throw new Error("the provider confirms nothing");
  return one;
};

/** Somebody whom the provider knows as Ada, and the activation that they are about to confirm. */
async function arrange(role: Record<string, unknown> = {}) {
  const caller = await at.person("Ada Byron");
  const subject = `ada-${caller.userId}`;
  journey.provider.account = { sub: subject, email: "ada@contoso.example" };
  const link = await at.database.client.identityLink.create({
    data: { principalId: caller.userId, issuer: journey.given.issuer, subject, createdById: caller.userId },
  });
  const { id: roleId } = await at.protectedRole(role);
  const { id } = await grant(at.database, "eligible", caller.userId, roleId, at.tree.subscription.id);
  const target = { eligibilityId: id, resourceId: at.tree.subscription.id, startsAt: null };
  const operation = (durationMinutes = 60): ProtectedOperation => ({
    ...{ kind: "ActivateRole", durationMinutes },
    ...target,
  });
  const activate = (proofId: string | null, durationMinutes = 60) =>
    activateRole(at.database, caller, {
      ...{ ...target, durationMinutes, proofId, justification: "As agreed" },
      ...{ ticketNumber: null, ticketSystem: null },
    });
  return { caller, link, operation, activate };
}

async function challenged(caller: Caller, operation: ProtectedOperation): Promise<string> {
  const challenge = await createChallenge(at.database, caller, operation);
  if (!challenge) throw new Error("it cannot be asked for");
  return challenge.challengeId;
}

/** Goes to the provider to confirm a challenge, and comes back with its answer. */
async function visit(caller: Caller, challengeId: string, acrValues: readonly string[] = ways.acrValues) {
  const begun = await beginConfirmation(at.database, caller, provider(), challengeId);
  if (!begun) throw new Error("it was not begun");
  const address = await addressToConfirm(settings, provider(), { ...begun, acrValues });
  return { address: new URL(address), answer: Object.fromEntries((await through(address)).searchParams) };
}

/** The outcome of an answer in somebody's session: the id of the proof, or why there is none. */
async function arrive(caller: Caller, answer: Record<string, string>) {
  const { state = "" } = answer;
  const taken = await takeConfirmation(at.database, caller, provider(), state);
  if (!taken) return "NotBegun";
  const claims = await confirmedClaims(settings, provider(), answer, { ...taken, state }).catch(
    (fault) => fault.trouble as "Unreachable" | "Nonsense",
  );
  if (claims === "Unreachable") return claims;
  const said = claims === "Nonsense" ? null : claims;
  const met = await meetChallengeWithProvider(at.database, caller, provider(), taken, said);
  return met.ok ? ((await confirmedProof(at.database, caller, taken.challengeId)) ?? "no proof") : met.fault;
}

const confirm = async (caller: Caller, operation: ProtectedOperation) =>
  arrive(caller, (await visit(caller, await challenged(caller, operation))).answer);

const lastEvent = (caller: Caller) =>
  at.database.client.auditEvent.findFirstOrThrow({
    where: { actorId: caller.userId, kind: { in: ["StepUpSucceeded", "StepUpFailed", "StepUpRefused"] } },
    orderBy: { sequence: "desc" },
  });
const proofsOf = ({ userId }: Caller) => at.database.client.stepUpProof.count({ where: { userId } });

describe("a step-up by an identity provider", () => {
  it("asks for a new sign-in in one of the configured ways, and confirms exactly one operation once", async () => {
    const { caller, operation, activate } = await arrange();
    const challengeId = await challenged(caller, operation());
    const { address, answer } = await visit(caller, challengeId);
    const asked = address.searchParams;
    expect(Object.fromEntries(asked)).toMatchObject({
      ...{ prompt: "login", max_age: "0", acr_values: "mfa phr", code_challenge_method: "S256" },
      redirect_uri: `${publicUrl}/api/auth/callback/contoso`,
    });
    expect(isOfStepUp(asked.get("state") ?? undefined)).toBe(true);
    const proofId = await arrive(caller, answer);
    expect(await activate(proofId, 30), "another duration").toMatchObject({ ok: false });
    expect(await activate(proofId)).toMatchObject({ ok: true });
    expect(await activate(proofId), "again").toMatchObject({ ok: false });

    const event = await lastEvent(caller);
    expect(event).toMatchObject({ kind: "StepUpSucceeded", factor: "IdentityProvider", proofId });
    // The log contains enough to compute the nonce again, which the provider signed.
    const { confirmation } = event.details as { confirmation: Record<string, string> };
    const { random = "", nonce } = confirmation;
    expect(confirmation).toMatchObject({ issuer: journey.given.issuer, acr: "mfa", challengeId });
    expect(confirmation.operation).toEqual(operation());
    expect(nonce).toBe(asked.get("nonce"));
    expect(nonce).toBe(
      passkeyChallenge({
        ...{ challengeId, operationDigest: operationDigest(operation()) },
        random: Buffer.from(random, "base64url"),
      }),
    );
  });

  it("counts where only phishing-resistant factors do if its way to sign in is configured so, and not otherwise", async () => {
    const only = { activationPhishingResistant: true };
    const { caller, operation, activate } = await arrange(only);
    expect(await activate(await confirm(caller, operation()))).toMatchObject({
      ...{ ok: false, error: { failures: [{ rule: "MfaRule", field: "passkey" }] } },
    });
    journey.provider.login = { acr: "phr" };
    expect(await activate(await confirm(caller, operation()))).toMatchObject({ ok: true });
    expect(await lastEvent(caller)).toMatchObject({ factor: "PhishingResistantProvider" });
  });

  const longAgo = () => Math.floor(Date.now() / 1_000) - 60;
  it.each([
    ["another way to sign in", "OtherWay", { acr: "pwd" }],
    ["a sign-in from before it was asked for", "NotFresh", { auth_time: longAgo() }],
    ["no time of signing in", "NotFresh", { auth_time: undefined }],
    ["another subject", "OtherPerson", { sub: "eve" }],
    ["another challenge's nonce", "Nonsense", { nonce: "b".repeat(43) }],
    ["another client's token", "Nonsense", { aud: "another" }],
  ])("with %s proves nothing, ends its challenge and is logged", async (_what, fault, change) => {
    const { caller, operation } = await arrange();
    const challengeId = await challenged(caller, operation());
    journey.provider.alter = (claims) => ({ ...claims, ...change });
    expect(await arrive(caller, (await visit(caller, challengeId)).answer)).toBe(fault);
    expect(await proofsOf(caller)).toBe(0);
    const event = await lastEvent(caller);
    expect(event).toMatchObject({ kind: "StepUpFailed", outcome: "Failure", factor: "IdentityProvider" });
    expect(event.details).toMatchObject({ operation: "ActivateRole", error: fault });
    expect(await beginConfirmation(at.database, caller, provider(), challengeId)).toBeNull();
  });

  it("says so when the provider knows the person by a session of its own only", async () => {
    const { caller, operation } = await arrange();
    // It signs nobody in again, whatever it is asked.
    journey.provider.login = { acr: "mfa", ts: longAgo() };
    expect(await confirm(caller, operation())).toBe("NotFresh");
  });

  it("is good once, for the session and person that began it, and for the newest way there alone", async () => {
    const { caller, operation } = await arrange();
    const challengeId = await challenged(caller, operation());
    const user = await at.database.client.principal.findUniqueOrThrow({ where: { id: caller.userId } });
    const [elsewhere, stranger] = [await makeCaller(at.database, user), await at.person("Sam Stranger")];
    const older = await visit(caller, challengeId);
    const newer = await visit(caller, challengeId);
    expect(await arrive(caller, older.answer), "an older way there").toBe("NotBegun");
    for (const other of [elsewhere, stranger]) {
      expect(await beginConfirmation(at.database, other, provider(), challengeId)).toBeNull();
      expect(await arrive(other, newer.answer)).toBe("NotBegun");
      expect(await lastEvent(other)).toMatchObject({ kind: "StepUpRefused" });
    }
    const proofId = await arrive(caller, newer.answer);
    expect(proofId).toMatch(/^[0-9a-f-]{36}$/);
    for (const other of [elsewhere, stranger])
      expect(await confirmedProof(at.database, other, challengeId)).toBeNull();
    expect(await arrive(caller, newer.answer), "again").toBe("NotBegun");
    expect(await beginConfirmation(at.database, caller, provider(), challengeId)).not.toBeNull();
    expect(await arrive(caller, (await visit(caller, challengeId)).answer), "met already").toBe("NotBegun");
    expect(await proofsOf(caller)).toBe(1);
  });

  it("names the form that waits also once its session has ended, and to another session", async () => {
    const { caller, operation } = await arrange();
    const challengeId = await challenged(caller, operation());
    const { answer } = await visit(caller, challengeId);
    await endSession(at.database, caller, caller.sessionId);
    const user = await at.database.client.principal.findUniqueOrThrow({ where: { id: caller.userId } });
    expect(await arrive(await makeCaller(at.database, user), answer)).toBe("NotBegun");
    expect(challengeNamedIn(answer.state ?? "")).toBe(challengeId);
    for (const made of ["", "confirm.", "confirm.made-up", "confirm.<script>.x"])
      expect(challengeNamedIn(made)).toBe("");
  });

  it("of two answers at once is met by one", async () => {
    const { caller, operation } = await arrange();
    const { answer } = await visit(caller, await challenged(caller, operation()));
    const both = await Promise.all([arrive(caller, answer), arrive(caller, answer)]);
    expect(both.filter((each) => each === "NotBegun")).toHaveLength(1);
    expect(await proofsOf(caller)).toBe(1);
  });

  it("leaves its challenge alone when the provider is down or declines", async () => {
    const { caller, operation } = await arrange();
    const challengeId = await challenged(caller, operation());
    const { answer } = await visit(caller, challengeId);
    journey.provider.before = (request, response) => {
      if (!request.url?.startsWith("/token")) return false;
      response.writeHead(503).end();
      return true;
    };
    expect(await arrive(caller, answer)).toBe("Unreachable");
    journey.provider.before = null;
    expect(await arrive(caller, answer), "the same way there").toBe("NotBegun");
    expect(await arrive(caller, (await visit(caller, challengeId)).answer)).toMatch(/^[0-9a-f-]{36}$/);
  });

  it("ends with its link and its session", async () => {
    const { caller, link, operation, activate } = await arrange();
    const proofId = await confirm(caller, operation());
    const unlink = { kind: "UnlinkIdentity" as const, principalId: caller.userId, linkId: link.id };
    const removed = await removeIdentityLink(at.database, at.owner, {
      ...{
        principalId: caller.userId,
        linkId: link.id,
        justification: "As agreed",
        provider: journey.given.name,
      },
      proofId: await at.prove(unlink, at.owner),
    });
    expect(removed).toMatchObject({ ok: true });
    expect(await activate(proofId)).toMatchObject({ ok: false, error: { failures: [{ rule: "MfaRule" }] } });

    const other = await arrange();
    const { answer } = await visit(other.caller, await challenged(other.caller, other.operation()));
    await endSession(at.database, other.caller, other.caller.sessionId);
    expect(await arrive(other.caller, answer)).toBe("NotBegun");
  });

  it("waits as a first factor does where somebody else made the link", async () => {
    const { caller, link, operation } = await arrange();
    const challengeId = await challenged(caller, operation());
    await setRules(at.test, { factor_waits_hours: 2 });
    // Bypasses the rule that the origin of a link never changes.
    const rewrite = (what: string) =>
      at.test.asOwner(`BEGIN; SET LOCAL session_replication_role = replica;
        UPDATE identity_links SET ${what} WHERE id = '${link.id}'; COMMIT`);
    await rewrite(`created_by_id = '${at.owner.userId}'`);
    // The checks of Home and Factors before they ask somebody to set up an app.
    const confirms = async () =>
      confirmingFor([journey.given], (await factorState(at.database, caller)).issuers).map(({ id }) => id);
    expect(await confirms()).toEqual([]);
    expect(await beginConfirmation(at.database, caller, provider(), challengeId)).toBeNull();
    await rewrite("created_at = now() - interval '3 hours'");
    expect(await beginConfirmation(at.database, caller, provider(), challengeId)).not.toBeNull();
    expect(await confirms()).toEqual([journey.given.id]);
    const { issuers } = await factorState(at.database, caller);
    expect(
      confirmingFor([{ ...journey.given, stepUp: undefined }], issuers),
      "that confirms nothing",
    ).toEqual([]);
    await setRules(at.test, { factor_waits_hours: 0 });
  });

  it("is refused for the rest of a session after twenty answers that did not do", async () => {
    const { caller, operation } = await arrange();
    journey.provider.alter = (claims) => ({ ...claims, acr: "pwd" });
    for (let each = 0; each < 20; each += 1) expect(await confirm(caller, operation())).toBe("OtherWay");
    const challengeId = await challenged(caller, operation());
    expect(await beginConfirmation(at.database, caller, provider(), challengeId)).toBeNull();
  });
});

it("is confirmed by Entra ID's authentication contexts, which are asked for by claims and answered in acrs", async () => {
  const stepUp = {
    ...{ acrValues: ["c1", "c2"], phishingResistant: ["c2"] },
    ...({ claim: "acrs", request: "claims" } as const),
  };
  const usual = journey;
  // Answers a request by that parameter, and sends no `acrs` without it.
  journey = await providerJourney(
    "entra",
    { stepUp },
    {
      claims: { openid: ["sub"], profile: ["name"], email: ["email"], acrs: null },
      features: { devInteractions: { enabled: false }, claimsParameter: { enabled: true } },
    },
  );
  try {
    const { caller, operation, activate } = await arrange();
    const meets = (...acrs: string[]) => {
      journey.provider.account = { ...journey.provider.account, acrs };
    };
    const challengeId = await challenged(caller, operation());
    meets("c7", "c1");
    const { address, answer } = await visit(caller, challengeId, stepUp.acrValues);
    expect(address.searchParams.get("acr_values")).toBeNull();
    expect(JSON.parse(address.searchParams.get("claims") ?? "")).toEqual({
      id_token: { acrs: { essential: true, value: "c1" } },
    });
    expect(await activate(await arrive(caller, answer))).toMatchObject({ ok: true });
    expect(await lastEvent(caller)).toMatchObject({ factor: "IdentityProvider" });

    const strict = await arrange({ activationPhishingResistant: true });
    const goes = async (...acrs: string[]) => {
      meets(...acrs);
      const back = await visit(strict.caller, await challenged(strict.caller, strict.operation()), ["c2"]);
      return arrive(strict.caller, back.answer);
    };
    expect(await goes(), "no context").toBe("OtherWay");
    expect(await goes("c3"), "another context").toBe("OtherWay");
    expect(await strict.activate(await goes("c1"))).toMatchObject({ ok: false });
    expect(await strict.activate(await goes("c1", "c2"))).toMatchObject({ ok: true });
    expect(await lastEvent(strict.caller)).toMatchObject({ factor: "PhishingResistantProvider" });
  } finally {
    await journey.close();
    journey = usual;
  }
});

it("is offered by a provider that is configured so, and by no other", () => {
  const { stepUp: _, ...plain } = journey.given;
  expect(confirmingProviders([plain, journey.given]).map(({ id }) => id)).toEqual(["contoso"]);
});
