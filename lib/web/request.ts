import { cookies, headers } from "next/headers";
import { redirect } from "next/navigation";
import { cache } from "react";
import { z } from "zod";
import { awaitMinutes } from "@/lib/identity/sessions/awaiting-session";
import { knownDays } from "@/lib/identity/sessions/known-device";
import {
  awaitingCookieName,
  awaitingCookieSalt,
  openedCookie,
  sealedSession,
  sessionCookieName,
  sessionCookieSalt,
  sessionSeconds,
} from "@/lib/identity/sessions/session-cookie";
import { findCaller, type Origin, type SessionToken } from "@/lib/identity/sessions/sessions";
import { application } from "@/lib/platform/application";
import type { Caller } from "@/lib/platform/caller";
import { logContext, noteCaller } from "@/lib/platform/log-context";
import { keepTimes, seenTimes } from "@/lib/web/known-times";
import { namedTimeZone } from "@/lib/web/request-zone";
import { safeReturnPath } from "@/lib/web/return-path";

const tokenShape = z.object({ sessionId: z.uuid(), secret: z.string().min(20).max(100) });

const cookieName = () => sessionCookieName(application().configuration);

/** The origin of this request, as the front door determined it. */
export async function requestOrigin(): Promise<Origin> {
  const list = await headers();
  return {
    ipAddress: (list.get("x-postern-client-address") ?? "unknown").slice(0, 64),
    userAgent: (list.get("user-agent") ?? "").slice(0, 300),
    timeZone: await namedTimeZone(),
  };
}

/**
 * A decrypted cookie, and whose session it was when it was last used. A session belongs to one person for good; whether
 * it is valid is asked of the database each time.
 */
interface OpenedCookie {
  readonly token: SessionToken;
  userId?: string;
}

/** Decrypted cookies, newest last. */
const opened = new Map<string, OpenedCookie>();
const mostOpened = 1_000;

/**
 * The content of a cookie; null if Postern did not make it. Decrypting one takes as long as three queries of
 * the database.
 */
async function openCookie(cookie: string): Promise<OpenedCookie | null> {
  const known = opened.get(cookie);
  if (known) return known;
  const claims = await openedCookie(cookie, application().configuration.sessionSecrets, sessionCookieSalt);
  const token = tokenShape.safeParse(claims).data ?? null;
  if (!token) return null;
  const [oldest] = opened.keys();
  if (oldest !== undefined && opened.size >= mostOpened) opened.delete(oldest);
  const content = { token };
  opened.set(cookie, content);
  return content;
}

const currentCookie = cache(async (): Promise<OpenedCookie | null> => {
  const cookie = (await cookies()).get(cookieName())?.value;
  return cookie ? openCookie(cookie) : null;
});

/** The content of the session cookie. Null without one that Postern made. */
export async function currentToken(): Promise<SessionToken | null> {
  return (await currentCookie())?.token ?? null;
}

/**
 * Whose session it is, if this process has found them before; null if not. For what is read for them while
 * `currentCaller` asks whether the session is valid: nothing of it may be shown before that.
 */
export async function probableCaller(): Promise<Pick<Caller, "userId"> | null> {
  const userId = (await currentCookie())?.userId;
  return userId === undefined ? null : { userId };
}

/** The signed-in caller, or null. Queries the database once per request. */
export const currentCaller = cache(async (): Promise<Caller | null> => {
  const cookie = await currentCookie();
  if (!cookie) return null;
  const origin = await requestOrigin();
  const caller = await findCaller(application().database, cookie.token, origin);
  if (!caller) return null;
  cookie.userId = caller.userId;
  noteCaller(caller.userId, caller.times);
  keepTimes(seenTimes(caller.times, origin.timeZone));
  return caller;
});

/** The signed-in caller. Redirects everybody else to sign in, and back afterwards. */
export async function requireCaller(): Promise<Caller> {
  const caller = await currentCaller();
  if (caller) return caller;
  const path = safeReturnPath((await headers()).get("x-postern-path"));
  redirect(path === "/" ? "/sign-in" : `/sign-in?return=${encodeURIComponent(path)}`);
}

