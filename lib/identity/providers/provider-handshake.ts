import { AsyncLocalStorage } from "node:async_hooks";
import { createHash, randomBytes } from "node:crypto";
import type { NextApiRequest, NextApiResponse } from "next";
import NextAuth, { type NextAuthOptions } from "next-auth";
import { decode, encode } from "next-auth/jwt";
import type { OAuthConfig } from "next-auth/providers/oauth";
import { z } from "zod";
import {
  ProviderFault,
  type ProviderMetadata,
  providerMetadata,
  providerPatienceMilliseconds,
} from "@/lib/identity/providers/provider-metadata";
import { sealedSession, sessionCookieName, sessionSeconds } from "@/lib/identity/sessions/session-cookie";
import type { SessionToken } from "@/lib/identity/sessions/sessions";
import { limitConcurrency } from "@/lib/platform/concurrency-limit";
import type { Configuration } from "@/lib/platform/configuration";
import type { IdentityProvider } from "@/lib/platform/identity-providers";
import { faultText, log } from "@/lib/platform/log";

/** Why the way through a provider ended without a person. */
export type HandshakeTrouble = "Unreachable" | "Nonsense" | "Declined" | "NotBegun" | "Busy";

/** Where the browser goes next, with the cookies that it is given, as headers. */
export interface HandshakeAnswer {
  readonly location: string;
  readonly cookies: readonly string[];
}

/** What a verified ID token says, with what the userinfo endpoint adds about the same subject. */
export type Claims = Readonly<Record<string, unknown>> & { readonly sub: string };

/** What becomes of a verified person: a session, or only a page. */
export type Arrival =
  | { readonly token: SessionToken; readonly location: string }
  | { readonly token: null; readonly location: string };

/** What somebody set out for: the page to open afterwards, and the right to link an identity, if they have one. */
export interface Intent {
  readonly returnPath: string;
  readonly pass: string | null;
}
const sealedIntent = z.object({
  state: z.string().min(20),
  provider: z.string(),
  returnPath: z.string(),
  pass: z.string().nullable(),
});

type Settings = Pick<Configuration, "servedOverHttps" | "sessionSecret">;
type Cookies = Readonly<Record<string, string>>;

/** What next-auth reports of the request under way: it only redirects to an error page. */
const underWay = new AsyncLocalStorage<{ fault: unknown }>();

/** Requests to providers, which anybody can cause. They wait apart from sign-ins with a password. */
const inTurn = limitConcurrency({ atOnce: 8, waitingOfOne: 16, waitingInAll: 256 });

/** Runs what asks a provider, in the turn of a network. Throws `Busy`. */
export function inProviderTurn<Result>(network: string, work: () => Promise<Result>): Promise<Result> {
  return inTurn(network, work);
}

/** How long a person may take at the provider, in seconds. */
const patienceSeconds = 15 * 60;
/** The cookies of the way there and back. `__Host-` keeps other hosts of the domain from setting them. */
function cookieNames({ servedOverHttps }: Settings) {
  const prefix = servedOverHttps ? "__Host-" : "";
  return {
    state: `${prefix}postern-provider-state`,
    nonce: `${prefix}postern-provider-nonce`,
    pkceCodeVerifier: `${prefix}postern-provider-verifier`,
    callbackUrl: `${prefix}postern-provider-return`,
    csrfToken: `${prefix}postern-provider-csrf`,
    intent: `${prefix}postern-provider-intent`,
  } as const;
}

function client(provider: IdentityProvider, metadata: ProviderMetadata): OAuthConfig<Claims> {
  const { scopes, clientAuthentication, signingAlgorithm } = provider;
  return {
    id: provider.id,
    name: provider.name,
    type: "oauth",
    idToken: true,
    checks: ["state", "nonce", "pkce"],
    issuer: metadata.issuer,
    authorization: { url: metadata.authorization_endpoint, params: { scope: scopes.join(" ") } },
    token: metadata.token_endpoint,
    jwks_endpoint: metadata.jwks_uri,
    userinfo: {
      url: metadata.userinfo_endpoint,
      // Some providers keep names and addresses out of the ID token. The client refuses another subject's.
      async request({ client: made, tokens }) {
        const claims = (tokens as unknown as { claims(): Claims }).claims();
        const complete = provider.claims.address in claims && provider.claims.name in claims;
        if (complete || metadata.userinfo_endpoint === undefined || !tokens.access_token) return claims;
        const more = await made.userinfo(tokens.access_token);
        if (more.sub !== claims.sub) throw new ProviderFault("Nonsense", "userinfo of another subject");
        return { ...more, ...claims };
      },
    },
    clientId: provider.clientId,
    clientSecret: provider.clientSecret,
    client: {
      token_endpoint_auth_method: clientAuthentication,
      id_token_signed_response_alg: signingAlgorithm,
    },
    httpOptions: { timeout: providerPatienceMilliseconds },
    profile: (claims) => ({ id: claims.sub }),
  };
}

