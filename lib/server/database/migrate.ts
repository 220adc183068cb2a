import { createHash, randomUUID } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type pg from "pg";
import { DatabaseClient } from "@/lib/platform/database-client";
import type { DatabaseRoles } from "@/lib/platform/database-roles";
import { advisoryLocks } from "@/lib/platform/sql/advisory-locks";
import { ownDatabase } from "@/lib/server/database/database-roles";
import { errorCode } from "@/scripts/parts/fault.mjs";
import { root } from "@/scripts/parts/root.mjs";

/**
 * The first migration of the baseline. Any that sorts before it is older than the first release
 * (docs/decisions/baseline.md).
 */
const baseline = "20261128113001_types_and_clock";
const folder = join(root, "prisma", "migrations");

/** Exactly Prisma's own table, so that `prisma migrate deploy` agrees with what was applied here. */
const migrationsTable = `
CREATE TABLE IF NOT EXISTS "_prisma_migrations" (
  "id" VARCHAR(36) PRIMARY KEY NOT NULL,
  "checksum" VARCHAR(64) NOT NULL,
  "finished_at" TIMESTAMPTZ,
  "migration_name" VARCHAR(255) NOT NULL,
  "logs" TEXT,
  "rolled_back_at" TIMESTAMPTZ,
  "started_at" TIMESTAMPTZ NOT NULL DEFAULT now(),
  "applied_steps_count" INTEGER NOT NULL DEFAULT 0
)`;

interface Migration {
  readonly name: string;
  readonly sql: string;
  readonly checksum: string;
}

function readMigrations(): Migration[] {
  return [...migrationNames()].sort().map((name) => {
    const sql = readFileSync(join(folder, name, "migration.sql"), "utf8");
    return { name, sql, checksum: createHash("sha256").update(sql).digest("hex") };
  });
}

/** The names of this version's migrations. */
export function migrationNames(): readonly string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) =>
    entry.isDirectory() ? [entry.name] : [],
  );
}

