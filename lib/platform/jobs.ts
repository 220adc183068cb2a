import { randomUUID } from "node:crypto";
import { hostname } from "node:os";
import PgBoss from "pg-boss";
import { connectionSettings } from "@/lib/platform/connection-settings";
import type { Database } from "@/lib/platform/database";
import { DatabaseClient } from "@/lib/platform/database-client";
import { sqlState } from "@/lib/platform/database-errors";
import { rolesAt } from "@/lib/platform/database-roles";
import {
  type PeriodicJob,
  registerJobs,
  registerWorker,
  runRecorded,
  workerSeen,
  workerStopped,
} from "@/lib/platform/job-state";
import { faultText, type LogFields, log } from "@/lib/platform/log";
import { inLogContext } from "@/lib/platform/log-context";
import { meter } from "@/lib/platform/meter";
import { longestStatement, usualPatience } from "@/lib/platform/silent-hosts";
import { advisoryLocks } from "@/lib/platform/sql/advisory-locks";
import { type OpenSpan, tracing } from "@/lib/platform/tracing";

export interface Worker {
  /** Stops after the jobs under way, or after `timeoutSeconds`; unfinished jobs are due again. */
  stop(): Promise<void>;
}

const schema = "pgboss";
const seenEveryMilliseconds = 10_000;
const askEveryMilliseconds = 1_000;
/** A failed job does not run again at once, however much is due. */
const restMilliseconds = 5_000;
const timeoutSeconds = 3;

function cron(everyMinutes: PeriodicJob["everyMinutes"]): string {
  return everyMinutes === 60 ? "0 * * * *" : `*/${everyMinutes} * * * *`;
}

/**
 * Creates or updates the queue's tables as the database's owner, and lets the worker's role use them. Workers that
 * start at the same time wait for each other.
 */
export async function prepareQueues(url: string, jobs: readonly { readonly name: string }[]): Promise<void> {
  const client = new DatabaseClient({ connectionString: url });
  client.on("error", () => {});
  await client.connect();
  try {
    await client.query("SELECT pg_advisory_lock($1)", [advisoryLocks.queuePreparation]);
    const db = { executeSql: (text: string, values: unknown[]) => client.query(text, values) };
    const owner = new PgBoss({ db, schema, supervise: false, schedule: false });
    await owner.start();
    for (const { name } of jobs) await owner.createQueue(name, { name, policy: "short" });
    // The one queue that pg-boss's own schedule uses.
    await owner.createQueue("__pgboss__send-it");
    const { worker: workerRole } = rolesAt(url);
    await client.query(
      `GRANT USAGE ON SCHEMA ${schema} TO ${workerRole};
       GRANT SELECT, INSERT, UPDATE, DELETE ON ALL TABLES IN SCHEMA ${schema} TO ${workerRole};`,
    );
    await owner.stop({ graceful: false });
  } finally {
    await client.end();
  }
}

/**
 * Runs the jobs until it is stopped: each at once, then on its schedule, in whichever worker of the installation is
 * first. The tables of the queues, which `prepareQueues` created, are used through `url` with the worker's role,
 * everything else through `database` with the application's. `recordAlertEvents` gets one line for every failure.
 */
