import { randomUUID } from "node:crypto";
import fc from "fast-check";
import { afterAll, beforeAll, expect, it } from "vitest";
import { statedPerson } from "@/lib/domain/people/identity-link";
import { backChannelLogout } from "@/lib/identity/providers/back-channel-logout";
import { finishHandshake } from "@/lib/identity/providers/provider-handshake";
import { recordRefusedArrival, signInByProvider } from "@/lib/identity/providers/provider-sign-in";
import { takeConfirmation } from "@/lib/identity/step-up/confirm-with-provider";
import type { Caller } from "@/lib/platform/caller";
import { confirmingProviders } from "@/lib/platform/confirming-providers";
import { type Administration, makeAdministration } from "../../support/administration";
import { entraUser, makeDirectory } from "../../support/directories";
import { providerJourney, type Return } from "../../support/e2e/provider-journey";
import { makeCaller, makeUser } from "../../support/factories";

/** The number of each kind: some by default, POSTERN_CALLBACK_FUZZ in a long run. */
const runs = Number(process.env.POSTERN_CALLBACK_FUZZ ?? 60);
const seed = process.env.POSTERN_FUZZ_SEED ? { seed: Number(process.env.POSTERN_FUZZ_SEED) } : {};
const patience = 60_000 + runs * 300;

let at: Administration;
let journey: Awaited<ReturnType<typeof providerJourney>>;
let victim: Caller;
let back: Return;
beforeAll(async () => {
  at = await makeAdministration();
  const directory = await makeDirectory(at);
  const stepUp = {
    ...{ acrValues: ["mfa"], phishingResistant: [] },
    ...({ claim: "acr", request: "acr_values" } as const),
  };
  journey = await providerJourney("contoso", {
    ...{ stepUp, linkByDirectory: directory.name, unknownPeople: "CreateWithoutAccess" },
  });
  await directory.scim("POST", "/Users", entraUser({ externalId: "known-there" }));
  const user = await makeUser(at.database);
  victim = await makeCaller(at.database, user);
  const { id } = await at.database.client.identityLink.create({
    data: { principalId: user.id, issuer: journey.given.issuer, subject: "victim" },
  });
  await at.test.asOwner(
    "UPDATE sessions SET sign_in_method = 'IdentityProvider', identity_link_id = $1, provider_sid = 'sid' WHERE id = $2",
    [id, victim.sessionId],
  );
  journey.provider.account = { sub: "victim", email: "victim@contoso.example" };
  back = await journey.visit();
});
afterAll(async () => {
  await journey.close();
  await at.test.drop();
});

const odd = fc.oneof(
  fc.string({ unit: "binary", maxLength: 60 }),
  fc.string({ maxLength: 60 }),
  fc.constantFrom(
    ...[
      "",
      "\u0000",
      "\ud800",
      "'; DROP TABLE sessions; --",
      "__proto__",
      "null",
      "a".repeat(5_000),
      "confirm.x",
    ],
    ...["victim", "known-there", "sid", "eyJhbGciOiJub25lIn0.e30."],
  ),
);
const value: fc.Arbitrary<unknown> = fc.oneof(
  odd,
  fc.boolean(),
  fc.double(),
  fc.constant(null),
  fc.jsonValue(),
);

/** The data that a callback could have changed. */
async function state() {
  const { rows } = await at.test.asOwner(
    `SELECT (SELECT count(*)::int FROM audit_events WHERE outcome = 'Success') AS events,
       (SELECT count(*)::int FROM principals) + (SELECT count(*)::int FROM identity_links)
       + (SELECT count(*)::int FROM sessions) + (SELECT count(*)::int FROM sessions WHERE ended_at IS NOT NULL)
       + (SELECT count(*)::int FROM step_up_proofs) AS rest`,
  );
  return rows[0] as { events: number; rest: number };
}
const property = fc.asyncProperty;
const check = <Ts>(each: fc.IAsyncProperty<Ts>) =>
  fc.assert(each, { numRuns: runs, endOnFailure: true, ...seed });
