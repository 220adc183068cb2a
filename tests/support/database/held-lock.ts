import type { TestDatabase } from "./database";

/** A lock that a test holds, so that two concurrent operations always happen in the same order. */
export interface HeldLock {
  /** Waits until this many others wait for a lock of this database. */
  waitedFor(others?: number): Promise<void>;
  /** Waits until another transaction waits behind one of those that wait for this lock. */
  waitedBehind(): Promise<void>;
  release(): Promise<void>;
}

/** The locks of the current database, for `FROM`. The view itself shows those of every database of the server. */
export const ownLocks =
  "(SELECT * FROM pg_locks WHERE database = (SELECT oid FROM pg_database WHERE datname = current_database())) locks";

const longestWait = 20_000;

/** Lets those that are looked at get on meanwhile: looking takes the same processors. */
const betweenLooks = 2;

const waiting = `WITH waiting AS (
  SELECT pid, pg_blocking_pids(pid) AS behind FROM pg_stat_activity
  WHERE datname = current_database() AND backend_type = 'client backend' AND wait_event_type = 'Lock')`;

/** Takes the locks of a statement in a connection of its own, and holds them until they are released. */
export async function holdLock(test: TestDatabase, sql: string, parameters: unknown[]): Promise<HeldLock> {
  const holder = await test.ownersConnection();
  let pid: number;
  try {
    await holder.query("BEGIN");
    const { rows } = await holder.query("SELECT pg_backend_pid() AS pid");
    pid = rows[0].pid;
    const { rowCount } = await holder.query(sql, parameters);
    if (rowCount === 0) throw new Error("there was nothing to lock");
  } catch (error) {
    holder.release(true);
    throw error;
  }
  let released = false;

  /** Polls, each time in a new statement. */
  async function until(name: string, condition: string, value: number, otherwise: string): Promise<void> {
    const end = Date.now() + longestWait;
    while (Date.now() < end && !released) {
      const text = `${waiting} SELECT ${condition} AS met FROM waiting`;
      const { rows } = await test.asOwner({ name, text, values: [value] });
      if (rows[0].met) return;
      await new Promise((resolve) => setTimeout(resolve, betweenLooks));
    }
    throw new Error(otherwise);
  }

  return {
    waitedFor: (others = 1) =>
      until("waited for", "count(*) >= $1", others, `fewer than ${others} wait for a lock`),
    waitedBehind: () =>
      until(
        "waited behind",
        "count(*) FILTER (WHERE $1 = ANY (behind)) >= 1 AND count(*) FILTER (WHERE NOT $1 = ANY (behind)) >= 1",
        pid,
        "the second does not wait for the first",
      ),
    async release() {
      released = true;
      await holder.query("COMMIT");
      holder.release();
    },
  };
}

/** Holds the settings of a role at a resource, as an edit of them does. */
export function holdPolicy(test: TestDatabase, roleDefinitionId: string, resourceId: string) {
  return holdLock(
    test,
    "SELECT id FROM role_management_policies WHERE role_definition_id = $1 AND resource_id = $2 FOR UPDATE",
    [roleDefinitionId, resourceId],
  );
}

/** Blocks writes to a table. */
function holdTable(test: TestDatabase, table: string): Promise<HeldLock> {
  return holdLock(test, `LOCK TABLE ${table} IN SHARE ROW EXCLUSIVE MODE`, []);
}

/**
 * Holds the log, to which every verb writes last. A verb that waits here is past its checks, and holds all its locks.
 */
export function holdLog(test: TestDatabase): Promise<HeldLock> {
  return holdTable(test, "audit_events");
}

/** Starts these while the lock is held, and releases it once each of them waits. */
export async function allBehind<Results extends readonly unknown[]>(
  lock: HeldLock,
  calls: { readonly [Each in keyof Results]: () => Promise<Results[Each]> },
): Promise<Results> {
  const running = calls.map((call) => call());
  for (const each of running) each.catch(() => {});
  try {
    await lock.waitedFor(calls.length);
  } finally {
    await lock.release();
    await Promise.allSettled(running);
  }
  return (await Promise.all(running)) as unknown as Results;
}

/**
 * Runs these at the same time, so that they really overlap. None ends before each is past its checks, or waits
 * for one that is. Without a guard between them, all are past their checks when the first commits.
 */
export async function atOnce<Results extends readonly unknown[]>(
  test: TestDatabase,
  calls: { readonly [Each in keyof Results]: () => Promise<Results[Each]> },
  /** The table that they write to last. */
  table = "audit_events",
): Promise<Results> {
  return allBehind(await holdTable(test, table), calls);
}

/**
 * Stops the leading one after its checks and starts the other, which must then wait for it. Returns both results, in
 * the order of the arguments.
 */
export async function oneAfterTheOther<First, Second>(
  test: TestDatabase,
  first: () => Promise<First>,
  second: () => Promise<Second>,
  leading: "first" | "second" = "first",
): Promise<[First, Second]> {
  const log = await holdLog(test);
  const running: { first?: Promise<First>; second?: Promise<Second> } = {};
  const start = (which: "first" | "second") => {
    if (which === "first") running.first = first();
    else running.second = second();
    running[which]?.catch(() => {});
  };
  try {
    start(leading);
    await log.waitedFor();
    start(leading === "first" ? "second" : "first");
    await log.waitedBehind();
  } finally {
    await log.release();
    await Promise.allSettled([running.first, running.second]);
  }
  if (!running.first || !running.second) throw new Error("one of them was not started");
  return [await running.first, await running.second];
}

/**
 * Stops the first after its checks and runs the second, which must finish: a periodic job skips what the first is
 * working on. The held table is the one that the first writes to last.
 */
export async function oneBesideTheOther<First, Second>(
  test: TestDatabase,
  first: () => Promise<First>,
  second: () => Promise<Second>,
  table = "audit_events",
): Promise<[First, Second]> {
  const lock = await holdTable(test, table);
  const leading = first();
  leading.catch(() => {});
  let beside: Promise<Second> | undefined;
  try {
    await lock.waitedFor();
    beside = second();
    const waits = lock.waitedFor(2).then(
      () => {
        throw new Error("the second waits as well");
      },
      () => new Promise<never>(() => {}),
    );
    waits.catch(() => {});
    await Promise.race([beside, waits]);
  } finally {
    await lock.release();
    await Promise.allSettled([leading, beside]);
  }
  return [await leading, await beside];
}
