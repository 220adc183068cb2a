import type { Database, Transaction } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";

const longestError = 500;

/**
 * A periodic job. It may run at any time, late, twice, or in two workers at once. So it must be a sweep over
 * what is due according to the database, made safe by row locks and unique keys. Only the database's clock
 * decides what is due. The schedule only determines how often to look.
 */
export interface PeriodicJob {
  /** The queue's name: lower-case words joined by hyphens. */
  readonly name: string;
  /** Its name on the page **Background jobs**. */
  readonly title: string;
  readonly everyMinutes: 1 | 5 | 15 | 60;
  /**
   * Does what is due and returns how many things that were. Null if there was nothing to try and something that
   * failed before waits for its next attempt. Then the job still counts as failing.
   */
  readonly run: (database: Database) => Promise<number | null>;
  /**
   * Called about once a second, but not right after a failure. True runs the job at once. The query must be
   * cheap and indexed.
   */
  readonly due?: (database: Database) => Promise<boolean>;
}

/** Registers the jobs of this worker and stores the result of each last run. */
export function registerJobs(database: Database, jobs: readonly PeriodicJob[]): Promise<void> {
  return inTransaction(database, async (transaction) => {
    const names = jobs.map((job) => job.name);
    await transaction.workerJob.deleteMany({ where: { name: { notIn: names } } });
    await transaction.$executeRaw`
      INSERT INTO worker_jobs (name, title, every_minutes)
      SELECT * FROM unnest(${names}::text[], ${jobs.map((job) => job.title)}::text[],
        ${jobs.map((job) => job.everyMinutes)}::int[])
      ON CONFLICT (name) DO UPDATE SET title = excluded.title, every_minutes = excluded.every_minutes`;
  });
}

/** Runs a job and records the result, whatever it is. Throws what the job threw. */
export async function runRecorded(database: Database, job: PeriodicJob): Promise<number | null> {
  const write = (change: (transaction: Transaction) => Promise<number>) => inTransaction(database, change);
  await write(
    (transaction) => transaction.$executeRaw`
      UPDATE worker_jobs SET last_started_at = postern_now() WHERE name = ${job.name}`,
  );
  try {
    const count = await job.run(database);
    if (count === null) return null;
    await write(
      (transaction) => transaction.$executeRaw`
        UPDATE worker_jobs SET last_succeeded_at = postern_now(), last_count = ${count}, failures_in_row = 0
        WHERE name = ${job.name}`,
    );
    return count;
  } catch (error) {
    const message = (error instanceof Error ? error.message : String(error)).trim().slice(-longestError);
    await write(
      (transaction) => transaction.$executeRaw`
        UPDATE worker_jobs SET last_failed_at = postern_now(), last_error = ${message},
          failures_in_row = failures_in_row + 1
        WHERE name = ${job.name}`,
    );
    throw error;
  }
}

/** Registers a worker process at its start, with by what others tell the session secrets of its replica. */
export async function registerWorker(
  database: Database,
  host: string,
  sessionSecrets: readonly Buffer[] = [],
): Promise<string> {
  const row = await inTransaction(database, (transaction) =>
    transaction.workerInstance.create({
      data: { host, sessionSecrets: sessionSecrets.map((each) => new Uint8Array(each)) },
      select: { id: true },
    }),
  );
  return row.id;
}

export function workerSeen(database: Database, id: string): Promise<number> {
  return inTransaction(
    database,
    (transaction) => transaction.$executeRaw`
      UPDATE worker_instances SET seen_at = postern_now() WHERE id = ${id}::uuid`,
  );
}

export function workerStopped(database: Database, id: string): Promise<number> {
  return inTransaction(
    database,
    (transaction) => transaction.$executeRaw`
      UPDATE worker_instances SET stopped_at = postern_now() WHERE id = ${id}::uuid`,
  );
}