/** The value of the session's cookie. */
const sealed = (token: SessionToken) => sealedSession(token, application().configuration.sessionSecrets);

/** Sets the cookie of a new session. The page is rendered for that session. */
export async function setSessionCookie(token: SessionToken): Promise<void> {
  const { configuration } = application();
  (await cookies()).set(cookieName(), await sealed(token), {
    httpOnly: true,
    sameSite: "lax",
    secure: configuration.servedOverHttps,
    path: "/",
    maxAge: sessionSeconds,
  });
}

/**
 * Sends the browser the new secret of its session. Next.js renders the page again for an action that sets a
 * cookie through it, since a page may depend on cookies. No page depends on this one, so it bypasses Next.js
 * (docs/decisions/sessions.md).
 */
export async function renewSessionCookie(token: SessionToken): Promise<void> {
  if (!addCookie(cookieName(), await sealed(token), sessionSeconds)) await setSessionCookie(token);
}

/** Sets a cookie without Next.js. False if that is not possible here. */
function addCookie(name: string, value: string, maxAge: number, sameSite: "lax" | "strict" = "lax"): boolean {
  const secure = application().configuration.servedOverHttps ? "; Secure" : "";
  const cookie = `${name}=${value}; Path=/; Max-Age=${maxAge}; HttpOnly; SameSite=${sameSite}${secure}`;
  return logContext()?.addCookie?.(cookie) ?? false;
}

/**
 * Does what `setSessionCookie`, `setDeviceCookie` and `setAwaitingCookie` do once somebody is signed in,
 * without rendering the page again.
 */
export async function openWithoutDrawing(token: SessionToken, device: string): Promise<void> {
  await renewSessionCookie(token);
  if (!addCookie(deviceCookieName(), device, knownSeconds)) await setDeviceCookie(device);
  if (!addCookie(awaitingName(), "", 0, "strict")) await setAwaitingCookie(null);
}

const knownSeconds = knownDays * 86_400;

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
    maxAge: knownSeconds,
  });
}

function passkeyCookieName(): string {
  return application().configuration.servedOverHttps ? "__Host-postern-passkey" : "postern-passkey";
}

/** The secret of a browser that was asked to sign in with a passkey. Null without one. */
export async function passkeyCookie(): Promise<string | null> {
  return (await cookies()).get(passkeyCookieName())?.value ?? null;
}

/** Marks this browser as the one that may answer with a passkey, for some minutes. It signs nobody in. */
export async function setPasskeyCookie(value: string): Promise<void> {
  const { configuration } = application();
  (await cookies()).set(passkeyCookieName(), value, {
    httpOnly: true,
    sameSite: "strict",
    secure: configuration.servedOverHttps,
    path: "/",
    maxAge: 5 * 60,
  });
}

const awaitingName = () => awaitingCookieName(application().configuration);

/** The sign-in of this browser that awaits a second factor. Null without one that Postern began. */
export async function awaitingToken(): Promise<SessionToken | null> {
  const cookie = (await cookies()).get(awaitingName())?.value;
  if (!cookie) return null;
  const claims = await openedCookie(cookie, application().configuration.sessionSecrets, awaitingCookieSalt);
  return tokenShape.safeParse(claims).data ?? null;
}

/** Stores in this browser which sign-in awaits a second factor, or removes it. It signs nobody in. */
export async function setAwaitingCookie(token: SessionToken | null): Promise<void> {
  const { configuration } = application();
  const value = token ? await sealedSession(token, configuration.sessionSecrets, awaitingCookieSalt) : "";
  (await cookies()).set(awaitingName(), value, {
    httpOnly: true,
    sameSite: "strict",
    secure: configuration.servedOverHttps,
    path: "/",
    maxAge: token ? awaitMinutes * 60 : 0,
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
