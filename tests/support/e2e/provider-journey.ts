import type { Claims } from "@/lib/identity/providers/provider-client";
import {
  beginHandshake,
  finishHandshake,
  type HandshakeTrouble,
} from "@/lib/identity/providers/provider-handshake";
import type { IdentityProvider } from "@/lib/platform/identity-providers";
import { clientId, clientSecret, startIdentityProvider, type TestProvider } from "../peers/identity-provider";

export const publicUrl = "http://localhost:4321";
const settings = {
  servedOverHttps: false,
  sessionSecrets: ["a secret of the test's own, long enough"] as const,
};

/** Somebody who came back from a provider: what the browser requests, with its cookies. */
export interface Return {
  readonly query: Record<string, string>;
  readonly cookies: Record<string, string>;
}

/** The cookies of these headers, as a browser would store them beside those it has. */
export function kept(before: Record<string, string>, headers: readonly string[]): Record<string, string> {
  const after = { ...before };
  for (const header of headers) {
    const [, name = "", value = ""] = /^([^=]+)=([^;]*)/.exec(header) ?? [];
    if (/max-age=0/i.test(header)) delete after[name];
    else after[name] = decodeURIComponent(value);
  }
  return after;
}

/** The configuration of Postern for a test's provider. */
export function configured(
  provider: TestProvider,
  id: string,
  more: Partial<IdentityProvider> = {},
): IdentityProvider {
  return {
    id,
    name: `Provider ${id}`,
    issuer: provider.issuer,
    clientId,
    clientSecret,
    clientAuthentication: "client_secret_basic",
    signingAlgorithm: "RS256",
    scopes: ["openid", "profile", "email"],
    allowedDomains: [],
    claims: { name: "name", address: "email", externalId: "sub" },
    addressesAreVerified: false,
    untypedLogoutTokens: false,
    unknownPeople: "Refuse",
    ...more,
  };
}

const cookieOf = (jar: Record<string, string>) =>
  Object.entries(jar)
    .map(([name, value]) => `${name}=${value}`)
    .join("; ");

/** Goes through a provider's pages as a browser does, with a jar of the provider's own cookies. */
export async function through(address: string): Promise<URL> {
  return (await withJar(address)).url;
}

/** The same, with the cookies that the provider set. */
async function withJar(address: string): Promise<{ url: URL; jar: Record<string, string> }> {
  let url = new URL(address);
  let jar: Record<string, string> = {};
  for (let step = 0; step < 10; step += 1) {
    const response = await fetch(url, { redirect: "manual", headers: { cookie: cookieOf(jar) } });
    jar = kept(jar, response.headers.getSetCookie());
    const location = response.headers.get("location");
    if (!location) throw new Error(`${url}: ${response.status} ${await response.text()}`);
    url = new URL(location, url);
    if (url.origin === publicUrl) return { url, jar };
  }
  throw new Error("the provider led nowhere");
}

/** A provider and what Postern does with it, without Postern's pages. */
export async function providerJourney(
  id = "test",
  more: Partial<IdentityProvider> = {},
  of: Parameters<typeof startIdentityProvider>[2] = {},
) {
  process.env.NEXTAUTH_URL = publicUrl;
  const provider = await startIdentityProvider(publicUrl, id, of);
  const given = configured(provider, id, more);
  let atProvider: Record<string, string> = {};
  return {
    provider,
    given,
    settings,
    /** Begins at Postern, and comes back from the provider. With `anew`, after a new sign-in there with a second factor. */
    async visit(pass: string | null = null, anew = false): Promise<Return> {
      const begun = await beginHandshake(settings, given, { returnPath: "/", pass }, anew);
      if (typeof begun === "string") throw new Error(begun);
      const { url, jar } = await withJar(begun.location);
      atProvider = jar;
      return { query: Object.fromEntries(url.searchParams), cookies: kept({}, begun.cookies) };
    },
    /** The last visiting browser signs out on the provider's own page, and confirms. Returns the next address. */
    async signOutAtProvider(address = `${provider.issuer}/session/end`): Promise<string> {
      const asked = await fetch(address, { headers: { cookie: cookieOf(atProvider) } });
      const xsrf = /name="xsrf" value="([^"]+)"/.exec(await asked.text())?.[1] ?? "";
      const jar = kept(atProvider, asked.headers.getSetCookie());
      const done = await fetch(`${provider.issuer}/session/end/confirm`, {
        ...{ method: "POST", redirect: "manual", headers: { cookie: cookieOf(jar) } },
        body: new URLSearchParams({ xsrf, logout: "yes" }),
      });
      if (done.status >= 400) throw new Error(`${done.status} ${await done.text()}`);
      return done.headers.get("location") ?? "";
    },
    /** What is known about somebody who comes back, or why nobody is. */
    async arrive(back: Return, to: IdentityProvider = given): Promise<Claims | HandshakeTrouble> {
      let arrived: Claims | null = null;
      const finished = await finishHandshake(settings, to, back, async (claims) => {
        arrived = claims;
        return { token: null, location: "/" };
      });
      return "trouble" in finished ? finished.trouble : (arrived ?? "Nonsense");
    },
    close: () => provider.close(),
  };
}
