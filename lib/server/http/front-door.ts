import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import type { Socket } from "node:net";
import { networkOf } from "@/lib/domain/people/network-of";
import { noticeProxy } from "@/lib/platform/front-door";
import { faultText, log } from "@/lib/platform/log";
import { importPath, limitBody, limitTime } from "@/lib/server/http/body-limit";
import { clientAddress, proxyHeaderOf } from "@/lib/server/http/client-address";
import {
  bodyMilliseconds,
  mostRequestsOfOneClient,
  mostRequestsOnOneConnection,
  shareOf,
  underWayLimit,
  wantsUpgrade,
} from "@/lib/server/http/connections";
import { answerProbe, answerStarting, type Health, type Readiness } from "@/lib/server/http/health";
import { isProviderMessage, preparePage, refusalOf } from "@/lib/server/http/page-guard";
import { answerPlainly, isScim, type PlainAnswer } from "@/lib/server/http/plain-answer";
import { readPosted } from "@/lib/server/http/posted-form";
import { type PlaceOf, withRequestLog } from "@/lib/server/http/request-log";
import { type Site, siteJudge, wrongHost } from "@/lib/server/http/site";

const unavailable: PlainAnswer = {
  status: 503,
  title: "The database cannot be reached",
  text: "Postern is running, but its database does not answer. Nothing was lost, and nothing was changed. This page works again as soon as the database does.",
  link: "Try again",
  headers: { "retry-after": "5" },
};
const starting: PlainAnswer = {
  status: 503,
  title: "Postern is starting",
  text: "This takes a few seconds.",
  link: "Try again",
  headers: { "retry-after": "2", connection: "close" },
};
const noUpgrade: PlainAnswer = {
  status: 400,
  title: "Not possible",
  text: "Postern does not speak another protocol here.",
  headers: { connection: "close" },
};
const tooMany: PlainAnswer = {
  status: 429,
  title: "Too many requests at once",
  text: "Many requests from this address are being answered. Wait until they are done.",
  headers: { "retry-after": "5", connection: "close" },
};

/**
 * Security headers of every answer. Pages have a Content-Security-Policy of their own with a nonce (page-guard.ts);
 * everything else may run and load nothing.
 */
