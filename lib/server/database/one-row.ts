import type pg from "pg";

/** The only row of an answer. */
export async function oneRow<Row extends pg.QueryResultRow>(
  client: pg.Client,
  sql: string,
  values: readonly unknown[] = [],
): Promise<Row> {
  const { rows } = await client.query<Row>(sql, [...values]);
  const [row] = rows;
  if (row === undefined) throw new Error(`There is no row of: ${sql}`);
  return row;
}
