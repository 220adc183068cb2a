import { createHmac, randomUUID, timingSafeEqual } from "node:crypto";

/** How long a browser stays known after it was last signed in with, in days. */
export const knownDays = 180;
/** A browser is known for so many accounts, the newest. */
const mostAccounts = 4;
const shape = /^([0-9a-f-]{36})\.([0-9a-f-]{36})\.(\d{1,12})\.([A-Za-z0-9_-]{43})$/;

function signature(secret: string, text: string): string {
  return createHmac("sha256", secret).update(`known-device:${text}`).digest("base64url");
}

interface Device {
  readonly userId: string;
  readonly deviceId: string;
  readonly text: string;
}

function read(secret: string, text: string, now: Date): Device | null {
  const [, userId, deviceId, issued, given] = shape.exec(text) ?? [];
  if (!userId || !deviceId || !issued || !given) return null;
  const right = Buffer.from(signature(secret, `${userId}.${deviceId}.${issued}`));
  const age = now.getTime() / 1_000 - Number(issued);
  if (!timingSafeEqual(right, Buffer.from(given)) || age > knownDays * 86_400) return null;
  return { userId, deviceId, text };
}

/** The id under which a browser is known for an account, from its cookie; null when it is not. */
export function knownDevice(secret: string, cookie: string | null, userId: string, now: Date): string | null {
  const devices = (cookie ?? "").slice(0, 2_000).split("~");
  const found = devices.map((text) => read(secret, text, now)).find((device) => device?.userId === userId);
  return found?.deviceId ?? null;
}

/** The cookie of a browser after signing in: known for this account now, and still for the newest others. */
export function rememberDevice(secret: string, cookie: string | null, userId: string, now: Date): string {
  const devices = (cookie ?? "").slice(0, 2_000).split("~");
  const others = devices.flatMap((text) => {
    const device = read(secret, text, now);
    return device && device.userId !== userId ? [device.text] : [];
  });
  const deviceId = knownDevice(secret, cookie, userId, now) ?? randomUUID();
  const text = `${userId}.${deviceId}.${Math.floor(now.getTime() / 1_000)}`;
  return [`${text}.${signature(secret, text)}`, ...others.slice(0, mostAccounts - 1)].join("~");
}
