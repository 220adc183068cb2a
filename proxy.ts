import { type NextRequest, NextResponse } from "next/server";
import { readConfiguration } from "@/lib/platform/configuration";

const safeMethods = new Set(["GET", "HEAD", "OPTIONS"]);

/** Whether a request that changes something comes from a page of this very site (ASVS 5.0, 3.5). */
function fromThisSite(request: NextRequest): boolean {
  const site = request.headers.get("sec-fetch-site");
  if (site !== null && site !== "same-origin" && site !== "none") return false;
  const origin = request.headers.get("origin");
  return origin === null || (URL.canParse(origin) && new URL(origin).host === request.headers.get("host"));
}

let https: boolean | undefined;

/**
 * The Content-Security-Policy of every page, and the nonce and path that pages read; the other security headers are the
 * server's (scripts/parts/serve.mjs). It protects no data: operations do.
 */
export function proxy(request: NextRequest): NextResponse {
  if (!safeMethods.has(request.method) && !fromThisSite(request)) {
    return new NextResponse("This request came from another site.", { status: 403 });
  }
  // PostgreSQL's text holds no NUL, and no address of ours has one.
  if (request.nextUrl.href.includes("%00"))
    return new NextResponse("This address makes no sense.", { status: 400 });
  const nonce = Buffer.from(crypto.randomUUID()).toString("base64");
  https ??= readConfiguration().servedOverHttps;
  const development = process.env.NODE_ENV === "development" ? " 'unsafe-eval'" : "";
  const policy = [
    "default-src 'self'",
    `script-src 'self' 'nonce-${nonce}' 'strict-dynamic'${development}`,
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
  const headers = new Headers(request.headers);
  headers.set("content-security-policy", policy);
  headers.set("x-nonce", nonce);
  headers.set("x-postern-path", `${request.nextUrl.pathname}${request.nextUrl.search}`);
  const response = NextResponse.next({ request: { headers } });
  response.headers.set("Content-Security-Policy", policy);
  return response;
}

export const config = { matcher: ["/((?!_next/static/|icon\\.svg$).*)"] };
