import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from "prom-client";
import type { PoolState } from "@/lib/platform/database";
import { holdMeter, type Meter } from "@/lib/platform/meter";
import type { Measured } from "@/lib/server/metrics/readings";

const requestBuckets = [0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10];
const jobBuckets = [0.05, 0.25, 1, 5, 15, 60, 300];
const lagName = "postern_nodejs_eventloop_lag_seconds";
/** All other values share one label. */
const methods = new Set(["GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]);
const reasons: Readonly<Record<number, string>> = {
  400: "malformed",
  403: "other site",
  405: "method",
  409: "outdated page",
  413: "body",
  421: "wrong host",
  429: "limit",
  503: "unavailable",
};

/** By how many seconds a turn of the event loop is late now. */
function eventLoopLag(): Promise<number> {
  const begun = performance.now();
  return new Promise((resolve) => setImmediate(() => resolve((performance.now() - begun) / 1_000)));
}

/**
 * Makes this process count, under a name such as `server-1`. Counts have no process among their labels, so that
 * they add up; states do. Returns a function that reads everything.
 */
export function openMeter(
  process: string,
  pools: () => readonly PoolState[],
): () => Promise<readonly Measured[]> {
  const register = new Registry();
  const registers = [register];
  collectDefaultMetrics({ register, prefix: "postern_", labels: { process } });
  const requests = new Counter({
    name: "postern_http_requests_total",
    help: "Requests answered, by the pattern of their address.",
    labelNames: ["method", "route", "status"],
    registers,
  });
  const durations = new Histogram({
    name: "postern_http_request_duration_seconds",
    help: "From the arrival of a request to the end of its answer.",
    labelNames: ["route"],
    buckets: requestBuckets,
    registers,
  });
  const underWay = new Gauge({
    name: "postern_http_requests_in_flight",
    help: "Requests under way, streams of notices among them.",
    labelNames: ["process"],
    registers,
  });
  const refusals = new Counter({
    name: "postern_http_refusals_total",
    help: "Requests and connections that the front door turned away.",
    labelNames: ["reason"],
    registers,
  });
  const retries = new Counter({
    name: "postern_transaction_retries_total",
    help: "Transactions that were begun again, by SQLSTATE.",
    labelNames: ["reason"],
    registers,
  });
  const events = new Counter({
    name: "postern_audit_events_total",
    help: "Events that were committed to the audit log, by kind and outcome.",
    labelNames: ["kind", "outcome"],
    registers,
  });
  const operations = new Counter({
    name: "postern_operation_refusals_total",
    help: "Operations that were refused, by the code of the error.",
    labelNames: ["code"],
    registers,
  });
  const jobs = new Histogram({
    name: "postern_job_duration_seconds",
    help: "Runs of background jobs.",
    labelNames: ["job", "outcome"],
    buckets: jobBuckets,
    registers,
  });
  const mail = new Counter({
    name: "postern_mail_tries_total",
    help: "Messages tried, by what came of it.",
    labelNames: ["outcome"],
    registers,
  });
  const ofPools = (name: string, help: string, figure: (state: PoolState) => number) =>
    new Gauge({
      name,
      help,
      labelNames: ["process", "pool"],
      registers,
      collect() {
        for (const state of pools()) this.set({ process, pool: state.pool }, figure(state));
      },
    });
  ofPools("postern_database_pool_busy", "Connections of a pool that are in use.", ({ busy }) => busy);
  ofPools(
    "postern_database_pool_idle",
    "Connections of a pool that are open and not in use.",
    ({ idle }) => idle,
  );
  ofPools("postern_database_pool_waiting", "Who waits for a connection of a pool.", ({ waiting }) => waiting);
  ofPools("postern_database_pool_max", "How many connections a pool may open.", ({ most }) => most);
  const meter: Meter = {
    requestBegan() {
      const begun = performance.now();
      underWay.inc({ process });
      return ({ method = "", route, status }) => {
        underWay.dec({ process });
        const known = methods.has(method) ? method : "other";
        requests.inc({ method: known, route, status: `${Math.floor(status / 100)}xx` });
        durations.observe({ route }, (performance.now() - begun) / 1_000);
      };
    },
    turnedAway(status) {
      refusals.inc({ reason: status === null ? "connections" : (reasons[status] ?? "other") });
    },
    transactionRepeated(reason) {
      retries.inc({ reason });
    },
    eventRecorded({ kind, outcome }) {
      events.inc({ kind, outcome });
    },
    operationRefused(code) {
      operations.inc({ code });
    },
    jobEnded(job, seconds, outcome) {
      jobs.observe({ job, outcome }, seconds);
    },
    mailTried(outcome) {
      mail.inc({ outcome });
    },
  };
  holdMeter(meter);
  // Measured before the answer. The package measures it after each reading, so the first reading would have no
  // value.
  return async () => {
    const value = await eventLoopLag();
    return (await register.getMetricsAsJSON()).map((metric) =>
      metric.name === lagName ? { ...metric, values: [{ value, labels: { process } }] } : metric,
    );
  };
}
