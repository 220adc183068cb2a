import { randomBytes } from "node:crypto";
import { cpSync, existsSync, mkdirSync, mkdtempSync, readFileSync, renameSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import { ensureDatabase, type PostgresCluster, startPostgres } from "@/lib/server/database/embedded-postgres";
import { stopAll } from "./postern-process";

/** The contents of a database before the first Postern of a test uses it. */
export type Contents = "Nothing" | "Roles" | "Demo";

/** Where `contents` was prepared once for all files of tests (tests/support/e2e/setup.ts); undefined if it was not. */
const preparedFolder = (contents: Contents) => process.env[`E2E_PREPARED_${contents}`];

/** Makes `startOutsideDatabase` begin with a copy of this data folder, of a stopped Postern. */
export function prepared(contents: Contents, folder: string): void {
  process.env[`E2E_PREPARED_${contents}`] = folder;
}

/** A PostgreSQL beside the Posterns that a test starts, as an operator would run it. */
export interface OutsideDatabase {
  /** The data folder of those Posterns. */
  readonly folder: string;
  readonly cluster: PostgresCluster;
  readonly url: string;
  /** What a Postern needs to use it. */
  readonly environment: Readonly<
    Record<"DATABASE_URL" | "POSTERN_DATA_DIR" | "POSTERN_DEMO" | "POSTERN_ENCRYPTION_KEYS", string>
  >;
  /** Another database with the same contents. Only while nobody uses the first. */
  copy(name: string): Promise<string>;
  /** Stops the Posterns as well. */
  stop(): Promise<void>;
}

/**
 * Starts it in a folder of its own. With only the built-in roles, or with the demo, it is a copy of what was
 * prepared, since migrating and seeding take most of a first start. If nothing was prepared, the first Postern
 * does both.
 */
export async function startOutsideDatabase(name: string, contents: Contents): Promise<OutsideDatabase> {
  const folder = mkdtempSync(join(tmpdir(), `postern-${name}-`));
  const elsewhere = join(folder, "elsewhere");
  const source = preparedFolder(contents);
  if (source !== undefined) {
    cpSync(source, folder, { recursive: true });
    mkdirSync(elsewhere);
    for (const part of ["postgres", "postgres-password"])
      renameSync(join(folder, part), join(elsewhere, part));
  }
  const kept = join(folder, "encryption-keys");
  const keys = existsSync(kept) ? readFileSync(kept, "utf8").trim() : `k1:${randomBytes(32).toString("hex")}`;
  // With a database of its own a Postern makes none, and would take these if it was given none.
  rmSync(kept, { force: true });
  const cluster = await startPostgres(elsewhere, { durable: false });
  const url = await ensureDatabase(cluster, "postern");
  return {
    folder,
    cluster,
    url,
    environment: {
      DATABASE_URL: url,
      POSTERN_DATA_DIR: folder,
      POSTERN_DEMO: contents === "Demo" ? "1" : "",
      POSTERN_ENCRYPTION_KEYS: keys,
    },
    async copy(other) {
      const client = new pg.Client({ connectionString: cluster.url("postgres") });
      await client.connect();
      await client.query(`CREATE DATABASE ${other} TEMPLATE postern`).finally(() => client.end());
      return cluster.url(other);
    },
    async stop() {
      await stopAll();
      await cluster.stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
