import { randomUUID } from "node:crypto";
import pg from "pg";
import { inject } from "vitest";
import { type Database, openDatabase } from "@/lib/platform/database";

/** A database of a test's own, and the means to look into it and to end it. */
export interface TestDatabase {
  readonly database: Database;
  readonly url: string;
  /** Runs SQL as the owner of the tables, past what the application may do. */
  asOwner(sql: string, parameters?: unknown[]): Promise<pg.QueryResult>;
  drop(): Promise<void>;
}

/** Makes a migrated, empty database; with a clock, its transactions tell that time. */
export async function createTestDatabase(options: { clock?: () => Date } = {}): Promise<TestDatabase> {
  const clusterUrl = inject("clusterUrl");
  const name = `test_${randomUUID().replaceAll("-", "")}`;
  await onCluster(clusterUrl, `CREATE DATABASE ${name} TEMPLATE postern_template`);
  const url = clusterUrl.replace(/\/postgres$/, `/${name}`);
  const database = openDatabase({ url, maximumConnections: 24, clock: options.clock });
  return {
    database,
    url,
    asOwner: (sql, parameters) => onCluster(url, sql, parameters),
    async drop() {
      await database.close();
      await onCluster(clusterUrl, `DROP DATABASE ${name} WITH (FORCE)`);
    },
  };
}

async function onCluster(url: string, sql: string, parameters?: unknown[]): Promise<pg.QueryResult> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return await client.query(sql, parameters);
  } finally {
    await client.end();
  }
}
