import type { IncomingMessage, ServerResponse } from "node:http";
import { isIP } from "node:net";
import { monitorEventLoopDelay } from "node:perf_hooks";
import type pg from "pg";
import type { EncryptionKeys } from "@/lib/platform/secrets";
import { unreadableKeys } from "@/lib/server/database/encryption-keys";
import { lacksMigrations, migrationNames } from "@/lib/server/database/migrate";
import { type Answer, askDatabase } from "@/lib/server/database/question";
import { canonicalAddress, proxyHeaderOf } from "@/lib/server/http/client-address";

/** From this delay on the process itself counts as slow. */
const slowMilliseconds = 1_000;

/** The state of the worker in `/healthz`. */
interface WorkerHealth {
  readonly state: string;
  readonly lateJobs: number;
  readonly failingJobs: number;
  readonly waiting: number;
  readonly waitingSeconds: number | null;
  readonly deadLetters: number;
}

interface Details {
  readonly worker: WorkerHealth | null;
  readonly unreadableKeys: readonly string[];
  /** Whether the database lacks a migration of this version. */
  readonly lacksMigrations: boolean;
}

/** The state if the database does not answer in time. */
const nothingKnown: Details = { worker: null, unreadableKeys: [], lacksMigrations: false };

/** Whether the request comes directly from this machine or a private network, as a probe does. */
function fromNearby(request: IncomingMessage): boolean {
  const address = canonicalAddress(request.socket.remoteAddress ?? "") ?? "";
  if (proxyHeaderOf(request) !== undefined || isIP(address) === 0) return false;
  return /^(127\.|10\.|192\.168\.|172\.(1[6-9]|2\d|3[01])\.|169\.254\.|::1$|f[cd]|fe[89ab])/.test(address);
}

/** Whether the process answers, and whether it should be given requests. Only `alive` and `ready` are good. */
export type Readiness =
  | "alive"
  | "ready"
  | "starting"
  | "stopping"
  | "database unavailable"
  | "encryption keys missing"
  | "migrations missing";

export interface Health {
  answers(): Promise<boolean>;
  answer(request: IncomingMessage, response: ServerResponse): Promise<void>;
  readiness(): Promise<Readiness>;
  close(): Promise<void>;
}

/**
 * The questions that pages and the health check ask the database, each on its own connection: however often one
 * is asked, the others are answered. `keys` are this process's encryption keys.
 */
