import { randomUUID } from "node:crypto";
import { createServer, type Server } from "node:http";
import { afterAll, beforeAll, beforeEach, describe, expect, it } from "vitest";
import { statedPerson } from "@/lib/domain/people/identity-link";
import { backChannelLogout } from "@/lib/identity/providers/back-channel-logout";
import { endAtProvider } from "@/lib/identity/providers/end-at-provider";
import { signInByProvider } from "@/lib/identity/providers/provider-sign-in";
import { isSessionGood } from "@/lib/identity/sessions/sessions";
import { type Administration, makeAdministration } from "../../support/administration";
import { providerJourney, publicUrl } from "../../support/e2e/provider-journey";
import { makeCaller, makeUser } from "../../support/factories";

// A real provider, which posts its logout tokens to a server of this test at Postern's address.
const event = "http://schemas.openid.net/event/backchannel-logout";
let at: Administration;
let journey: Awaited<ReturnType<typeof providerJourney>>;
let postern: Server;
let received: Promise<string>;
let networks = 0;
const somewhere = () => {
  networks += 1;
  return { ipAddress: `198.51.100.${networks}`, userAgent: "provider" };
};
const logOut = (token: string, origin = somewhere()) =>
  backChannelLogout(at.database, journey.given, token, origin);

beforeAll(async () => {
  at = await makeAdministration();
  journey = await providerJourney("test");
  let resolve: (answer: string) => void = () => {};
  const expectOne = () => {
    received = new Promise((done) => {
      resolve = done;
    });
  };
  expectOne();
  postern = createServer(async (request, response) => {
    let body = "";
    for await (const part of request) body += part;
    const answer = await logOut(new URLSearchParams(body).get("logout_token") ?? "");
    response.statusCode = answer === "Ended" ? 200 : 400;
    response.end();
    resolve(`${request.url} ${answer}`);
  });
  await new Promise<void>((done) => {
    postern.listen(Number(new URL(publicUrl).port), "localhost", done);
  });
});
afterAll(async () => {
  postern.closeAllConnections();
  postern.close();
  await journey.close();
  await at.test.drop();
});

let ada: { id: string; displayName: string; email: string | null };
beforeEach(async () => {
  ada = await makeUser(at.database);
  journey.provider.account = { sub: randomUUID() };
  await at.database.client.identityLink.create({
    data: {
      principalId: ada.id,
      issuer: journey.given.issuer,
      subject: journey.provider.account.sub,
    },
  });
});

/** A new browser of Ada's, signed in through the provider. */
async function session(): Promise<{ id: string; sid: string }> {
  const claims = await journey.arrive(await journey.visit());
  if (typeof claims === "string") throw new Error(claims);
  const person = statedPerson(claims, journey.given);
  if (!person?.sid) throw new Error("no sid");
  const arrival = { provider: journey.given, person, state: randomUUID(), pass: null, sessionId: null };
  const result = await signInByProvider(at.database, arrival, somewhere());
  if (!result.ok || result.kind !== "SignedIn") throw new Error(JSON.stringify(result));
  return { id: result.token.sessionId, sid: person.sid };
}
const good = (id: string) => isSessionGood(at.database, id);
const typed = { typ: "logout+jwt" };
const seconds = () => Math.floor(Date.now() / 1_000);
const right = (change: Record<string, unknown> = {}) => ({
  ...{ iss: journey.given.issuer, aud: journey.given.clientId, iat: seconds(), exp: seconds() + 120 },
  ...{ jti: randomUUID(), events: { [event]: {} }, sub: journey.provider.account.sub },
  ...change,
});

