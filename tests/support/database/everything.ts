import type { TestDatabase } from "./database";

/** Tables that no login of the product may write, as tests of names and logins show, and that are slow to read. */
const unwritable = ["look_alikes", "_prisma_migrations"];

/** The contents of a database except the log: a digest of each table, without those excluded. */
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
      `SELECT '${name}' AS name, md5(string_agg(t::text, '|' ORDER BY t::text COLLATE "C")) AS content FROM ${name} t`,
  );
  const { rows } = await test.asOwner(parts.join(" UNION ALL "));
  return Object.fromEntries(rows.map(({ name, content }) => [name, content]));
}
