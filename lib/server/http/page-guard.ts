import { randomBytes } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { sendHeadWithBody } from "@/lib/server/http/head-with-body";
import { isScim, type PlainAnswer } from "@/lib/server/http/plain-answer";
import type { Site } from "@/lib/server/http/site";

interface PolicyOptions {
  readonly development: boolean;
  readonly https: boolean;
}

const safeMethods = new Set<string | undefined>(["GET", "HEAD"]);

/** Whether a request that changes something comes from a page of this very site (ASVS 5.0, 3.5). */
function fromThisSite({ headers }: IncomingMessage, site: Site): boolean {
  const { origin, "sec-fetch-site": from } = headers;
  if (from !== undefined && from !== "same-origin" && from !== "none") return false;
  // Browsers write an origin in only one way, and `null` belongs to nobody. A browser without an Origin header
  // sends another header about its origin.
  return origin === undefined ? from === "same-origin" : origin === site.origin;
}

/** Whether identity providers send their sign-out messages to this path. These are signed messages, not forms of a page. */
export function isProviderMessage(path: string): boolean {
  return path.startsWith("/api/auth/back-channel/");
}

function contentSecurityPolicy(nonce: string, { development, https }: PolicyOptions): string {
  return [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${development ? " 'unsafe-eval'" : ""}`,
    "style-src 'self' 'unsafe-inline'",
    "img-src 'self' data:",
    "font-src 'self'",
    "connect-src 'self'",
    "object-src 'none'",
    "base-uri 'none'",
    "form-action 'self'",
    "frame-ancestors 'none'",
    ...(https ? ["upgrade-insecure-requests"] : []),
  ].join("; ");
}

/** The requested path and search, without what Next.js adds when it requests a part of a page. */
function askedPath(url: string): string {
  const [path = "", search = ""] = url.split("?", 2);
  const kept = search.split("&").filter((part) => part !== "" && !/^_rsc(=|$)/.test(part));
  return kept.length > 0 ? `${path}?${kept.join("&")}` : path;
}

/**
 * Whether a request's target is a plain path. Otherwise one reader might take it for a file of the build, and another
 * for a page. No address of Postern has dot segments, empty segments, backslashes, or any of these or NUL escaped.
 */
function isPlainPath(target: string): boolean {
  const [path = ""] = target.split("?", 1);
  if (!path.startsWith("/") || /\/\/|\\|#|\/\.{1,2}(\/|$)/.test(path)) return false;
  if (/%(2e|2f|5c|00)/i.test(path)) return false;
  try {
    decodeURIComponent(path);
    return true;
  } catch {
    return false;
  }
}

/** Why a request is refused before any of it is handled; null if it is not. */
export function refusalOf(
  request: IncomingMessage,
  site: Site | null,
  wrongHost: PlainAnswer,
): PlainAnswer | null {
  const target = request.url ?? "";
  // PostgreSQL's text cannot contain NUL, and no address of Postern does.
  if (!isPlainPath(target) || target.includes("%00")) {
    return { status: 400, title: "Not an address", text: "This address is not valid." };
  }
  if (site === null) return wrongHost;
  // A directory sends its token in a header that no browser adds by itself, so it need not come from a page of
  // this site.
  if (isScim(target.split("?", 1)[0] ?? "")) return null;
  if (!safeMethods.has(request.method) && request.method !== "POST") {
    const headers = { allow: "GET, HEAD, POST" };
    return { status: 405, title: "Not possible", text: "This kind of request is not possible.", headers };
  }
  // A provider's message is signed and uses no cookie, so it need not come from a page of this site either.
  const signed = isProviderMessage(target);
  if (!safeMethods.has(request.method) && !signed && !fromThisSite(request, site)) {
    return {
      status: 403,
      title: "Not from here",
      text: `This request came from another site, or from a program that does not say where it comes from. Postern accepts changes only from its own pages at ${site.origin}.`,
    };
  }
  return null;
}

/**
 * Gives a page its Content-Security-Policy, whose nonce Next.js reads from the request, and the requested path.
 * It protects no data, since operations do.
 *
 * Here and not in a proxy.ts of Next.js, which creates a second request object for each request
 * (docs/decisions/speed.md).
 */
export function preparePage(
  request: IncomingMessage,
  response: ServerResponse,
  options: PolicyOptions,
): void {
  const policy = contentSecurityPolicy(randomBytes(16).toString("base64url"), options);
  request.headers["content-security-policy"] = policy;
  delete request.headers["content-security-policy-report-only"];
  request.headers["x-postern-path"] = askedPath(request.url ?? "");
  response.setHeader("Content-Security-Policy", policy);
  sendHeadWithBody(response);
}
