import type { TestDatabase } from "./database";

/** Tables that no login of the product may write, as tests of names and logins show, and that are slow to read. */
const unwritable = ["look_alikes", "_prisma_migrations"];

/** The statements that read the state of each database, without certain tables. No test makes tables meanwhile. */
const statements = new WeakMap<TestDatabase, Map<string, Promise<string>>>();

async function statementFor(test: TestDatabase, leftOut: readonly string[]): Promise<string> {
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
  return parts.join(" UNION ALL ");
}

/**
 * The state of a database except the log: for each table, without those excluded, how many rows it has and a
 * digest of which version of each is in force. A row that was written again has another version, even with the
 * same content. A digest of the contents would take a hundred times as long.
 */
export async function everything(
  test: TestDatabase,
  leftOut: readonly string[] = [],
): Promise<Record<string, string>> {
  const known = statements.get(test) ?? new Map<string, Promise<string>>();
  statements.set(test, known);
  const key = leftOut.join();
  const statement = known.get(key) ?? statementFor(test, leftOut);
  known.set(key, statement);
  // It has a hundred parts: to plan them takes longer than to run them.
  const name = `everything ${[...known.keys()].indexOf(key)}`;
  const { rows } = await test.asOwner({ name, text: await statement });
  return Object.fromEntries(rows.map(({ name, content }) => [name, content]));
}