export async function startWorker(options: {
  readonly url: string;
  readonly database: Database;
  /** By what others tell the session secrets of this replica. */
  readonly sessionSecrets?: readonly Buffer[];
  readonly jobs: readonly PeriodicJob[];
  readonly tell: (line: string) => void;
}): Promise<Worker> {
  const { url, database, jobs, tell } = options;
  await registerJobs(database, jobs);
  const connection = {
    connectionString: url,
    Client: DatabaseClient,
    patience: usualPatience,
    ...connectionSettings(url, {
      role: rolesAt(url).worker,
      statement_timeout: String(longestStatement),
    }),
  };
  const boss = new PgBoss({
    ...connection,
    schema,
    max: 3,
    migrate: false,
    archiveCompletedAfterSeconds: 3_600,
    deleteAfterDays: 1,
  });
  boss.on("error", (error) => tell(`Job queue: ${error.message}`));
  await boss.start();
  const instance = await registerWorker(database, hostname(), options.sessionSecrets);
  const queues = new Map<PeriodicJob, string>();
  const running = new Set<Promise<void>>();
  const failedAt = new Map<PeriodicJob, number>();
  for (const { name } of await boss.getSchedules()) {
    if (!jobs.some((job) => job.name === name)) await boss.unschedule(name);
  }
  for (const job of jobs) {
    const listener = await boss.work(job.name, { pollingIntervalSeconds: 20, batchSize: 1 }, async () => {
      const runId = randomUUID();
      const span = tracing()?.begin(`job ${job.name}`, "internal", { correlationId: runId });
      const work = () =>
        runLogged(database, job, span).catch((error) => {
          failedAt.set(job, performance.now());
          tell(`${job.title}: ${faultText(error)}`);
        });
      const run = inLogContext({ runId, correlationId: runId, traceId: span?.traceId }, () =>
        span ? span.run(work) : work(),
      );
      running.add(run);
      await run.finally(() => running.delete(run));
    });
    queues.set(job, listener);
    await boss.schedule(job.name, cron(job.everyMinutes));
  }
  const runNow = async (job: PeriodicJob) => {
    await boss.send(job.name, {}, { retryLimit: 0, expireInMinutes: 10 });
    boss.notifyWorker(queues.get(job) ?? "");
  };
  for (const job of jobs) await runNow(job);

  const seen = repeat(seenEveryMilliseconds, () => workerSeen(database, instance), tell);
  const asked = jobs.map((job) =>
    repeat(
      askEveryMilliseconds,
      async () => {
        const resting =
          performance.now() - (failedAt.get(job) ?? Number.NEGATIVE_INFINITY) < restMilliseconds;
        if (!resting && (await job.due?.(database))) await runNow(job);
      },
      tell,
    ),
  );
  return {
    async stop() {
      await Promise.all([seen, ...asked].map((each) => each.stop()));
      for (const { name } of jobs) await boss.offWork(name);
      await Promise.race([
        Promise.all(running),
        new Promise((resolve) => setTimeout(resolve, timeoutSeconds * 1_000).unref()),
      ]);
      await boss.stop({ graceful: false });
      await workerStopped(database, instance);
    },
  };
}

/** Runs a job and logs it in one line. Throws what the job threw. */
async function runLogged(database: Database, job: PeriodicJob, span?: OpenSpan): Promise<void> {
  const begun = performance.now();
  const run = (outcome: LogFields): LogFields => ({
    job: job.name,
    ms: Math.round(performance.now() - begun),
    ...outcome,
  });
  const measure = (outcome: "succeeded" | "failed") =>
    meter()?.jobEnded(job.name, (performance.now() - begun) / 1_000, outcome);
  try {
    const count = await runRecorded(database, job);
    log().info("job", run({ count }));
    measure("succeeded");
    span?.end({ "postern.outcome": "succeeded", "postern.count": count ?? undefined });
  } catch (error) {
    measure("failed");
    log().error("job", run({ failed: true, sqlState: sqlState(error) }));
    span?.failed(sqlState(error) ?? "failed");
    span?.end({ "postern.outcome": "failed" });
    throw error;
  }
}

/** Repeats something with a pause between, and reports a failure once until it succeeds again. */
function repeat(pauseMilliseconds: number, work: () => Promise<unknown>, tell: (line: string) => void) {
  let timer: NodeJS.Timeout;
  let stopped = false;
  let failing = false;
  let underway: Promise<void> = Promise.resolve();
  const round = () => {
    underway = work()
      .then(
        () => {
          failing = false;
        },
        (error: Error) => {
          if (!failing && !stopped) tell(error.message);
          failing = true;
        },
      )
      .then(() => {
        if (!stopped) timer = setTimeout(round, pauseMilliseconds);
      });
  };
  timer = setTimeout(round, pauseMilliseconds);
  return {
    async stop() {
      stopped = true;
      clearTimeout(timer);
      await underway;
    },
  };
}
