import { decode, encode } from "next-auth/jwt";
import { z } from "zod";
import type { Configuration } from "@/lib/platform/configuration";
import type { IdentityProvider } from "@/lib/platform/identity-providers";

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

/** What of the configuration the way through a provider takes. */
export type HandshakeSettings = Pick<Configuration, "servedOverHttps" | "sessionSecrets">;
/** The cookies of a request, by name. */
export type Cookies = Readonly<Record<string, string>>;

/** How long a person may take at the provider, in seconds. */
export const patienceSeconds = 15 * 60;

/** The cookies of the way there and back. `__Host-` keeps other hosts of the domain from setting them. */
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

/** Every cookie of the way, removed: each is good for one answer of the provider. */
export function removedCookies(settings: HandshakeSettings): string[] {
  return Object.values(cookieNames(settings)).map((name) => cookieHeader(settings, name, "", 0));
}

/** The cookie that keeps what somebody sets out for, sealed, beside the state that the provider sends back. */
export async function intentCookie(
  settings: HandshakeSettings,
  provider: IdentityProvider,
  state: string,
  intent: Intent,
): Promise<string> {
  const salt = cookieNames(settings).intent;
  const token = { state, provider: provider.id, ...intent };
  const sealed = await encode({ token, secret: settings.sessionSecrets[0], salt, maxAge: patienceSeconds });
  return cookieHeader(settings, salt, sealed, patienceSeconds);
}

/**
 * What this browser set out for, with this provider and this state, and the secret that everything of its way was sealed
 * with; null if it did not.
 */
export async function intentOf(
  settings: HandshakeSettings,
  provider: IdentityProvider,
  back: { readonly query: Readonly<Record<string, string>>; readonly cookies: Cookies },
): Promise<{ readonly intent: Intent; readonly secret: string } | null> {
  const salt = cookieNames(settings).intent;
  const token = back.cookies[salt];
  if (!token) return null;
  for (const secret of settings.sessionSecrets) {
    const read = sealedIntent.safeParse(await decode({ token, secret, salt }).catch(() => null)).data;
    if (!read || read.provider !== provider.id || read.state !== back.query.state) continue;
    return { intent: { returnPath: read.returnPath, pass: read.pass }, secret };
  }
  return null;
}