function options(
  settings: Settings,
  provider: OAuthConfig<Claims>,
  arrive: (claims: Claims) => Promise<Arrival>,
): NextAuthOptions {
  const names = cookieNames(settings);
  const shared = { httpOnly: true, sameSite: "lax", path: "/", secure: settings.servedOverHttps } as const;
  const brief = { ...shared, maxAge: patienceSeconds };
  let arrival: Arrival | null = null;
  return {
    secret: settings.sessionSecret,
    providers: [provider],
    useSecureCookies: settings.servedOverHttps,
    pages: { signIn: "/sign-in", error: "/sign-in" },
    session: { strategy: "jwt", maxAge: sessionSeconds },
    cookies: {
      sessionToken: { name: sessionCookieName(settings), options: shared },
      state: { name: names.state, options: brief },
      nonce: { name: names.nonce, options: brief },
      pkceCodeVerifier: { name: names.pkceCodeVerifier, options: brief },
      callbackUrl: { name: names.callbackUrl, options: brief },
      csrfToken: { name: names.csrfToken, options: brief },
    },
    callbacks: {
      // The person is matched and the session made here. A path in place of yes ends the way there, without a session.
      async signIn({ profile }) {
        arrival = await arrive(profile as unknown as Claims);
        return arrival.token === null ? arrival.location : true;
      },
      jwt: async () => ({ ...(arrival?.token ?? {}) }),
      // Where to go next is the arrival's to say.
      redirect: async ({ baseUrl }) => baseUrl,
    },
    jwt: {
      // Without a salt it is the session's cookie, which is sealed as every sign-in seals it.
      async encode(params) {
        if (params.salt) return encode(params);
        if (!arrival?.token) throw new Error("there is no session to seal");
        return sealedSession(arrival.token, settings.sessionSecret);
      },
    },
    logger: {
      error(_code, metadata) {
        const store = underWay.getStore();
        if (store) store.fault = metadata instanceof Error ? metadata : (metadata.error ?? metadata);
      },
      warn() {},
      debug() {},
    },
  };
}

interface Asked {
  readonly nextauth: readonly string[];
  readonly query: Readonly<Record<string, string>>;
  readonly cookies: Cookies;
  readonly body?: Readonly<Record<string, string>>;
}

/** Hands a request to next-auth, whose answer always redirects. */
async function ask(asked: Asked, given: NextAuthOptions): Promise<HandshakeAnswer> {
  const headers = new Map<string, unknown>();
  const response = {
    getHeader: (name: string) => headers.get(name.toLowerCase()),
    setHeader(name: string, value: unknown) {
      headers.set(name.toLowerCase(), value);
      return response;
    },
    status: () => response,
    end: () => response,
    json: () => response,
    send: () => response,
  };
  const request = {
    method: asked.body ? "POST" : "GET",
    query: { nextauth: asked.nextauth, ...asked.query },
    body: asked.body,
    cookies: asked.cookies,
    headers: {},
  };
  await NextAuth(request as unknown as NextApiRequest, response as unknown as NextApiResponse, given);
  const set = headers.get("set-cookie");
  return {
    location: String(headers.get("location") ?? ""),
    cookies: Array.isArray(set) ? set.map(String) : [],
  };
}

/** The cookies of the way, removed: each is good for one answer of the provider. */
function removed(settings: Settings): string[] {
  return Object.values(cookieNames(settings)).map((name) => cookieHeader(settings, name, "", 0));
}

function cookieHeader(settings: Settings, name: string, value: string, seconds: number): string {
  const secure = settings.servedOverHttps ? "; Secure" : "";
  return `${name}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure}`;
}

function told(provider: IdentityProvider, fault: unknown): void {
  const cause = fault instanceof Error ? (fault.cause ?? fault) : fault;
  log().warn(`Sign-in through the identity provider ${provider.id} failed: ${faultText(cause)}`);
}

/**
 * Sends somebody to a provider with a fresh state, nonce and code challenge. The caller has made sure that the request
 * comes from this site: next-auth's own token against forged requests needs a script, so it is made here.
 */
