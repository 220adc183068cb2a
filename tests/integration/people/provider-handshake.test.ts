import { decode } from "next-auth/jwt";
import { afterAll, afterEach, beforeAll, expect, it } from "vitest";
import { forgottenCookies } from "@/lib/identity/providers/provider-cookies";
import { beginHandshake, finishHandshake } from "@/lib/identity/providers/provider-handshake";
import { sessionCookieName, sessionCookieSalt } from "@/lib/identity/sessions/session-cookie";
import { safeReturnPath } from "@/lib/web/return-path";
import { kept, providerJourney, type Return } from "../../support/e2e/provider-journey";

// A real provider, by HTTP: the checks of next-auth on its answers, and those that Postern adds.
let at: Awaited<ReturnType<typeof providerJourney>>;
let other: Awaited<ReturnType<typeof providerJourney>>;
beforeAll(async () => {
  at = await providerJourney("first");
  other = await providerJourney("second");
});
afterEach(() => {
  at.provider.alter = null;
  at.provider.before = null;
});
afterAll(() => Promise.all([at.close(), other.close()]));

const ada = { sub: "ada", email: "ada@contoso.example", name: "Ada Byron" };
/** The outcome for somebody whose ID token the provider alters. */
const altered = async (alter: (claims: Record<string, unknown>) => Record<string, unknown>) => {
  at.provider.alter = alter;
  return at.arrive(await at.visit());
};
const seconds = () => Math.floor(Date.now() / 1_000);

it("learns from the provider who somebody is, with what its userinfo endpoint adds", async () => {
  expect(await at.arrive(await at.visit())).toMatchObject(ada);
});

it("asks for a state, a nonce and a code challenge, fresh each time", async () => {
  const asked = async () => {
    const begun = await beginHandshake(at.settings, at.given, { returnPath: "/", pass: null });
    if (typeof begun === "string") throw new Error(begun);
    return new URL(begun.location).searchParams;
  };
  const [one, two] = [await asked(), await asked()];
  expect(one.get("code_challenge_method")).toBe("S256");
  expect(one.get("response_type")).toBe("code");
  // Only the configured scopes are asked for.
  expect(one.get("scope")).toBe("openid profile email");
  expect([...one.keys()].sort()).toEqual([
    ...[
      "client_id",
      "code_challenge",
      "code_challenge_method",
      "nonce",
      "redirect_uri",
      "response_type",
      "scope",
    ],
    "state",
  ]);
  for (const name of ["state", "nonce", "code_challenge"]) {
    expect(one.get(name)?.length, name).toBeGreaterThan(30);
    expect(one.get(name), name).not.toBe(two.get(name));
  }
});

it.each([
  ["for another client", { aud: "another-client" }],
  ["of another issuer", { iss: "https://elsewhere.example" }],
  ["with the nonce of another sign-in", { nonce: "b".repeat(43) }],
  ["without a nonce", { nonce: undefined }],
  ["that has expired", { exp: seconds() - 60, iat: seconds() - 600 }],
  ["of another party's authorisation", { aud: ["postern", "another"], azp: "another" }],
])("refuses an ID token %s", async (_what, change) => {
  expect(await altered((claims) => ({ ...claims, ...change }))).toMatch(/Nonsense|NotBegun/);
});

it("refuses an ID token that somebody else signed, or nobody", async () => {
  at.provider.alter = (claims) => claims;
  const right = at.provider.sign;
  at.provider.sign = (claims) => other.provider.sign(claims, { kid: "of-another" });
  expect(await at.arrive(await at.visit())).toBe("Nonsense");
  const encoded = (value: object) => Buffer.from(JSON.stringify(value)).toString("base64url");
  at.provider.sign = async (claims) => `${encoded({ alg: "none" })}.${encoded(claims)}.`;
  expect(await at.arrive(await at.visit())).toBe("Nonsense");
  at.provider.sign = right;
});

it("accepts a provider whose clock is a few seconds ahead", async () => {
  expect(await altered((claims) => ({ ...claims, iat: seconds() + 5 }))).toMatchObject({ sub: "ada" });
});

it("accepts the provider's new key at once", async () => {
  expect(await at.arrive(await at.visit())).toMatchObject({ sub: "ada" });
  await at.provider.rotateKey();
  expect(await at.arrive(await at.visit())).toMatchObject({ sub: "ada" });
});

it("accepts a key that came into use while somebody was on the way, and not the one that was withdrawn", async () => {
  const back = await at.visit();
  await at.provider.rotateKey();
  expect(await at.arrive(back)).toMatchObject({ sub: "ada" });
  const late = await at.visit();
  const right = at.provider.sign;
  at.provider.sign = await at.provider.rotateKey();
  at.provider.alter = (claims) => claims;
  expect(await at.arrive(late), "signed by the former key").toBe("Nonsense");
  at.provider.sign = right;
});

