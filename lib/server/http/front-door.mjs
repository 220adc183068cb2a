import { randomUUID } from "node:crypto";
import { networkOf } from "../../domain/network-of.mjs";
import { importPath, limitBody } from "./body-limit.mjs";
import { clientAddress, proxyHeaderOf } from "./client-address.mjs";
import {
  mostRequestsOfOneClient,
  mostRequestsOnOneConnection,
  underWayLimit,
  wantsUpgrade,
} from "./connections.mjs";
import { answerStarting } from "./health.mjs";
import { preparePage, refusalOf } from "./page-guard.mjs";
import { answerPlainly } from "./plain-answer.mjs";
import { readPosted } from "./posted-form.mjs";
import { siteJudge, wrongHost } from "./site.mjs";

const unavailable = {
  status: 503,
  title: "The database cannot be reached",
  text: "Postern is running, but its database does not answer. Nothing was lost, and nothing was changed. This page works again as soon as the database does.",
  link: "Try again",
  headers: { "retry-after": "5" },
};
const starting = {
  status: 503,
  title: "Postern is starting",
  text: "This takes a few seconds.",
  link: "Try again",
  headers: { "retry-after": "2", connection: "close" },
};
const noUpgrade = {
  status: 400,
  title: "Not possible",
  text: "Postern speaks no other protocol here.",
  headers: { connection: "close" },
};
const tooMany = {
  status: 429,
  title: "Too many requests at once",
  text: "Many requests of this address are being answered. Wait for them.",
  headers: { "retry-after": "5", connection: "close" },
};

/**
 * Security headers of every answer, whoever makes it. Pages bring a Content-Security-Policy of their own, with a nonce
 * (page-guard.mjs); what has none may run and load nothing.
 */
function securityHeaders(https) {
  return {
    "Content-Security-Policy":
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    ...(https ? { "Strict-Transport-Security": "max-age=63072000; includeSubDomains" } : {}),
  };
}

const passHeader = "x-postern-pass";

/**
 * What only a proxy or this process may say: a client's own words of it reach nobody. What stands behind is told the
 * address at which Postern was asked, once, and by no header that others could have written.
 */
function replaceForwarded(request, site, address, pass) {
  for (const name of Object.keys(request.headers))
    if (/^(x-postern-|x-forwarded-|forwarded$|x-middleware-|x-real-ip$)/.test(name))
      delete request.headers[name];
  request.headers.host = site.host;
  request.headers["x-forwarded-host"] = site.host;
  request.headers["x-forwarded-proto"] = new URL(site.origin).protocol.slice(0, -1);
  request.headers["x-postern-client-address"] = address;
  request.headers[passHeader] = pass;
}

/**
 * Next.js asks for the page that an action leads to itself, with the headers of the request that the door let in: what
 * they say of the host and the address is this door's own word.
 */
function isOwn(request, pass) {
  const own = request.headers[passHeader] === pass;
  if (own) request.headers.host = request.headers["x-forwarded-host"];
  return own;
}

/** Tells, once, that a proxy seems to stand in front of which nothing was said. */
function proxyWatch(trustedProxies, tell) {
  let told = trustedProxies !== null;
  return (request) => {
    const header = told ? undefined : proxyHeaderOf(request);
    if (header === undefined) return;
    told = true;
    globalThis.posternUnannouncedProxy = { header, since: new Date() };
    tell(
      `A request came with ${header}, so a proxy seems to stand in front, but POSTERN_TRUSTED_PROXIES is not set: everybody behind it shares one count of failed sign-ins. Set it to the number of proxies, or to 0 if there is none.`,
    );
  };
}

/**
 * The way of every request to the pages: refuses what is at another address, from another site or makes no sense, and
 * hands on the rest. `open` is given what answers once that is there; until then Postern says that it is starting.
 */
export function frontDoor({ publicUrl, local, trustedProxies, development, health, tell = console.error }) {
  const https = publicUrl.startsWith("https:");
  const judge = siteJudge({ publicUrl, local, trustedProxies: trustedProxies ?? 0 });
  const elsewhere = wrongHost({ publicUrl, local });
  const watchForProxy = proxyWatch(trustedProxies, tell);
  const mayGoOn = underWayLimit(mostRequestsOfOneClient);
  const mayGoOnHere = underWayLimit(mostRequestsOnOneConnection);
  const headers = Object.entries(securityHeaders(https));
  const pass = randomUUID();
  let inside = null;

  async function answer(request, response) {
    for (const [name, value] of headers) response.setHeader(name, value);
    const path = request.url.split("?", 1)[0];
    const own = isOwn(request, pass);
    if (!own) watchForProxy(request);
    if (!mayGoOnHere(request.socket, request, response)) return answerPlainly(request, response, tooMany);
    // Probes know no name of Postern's.
    if (path === "/healthz" && (request.method === "GET" || request.method === "HEAD"))
      return inside === null ? answerStarting(response) : health.answer(request, response);
    const site = judge(request);
    const refusal =
      refusalOf(request, site, elsewhere) ?? (wantsUpgrade(request) && !development ? noUpgrade : null);
    if (refusal !== null) return answerPlainly(request, response, refusal);
    if (inside === null) return answerPlainly(request, response, starting);
    const address = own
      ? request.headers["x-postern-client-address"]
      : clientAddress(request, trustedProxies ?? 0);
    if (trustedProxies && !mayGoOn(networkOf(address), request, response))
      return answerPlainly(request, response, tooMany);
    replaceForwarded(request, site, address, pass);
    const watchBody = limitBody(request, response, path);
    if (watchBody === null) return undefined;
    // What the tools of development send to Next is theirs.
    const isForm = request.method === "POST" && path !== importPath && !path.startsWith("/__nextjs");
    const posted = isForm ? readPosted(request, inside.actions) : null;
    watchBody();
    const isFile = path.startsWith("/_next/static/") || path === "/icon.svg";
    if (!path.startsWith("/_next/") && !(await health.answers()))
      return answerPlainly(request, response, unavailable);
    if (!isFile) preparePage(request, response, { development, https });
    const refused = await posted;
    if (refused === undefined) return undefined;
    return refused === null ? inside.handle(request, response) : answerPlainly(request, response, refused);
  }

  return {
    answer(request, response) {
      answer(request, response).catch((error) => {
        tell(`${request.method} could not be answered: ${error.message}`);
        if (response.headersSent) response.destroy();
        else response.writeHead(500, { connection: "close" }).end("Something went wrong.");
      });
    },
    /** From now on: the handler of requests, and the ids of the actions it knows (null: any). */
    open(handle, actions) {
      inside = { handle, actions };
    },
  };
}
