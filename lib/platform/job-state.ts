import type { Database, Transaction } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";

const longestError = 500;

/**
 * Something that is looked after again and again. It may run at any time, late, twice, or in two workers at once, so it
 * must be a sweep over what the database says is due, made safe by row locks and unique keys. Only the database's clock
 * decides what is due; the schedule here only says how often to look.
 */
export interface PeriodicJob {
  /** The queue's name: lower-case words joined by hyphens. */
  readonly name: string;
  /** What the worker page calls it. */
  readonly title: string;
  readonly everyMinutes: 1 | 5 | 15 | 60;
  /**
   * Does what is due and returns how many things that were; null when there was nothing to try, and something that
   * failed before waits to be tried again: then the job counts as failing as it did.
   */
  readonly run: (database: Database) => Promise<number | null>;
  /** Asked about once a second, and not right after a failure: true runs the job at once. A cheap, indexed question. */
  readonly due?: (database: Database) => Promise<boolean>;
}

/** Makes the table of jobs say what this worker runs, keeping how each went last. */
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

/** Runs a job and writes down how it went, whatever that is. Throws what the job threw. */
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

/** Tells that a worker process is there, from its start on. */
export async function registerWorker(database: Database, host: string): Promise<string> {
  const row = await inTransaction(database, (transaction) =>
    transaction.workerInstance.create({ data: { host }, select: { id: true } }),
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
