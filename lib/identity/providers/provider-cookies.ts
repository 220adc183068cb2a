import { createHash } from "node:crypto";
import { decode, encode } from "next-auth/jwt";
import { z } from "zod";
import type { Configuration } from "@/lib/platform/configuration";
import type { IdentityProvider } from "@/lib/platform/identity-providers";

/** The purpose of a sign-in: the page to open afterwards, and the right to link an identity, if there is one. */
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

/** The part of the configuration that a sign-in through a provider needs. */
export type HandshakeSettings = Pick<Configuration, "servedOverHttps" | "sessionSecrets">;
/** The cookies of a request, by name. */
export type Cookies = Readonly<Record<string, string>>;

/** How long a person may take at the provider, in seconds. */
export const patienceSeconds = 15 * 60;

/** The cookies of one sign-in, as next-auth names them. `__Host-` keeps other hosts of the domain from setting them. */
export function cookieNames({ servedOverHttps }: HandshakeSettings) {
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

/** Those of them that are kept until the provider's answer comes. */
function keptNames(settings: HandshakeSettings): readonly string[] {
  const { state, nonce, pkceCodeVerifier, intent } = cookieNames(settings);
  return [state, nonce, pkceCodeVerifier, intent];
}

/** How many sign-ins one browser may have under way at once. Their cookies go with every request. */
const mostWays = 3;
/**
 * The longest page address to return to; for a longer one it is the first page. A server accepts 16 KB
 * of headers, so long addresses in three tabs would lock the browser out until the cookies end. A
 * browser drops a cookie of more than 4 KB.
 */
const longestReturn = 1_000;

/** Distinguishes the cookies of one sign-in from those of another tab: a digest of its state. */
const markOf = (state: string) => createHash("sha256").update(state).digest("base64url").slice(0, 16);

/** A cookie as a header. */
export function cookieHeader(
  settings: HandshakeSettings,
  name: string,
  value: string,
  seconds: number,
): string {
  const secure = settings.servedOverHttps ? "; Secure" : "";
  return `${name}=${value}; Path=/; Max-Age=${seconds}; HttpOnly; SameSite=Lax${secure}`;
}

const removed = (settings: HandshakeSettings, mark: string) =>
  keptNames(settings).map((name) => cookieHeader(settings, `${name}-${mark}`, "", 0));

/**
 * Removes every cookie of the sign-in with this state, since each is good for one answer of the
 * provider. Other tabs' sign-ins stay.
 */
export function removedCookies(settings: HandshakeSettings, state: string | undefined): string[] {
  return removed(settings, markOf(state ?? ""));
}

/** Removes the cookies of the oldest sign-ins if the browser begins one more than may be under way. */
export function forgottenCookies(settings: HandshakeSettings, cookies: Cookies): string[] {
  const beginnings = keptNames(settings).map((name) => `${name}-`);
  // A browser sends the oldest first (RFC 6265, section 5.4). Any cookie of a sign-in counts, since
  // others of it may be gone.
  const found = Object.keys(cookies).flatMap((name) => {
    const beginning = beginnings.find((each) => name.startsWith(each));
    return beginning === undefined ? [] : [name.slice(beginning.length)];
  });
  const marks = [...new Set(found)];
  return marks.slice(0, Math.max(0, marks.length - mostWays + 1)).flatMap((mark) => removed(settings, mark));
}

/** What next-auth sets at the beginning of a sign-in, as cookies of that sign-in alone. */
export function cookiesOfWay(
  settings: HandshakeSettings,
  state: string,
  headers: readonly string[],
): readonly string[] {
  return headers.flatMap((header) => {
    const name = keptNames(settings).find((each) => header.startsWith(`${each}=`));
    return name === undefined ? [] : [`${name}-${markOf(state)}${header.slice(name.length)}`];
  });
}

/** The cookies of the sign-in to which an answer belongs, by the names that next-auth knows. */
export function wayOf(settings: HandshakeSettings, state: string | undefined, cookies: Cookies): Cookies {
  const mark = markOf(state ?? "");
  return Object.fromEntries(
    keptNames(settings).flatMap((name) => {
      const value = cookies[`${name}-${mark}`];
      return value === undefined ? [] : [[name, value]];
    }),
  );
}

/** The sealed cookie with the purpose of a sign-in, under the state that the provider sends back. */
export async function intentCookie(
  settings: HandshakeSettings,
  provider: IdentityProvider,
  state: string,
  intent: Intent,
): Promise<string> {
  const salt = cookieNames(settings).intent;
  const returnPath = intent.returnPath.length > longestReturn ? "/" : intent.returnPath;
  const token = { state, provider: provider.id, ...intent, returnPath };
  const sealed = await encode({ token, secret: settings.sessionSecrets[0], salt, maxAge: patienceSeconds });
  return cookieHeader(settings, `${salt}-${markOf(state)}`, sealed, patienceSeconds);
}

/**
 * The purpose of this browser's sign-in with this provider and state, and the secret that sealed
 * everything of it. Null if there is no such sign-in.
 */
export async function intentOf(
  settings: HandshakeSettings,
  provider: IdentityProvider,
  back: { readonly query: Readonly<Record<string, string>>; readonly cookies: Cookies },
): Promise<{ readonly intent: Intent; readonly secret: string } | null> {
  const salt = cookieNames(settings).intent;
  const token = wayOf(settings, back.query.state, back.cookies)[salt];
  if (!token) return null;
  for (const secret of settings.sessionSecrets) {
    const read = sealedIntent.safeParse(await decode({ token, secret, salt }).catch(() => null)).data;
    if (!read || read.provider !== provider.id || read.state !== back.query.state) continue;
    return { intent: { returnPath: read.returnPath, pass: read.pass }, secret };
  }
  return null;
}
