import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";
import type { SessionSecrets } from "@/lib/platform/configuration";

/** For how many days a browser stays known after its last sign-in. */
export const knownDays = 180;
/** For how many accounts a browser stays known, newest first. */
const mostAccounts = 4;
const shape = /^([0-9a-f-]{36})\.([0-9a-f-]{36})\.(\d{1,12})\.([A-Za-z0-9_-]{43})$/;

function signature(secret: string, text: string): string {
  return createHmac("sha256", secret).update(`known-device:${text}`).digest("base64url");
}

interface Device {
  readonly userId: string;
  readonly deviceId: string;
  /** The last sign-in, in seconds. */
  readonly issued: number;
  readonly text: string;
}

function read(secrets: SessionSecrets, cookie: string, now: Date): Device | null {
  const [, userId, deviceId, issued, given] = shape.exec(cookie) ?? [];
  if (!userId || !deviceId || !issued || !given) return null;
  const signed = `${userId}.${deviceId}.${issued}`;
  const age = now.getTime() / 1_000 - Number(issued);
  if (age > knownDays * 86_400) return null;
  const isRight = secrets.some((secret) =>
    timingSafeEqual(Buffer.from(signature(secret, signed)), Buffer.from(given)),
  );
  // Signed again, so that a former secret is needed only until the next sign-in.
  const text = `${signed}.${signature(secrets[0], signed)}`;
  return isRight ? { userId, deviceId, issued: Number(issued), text } : null;
}

function find(secrets: SessionSecrets, cookie: string | null, userId: string, now: Date): Device | null {
  const devices = (cookie ?? "").slice(0, 2_000).split("~");
  return devices.map((text) => read(secrets, text, now)).find((device) => device?.userId === userId) ?? null;
}

/**
 * The count for guesses of a browser that is known for an account; null if it is not known. Browsers
 * without a sign-in since the password changed share one count, since somebody with the former password
 * may have created many of them.
 */
export function knownDevice(
  secrets: SessionSecrets,
  cookie: string | null,
  userId: string,
  { now, passwordChangedAt }: { readonly now: Date; readonly passwordChangedAt: Date | null },
): string | null {
  const found = find(secrets, cookie, userId, now);
  if (!found) return null;
  const before = passwordChangedAt !== null && found.issued < Math.floor(passwordChangedAt.getTime() / 1_000);
  return before ? `${userId}:before` : found.deviceId;
}

/**
 * The cookie of a browser after signing in. It makes the browser known for this account, and keeps it
 * known for the newest others.
 */
export function rememberDevice(
  secrets: SessionSecrets,
  cookie: string | null,
  userId: string,
  now: Date,
): string {
  const devices = (cookie ?? "").slice(0, 2_000).split("~");
  const others = devices.flatMap((text) => {
    const device = read(secrets, text, now);
    return device && device.userId !== userId ? [device.text] : [];
  });
  const deviceId = find(secrets, cookie, userId, now)?.deviceId ?? randomUUID();
  const text = `${userId}.${deviceId}.${Math.floor(now.getTime() / 1_000)}`;
  return [`${text}.${signature(secrets[0], text)}`, ...others.slice(0, mostAccounts - 1)].join("~");
}
