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

/** Queries the database of the server under test directly, to find ids and to check results. */
export async function ask<Row extends pg.QueryResultRow>(
  sql: string,
  values: unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: databaseAddress() });
  await client.connect();
  try {
    return (await client.query<Row>(sql, values)).rows;
  } finally {
    await client.end();
  }
}

/** The single value of a query's result. */
export async function askOne(sql: string, values: unknown[] = []): Promise<string> {
  const [row] = await ask<{ value: string }>(sql, values);
  if (!row) throw new Error(`nothing found: ${sql}`);
  return String(row.value);
}
