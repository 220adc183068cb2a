import type { Database, Transaction } from "@/lib/platform/database";
import { isRetryable, sqlState } from "@/lib/platform/database-errors";
import { countEvents, meter } from "@/lib/platform/meter";
import { keepChecks, Outdated, repeatChecks } from "@/lib/platform/recheck";
import { type Span, traced } from "@/lib/platform/tracing";

const maximumTries = 5;

/** How long a transaction may take, in milliseconds, and one that reads the rows of a large import. */
export const longestTransaction = 20_000;
export const longestStaging = 120_000;

/**
 * Runs one verb in one READ COMMITTED transaction. This is the only place that retries a serialisation failure
 * or deadlock (40001, 40P01), so `work` must have no effects outside the transaction. It also retries if a
 * permission that `work` relied on was lost while it waited for a lock (`repeatChecks`). Rows are locked
 * explicitly, in the order of docs/decisions/locking-order.md.
 */
export function inTransaction<Result>(
  database: Database,
  work: (transaction: Transaction) => Promise<Result>,
  longest: number = longestTransaction,
): Promise<Result> {
  return traced("transaction", "client", (span) => tried(database, work, longest, span));
}

async function tried<Result>(
  database: Database,
  work: (transaction: Transaction) => Promise<Result>,
  longest: number,
  span: Span | undefined,
): Promise<Result> {
  span?.set({ "db.system.name": "postgresql" });
  for (let tries = 1; ; tries += 1) {
    try {
      let own: Transaction | null = null;
      const done = await database.client.$transaction(
        async (transaction) => {
          own = transaction;
          if (database.clock) {
            await transaction.$executeRaw`SELECT set_config('postern.now', ${database.clock().toISOString()}, true)`;
          }
          keepChecks(transaction);
          const result = await work(transaction);
          await repeatChecks(transaction);
          return result;
        },
        // READ COMMITTED is set on the connection (database.ts). Setting it here would cost a round trip each time.
        { timeout: longest },
      );
      if (own !== null) countEvents(own);
      return done;
    } catch (error) {
      if (tries >= maximumTries || !(error instanceof Outdated || isRetryable(error))) throw error;
      const reason = error instanceof Outdated ? "right lost" : (sqlState(error) ?? "unknown");
      meter()?.transactionRepeated(reason);
      span?.happened("begun again", { "postern.reason": reason });
      await new Promise((resolve) => setTimeout(resolve, Math.random() * 20 * 2 ** tries));
    }
  }
}

/** How long a rehearsal may take, in milliseconds. It keeps its locks that long. */
const longestRehearsal = 60_000;

/** Undoes what was rehearsed. */
class Rehearsed extends Error {}

/**
 * Runs work that writes, and undoes all of it. The result shows what would happen. The transaction always ends
 * in a rollback, so nobody else ever sees what it wrote.
 */
export async function inRehearsal<Result>(
  database: Database,
  work: (transaction: Transaction) => Promise<Result>,
): Promise<Result> {
  for (let tries = 1; ; tries += 1) {
    const found: Result[] = [];
    try {
      await database.client.$transaction(
        async (transaction) => {
          if (database.clock)
            await transaction.$executeRaw`SELECT set_config('postern.now', ${database.clock().toISOString()}, true)`;
          keepChecks(transaction);
          found.push(await work(transaction));
          throw new Rehearsed();
        },
        { timeout: longestRehearsal },
      );
    } catch (error) {
      const [result] = found;
      if (error instanceof Rehearsed && result !== undefined) return result;
      if (tries >= maximumTries || !(error instanceof Outdated || isRetryable(error))) throw error;
    }
  }
}

/**
 * Runs reads without a transaction's two round trips, unless the clock is moved. Each statement sees one
 * moment, and READ COMMITTED promises no more for several.
 */
export function readOnce<Result>(
  database: Database,
  read: (client: Transaction) => Promise<Result>,
): Promise<Result> {
  return database.clock ? inTransaction(database, read) : read(database.reads);
}

/**
 * The database's clock, the only one that decides. Read it after taking locks, since it is the time of this
 * very statement.
 */
export async function databaseNow(transaction: Transaction): Promise<Date> {
  const [row] = await transaction.$queryRaw<{ now: Date }[]>`SELECT postern_now() AS now`;
  if (!row) throw new Error("the database did not tell the time");
  return row.now;
}
