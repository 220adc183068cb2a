import type pg from "pg";
import { oneRow } from "@/lib/server/database/one-row";

/** Not part of the data: the applied migrations, which a restore applies itself, and the mark of a restore. */
const leftOut = ["_prisma_migrations", "restore_under_way"];

/** A table, with its columns that store values. Generated ones are computed again. */
export interface StoredTable {
  readonly name: string;
  readonly columns: readonly string[];
  /** Columns that have a meaning only in the database cluster that wrote them: transaction numbers. */
  readonly ofCluster: readonly string[];
}

/**
 * Every table in which Postern stores something. The tables of the queues are left out, since each start
 * creates them again.
 */
export async function storedTables(client: pg.Client): Promise<readonly StoredTable[]> {
  const { rows } = await client.query<StoredTable>(
    `SELECT c.relname AS name, array_agg(a.attname::text ORDER BY a.attnum) AS columns,
       coalesce(array_agg(a.attname::text) FILTER (WHERE a.atttypid IN ('xid8'::regtype, 'xid'::regtype)), '{}') AS "ofCluster"
     FROM pg_class c JOIN pg_attribute a ON a.attrelid = c.oid
     WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition
       AND a.attnum > 0 AND NOT a.attisdropped AND a.attgenerated = '' AND c.relname <> ALL ($1)
     GROUP BY c.relname ORDER BY c.relname`,
    [leftOut],
  );
  return rows;
}

/**
 * The statement that writes out a table's rows. Transaction numbers are left out: another cluster gives the
 * same numbers to other transactions, so an old event would count as the event of a new change
 * (docs/decisions/access-needs-event.md).
 */
export function copyOut(client: pg.Client, { name, columns, ofCluster }: StoredTable): string {
  const list = columns.map((column) =>
    ofCluster.includes(column)
      ? `NULL AS ${client.escapeIdentifier(column)}`
      : client.escapeIdentifier(column),
  );
  return `COPY (SELECT ${list.join(", ")} FROM ONLY ${client.escapeIdentifier(name)}) TO STDOUT`;
}

/** The statement that reads a table's rows in. */
export function copyIn(client: pg.Client, { name, columns }: StoredTable): string {
  return `COPY ${client.escapeIdentifier(name)} (${columns.map((column) => client.escapeIdentifier(column)).join(", ")}) FROM STDIN`;
}

/**
 * Makes rows come out in the same form whatever the settings of the server or the login, in their physical
 * order, and without a time limit.
 */
export async function writePlainly(client: pg.Client): Promise<void> {
  await client.query(`
    SET client_encoding = 'UTF8'; SET DateStyle = 'ISO, YMD'; SET IntervalStyle = 'postgres'; SET TimeZone = 'UTC';
    SET bytea_output = 'hex'; SET extra_float_digits = 3; SET search_path = public; SET row_security = off;
    SET synchronize_seqscans = off; SET max_parallel_workers_per_gather = 0;
    SET statement_timeout = 0; SET lock_timeout = 0; SET idle_in_transaction_session_timeout = 0;`);
}

/** The names of a table's sequences, and their positions. */
export async function sequences(
  client: pg.Client,
): Promise<{ readonly name: string; readonly value: string; readonly called: boolean }[]> {
  const { rows } = await client.query<{ name: string }>(
    `SELECT relname AS name FROM pg_class WHERE relkind = 'S' AND relnamespace = 'public'::regnamespace ORDER BY 1`,
  );
  const found = [];
  // There are a handful, each a relation of its own.
  for (const { name } of rows)
    found.push({
      name,
      ...(await oneRow<{ value: string; called: boolean }>(
        client,
        `SELECT last_value::text AS value, is_called AS called FROM ${client.escapeIdentifier(name)}`,
      )),
    });
  return found;
}