function securityHeaders(https: boolean): Record<string, string> {
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

/** The handler once Postern has started: Next.js. */
export type Handler = (request: IncomingMessage, response: ServerResponse) => Promise<void>;

interface DoorSettings {
  readonly publicUrl: string;
  /** Whether Postern also answers under this machine's names and addresses. */
  readonly local: boolean;
  /** Null: the number of proxies is not configured. */
  readonly trustedProxies: number | null;
  /** How many processes share the limits. */
  readonly processes?: number;
  /** The secret that marks a request as made by Postern itself. It is the same in all processes. */
  readonly pass?: string;
  /** Whether the `traceparent` of requests is trusted. */
  readonly believesTraces?: boolean;
  readonly development: boolean;
  /** How long a body other than an import may take to arrive. */
  readonly patience?: number;
  readonly health: Pick<Health, "answers" | "answer" | "readiness">;
  readonly tell?: (line: string) => void;
  /** Names the paths of requests for the log. */
  readonly placeOf?: PlaceOf;
  /** Names the patterns of paths for the metrics. */
  readonly routeOf?: PlaceOf;
}

interface FrontDoor {
  answer(request: IncomingMessage, response: ServerResponse): void;
  /** The handler of requests from now on, and the ids of the actions that it knows; null lets every id through. */
  open(handle: Handler, actions: ReadonlySet<string> | null): void;
  /** From now on the process says that it is not ready. It still answers everything. */
  leave(): void;
}

const passHeader = "x-postern-pass";

/**
 * Headers that only a proxy or this process may set. A client's own are removed. The pages read the address at
 * which Postern was called from a header that nobody else can have set.
 */
function replaceForwarded(request: IncomingMessage, site: Site, address: string, pass: string): void {
  for (const name of Object.keys(request.headers))
    if (/^(x-postern-|x-forwarded-|forwarded$|x-middleware-|x-real-ip$)/.test(name))
      delete request.headers[name];
  request.headers.host = site.host;
  request.headers["x-forwarded-host"] = site.host;
  request.headers["x-forwarded-proto"] = new URL(site.origin).protocol.slice(0, -1);
  request.headers["x-postern-client-address"] = address;
  request.headers[passHeader] = pass;
}

/** The only value of a header; undefined if there is none. */
function headerText({ headers }: IncomingMessage, name: string): string | undefined {
  const value = headers[name];
  return Array.isArray(value) ? value[0] : value;
}

/**
 * Next.js itself requests the page that an action redirects to, with the headers of the admitted request. The
 * front door wrote its headers for the host and the address.
 */
function isOwn(request: IncomingMessage, pass: string): boolean {
  const own = request.headers[passHeader] === pass;
  if (own) request.headers.host = headerText(request, "x-forwarded-host");
  return own;
}

/** Reports once that there seems to be an unconfigured proxy in front. */
function proxyWatch(trustedProxies: number | null, tell: (line: string) => void) {
  let warned = trustedProxies !== null;
  return (request: IncomingMessage): void => {
    const header = warned ? undefined : proxyHeaderOf(request);
    if (header === undefined) return;
    warned = true;
    noticeProxy({ header, since: new Date() });
    tell(
      `A request came with ${header}, so there seems to be a proxy in front, but POSTERN_TRUSTED_PROXIES is not set: everybody behind it shares one count of failed sign-ins. Set it to the number of proxies, or to 0 if there is none.`,
    );
  };
}

/**
 * Handles every request: refuses requests that are for another address, from another site or malformed, and passes on
 * the rest. `open` receives the handler once it exists. Until then Postern answers that it is starting.
 */
export function frontDoor({
  publicUrl,
  local,
  trustedProxies,
  processes = 1,
  pass = randomUUID(),
  believesTraces = false,
  development,
  patience = bodyMilliseconds,
  health,
  tell = (line) => log().warn(line),
  placeOf = () => "unknown",
  routeOf = () => "unknown",
}: DoorSettings): FrontDoor {
  const https = publicUrl.startsWith("https:");
  const judge = siteJudge({ publicUrl, local, trustedProxies: trustedProxies ?? 0 });
  const elsewhere = wrongHost({ publicUrl, local });
  const watchForProxy = proxyWatch(trustedProxies, tell);
  const mayGoOn = underWayLimit<string>(shareOf(mostRequestsOfOneClient, processes));
  const mayGoOnHere = underWayLimit<Socket>(mostRequestsOnOneConnection);
  const headers = Object.entries(securityHeaders(https));
  let leaving = false;
  let inside: { readonly handle: Handler; readonly actions: ReadonlySet<string> | null } | null = null;

  async function readiness(): Promise<Readiness> {
    if (leaving) return "stopping";
    return inside === null ? "starting" : health.readiness();
  }

  async function answer(request: IncomingMessage, response: ServerResponse, own: boolean): Promise<void> {
    for (const [name, value] of headers) response.setHeader(name, value);
    // The next request opens a connection, to another process or replica.
    if (leaving) response.setHeader("connection", "close");
    const [path = ""] = (request.url ?? "").split("?", 1);
    if (!own) watchForProxy(request);
    if (!mayGoOnHere(request.socket, request, response)) return answerPlainly(request, response, tooMany);
    // Probes do not know Postern's name.
    if (request.method === "GET" || request.method === "HEAD") {
      if (path === "/healthz")
        return inside === null ? answerStarting(response) : health.answer(request, response);
      if (path === "/livez") return answerProbe(request, response, "alive");
      if (path === "/readyz") return answerProbe(request, response, await readiness());
    }
    const site = judge(request);
    const refusal =
      refusalOf(request, site, elsewhere) ?? (wantsUpgrade(request) && !development ? noUpgrade : null);
    if (refusal !== null || site === null) return answerPlainly(request, response, refusal ?? elsewhere);
    if (inside === null) return answerPlainly(request, response, starting);
    const address = own
      ? (headerText(request, "x-postern-client-address") ?? "unknown")
      : clientAddress(request, trustedProxies ?? 0);
    if (trustedProxies && !mayGoOn(networkOf(address), request, response))
      return answerPlainly(request, response, tooMany);
    replaceForwarded(request, site, address, pass);
    const watchBody = limitBody(request, response, path);
    if (watchBody === null) return;
    if (path !== importPath) limitTime(request, response, patience);
    // Development tools send their own requests to Next.js.
    const isForm =
      request.method === "POST" &&
      path !== importPath &&
      !isScim(path) &&
      !isProviderMessage(path) &&
      !path.startsWith("/__nextjs");
    const posted = isForm ? readPosted(request, inside.actions) : null;
    watchBody();
    const isFile = path.startsWith("/_next/static/") || path === "/icon.svg";
    if (!path.startsWith("/_next/") && !(await health.answers()))
      return answerPlainly(request, response, unavailable);
    if (!isFile && !isScim(path)) preparePage(request, response, { development, https });
    const refused = await posted;
    if (refused === undefined) return;
    if (refused === null) await inside.handle(request, response);
    else answerPlainly(request, response, refused);
  }

  return {
    answer(request, response) {
      const own = isOwn(request, pass);
      const how = { own, trusted: Boolean(trustedProxies), believed: believesTraces, placeOf, routeOf };
      withRequestLog(request, response, how, () => {
        answer(request, response, own).catch((error) => {
          tell(`${request.method} could not be answered: ${faultText(error)}`);
          if (response.headersSent) response.destroy();
          else response.writeHead(500, { connection: "close" }).end("Something went wrong.");
        });
      });
    },
    open(handle, actions) {
      inside = { handle, actions };
    },
    leave() {
      leaving = true;
    },
  };
}