/** Whether a database lacks one of these migrations, for a role that may only read their names. */
export async function lacksMigrations(client: pg.Client, names: readonly string[]): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT FROM unnest($1::text[]) AS own (name) WHERE NOT EXISTS (SELECT FROM _prisma_migrations
       WHERE migration_name = own.name AND finished_at IS NOT NULL AND rolled_back_at IS NULL) LIMIT 1`,
    [names],
  );
  return rowCount !== 0;
}

/** Which migrations a database has, lacks, has with another text, and has beyond this version. */
export interface MigrationState {
  readonly applied: readonly string[];
  readonly pending: readonly string[];
  readonly edited: readonly string[];
  readonly unknown: readonly string[];
}

/** The migrations of this version, each with the checksum that a database stores for it. */
export function knownMigrations(): ReadonlyMap<string, string> {
  return new Map(readMigrations().map(({ name, checksum }) => [name, checksum]));
}

async function appliedTo(client: pg.Client): Promise<Map<string, string>> {
  const { rows } = await client.query<{ migration_name: string; checksum: string }>(
    "SELECT migration_name, checksum FROM _prisma_migrations WHERE finished_at IS NOT NULL AND rolled_back_at IS NULL",
  );
  return new Map(rows.map((row) => [row.migration_name, row.checksum]));
}

/**
 * Whether a database has the mark of a restore. The mark exists from before the first migration until
 * everything is restored.
 */
export async function restoreUnderWay(client: pg.Client): Promise<boolean> {
  const { rowCount } = await client.query("SELECT WHERE to_regclass('public.restore_under_way') IS NOT NULL");
  return rowCount !== 0;
}

/** How the migrations of a database compare with this version's. Changes nothing. */
export async function migrationState(client: pg.Client): Promise<MigrationState> {
  const { rowCount } = await client.query("SELECT WHERE to_regclass('_prisma_migrations') IS NOT NULL");
  const applied = rowCount === 0 ? new Map<string, string>() : await appliedTo(client);
  const own = readMigrations();
  const names = new Set(own.map(({ name }) => name));
  return {
    applied: [...applied.keys()],
    pending: own.filter(({ name }) => !applied.has(name)).map(({ name }) => name),
    edited: own
      .filter(({ name, checksum }) => applied.has(name) && applied.get(name) !== checksum)
      .map(({ name }) => name),
    unknown: [...applied.keys()].filter((name) => !names.has(name)),
  };
}

/**
 * Migrations grant to `postern_app` and `postern_worker`. Here these become the roles of this database, which
 * exist already.
 */
function forThisDatabase(sql: string, roles: DatabaseRoles): string {
  return sql
    .replaceAll(/CREATE ROLE postern_(app|worker) NOLOGIN;/g, "NULL;")
    .replaceAll(/EXECUTE format\('GRANT postern_(app|worker) TO %I', current_user\);/g, "NULL;")
    .replaceAll(/\bpostern_app\b/g, roles.application)
    .replaceAll(/\bpostern_worker\b/g, roles.worker);
}

/** A migration waited longer than it may, or was in a deadlock with somebody else. */
const hadToWait = new Set(["55P03", "40P01"]);
/** If a migration waited longer than this, people would notice it in their requests to the serving version. */
const lockMilliseconds = 1_000;
const longestPatienceMilliseconds = 10 * 60_000;

/**
 * Applies a migration with its record in one transaction. Earlier versions may be serving. A migration that waits for
 * a lock on a table makes everybody wait who comes later. So it soon stops waiting, lets them pass, and tries again.
 */
async function applyWithoutBlocking(client: pg.Client, { name, sql, checksum }: Migration): Promise<void> {
  const begun = performance.now();
  for (let tries = 1; ; tries += 1) {
    try {
      await client.query("BEGIN");
      await client.query(`SET LOCAL lock_timeout = ${lockMilliseconds}`);
      await client.query(sql);
      await client.query(
        `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at, applied_steps_count)
         VALUES ($1, $2, $3, clock_timestamp(), 1)`,
        [randomUUID(), checksum, name],
      );
      await client.query("COMMIT");
      return;
    } catch (error) {
      await client.query("ROLLBACK").catch(() => {});
      const patient = performance.now() - begun < longestPatienceMilliseconds;
      if (!hadToWait.has(errorCode(error) ?? "") || !patient) throw error;
      if (tries === 1) console.log(`Migration ${name} waits until what is under way lets it change a table.`);
      await new Promise((resolve) => setTimeout(resolve, 500));
    }
  }
}

/**
 * Migrates a database as its owner, each migration with its record in one transaction. Replicas that start at the
 * same time wait for each other. Returns the names of the applied migrations. Throws if an applied migration was
 * edited since. Throws before it changes anything if the database is from before the first release, or if a restore
 * into it was interrupted. A restore itself passes `restoring`, and may apply some migrations `only`.
 */
export async function migrate(
  url: string,
  {
    only = null,
    restoring = false,
  }: { readonly only?: ReadonlySet<string> | null; readonly restoring?: boolean } = {},
): Promise<string[]> {
  const client = new DatabaseClient({ connectionString: url });
  await client.connect();
  try {
    await client.query("SELECT pg_advisory_lock($1)", [advisoryLocks.migration]);
    if (!restoring && (await restoreUnderWay(client)))
      throw new Error(
        "A restore into this database is under way or was cut off, so it is not used: run npm run restore again, or empty the database.",
      );
    await client.query(migrationsTable);
    const applied = await appliedTo(client);
    if ([...applied.keys()].some((name) => name < baseline))
      throw new Error(
        "This database is from before the first release and cannot be carried over, so nothing is done to it. Start again with an empty one: delete the data folder (POSTERN_DATA_DIR, .postern unless it says otherwise), or name another database in DATABASE_URL.",
      );
    const { roles, faults } = await ownDatabase(client);
    for (const fault of faults) console.log(fault);
    const done: string[] = [];
    for (const { name, sql, checksum } of readMigrations()) {
      const before = applied.get(name);
      if (before === checksum || (only !== null && !only.has(name))) continue;
      if (before !== undefined)
        throw new Error(`Migration ${name} was changed after it was applied to this database.`);
      await applyWithoutBlocking(client, { name, sql: forThisDatabase(sql, roles), checksum });
      done.push(name);
    }
    return done;
  } finally {
    await client.end();
  }
}