const origin = () => ({ ipAddress: `192.0.2.${Math.floor(Math.random() * 250)}`, userAgent: "test" });

it(
  "leads nobody in by an answer that makes no sense, and changes nothing",
  async () => {
    const before = await state();
    const query = fc.dictionary(
      fc.oneof(fc.constantFrom("code", "state", "iss", "error", "id_token", "response"), odd),
      fc.oneof(
        odd,
        fc.constantFrom("code", "state", "iss").map((name) => back.query[name] ?? ""),
      ),
      { maxKeys: 6 },
    );
    const cookies = fc.option(
      fc.dictionary(fc.constantFrom(...Object.keys(back.cookies)), odd, { maxKeys: 4 }),
      { nil: null },
    );
    await check(
      property(query, cookies, fc.boolean(), async (asked, changed, whole) => {
        // Often with the right state, so that it reaches the provider.
        const given = whole ? { ...back.query, ...asked } : asked;
        if (given.state === back.query.state && given.code === back.query.code) given.code = "x";
        const answer = await finishHandshake(
          ...([journey.settings, journey.given] as const),
          { query: given, cookies: changed === null ? back.cookies : { ...back.cookies, ...changed } },
          () => Promise.reject(new Error("somebody arrived")),
        );
        expect(answer).toHaveProperty("trouble");
        const { trouble } = answer as { trouble: "Nonsense" };
        await recordRefusedArrival(at.database, { provider: journey.given }, trouble, origin());
      }),
    );
    expect(await state()).toEqual(before);
  },
  patience,
);

it(
  "makes of what a provider says an account without access, or nothing, each with its entry in the log",
  async () => {
    const claims = fc.dictionary(
      fc.oneof(fc.constantFrom("email", "name", "email_verified", "sid", "acr", "auth_time", "oid"), odd),
      value,
      { maxKeys: 8 },
    );
    await check(
      property(fc.oneof(odd, fc.uuid(), value), claims, async (sub, said) => {
        const before = await state();
        const person = statedPerson({ ...said, sub }, journey.given);
        if (person === null) return;
        const arrival = { provider: journey.given, person, state: randomUUID(), pass: null, sessionId: null };
        const answer = await signInByProvider(at.database, arrival, origin());
        const after = await state();
        if (after.rest !== before.rest) expect(after.events).toBeGreaterThan(before.events);
        else expect(answer.ok).toBe(false);
        if (sub !== "victim" && answer.ok && answer.kind === "SignedIn") {
          const made = await at.database.client.session.findUniqueOrThrow({
            where: { id: answer.token.sessionId },
          });
          expect(made.userId).not.toBe(victim.userId);
        }
      }),
    );
  },
  patience,
);

it(
  "ends nobody's session, and confirms nothing, by a message that makes no sense",
  async () => {
    // In a long run the earlier part has opened more than fifty sessions of this person, which ends the oldest.
    await at.test.asOwner("UPDATE sessions SET ended_at = NULL WHERE id = $1", [victim.sessionId]);
    const [confirming] = confirmingProviders([journey.given]);
    const claims = fc.dictionary(
      fc.oneof(fc.constantFrom("iss", "aud", "sub", "sid", "jti", "iat", "exp", "events", "nonce"), odd),
      value,
      { maxKeys: 8 },
    );
    const header = fc.dictionary(fc.constantFrom("typ", "kid", "crit", "jku", "x5u"), value, { maxKeys: 2 });
    await check(
      property(odd, claims, header, fc.boolean(), async (text, said, head, signed) => {
        const token = signed ? await journey.provider.sign(said, head).catch(() => text) : text;
        expect(await backChannelLogout(at.database, journey.given, token, origin())).toBe("Refused");
        if (confirming)
          expect(await takeConfirmation(at.database, victim, confirming, `confirm.${text}`)).toBeNull();
      }),
    );
    const session = await at.database.client.session.findUniqueOrThrow({ where: { id: victim.sessionId } });
    expect(session.endedAt).toBeNull();
    expect(await at.database.client.stepUpProof.count({ where: { userId: victim.userId } })).toBe(0);
  },
  patience,
);
