import { decode, encode } from "next-auth/jwt";
import { longestSessionHours, type SessionToken } from "@/lib/identity/sessions/sessions";
import type { Configuration, SessionSecrets } from "@/lib/platform/configuration";

export const sessionCookieSalt = "postern-session";
export const awaitingCookieSalt = "postern-awaiting";
/** As long as any session may last. The database decides when one ends, by the rules in force. */
export const sessionSeconds = longestSessionHours * 3_600;

/** The name of the session's cookie. */
export function sessionCookieName({ servedOverHttps }: Pick<Configuration, "servedOverHttps">): string {
  return servedOverHttps ? "__Host-postern-session" : "postern-session";
}

/** The name of the cookie of a sign-in that awaits a second factor. Its content opens no session. */
export function awaitingCookieName({ servedOverHttps }: Pick<Configuration, "servedOverHttps">): string {
  return servedOverHttps ? "__Host-postern-awaiting" : "postern-awaiting";
}

/** The value of the session's cookie. */
export function sealedSession(
  token: SessionToken,
  [secret]: SessionSecrets,
  salt: typeof sessionCookieSalt | typeof awaitingCookieSalt = sessionCookieSalt,
): Promise<string> {
  // The database's clock decides when a session ends. next-auth would use this machine's.
  const forever = 100 * 365 * 86_400;
  return encode({ token: { ...token }, secret, salt, maxAge: forever });
}

/** The content of a cookie that was sealed for this purpose with any of the secrets; null if it was not. */
export async function openedCookie(cookie: string, secrets: SessionSecrets, salt: string): Promise<unknown> {
  for (const secret of secrets) {
    const claims = await decode({ token: cookie, secret, salt }).catch(() => null);
    if (claims !== null) return claims;
  }
  return null;
}
