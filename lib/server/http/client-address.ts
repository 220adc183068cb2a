import type { IncomingMessage } from "node:http";
import { isIP } from "node:net";

/**
 * An address from a proxy, in one spelling: without port, brackets, quotes and zone, in lower case, and with an
 * IPv4 address written as IPv6 converted to IPv4. Null if it is not an address.
 */
export function canonicalAddress(text: string): string | null {
  let address = text.trim().replace(/^"(.*)"$/, "$1");
  const bracketed = /^\[([^\]]+)\](?::\d{1,5})?$/.exec(address)?.[1];
  if (bracketed !== undefined) address = bracketed;
  else if (/^[\d.]+:\d{1,5}$/.test(address)) address = address.slice(0, address.indexOf(":"));
  address = address.replace(/%.*$/, "");
  if (isIP(address) === 4) return address;
  if (isIP(address) !== 6) return null;
  // As a server names the clients of its IPv4 addresses.
  const written = /^::ffff:(\d+(?:\.\d+){3})$/.exec(address)?.[1];
  if (written !== undefined && isIP(written) === 4) return written;
  const spelled = new URL(`http://[${address}]/`).hostname.slice(1, -1);
  const mapped = /^::ffff:([0-9a-f]{1,4}):([0-9a-f]{1,4})$/.exec(spelled);
  if (!mapped) return spelled;
  return mapped
    .slice(1)
    .map((group) => Number.parseInt(group, 16))
    .flatMap((group) => [group >> 8, group & 255])
    .join(".");
}

/** The values of a header that proxies append to, in order. */
export function forwardedValues(header: string | readonly string[] | undefined): string[] {
  return String(header ?? "")
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);
}

/**
 * The client's address: the connection's or, behind n trusted proxies, the n-th from the right. If a proxy
 * wrote something that is not an address, the connection's is used.
 */
export function clientAddress(
  request: Pick<IncomingMessage, "headers"> & { readonly socket: { readonly remoteAddress?: string } },
  trustedProxies: number,
): string {
  const forwarded = forwardedValues(request.headers["x-forwarded-for"]);
  const chosen = trustedProxies > 0 ? forwarded.at(-trustedProxies) : undefined;
  return canonicalAddress(chosen ?? "") ?? canonicalAddress(request.socket.remoteAddress ?? "") ?? "unknown";
}

/** How many proxies POSTERN_TRUSTED_PROXIES declares as trusted; null if it is not set. Throws one line. */
export function trustedProxiesOf(text: string | undefined): number | null {
  if (text === undefined || text.trim() === "") return null;
  const count = Number(text);
  if (Number.isInteger(count) && count >= 0 && count <= 20) return count;
  throw new Error(
    `POSTERN_TRUSTED_PROXIES is ${text}: set it to how many proxies stand in front, 0 for none.`,
  );
}

/** The headers that reveal a proxy. */
const proxyHeaders = ["x-forwarded-for", "x-forwarded-host", "x-forwarded-proto", "forwarded", "x-real-ip"];

/** The name of a header of this request that reveals a proxy; undefined if there is none. */
export function proxyHeaderOf(request: Pick<IncomingMessage, "headers">): string | undefined {
  return proxyHeaders.find((name) => request.headers[name] !== undefined);
}
