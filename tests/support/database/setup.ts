import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import pg from "pg";
import type { TestProject } from "vitest/node";
import { ensureDatabase, type PostgresCluster, startPostgres } from "@/lib/server/database/embedded-postgres";
import { migrate } from "@/lib/server/database/migrate";

declare module "vitest" {
  export interface ProvidedContext {
    clusterUrl: string;
  }
}

/** Allows, as the owner of the tables, the clock of this database and its copies to be moved. */
async function markAsTestDatabase(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query("UPDATE installation SET test_database = true");
  await client.end();
}

/**
 * Lets the tests' thousands of connections prove the same password with one round of SCRAM instead of 4,096,
 * which take longer than most of their queries.
 */
async function shortenHandshakes(url: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const password = client.escapeLiteral(decodeURIComponent(new URL(url).password));
  // PostgreSQL 15 has no such setting.
  const fewer = await client.query("SELECT FROM pg_settings WHERE name = 'scram_iterations'");
  if (fewer.rowCount)
    await client.query(`SET scram_iterations = 1; ALTER ROLE postgres PASSWORD ${password}`);
  await client.end();
}

/** A throwaway PostgreSQL of another version, which the caller of the run has started (scripts/postgres-versions.ts). */
function given(address: string | undefined): PostgresCluster | null {
  if (!address) return null;
  const url = (database: string) => Object.assign(new URL(address), { pathname: `/${database}` }).href;
  return { url, port: Number(new URL(address).port), pid: () => undefined, stop: async () => {} };
}

interface Shared {
  readonly cluster: PostgresCluster;
  readonly folder: string;
}

/** One throwaway PostgreSQL, with a migrated template that nobody opens. */
async function start(): Promise<Shared> {
  const folder = mkdtempSync(join(tmpdir(), "postern-test-"));
  const cluster =
    given(process.env.POSTERN_TEST_CLUSTER) ?? (await startPostgres(folder, { durable: false }));
  try {
    const template = await ensureDatabase(cluster, "postern_template");
    await migrate(template);
    await markAsTestDatabase(template);
    await shortenHandshakes(cluster.url("postgres"));
  } catch (error) {
    await cluster.stop();
    throw error;
  }
  return { cluster, folder };
}

/** What the projects of this run share. Each of them loads this file anew. */
const ofRun: typeof globalThis & { posternTests?: { shared: Promise<Shared>; users: number } } = globalThis;

/** Starts it for the first project of a run that needs it, and stops it after the last. */
export default async function setup(project: TestProject) {
  ofRun.posternTests ??= { shared: start(), users: 0 };
  const { posternTests: run } = ofRun;
  run.users += 1;
  const { cluster, folder } = await run.shared;
  project.provide("clusterUrl", cluster.url("postgres"));
  return async () => {
    run.users -= 1;
    if (run.users > 0) return;
    delete ofRun.posternTests;
    await cluster.stop();
    rmSync(folder, { recursive: true, force: true });
  };
}
