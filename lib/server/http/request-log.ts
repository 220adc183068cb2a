import { randomUUID } from "node:crypto";
import type { IncomingMessage, ServerResponse } from "node:http";
import { type Log, log } from "@/lib/platform/log";
import { inLogContext, type LogContext } from "@/lib/platform/log-context";
import { meter } from "@/lib/platform/meter";
import { tracing } from "@/lib/platform/tracing";
import { probes } from "@/lib/server/http/request-place";

export const requestIdHeader = "x-request-id";

const uuid = /^[0-9a-f]{8}-?(?:[0-9a-f]{4}-?){3}[0-9a-f]{12}$/i;

/** Requests that pages and probes send by the dozen, and that are of no interest in the log. */
const quiet = new Set<string>(["/_next/static", "/icon.svg", ...probes]);

/** The id that a proxy gave the request. Undefined unless it is a UUID, with or without hyphens. */
function givenId({ headers }: IncomingMessage): string | undefined {
  const given = headers[requestIdHeader];
  if (typeof given !== "string" || !uuid.test(given)) return undefined;
  const digits = given.replaceAll("-", "").toLowerCase();
  return digits.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, "$1-$2-$3-$4-$5");
}

/** The headers in which a client names its trace. Code behind the front door never sees the client's own values. */
const traceHeaders = ["traceparent", "tracestate", "baggage"];
const methods = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);

/**
 * The span of a request; undefined if it is not traced. A request of this process to itself belongs to the
 * request that caused it. Any other `traceparent` counts only if it is trusted.
 */
function spanOf(
  request: IncomingMessage,
  route: string,
  { own, believed, correlationId }: { own: boolean; believed: boolean; correlationId: string },
) {
  const { traceparent } = request.headers;
  for (const name of traceHeaders) delete request.headers[name];
  if (quiet.has(route)) return undefined;
  const method = methods.has(request.method ?? "") ? request.method : "_OTHER";
  const span = tracing()?.begin(`${method} ${route}`, own ? "internal" : "server", {
    correlationId,
    traceparent: (own || believed) && typeof traceparent === "string" ? traceparent : undefined,
  });
  span?.set({ "http.request.method": method, "http.route": route });
  if (span) request.headers.traceparent = span.traceparent;
  return span;
}

/** Names the place of a request for the log. */
export type PlaceOf = (path: string) => string;

function writeLine(
  to: Log,
  request: IncomingMessage,
  response: ServerResponse,
  place: string,
  ms: number,
): void {
  const { statusCode: status, writableFinished } = response;
  // 503 means that Postern is starting, or that the database is unavailable, which is logged elsewhere once.
  const level = status === 503 ? "warn" : status >= 500 ? "error" : quiet.has(place) ? "debug" : "info";
  to[level]("request", {
    method: request.method,
    path: place,
    status,
    ms,
    ...(writableFinished ? {} : { cutShort: true }),
  });
}

/**
 * Answers a request under an id of its own, which the answer and all its log lines have, and writes a line once
 * it is over. Behind trusted proxies the id is the proxy's. The audit log still gets an id that was made here,
 * since the sender must not choose it. `own` are requests of this process to itself. They continue under the id
 * of the request that caused them, and are not logged.
 */
export function withRequestLog(
  request: IncomingMessage,
  response: ServerResponse,
  {
    own,
    trusted,
    believed = false,
    placeOf,
    routeOf,
  }: {
    readonly own: boolean;
    readonly trusted: boolean;
    /** Whether the trace that the request names is trusted. */
    readonly believed?: boolean;
    readonly placeOf: PlaceOf;
    readonly routeOf: PlaceOf;
  },
  work: () => void,
): void {
  const correlationId = randomUUID();
  const requestId = (own || trusted ? givenId(request) : undefined) ?? correlationId;
  const [path = ""] = (request.url ?? "").split("?", 1);
  const span = spanOf(request, routeOf(path), { own, believed, correlationId });
  request.headers[requestIdHeader] = requestId;
  response.setHeader(requestIdHeader, requestId);
  const context: LogContext = {
    requestId,
    correlationId,
    traceId: span?.traceId,
    addCookie(cookie) {
      if (response.headersSent) return false;
      response.appendHeader("Set-Cookie", cookie);
      return true;
    },
  };
  const begun = performance.now();
  if (span)
    response.once("close", () => {
      if (response.statusCode >= 500) span.failed(String(response.statusCode));
      span.end({
        "http.response.status_code": response.statusCode,
        "postern.request_id": requestId,
        ...(response.writableFinished ? {} : { "postern.cut_short": true }),
      });
    });
  if (!own) {
    const measured = meter()?.requestBegan();
    response.once("close", () => {
      measured?.({ method: request.method, route: routeOf(path), status: response.statusCode });
      inLogContext(context, () =>
        writeLine(log(), request, response, placeOf(path), Math.round(performance.now() - begun)),
      );
    });
  }
  inLogContext(context, span ? () => span.run(work) : work);
}