export function openHealth({
  url,
  keys,
  patienceMilliseconds = 2_000,
}: {
  readonly url: string;
  readonly keys: EncryptionKeys;
  readonly patienceMilliseconds?: number;
}): Health {
  const question = <Value>(freshMilliseconds: number, work: (client: pg.Client) => Promise<Value>) =>
    askDatabase({ url, work, freshMilliseconds, patienceMilliseconds });
  const pages = question(2_000, (client) => client.query("SELECT 1"));
  const check = question(1_000, (client) => client.query("SELECT 1"));
  const details = question(
    1_000,
    async (client): Promise<Details> => ({
      worker: await readWorker(client),
      unreadableKeys: await unreadableKeys(client, keys),
      lacksMigrations: await lacksMigrations(client, migrations),
    }),
  );
  const migrations = migrationNames();
  const delay = monitorEventLoopDelay({ resolution: 20 });
  delay.enable();
  let slowest = 0;
  const watch = setInterval(() => {
    slowest = Math.round(delay.max / 1e6);
    delay.reset();
  }, 5_000);
  watch.unref();
  return {
    /** Whether the database answers, for a request of a page. */
    async answers() {
      return (await pages.ask()).state === "answers";
    },
    /** Answers a health check: which database was asked, the result, and the state of this process. */
    async answer(request: IncomingMessage, response: ServerResponse) {
      const [probe, { value = nothingKnown }] = await Promise.all([check.ask(), details.ask()]);
      const { status, code } = judged(probe, value);
      response.writeHead(code, { "content-type": "application/json", "cache-control": "no-store" });
      if (request.method === "HEAD") return void response.end();
      const nearby = fromNearby(request);
      const database = {
        asked: "SELECT 1",
        // Strangers may not see the database's address.
        ...(nearby ? { of: databaseNamed(url) } : {}),
        state: probe.state,
        milliseconds: probe.milliseconds,
        ...(nearby && probe.reason !== undefined ? { reason: probe.reason } : {}),
      };
      const process = {
        slowestMilliseconds: Math.max(slowest, Math.round(delay.max / 1e6), probe.ownMilliseconds),
      };
      const missing = value.unreadableKeys;
      response.end(
        JSON.stringify({
          status,
          database,
          process,
          encryptionKeys: { state: missing.length > 0 ? "missing" : "complete", missing },
          worker: value.worker,
        }),
      );
    },
    /**
     * Whether people's requests can be answered correctly. If something cannot be read in time, that is no
     * reason to turn them away.
     */
    async readiness() {
      const [{ state }, { value = nothingKnown }] = await Promise.all([check.ask(), details.ask()]);
      if (state !== "answers") return "database unavailable";
      if (value.unreadableKeys.length > 0) return "encryption keys missing";
      return value.lacksMigrations ? "migrations missing" : "ready";
    },
    async close() {
      clearInterval(watch);
      delay.disable();
      await Promise.all([pages, check, details].map((each) => each.close()));
    },
  };
}

/** Answers a probe, in a few words for machines. It names nothing, since anybody may ask. */
export function answerProbe(request: IncomingMessage, response: ServerResponse, status: Readiness): void {
  const good = status === "alive" || status === "ready";
  response.writeHead(good ? 200 : 503, { "content-type": "application/json", "cache-control": "no-store" });
  response.end(request.method === "HEAD" ? undefined : JSON.stringify({ status }));
}

/** The answer of a process that is still starting. */
export function answerStarting(response: ServerResponse): void {
  response.writeHead(503, {
    "content-type": "application/json",
    "cache-control": "no-store",
    "retry-after": "1",
    connection: "close",
  });
  response.end(JSON.stringify({ status: "starting" }));
}

/**
 * The verdict on a report. The check fails if this process cannot serve: without a database, or without a key
 * with which something is encrypted. A worker that is absent, behind or failing is reported but does not fail
 * it, since access is right without a worker. A slow process does not fail it either.
 */
function judged(
  { state, ownMilliseconds }: Pick<Answer<unknown>, "state" | "ownMilliseconds">,
  { worker, unreadableKeys }: Details,
): { readonly code: number; readonly status: string } {
  if (state !== "answers") return { code: 503, status: "database unavailable" };
  if (unreadableKeys.length > 0) return { code: 503, status: "encryption keys missing" };
  if (ownMilliseconds > slowMilliseconds) return { code: 200, status: "slow" };
  const fine = worker?.state === "running" && worker.failingJobs === 0;
  return { code: 200, status: fine ? "ok" : "degraded" };
}

interface WorkerRow {
  readonly state: string;
  readonly late_jobs: number;
  readonly failing_jobs: number;
  readonly waiting: number;
  readonly waiting_seconds: number | null;
  readonly dead_letters: number;
}

/** The state of the worker; null if it cannot be read now. */
async function readWorker(client: pg.Client): Promise<WorkerHealth | null> {
  const answer = await client.query<WorkerRow>("SELECT * FROM worker_health()").catch(() => null);
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
}

/** The server in a database's URL, without user and password. */
function databaseNamed(url: string): string {
  if (!URL.canParse(url)) return "the database of DATABASE_URL";
  const { hostname, port, pathname, searchParams } = new URL(url);
  return `${searchParams.get("host") ?? hostname}:${searchParams.get("port") ?? (port || 5432)}${pathname}`;
}