it("lets an answer of the provider in once, and only in the browser that asked for it", async () => {
  const back = await at.visit();
  expect(await at.arrive({ ...back, cookies: {} }), "another browser").toBe("NotBegun");
  const own = await at.visit();
  expect(await at.arrive({ query: back.query, cookies: own.cookies }), "another sign-in").toBe("NotBegun");
  expect(await at.arrive(back)).toMatchObject({ sub: "ada" });
  // Even with a copy of the cookies, which the browser has lost: the provider knows that its code was used.
  expect(await at.arrive(back), "again").toBe("Nonsense");
});

it("gives the code of one provider to no other", async () => {
  const [here, there] = [await at.visit(), await other.visit()];
  let asked = 0;
  other.provider.before = (request) => {
    if (request.url?.startsWith("/token")) asked += 1;
    return false;
  };
  expect(await at.arrive(here, other.given), "the cookies of the first").toBe("NotBegun");
  expect(await at.arrive({ query: here.query, cookies: there.cookies }, other.given)).toBe("NotBegun");
  const mixed = { ...here, query: { ...here.query, iss: other.given.issuer } };
  expect(await at.arrive(mixed), "an answer in the name of another").toBe("Nonsense");
  const { iss, ...unnamed } = here.query;
  expect(iss).toBe(at.given.issuer);
  expect(await at.arrive({ ...here, query: unnamed }), "an answer in nobody's name").toBe("Nonsense");
  expect(asked).toBe(0);
  other.provider.before = null;
});

it("says whether the provider declined, does not answer, or answers nonsense", async () => {
  const back = await at.visit();
  const { state = "", iss = "" } = back.query;
  const declined = { ...back, query: { state, iss, error: "access_denied" } };
  expect(await at.arrive(declined)).toBe("Declined");
  const answers = (status: number, body: string) => () => {
    at.provider.before = (request, response) => {
      if (!request.url?.startsWith("/token")) return false;
      response.writeHead(status, { "content-type": "application/json" }).end(body);
      return true;
    };
  };
  for (const [trouble, begin] of [
    ["Unreachable", answers(503, "down for maintenance")],
    ["Nonsense", answers(200, "<html>")],
    ["Nonsense", answers(200, '{"access_token":"without an ID token"}')],
  ] as const) {
    begin();
    expect(await at.arrive(await at.visit())).toBe(trouble);
  }
});

it("waits for no answer that never ends, nor for one that is too long", async () => {
  const endless = (journey: typeof at, path: string, part: string, milliseconds: number) => {
    journey.provider.before = (request, response) => {
      if (!request.url?.startsWith(path)) return false;
      response.writeHead(200, { "content-type": "application/json" });
      const writing = setInterval(() => response.write(part), milliseconds);
      response.once("close", () => clearInterval(writing));
      return true;
    };
  };
  const [slow, long] = [await at.visit(), await other.visit()];
  const begun = performance.now();
  endless(at, "/token", " ", 500);
  endless(other, "/jwks", " ".repeat(200_000), 10);
  expect(await other.arrive(long)).toBe("Unreachable");
  const afterLong = performance.now() - begun;
  expect(await at.arrive(slow)).toBe("Unreachable");
  // Before the five seconds that any answer may take.
  expect(afterLong).toBeLessThan(4_000);
  other.provider.before = null;
}, 60_000);

it("says so when a provider cannot be begun with, and asks nobody but the provider", async () => {
  const begin = (issuer: string) =>
    beginHandshake(at.settings, { ...at.given, issuer }, { returnPath: "/", pass: null });
  const hosts = { closed: "http://127.0.0.1:9", named: `${other.given.issuer}/elsewhere` };
  expect(await begin(hosts.closed)).toBe("Unreachable");
  expect(await begin(hosts.named), "no metadata").toBe("Nonsense");
  let redirected = 0;
  other.provider.before = (request, response) => {
    if (request.url?.startsWith("/inside")) redirected += 1;
    if (!request.url?.startsWith("/moved")) return false;
    if (request.url.startsWith("/moved-name"))
      response.end(JSON.stringify({ issuer: "https://elsewhere.example" }));
    else response.writeHead(302, { location: `${other.given.issuer}/inside` }).end();
    return true;
  };
  expect(await begin(`${other.given.issuer}/moved`), "a redirect").toBe("Unreachable");
  expect(redirected).toBe(0);
  expect(await begin(`${other.given.issuer}/moved-name`), "another name").toBe("Nonsense");
  other.provider.before = null;
});

