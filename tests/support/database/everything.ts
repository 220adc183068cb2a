import type { TestDatabase } from "./database";

/** Tables that no login of the product may write, as tests of names and logins show, and that are slow to read. */
const unwritable = ["look_alikes", "_prisma_migrations"];

/**
 * The state of a database except the log: for each table, without those excluded, how many rows it has and a
 * digest of which version of each is in force. A row that was written again has another version, even with the
 * same content. A digest of the contents would take a hundred times as long.
 */
export async function everything(
  test: TestDatabase,
  leftOut: readonly string[] = [],
): Promise<Record<string, string>> {
  const { rows: tables } = await test.asOwner(
    `SELECT table_name AS name FROM information_schema.tables
     WHERE table_schema = 'public' AND table_type = 'BASE TABLE' AND table_name <> 'audit_events'
       AND table_name <> ALL ($1) ORDER BY 1`,
    [[...leftOut, ...unwritable]],
  );
  const parts = tables.map(
    ({ name }) =>
      `SELECT '${name}' AS name, concat(count(*), ' ', sum(hashtextextended(concat(ctid, ' ', xmin), 0))) AS content FROM ${name}`,
  );
  const { rows } = await test.asOwner(parts.join(" UNION ALL "));
  return Object.fromEntries(rows.map(({ name, content }) => [name, content]));
}