describe("signing out at the provider", () => {
  it("ends exactly the session here that came of that one there, and the log says so", async () => {
    const [before, here] = [await session(), await session()];
    const byPassword = await makeCaller(at.database, ada);
    await journey.signOutAtProvider();
    expect(await received).toBe("/api/auth/back-channel/test Ended");
    expect(await good(here.id)).toBe(false);
    expect(await good(before.id), "another browser").toBe(true);
    expect(await good(byPassword.sessionId), "a sign-in without the provider").toBe(true);
    const logged = await at.database.client.auditEvent.findFirstOrThrow({
      where: { kind: "SessionEnded", targetId: ada.id },
    });
    expect(logged).toMatchObject({
      ...{ outcome: "Success", actorId: null, actorName: "Provider test (identity provider)" },
      details: { provider: "Provider test", endedSessions: 1 },
    });
  });

  it("is where Postern's own way there leads, and back to the sign-in page", async () => {
    const { id } = await session();
    const address = await endAtProvider(journey.given, publicUrl);
    expect(await journey.signOutAtProvider(address ?? "")).toBe(`${publicUrl}/sign-in`);
    expect(await good(id)).toBe(false);
    const without = { ...journey.given, issuer: "http://127.0.0.1:9" };
    expect(await endAtProvider(without, publicUrl), "a provider that is down").toBeNull();
  });

  it("ends all sessions of a subject where no session is named, and none of anybody else", async () => {
    const [one, two] = [await session(), await session()];
    const token = await journey.provider.sign(right(), typed);
    expect(await logOut(token)).toBe("Ended");
    expect(await Promise.all([good(one.id), good(two.id)])).toEqual([false, false]);
    const three = await session();
    expect(await logOut(token), "the same token again").toBe("Refused");
    const others = right({ sub: "somebody-else", sid: three.sid });
    expect(await logOut(await journey.provider.sign(others, typed))).toBe("Ended");
    expect(await good(three.id)).toBe(true);
  });
});

describe("a logout token", () => {
  it.each<[string, Record<string, unknown>, Record<string, unknown>?]>([
    ["for another client", { aud: "another-client" }],
    ["of another issuer", { iss: "https://elsewhere.example" }],
    ["with a nonce, as an ID token has", { nonce: "n" }],
    ["without the event", { events: {} }],
    ["without any events", { events: undefined }],
    ["that names nobody", { sub: undefined }],
    ["without an id", { jti: undefined }],
    ["without a time", { iat: undefined }],
    ["of ten minutes ago", { iat: seconds() - 600 }],
    ["that has expired", { exp: seconds() - 60 }],
    ["of another type", {}, { typ: "at+jwt" }],
    ["of the type of any token", {}, { typ: "JWT" }],
    ["without a type", {}, { typ: undefined }],
    ["whose type is no text", {}, { typ: 7 }],
    ["that is signed by another algorithm", {}, { alg: "HS256" }],
  ])("is refused %s", async (_what, change, header) => {
    const { id } = await session();
    const token =
      header?.alg === "HS256"
        ? `${Buffer.from('{"alg":"HS256"}').toString("base64url")}.${Buffer.from(JSON.stringify(right())).toString("base64url")}.AAAA`
        : await journey.provider.sign(right(change), { ...typed, ...header });
    expect(await logOut(token)).toBe("Refused");
    expect(await good(id)).toBe(true);
  });

  it("is refused if another key signed it, and accepted by a key that the provider has changed to", async () => {
    const { id } = await session();
    const old = await journey.provider.sign(right(), typed);
    await journey.provider.rotateKey();
    expect(await logOut(old)).toBe("Refused");
    expect(await good(id)).toBe(true);
    expect(await logOut(await journey.provider.sign(right(), typed))).toBe("Ended");
    expect(await good(id)).toBe(false);
  });

  it("may lack its type, or have that of any token, only if the provider is configured so; an ID token never passes", async () => {
    const lax = (token: string) =>
      backChannelLogout(at.database, { ...journey.given, untypedLogoutTokens: true }, token, somewhere());
    for (const typ of ["application/logout+jwt", "JWT", undefined]) {
      const { id } = await session();
      expect(await lax(await journey.provider.sign(right(), { typ }))).toBe("Ended");
      expect(await good(id), String(typ)).toBe(false);
    }
    const { id, sid } = await session();
    const idToken = { ...right({ sid, events: undefined }), auth_time: seconds(), at_hash: "h" };
    for (const claims of [
      { ...idToken, nonce: "n" },
      idToken,
      { ...idToken, events: { [event]: {} }, nonce: "n" },
      { ...idToken, events: { [event]: {} }, nonce: null },
    ])
      for (const typ of ["JWT", undefined])
        expect(await lax(await journey.provider.sign(claims, { typ })), JSON.stringify(claims)).toBe(
          "Refused",
        );
    for (const typ of ["at+jwt", "secevent+jwt", ""])
      expect(await lax(await journey.provider.sign(right({ sid }), { typ })), typ).toBe("Refused");
    expect(await good(id)).toBe(true);
  });

  it("is not looked at from a network that has sent many wrong ones", async () => {
    const { id } = await session();
    const origin = somewhere();
    for (let sent = 0; sent < 60; sent += 1) await logOut("no token", origin);
    expect(await logOut(await journey.provider.sign(right(), typed), origin)).toBe("Refused");
    expect(await good(id)).toBe(true);
    expect(await logOut(await journey.provider.sign(right(), typed))).toBe("Ended");
  });
});
