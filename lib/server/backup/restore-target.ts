import { existsSync, mkdirSync, readFileSync, renameSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { setTimeout as pause } from "node:timers/promises";
import type pg from "pg";
import { DatabaseClient } from "@/lib/platform/database-client";
import { advisoryLocks } from "@/lib/platform/sql/advisory-locks";
import type { BackupKeys } from "@/lib/server/backup/frames";
import { BackupRefusal } from "@/lib/server/backup/refusal";
import { connectionFault } from "@/lib/server/database/connection-fault";
import { ensureDatabase, startPostgres } from "@/lib/server/database/embedded-postgres";
import { endLeftover } from "@/lib/server/database/leftover-postgres";
import { restoreUnderWay } from "@/lib/server/database/migrate";
import { oneRow } from "@/lib/server/database/one-row";
import { postgresAccount } from "@/lib/server/database/postgres-account";
import { nativeFolder } from "@/lib/server/database/postgres-programs";
import { restoringFolder } from "@/lib/server/database/restoring-folder";

type Work = (client: pg.Client, url: string) => Promise<void>;

/** The target of a restore. */
export interface RestoreTarget {
  /** Throws a `BackupRefusal` that says what is there, if the target is in use or contains anything. Changes nothing. */
  check(): Promise<void>;
  /** Does the work on an empty database, which replaces the target once the work is done. */
  fill(work: Work): Promise<void>;
}

/**
 * The embedded database of a data folder that this process has locked. It is created beside its place, and
 * moved there when it is complete.
 */
export function embeddedTarget(folder: string): RestoreTarget {
  const place = (parent: string) => join(postgresAccount(nativeFolder(), parent).home, "postgres");
  const unfinished = restoringFolder(folder);
  async function clear(): Promise<void> {
    if (!existsSync(unfinished)) return;
    const left = place(unfinished);
    if (existsSync(left)) await endLeftover(left, () => {});
    rmSync(left, { recursive: true, force: true });
    rmSync(unfinished, { recursive: true, force: true });
  }
  return {
    async check() {
      const own = place(folder);
      if (existsSync(own))
        throw new BackupRefusal(
          `${own} holds a database already, last started ${statSync(join(own, "postmaster.opts"), { throwIfNoEntry: false })?.mtime.toISOString() ?? "never"}: move it away, or set POSTERN_DATA_DIR to another folder`,
        );
    },
    async fill(work) {
      await clear();
      mkdirSync(unfinished, { mode: 0o700 });
      try {
        const cluster = await startPostgres(unfinished);
        try {
          const url = await ensureDatabase(cluster, "postern");
          await connected(url, (client) => work(client, url));
        } finally {
          await cluster.stop();
        }
        // In the same order as a first start, since a database without its password is unusable.
        renameSync(join(unfinished, "postgres-password"), join(folder, "postgres-password"));
        renameSync(place(unfinished), place(folder));
      } finally {
        await clear();
      }
    },
  };
}

/** The empty database that `DATABASE_URL` names. Somebody has created it. */
export function externalTarget(url: string): RestoreTarget {
  return {
    check: () => connected(url, checkEmpty),
    fill: (work) =>
      connected(url, async (client) => {
        // Of two simultaneous restores into one database, only one runs.
        const { alone } = await oneRow<{ alone: boolean }>(
          client,
          "SELECT pg_try_advisory_lock($1) AS alone",
          [advisoryLocks.preparation],
        );
        if (!alone) throw new BackupRefusal("a start or another restore uses the database at this moment");
        await checkEmpty(client);
        await work(client, url);
      }),
  };
}

async function connected<Result>(url: string, work: (client: pg.Client) => Promise<Result>): Promise<Result> {
  const client = new DatabaseClient({ connectionString: url });
  client.on("error", () => {});
  try {
    await client.connect();
  } catch (error) {
    throw new BackupRefusal(`the database cannot be reached: ${connectionFault(error)}`);
  }
  try {
    return await work(client);
  } finally {
    await client.end();
  }
}

/**
 * How many other sessions use the database. PostgreSQL counts the session of a process that has just ended for a moment
 * longer, so this asks again for three seconds before it counts any.
 */
async function otherSessions(client: pg.Client): Promise<number> {
  for (let left = 30; ; left -= 1) {
    const { others } = await oneRow<{ others: number }>(
      client,
      `SELECT count(*)::int AS others FROM pg_stat_activity
       WHERE datname = current_database() AND pid <> pg_backend_pid() AND backend_type = 'client backend'`,
    );
    if (others === 0 || left === 0) return others;
    await pause(100);
  }
}

async function checkEmpty(client: pg.Client): Promise<void> {
  const { name, version, encoding } = await oneRow<{ name: string; version: number; encoding: string }>(
    client,
    `SELECT current_database() AS name, current_setting('server_version_num')::int AS version,
       current_setting('server_encoding') AS encoding`,
  );
  if (version < 150_000)
    throw new BackupRefusal(
      `Postern needs PostgreSQL 15 or later, and this is ${Math.floor(version / 10_000)}: restore into a newer server`,
    );
  if (encoding !== "UTF8") throw new BackupRefusal(`the encoding of ${name} is ${encoding}, not UTF8`);
  const others = await otherSessions(client);
  if (others > 0)
    throw new BackupRefusal(
      `${others} other ${others === 1 ? "session uses" : "sessions use"} the database ${name}: stop every replica and worker of Postern first`,
    );
  if (await restoreUnderWay(client)) return;
  const { rows } = await client.query<{ table: string }>(
    `SELECT c.oid::regclass::text AS table FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
     WHERE c.relkind IN ('r', 'p', 'v', 'm', 'f') AND n.nspname NOT IN ('pg_catalog', 'information_schema')
       AND n.nspname !~ '^pg_(toast|temp)'
       AND NOT EXISTS (SELECT FROM pg_depend d WHERE d.objid = c.oid AND d.deptype = 'e') ORDER BY 1`,
  );
  if (rows.length === 0) return;
  const ours = rows.some(({ table }) => table === "principals");
  const { people } = ours
    ? await oneRow<{ people: number }>(
        client,
        "SELECT count(*)::int AS people FROM principals WHERE type = 'User'",
      )
    : { people: 0 };
  throw new BackupRefusal(
    `the database ${name} holds ${ours ? `a Postern with ${people} people` : `${rows.length} tables (${rows[0]?.table}…)`}: name an empty one in DATABASE_URL`,
  );
}

/** Writes what came with a backup into the data folder, without changing existing files. Returns what was written. */
export function writeKeys(folder: string, { encryptionKeys, demoAccounts }: BackupKeys): string[] {
  const files = [
    ["encryption-keys", encryptionKeys],
    ["demo-accounts.json", demoAccounts],
  ] as const;
  return files.flatMap(([name, content]) => {
    const path = join(folder, name);
    if (content === null || existsSync(path)) return [];
    writeFileSync(`${path}.restored`, content, { mode: 0o600, flush: true });
    renameSync(`${path}.restored`, path);
    return [path];
  });
}

/** What a data folder contains besides the database. */
export function keysAlong(folder: string, encryptionKeys: string): BackupKeys {
  const accounts = join(folder, "demo-accounts.json");
  return { encryptionKeys, demoAccounts: existsSync(accounts) ? readFileSync(accounts, "utf8") : null };
}