it("gives the browser nothing of the provider's tokens: the cookie has Postern's own session alone", async () => {
  const said: string[] = [];
  at.provider.before = (request, response) => {
    if (request.url?.startsWith("/token")) {
      const end = response.end.bind(response);
      response.end = ((body?: string | Buffer) => {
        const { access_token, id_token } = JSON.parse(String(body));
        said.push(access_token, id_token);
        return end(body);
      }) as typeof response.end;
    }
    return false;
  };
  const token = { sessionId: "of Postern", secret: "its own" };
  const answer = await finishHandshake(at.settings, at.given, await at.visit(), async () => ({
    ...{ token, location: "/" },
  }));
  if ("trouble" in answer) throw new Error(answer.trouble);
  expect(said.map((each) => typeof each)).toEqual(["string", "string"]);
  for (const each of said) expect(JSON.stringify(answer)).not.toContain(each);
  const cookie = kept({}, answer.cookies)[sessionCookieName(at.settings)];
  const opened = await decode({
    ...{ token: cookie, secret: at.settings.sessionSecrets[0], salt: sessionCookieSalt },
  });
  expect(Object.keys(opened ?? {}).sort()).toEqual(["exp", "iat", "jti", "secret", "sessionId"]);
});

const finish = (back: Return) =>
  finishHandshake(at.settings, at.given, back, async () => ({ token: null, location: "/" }));

it("removes every cookie of a way with its answer, whatever came of it, and leaves another tab's alone", async () => {
  const [one, two] = [await at.visit(), await at.visit()];
  const both = { ...one.cookies, ...two.cookies };
  expect(Object.keys(both)).toHaveLength(8);
  const madeUp = await finish({ query: { state: "made up" }, cookies: both });
  expect(kept(both, madeUp.cookies)).toEqual(both);
  const broken = await finish({ query: { ...one.query, code: "made up" }, cookies: both });
  const left = kept(both, broken.cookies);
  expect(left).toEqual(two.cookies);
  expect(kept(left, (await finish({ ...two, cookies: left })).cookies)).toEqual({});
});

it("lets two tabs of a browser come back in either order, each by its own way alone", async () => {
  const [one, two] = [await at.visit(), await at.visit()];
  const cookies = { ...one.cookies, ...two.cookies };
  // The cookies of one attempt, under the names of the other.
  const names = Object.keys(two.cookies);
  const swapped = Object.fromEntries(Object.values(one.cookies).map((value, index) => [names[index], value]));
  expect(await at.arrive({ query: two.query, cookies: swapped as Record<string, string> })).toBe("NotBegun");
  expect(await at.arrive({ query: one.query, cookies })).toMatchObject(ada);
  expect(await at.arrive({ query: two.query, cookies })).toMatchObject(ada);
});

it("keeps the cookies of three ways at most, the newest", async () => {
  let jar: Record<string, string> = {};
  const ways: Return[] = [];
  for (let tab = 0; tab < 4; tab += 1) {
    jar = kept(jar, forgottenCookies(at.settings, jar));
    ways.push(await at.visit());
    jar = { ...jar, ...ways.at(-1)?.cookies };
  }
  expect(Object.keys(jar)).toHaveLength(12);
  const came = await Promise.all(ways.map(({ query }) => at.arrive({ query, cookies: jar })));
  expect(came).toEqual(["NotBegun", ...ways.slice(1).map(() => expect.objectContaining(ada))]);
});

it("keeps the cookies of three ways within what a server takes, however long the pages are that they lead back to", async () => {
  const pages = [
    `/${"a".repeat(1_999)}`,
    `/${"b".repeat(999)}`,
    safeReturnPath(`/people?search=${"\u4e2d".repeat(1_900)}`),
  ];
  const jar: Record<string, string> = {};
  for (const returnPath of pages) {
    const begun = await beginHandshake(at.settings, at.given, { returnPath, pass: "p".repeat(100) });
    if (typeof begun === "string") throw new Error(begun);
    Object.assign(jar, kept({}, begun.cookies));
  }
  const sent = Object.entries(jar).map(([name, value]) => `${name}=${value}`);
  expect(sent).toHaveLength(12);
  expect(Math.max(...sent.map(({ length }) => length))).toBeLessThan(4_096);
  expect(sent.join("; ").length).toBeLessThan(10_000);
});

it("forgets the oldest ways of which only some cookies are left", async () => {
  const ways = [await at.visit(), await at.visit(), await at.visit()];
  const left = (cookies: object) => Object.entries(cookies).filter(([name]) => !name.includes("-intent-"));
  const jar = Object.fromEntries(ways.flatMap(({ cookies }) => left(cookies)));
  const oldest = left(ways[0]?.cookies ?? {}).map(([name]) => name);
  const after = kept(jar, forgottenCookies(at.settings, jar));
  expect(Object.keys(jar).filter((name) => !(name in after))).toEqual(oldest);
});
