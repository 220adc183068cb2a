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

/** Where this request came from, as the server in front of the pages found it. */
export async function requestOrigin(): Promise<Origin> {
  const list = await headers();
  return {
    ipAddress: (list.get("x-postern-client-address") ?? "unknown").slice(0, 64),
    userAgent: (list.get("user-agent") ?? "").slice(0, 300),
  };
}

/** What this request's session cookie carries; null without one that was made here. */
export const currentToken = cache(async (): Promise<SessionToken | null> => {
  const cookie = (await cookies()).get(cookieName())?.value;
  if (!cookie) return null;
  const secret = application().configuration.sessionSecret;
  const claims = await decode({ token: cookie, secret, salt }).catch(() => null);
  return tokenShape.safeParse(claims).data ?? null;
});

/** The signed-in caller of this request, or null; asked of the database once a request. */
export const currentCaller = cache(async (): Promise<Caller | null> => {
  const token = await currentToken();
  const caller = token ? await findCaller(application().database, token, await requestOrigin()) : null;
  if (caller) noteCaller(caller.userId);
  return caller;
});

/** The signed-in caller; sends everybody else to sign in and back to the page they asked for. */
export async function requireCaller(): Promise<Caller> {
  const caller = await currentCaller();
  if (caller) return caller;
  const path = safeReturnPath((await headers()).get("x-postern-path"));
  redirect(path === "/" ? "/sign-in" : `/sign-in?return=${encodeURIComponent(path)}`);
}

/** Gives the browser the cookie of a new session, or of the same session's new secret. */
export async function setSessionCookie(token: SessionToken): Promise<void> {
  const { configuration } = application();
  const maxAge = sessionHours * 3_600;
  // When a session ends is for the database's clock to say; next-auth would judge it by this machine's.
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

/** The cookie by which this browser is known for accounts that were signed in with it; null without one. */
export async function deviceCookie(): Promise<string | null> {
  return (await cookies()).get(deviceCookieName())?.value ?? null;
}

/** Lets this browser be known for the account that has just signed in. It signs nobody in. */
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

/** Takes the session's cookie from the browser. */
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
