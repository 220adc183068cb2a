import { randomUUID } from "node:crypto";
import { answerPlainly } from "./plain-answer.mjs";

const safeMethods = new Set(["GET", "HEAD"]);

/** Whether a request that changes something comes from a page of this very site (ASVS 5.0, 3.5). */
function fromThisSite({ headers }) {
  const site = headers["sec-fetch-site"];
  if (site !== undefined && site !== "same-origin" && site !== "none") return false;
  const { origin } = headers;
  return origin === undefined || (URL.canParse(origin) && new URL(origin).host === headers.host);
}

function contentSecurityPolicy(nonce, { development, https }) {
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

/** The path and search that a page was asked for, less what Next.js adds when it asks for a part of it. */
function askedPath(url) {
  const [path, search = ""] = url.split("?", 2);
  const kept = search.split("&").filter((part) => part !== "" && !/^_rsc(=|$)/.test(part));
  return kept.length > 0 ? `${path}?${kept.join("&")}` : path;
}

function refusalOf(request) {
  if (!safeMethods.has(request.method) && request.method !== "POST") {
    const headers = { allow: "GET, HEAD, POST" };
    return { status: 405, title: "Not possible", text: "Nothing can be asked for in this way.", headers };
  }
  if (!safeMethods.has(request.method) && !fromThisSite(request)) {
    return { status: 403, title: "Not from here", text: "This request came from another site." };
  }
  // PostgreSQL's text holds no NUL, and no address of ours has one.
  if (request.url.includes("%00")) {
    return { status: 400, title: "Not an address", text: "This address makes no sense." };
  }
  return null;
}

/**
 * What every page is asked through, before Next.js: refuses what comes from another site or makes no sense, and gives
 * the page its Content-Security-Policy, whose nonce Next.js reads from the request, and the path it was asked for. It
 * protects no data: operations do. Answers false when it has refused.
 *
 * Here and not in a proxy.ts of Next.js, which makes a second request object for each (docs/decisions/speed.md).
 */
export function guardPage(request, response, options) {
  const refusal = refusalOf(request);
  if (refusal) {
    answerPlainly(request, response, refusal);
    return false;
  }
  const policy = contentSecurityPolicy(Buffer.from(randomUUID()).toString("base64"), options);
  request.headers["content-security-policy"] = policy;
  delete request.headers["content-security-policy-report-only"];
  request.headers["x-postern-path"] = askedPath(request.url);
  response.setHeader("Content-Security-Policy", policy);
  return true;
}
