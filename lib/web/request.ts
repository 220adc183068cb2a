import { cookies, headers } from "next/headers";
import { redirect } from "next/navigation";
import { decode, encode } from "next-auth/jwt";
import { cache } from "react";
import { z } from "zod";
import { knownDays } from "@/lib/identity/known-device";
import { findCaller, type Origin, type SessionToken, sessionHours } from "@/lib/identity/sessions";
import { application } from "@/lib/platform/application";
import type { Caller } from "@/lib/platform/caller";
import { noteCaller } from "@/lib/platform/log-context";
import { safeReturnPath } from "@/lib/web/return-path";

const tokenShape = z.object({ sessionId: z.uuid(), secret: z.string().min(20).max(100) });
const salt = "postern-session";

function cookieName(): string {
  return application().configuration.servedOverHttps ? "__Host-postern-session" : "postern-session";
}

/** Where this request came from, as the front door determined it. */
export async function requestOrigin(): Promise<Origin> {
  const list = await headers();
  return {
    ipAddress: (list.get("x-postern-client-address") ?? "unknown").slice(0, 64),
    userAgent: (list.get("user-agent") ?? "").slice(0, 300),
  };
}

/** The content of the session cookie. Null without one that Postern made. */
export const currentToken = cache(async (): Promise<SessionToken | null> => {
  const cookie = (await cookies()).get(cookieName())?.value;
  if (!cookie) return null;
  const secret = application().configuration.sessionSecret;
  const claims = await decode({ token: cookie, secret, salt }).catch(() => null);
  return tokenShape.safeParse(claims).data ?? null;
});

/** The signed-in caller, or null. Asks the database once a request. */
export const currentCaller = cache(async (): Promise<Caller | null> => {
  const token = await currentToken();
  const caller = token ? await findCaller(application().database, token, await requestOrigin()) : null;
  if (caller) noteCaller(caller.userId);
  return caller;
});

/** The signed-in caller. Redirects everybody else to sign in, and back afterwards. */
export async function requireCaller(): Promise<Caller> {
  const caller = await currentCaller();
  if (caller) return caller;
  const path = safeReturnPath((await headers()).get("x-postern-path"));
  redirect(path === "/" ? "/sign-in" : `/sign-in?return=${encodeURIComponent(path)}`);
}

/** Sets the cookie of a new session, or of a session's new secret. */
export async function setSessionCookie(token: SessionToken): Promise<void> {
  const { configuration } = application();
  const maxAge = sessionHours * 3_600;
  // The database's clock decides when a session ends. next-auth would use this machine's.
  const forever = 100 * 365 * 86_400;
  const value = await encode({
    token: { ...token },
    secret: configuration.sessionSecret,
    salt,
    maxAge: forever,
  });
  (await cookies()).set(cookieName(), value, {
    httpOnly: true,
    sameSite: "lax",
    secure: configuration.servedOverHttps,
    path: "/",
    maxAge,
  });
}

function deviceCookieName(): string {
  return application().configuration.servedOverHttps ? "__Host-postern-device" : "postern-device";
}

/** The cookie that marks this browser as known for accounts that signed in with it. Null without one. */
export async function deviceCookie(): Promise<string | null> {
  return (await cookies()).get(deviceCookieName())?.value ?? null;
}

/** Marks this browser as known for the account that has just signed in. It signs nobody in. */
export async function setDeviceCookie(value: string): Promise<void> {
  const { configuration } = application();
  (await cookies()).set(deviceCookieName(), value, {
    httpOnly: true,
    sameSite: "lax",
    secure: configuration.servedOverHttps,
    path: "/",
    maxAge: knownDays * 86_400,
  });
}

/** Removes the session's cookie. */
export async function clearSessionCookie(): Promise<void> {
  const { configuration } = application();
  (await cookies()).set(cookieName(), "", {
    httpOnly: true,
    sameSite: "lax",
    secure: configuration.servedOverHttps,
    path: "/",
    maxAge: 0,
  });
}