export async function beginHandshake(
  settings: Settings,
  provider: IdentityProvider,
  intent: Intent,
): Promise<HandshakeAnswer | HandshakeTrouble> {
  try {
    const metadata = await providerMetadata(provider);
    const token = randomBytes(32).toString("hex");
    const hash = createHash("sha256").update(`${token}${settings.sessionSecret}`).digest("hex");
    const answer = await ask(
      {
        nextauth: ["signin", provider.id],
        query: {},
        cookies: { [cookieNames(settings).csrfToken]: `${token}|${hash}` },
        body: { csrfToken: token },
      },
      options(settings, client(provider, metadata), () => Promise.reject(new Error("nobody arrives yet"))),
    );
    const state = URL.canParse(answer.location) ? new URL(answer.location).searchParams.get("state") : null;
    if (state !== null && answer.location.startsWith(metadata.authorization_endpoint)) {
      const token = { state, provider: provider.id, ...intent };
      const salt = cookieNames(settings).intent;
      const sealed = await encode({ token, secret: settings.sessionSecret, salt, maxAge: patienceSeconds });
      return {
        ...answer,
        cookies: [...answer.cookies, cookieHeader(settings, salt, sealed, patienceSeconds)],
      };
    }
    throw new ProviderFault("Nonsense", "no address to go to");
  } catch (fault) {
    if (!(fault instanceof ProviderFault)) throw fault;
    told(provider, fault);
    return fault.trouble;
  }
}

/** What this browser set out for, with this provider and this state; null if it did not. */
export async function intentOf(
  settings: Settings,
  provider: IdentityProvider,
  back: { readonly query: Readonly<Record<string, string>>; readonly cookies: Cookies },
): Promise<Intent | null> {
  const salt = cookieNames(settings).intent;
  const token = back.cookies[salt];
  const opened = token
    ? await decode({ token, secret: settings.sessionSecret, salt }).catch(() => null)
    : null;
  const read = sealedIntent.safeParse(opened).data;
  if (!read || read.provider !== provider.id || read.state !== back.query.state) return null;
  return { returnPath: read.returnPath, pass: read.pass };
}

/** What next-auth's fault means for the person. */
function troubleOf(fault: unknown, query: Readonly<Record<string, string>>): HandshakeTrouble {
  if (typeof query.error === "string") return "Declined";
  const said = faultText(fault);
  if (
    /cookie was missing|could not be parsed|different provider|state mismatch|nonce mismatch|state missing/.test(
      said,
    )
  )
    return "NotBegun";
  if (
    /timed out|ECONN|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|socket hang up|ETIMEDOUT|expected 200 OK, got: 5/.test(
      said,
    )
  )
    return "Unreachable";
  return "Nonsense";
}

/**
 * Receives somebody whom a provider sends back. State, nonce, code verifier, the ID token's signature, issuer, audience
 * and times are checked before `arrive` is called with what it says. Every cookie of the way is removed.
 */
export async function finishHandshake(
  settings: Settings,
  provider: IdentityProvider,
  back: { readonly query: Readonly<Record<string, string>>; readonly cookies: Cookies },
  arrive: (claims: Claims, intent: Intent) => Promise<Arrival>,
): Promise<HandshakeAnswer | { readonly trouble: HandshakeTrouble; readonly cookies: readonly string[] }> {
  const cookies = removed(settings);
  try {
    // Nothing is asked of a provider for somebody whom nobody sent there.
    const intent = await intentOf(settings, provider, back);
    if (!intent) return { trouble: "NotBegun", cookies };
    const metadata = await providerMetadata(provider);
    const { iss } = back.query;
    if (iss === undefined && metadata.authorization_response_iss_parameter_supported)
      throw new ProviderFault("Nonsense", "no iss in its answer");
    const store: { fault: unknown } = { fault: null };
    let arrived: Arrival | null = null;
    // next-auth would turn what fails here into an error page of its own.
    let failure: unknown = null;
    const given = options(settings, client(provider, metadata), async (claims) => {
      try {
        if (claims.iss !== provider.issuer)
          throw new ProviderFault("Nonsense", "an ID token of another issuer");
        const arrival = await arrive(claims, intent);
        arrived = arrival;
        return arrival;
      } catch (error) {
        failure = error;
        throw error;
      }
    });
    const answer = await underWay.run(store, () =>
      ask({ nextauth: ["callback", provider.id], ...back }, given),
    );
    if (failure !== null) throw failure;
    const arrival = arrived as Arrival | null;
    if (arrival !== null) {
      const session = answer.cookies.filter((each) => each.startsWith(`${sessionCookieName(settings)}=`));
      if (arrival.token !== null && session.length !== 1)
        throw new Error("no cookie was made for the session");
      return { location: arrival.location, cookies: [...cookies, ...session] };
    }
    told(provider, store.fault);
    return { trouble: troubleOf(store.fault, back.query), cookies };
  } catch (fault) {
    if (!(fault instanceof ProviderFault)) throw fault;
    told(provider, fault);
    return { trouble: fault.trouble, cookies };
  }
}
