import { AsyncLocalStorage } from "node:async_hooks";
import type { NextApiRequest, NextApiResponse } from "next";
import NextAuth, { type NextAuthOptions } from "next-auth";
import { encode } from "next-auth/jwt";
import type { OAuthConfig } from "next-auth/providers/oauth";
import { boundRequests } from "@/lib/identity/providers/bounded-requests";
import {
  type Cookies,
  cookieNames,
  type HandshakeSettings,
  patienceSeconds,
} from "@/lib/identity/providers/provider-cookies";
import { ProviderFault, type ProviderMetadata } from "@/lib/identity/providers/provider-metadata";
import { asksForWays } from "@/lib/identity/providers/provider-round-trip";
import { sealedSession, sessionCookieName, sessionSeconds } from "@/lib/identity/sessions/session-cookie";
import type { SessionToken } from "@/lib/identity/sessions/sessions";
import type { IdentityProvider } from "@/lib/platform/identity-providers";

/** Where the browser goes next, with its new cookies, as headers. */
export interface HandshakeAnswer {
  readonly location: string;
  readonly cookies: readonly string[];
}

/** The claims of a verified ID token, with what the userinfo endpoint adds about the same subject. */
export type Claims = Readonly<Record<string, unknown>> & { readonly sub: string };

/** The result for a verified person: a session, or only a page. */
export type Arrival =
  | { readonly token: SessionToken; readonly location: string }
  | { readonly token: null; readonly location: string };

/** What next-auth reports about the current request, since it only redirects to an error page. */
export const underWay = new AsyncLocalStorage<{ fault: unknown }>();

/**
 * The provider as next-auth gets it. State, nonce and code challenge are always checked. With `anew`, the person
 * signs in there once more, in a way that counts as a second factor, whatever session they have.
 */
export function providerClient(
  provider: IdentityProvider,
  metadata: ProviderMetadata,
  anew = false,
): OAuthConfig<Claims> {
  const { scopes, clientAuthentication, signingAlgorithm, stepUp } = provider;
  const strictly =
    anew && stepUp ? { prompt: "login", max_age: "0", ...asksForWays(stepUp, stepUp.acrValues) } : {};
  return {
    id: provider.id,
    name: provider.name,
    type: "oauth",
    idToken: true,
    checks: ["state", "nonce", "pkce"],
    issuer: metadata.issuer,
    authorization: { url: metadata.authorization_endpoint, params: { scope: scopes.join(" "), ...strictly } },
    token: {
      url: metadata.token_endpoint,
      async request({ client, params, checks, provider: { callbackUrl } }) {
        boundRequests(client);
        return { tokens: await client.callback(callbackUrl, params, checks) };
      },
    },
    jwks_endpoint: metadata.jwks_uri,
    userinfo: {
      url: metadata.userinfo_endpoint,
      // Some providers keep names and addresses out of the ID token. The client refuses another
      // subject's userinfo.
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
    profile: (claims) => ({ id: claims.sub }),
  };
}

/** next-auth for one request. `arrive` matches the person and creates the session. next-auth only seals the cookie. */
export function handshakeOptions(
  settings: HandshakeSettings,
  provider: OAuthConfig<Claims>,
  arrive: (claims: Claims) => Promise<Arrival>,
  /** The secrets that seal, or sealed, the cookies of this sign-in. */
  secret: string,
): NextAuthOptions {
  const names = cookieNames(settings);
  const shared = { httpOnly: true, sameSite: "lax", path: "/", secure: settings.servedOverHttps } as const;
  const brief = { ...shared, maxAge: patienceSeconds };
  let arrival: Arrival | null = null;
  return {
    secret,
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
      // The person is matched and the session created here. Returning a path instead of true ends the
      // sign-in there, without a session.
      async signIn({ profile }) {
        arrival = await arrive(profile as unknown as Claims);
        return arrival.token === null ? arrival.location : true;
      },
      jwt: async () => ({ ...(arrival?.token ?? {}) }),
      // The arrival decides where to go next.
      redirect: async ({ baseUrl }) => baseUrl,
    },
    jwt: {
      // Without a salt it is the session's cookie, which is sealed as at every sign-in.
      async encode(params) {
        if (params.salt) return encode(params);
        if (!arrival?.token) throw new Error("there is no session to seal");
        return sealedSession(arrival.token, settings.sessionSecrets);
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

/** Passes a request to next-auth, whose answer is always a redirect. */
export async function askNextAuth(asked: Asked, given: NextAuthOptions): Promise<HandshakeAnswer> {
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
