import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";
import pg from "pg";
import { server } from "./server";

/** The address of the database of the server under test, for its owner. */
export function databaseAddress(): string {
  const folder = server().folder;
  const moved = join(folder, "postgres-moved-to");
  const home = existsSync(moved) ? readFileSync(moved, "utf8").trim() : folder;
  const password = readFileSync(join(folder, "postgres-password"), "utf8").trim();
  const port = readFileSync(join(home, "postgres", "postmaster.pid"), "utf8").split("\n")[3];
  return `postgresql://postgres:${password}@127.0.0.1:${port}/postern`;
}

let pool: pg.Pool | null = null;

/** The connection of this worker. To open one takes fourteen times the processor time of a short question. */
function connection(): Promise<pg.PoolClient> {
  if (!pool) {
    const connectionString = databaseAddress();
    pool = new pg.Pool({ connectionString, max: 1, idleTimeoutMillis: 0, allowExitOnIdle: true });
    // If it breaks, the query under way fails, and the next one gets another. It ends with the server after the last test.
    pool.on("error", () => {});
    pool.on("connect", (client) => client.on("error", () => {}));
  }
  return pool.connect();
}

/**
 * Queries the database of the server under test directly, to find ids and to check results. What a query sets for its
 * session ends with it.
 */
export async function ask<Row extends pg.QueryResultRow>(
  sql: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = await connection();
  try {
    return (await client.query<Row>(sql, values)).rows;
  } finally {
    const kept = await client.query("DISCARD ALL").catch(() => null);
    client.release(kept === null);
  }
}

/** The single value of a query's result. */
export async function askOne(sql: string, values: unknown[] = []): Promise<string> {
  const [row] = await ask<{ value: string }>(sql, values);
  if (!row) throw new Error(`nothing found: ${sql}`);
  return String(row.value);
}
