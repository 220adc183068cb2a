import { Prisma } from "@/lib/platform/generated/client";

const unnamed = "";
/** How many different statements each connection keeps prepared. Later ones are sent whole every time. */
const maximumPrepared = 400;
/** Longer statements are batches, whose text varies with their number of rows. */
const maximumLength = 6_000;

/**
 * Statements that sort, count or search read a number of rows that depends on their values. So their plan
 * depends on the values.
 */
const dependsOnValues = /\b(?:ORDER BY|GROUP BY|I?LIKE|count|sum|min|max|array_agg)\b/i;
/** Locked rows are found by their keys. Their order only prevents deadlocks. */
const locks = /\bFOR (?:NO KEY UPDATE|UPDATE|SHARE|KEY SHARE)\b/;

/**
 * Marks a statement that sorts or counts but is found by the keys of one person or thing. Its plan is the same
 * whatever the values.
 */
export const planOnce = Prisma.raw("/* plan once */");

/**
 * Names statements that PostgreSQL parses and plans once for each connection, which takes longer than running
 * most of them. Empty (no name) for statements that are planned for their values, and for those seen the first
 * time.
 */
export function statementNames(): (query: { readonly sql: string }) => string {
  const names = new Map<string, string | null>();
  let named = 0;
  return ({ sql }) => {
    const known = names.get(sql);
    if (known) return known;
    if (
      (sql.length > maximumLength && !sql.includes(planOnce.sql)) ||
      named >= maximumPrepared ||
      !isPlannedOnce(sql)
    )
      return unnamed;
    if (known === undefined) {
      if (names.size < 4 * maximumPrepared) names.set(sql, null);
      return unnamed;
    }
    const name = `postern_${named}`;
    named += 1;
    names.set(sql, name);
    return name;
  };
}

/** Whether one plan serves a statement whatever its values. */
export function isPlannedOnce(sql: string): boolean {
  return sql.includes(planOnce.sql) || locks.test(sql) || !dependsOnValues.test(sql);
}
