import { createServer } from "node:http";
import { setFlagsFromString } from "node:v8";
import pg from "pg";
import { guardPage } from "./page-guard.mjs";
import { answerPlainly } from "./plain-answer.mjs";
import { listenFault } from "./port.mjs";
import { builtActions, readPosted } from "./posted-form.mjs";
import { root } from "./root.mjs";

/** What a form may hold: the `bodySizeLimit` of next.config.js, so that it is refused here and by no fault of Next's. */
const maximumBody = 256 * 1024;
/** What an import may hold (`maximumImportBytes`), which its route reads for signed-in administrators only. */
const importPath = "/import/upload";
const maximumImport = 5 * 1024 * 1024;

const unavailable = {
  status: 503,
  title: "The database cannot be reached",
  text: "Postern is running, but its database does not answer. Nothing was lost, and nothing was changed. This page works again as soon as the database does.",
  link: "Try again",
  headers: { "retry-after": "5" },
};

/**
 * Security headers of every answer, whoever makes it. Pages bring a Content-Security-Policy of their own, with a nonce
 * (page-guard.mjs); what has none may run and load nothing.
 */
function securityHeaders() {
  return {
    "Content-Security-Policy":
      "default-src 'none'; style-src 'unsafe-inline'; frame-ancestors 'none'; base-uri 'none'",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "same-origin",
    "X-Frame-Options": "DENY",
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Resource-Policy": "same-origin",
    "Permissions-Policy": "camera=(), microphone=(), geolocation=(), payment=(), usb=()",
    ...((process.env.POSTERN_URL ?? "").startsWith("https:")
      ? { "Strict-Transport-Security": "max-age=63072000; includeSubDomains" }
      : {}),
  };
}

/** The address of whoever asks: the connection's, or, behind n trusted proxies, the n-th from the right. */
function clientAddress(request, trustedProxies) {
  const forwarded = String(request.headers["x-forwarded-for"] ?? "")
    .split(",")
    .map((part) => part.trim())
    .filter(Boolean);
  const chosen = trustedProxies > 0 ? forwarded.at(-trustedProxies) : undefined;
  return chosen ?? request.socket.remoteAddress ?? "unknown";
}

/** Whether the database answers, asked at most once in two seconds while it does. */
function databaseHealth(url) {
  const pool = new pg.Pool({
    connectionString: url,
    max: 1,
    connectionTimeoutMillis: 2_000,
    query_timeout: 2_000,
  });
  pool.on("error", () => {});
  let last = { at: 0, healthy: false };
  return {
    async check() {
      if (last.healthy && Date.now() - last.at < 2_000) return true;
      const healthy = await pool.query("SELECT 1").then(
        () => true,
        () => false,
      );
      last = { at: Date.now(), healthy };
      return healthy;
    },
    /** How the worker does, or null when that cannot be told now. */
    async worker() {
      const answer = await pool.query("SELECT * FROM worker_health()").catch(() => null);
      const row = answer?.rows[0];
      if (!row) return null;
      return {
        state: row.state,
        lateJobs: row.late_jobs,
        failingJobs: row.failing_jobs,
        waiting: row.waiting,
        waitingSeconds: row.waiting_seconds,
        deadLetters: row.dead_letters,
      };
    },
    close: () => pool.end(),
  };
}

/**
 * Answers that a request is too large once its sender has said all, or after a few seconds: one who is cut off in the
 * middle never reads why. What is sent goes nowhere.
 */
function refuseLarge(request, response) {
  const answer = () => {
    clearTimeout(patience);
    if (response.headersSent || response.destroyed) return;
    response
      .writeHead(413, { connection: "close", "content-type": "text/plain" })
      .end("The request is too large.", () => request.destroy());
  };
  const patience = setTimeout(answer, 5_000);
  // What follows goes to nobody, whoever has begun to read.
  request.push = (chunk) => {
    if (chunk === null) answer();
    return true;
  };
  request.once("error", answer).resume();
}

/** Refuses a body that grows past what is allowed without having said so before. */
function watchLength(request, response, allowed) {
  let received = 0;
  const push = request.push.bind(request);
  request.push = (chunk, encoding) => {
    received += chunk?.length ?? 0;
    if (received <= allowed) return push(chunk, encoding);
    refuseLarge(request, response);
    return true;
  };
}

/**
 * The heap grows by a third of what is in use before the next full collection, and not to several times that: pages
 * leave much behind that is of no use, and a process that answers little keeps it for hours (docs/decisions/speed.md).
 */
setFlagsFromString("--heap-growing-percent=33");

/** Serves the built pages; resolves with a function that ends it after the requests under way. */
export async function serve({ port, development = false, databaseUrl }) {
  const https = (process.env.POSTERN_URL ?? "").startsWith("https:");
  const trustedProxies = Number(process.env.POSTERN_TRUSTED_PROXIES ?? 0);
  const health = databaseHealth(databaseUrl);
  const server = createServer({ requestTimeout: 30_000, headersTimeout: 15_000 });
  await new Promise((resolve, reject) => {
    server.once("error", (error) => reject(listenFault(error, port)));
    server.listen(port, resolve);
  });
  const { default: next } = await import("next");
  const application = next({ dev: development, dir: root, port, hostname: "localhost", httpServer: server });
  await application.prepare();
  const handle = application.getRequestHandler();
  const headers = Object.entries(securityHeaders());
  const actions = development ? null : builtActions();
  server.on("request", async (request, response) => {
    for (const [name, value] of headers) response.setHeader(name, value);
    request.headers["x-postern-client-address"] = clientAddress(request, trustedProxies);
    const path = (request.url ?? "/").split("?")[0];
    if (path === "/healthz") {
      // A worker that is away, behind or failing is told but never fails the check: access is right without it.
      const healthy = await health.check();
      const worker = healthy ? await health.worker() : null;
      const status = worker?.state === "running" && worker.failingJobs === 0 ? "ok" : "degraded";
      response.writeHead(healthy ? 200 : 503, {
        "content-type": "application/json",
        "cache-control": "no-store",
      });
      response.end(JSON.stringify(healthy ? { status, worker } : { status: "database unavailable" }));
      return;
    }
    const allowed = path === importPath ? maximumImport : maximumBody;
    if (Number(request.headers["content-length"] ?? 0) > allowed) {
      refuseLarge(request, response);
      return;
    }
    // What the tools of development send to Next is theirs.
    const isForm = request.method === "POST" && path !== importPath && !path.startsWith("/__nextjs");
    const posted = isForm ? readPosted(request, actions) : null;
    watchLength(request, response, allowed);
    if (!path.startsWith("/_next/") && !(await health.check())) {
      answerPlainly(request, response, unavailable);
      return;
    }
    const isPage = !path.startsWith("/_next/static/") && path !== "/icon.svg";
    if (isPage && !guardPage(request, response, { development, https })) return;
    const answer = await posted;
    if (answer === undefined) return;
    if (answer !== null) return answerPlainly(request, response, answer);
    await handle(request, response);
  });
  return async () => {
    server.close();
    // Pages that listen for notifications would otherwise keep their connections for ever.
    await globalThis.posternApplication?.stop();
    server.closeIdleConnections();
    setTimeout(() => server.closeAllConnections(), 3_000).unref();
    await Promise.race([application.close(), new Promise((resolve) => setTimeout(resolve, 5_000))]);
    await health.close();
  };
}
