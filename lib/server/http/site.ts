import type { IncomingMessage } from "node:http";
import { hostname, networkInterfaces } from "node:os";
import { canonicalAddress, forwardedValues } from "@/lib/server/http/client-address";
import type { PlainAnswer } from "@/lib/server/http/plain-answer";

/** One of Postern's addresses. */
export interface Site {
  readonly host: string;
  readonly origin: string;
}

const hostShape = /^(\[[0-9a-f:.]+\]|[a-z0-9](?:[a-z0-9._-]*[a-z0-9])?)(?::(\d{1,5}))?$/i;

/** This machine's names: `db1.example.com`, `db1` and `db1.local`. */
function machineNames(): string[] {
  const name = hostname().toLowerCase();
  const [first = name] = name.split(".");
  return [name, first, `${first}.local`];
}

/** Whether a name or an address is this machine's own. */
function isThisMachine(name: string): boolean {
  if (name === "localhost" || name.endsWith(".localhost") || machineNames().includes(name)) return true;
  const address = canonicalAddress(name);
  if (address === null) return false;
  if (address === "::1" || address.startsWith("127.")) return true;
  return Object.values(networkInterfaces()).some((list) =>
    list?.some((each) => canonicalAddress(each.address) === address),
  );
}

/** The requested host: from the last trusted proxy, otherwise from the Host header. Null without one. */
function askedHost(
  { headers, rawHeaders }: Pick<IncomingMessage, "headers" | "rawHeaders">,
  trustedProxies: number,
): string | null {
  const hosts = rawHeaders.filter((name, index) => index % 2 === 0 && name.toLowerCase() === "host");
  if (hosts.length !== 1) return null;
  const forwarded = trustedProxies > 0 ? forwardedValues(headers["x-forwarded-host"]) : [];
  return (forwarded.at(-trustedProxies) ?? forwarded[0] ?? headers.host ?? "").toLowerCase();
}

/**
 * The address of Postern at which a request arrived, as `{ host, origin }`; null if it is not one. With
 * POSTERN_URL that is the only address. Otherwise, if `local`, it is any port of this machine's names and
 * addresses, over http (docs/decisions/front-door.md).
 */
export function siteJudge({
  publicUrl,
  local,
  trustedProxies,
}: {
  readonly publicUrl: string;
  readonly local: boolean;
  readonly trustedProxies: number;
}) {
  const site = new URL(publicUrl);
  return (request: Pick<IncomingMessage, "headers" | "rawHeaders">): Site | null => {
    const asked = askedHost(request, trustedProxies);
    const [, name, port] = hostShape.exec(asked ?? "") ?? [];
    if (name === undefined || Number(port ?? 0) > 65_535) return null;
    const url = `${local ? "http:" : site.protocol}//${asked}`;
    if (!URL.canParse(url)) return null;
    const { host, origin } = new URL(url);
    if (local ? !isThisMachine(name) : host !== site.host) return null;
    return { host, origin };
  };
}

/** Why a request for another address is refused, in words that help operators too. */
export function wrongHost({
  publicUrl,
  local,
}: {
  readonly publicUrl: string;
  readonly local: boolean;
}): PlainAnswer {
  return {
    status: 421,
    title: "Postern is not at this address",
    text: local
      ? "Postern answers to localhost and to this machine's own names and addresses. To use another address, set POSTERN_URL to it."
      : `Postern is at ${new URL(publicUrl).origin}. A proxy in front must pass the Host header on, or send X-Forwarded-Host and be counted in POSTERN_TRUSTED_PROXIES.`,
    headers: { connection: "close" },
  };
}
