import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import type { AccessTable } from "@/lib/platform/sql/access-hours";
import { accessConditions, tablesOf } from "@/lib/queries/assignments/access-conditions";
import type { Asked } from "@/lib/queries/assignments/access-search";
import { topsOf } from "@/lib/queries/assignments/readable-access";
import type { Page } from "@/lib/queries/pages";

/** How many rows a list has. If `count` is more than `most`, counting stopped there and the rest was not read. */
export interface Total {
  readonly count: number;
  readonly most: number;
}

/** A page of a list that can be counted. */
export interface CountedPage<Row> extends Page<Row> {
  readonly count: () => Promise<Total>;
}

/** The page with its total. If the list has only one page, nothing needs to be counted. */
export function counted<Row>(page: Page<Row>, count: () => Promise<Total>): CountedPage<Row> {
  const whole = page.previous === null && page.next === null;
  return { ...page, count: whole ? async () => ({ count: page.rows.length, most: countedAtMost }) : count };
}

/** Up to how many rows a list counts, and how many it reads at most to find them. */
export const countedAtMost = 1_000;
export const readAtMost = 5_000;

/** The count of a part of a list. With `more` there are more rows. */
export interface Counted {
  readonly count: number;
  readonly more: boolean;
}

/** Adds up the counts of the parts of a list. */
export function sumOf(parts: readonly Counted[]): Total {
  const count = parts.reduce((sum, part) => sum + part.count, 0);
  if (!parts.some((part) => part.more)) return { count, most: countedAtMost };
  const most = Math.min(count, countedAtMost);
  return { count: most + 1, most };
}

type Narrowed = Pick<Asked, "filter" | "readable" | "about">;

/** How much access meets a filter and may be read. */
export async function totalOf(transaction: Transaction, asked: Narrowed): Promise<Total> {
  const parts: Counted[] = [];
  for (const table of tablesOf(asked.filter.state)) parts.push(await totalIn(transaction, asked, table));
  return sumOf(parts);
}

async function totalIn(transaction: Transaction, asked: Narrowed, table: AccessTable): Promise<Counted> {
  const { filter, readable, about } = asked;
  const conditions = Prisma.join([...accessConditions(filter, table), ...about.narrow], " AND ");
  const each = Prisma.join([readable.of(Prisma.sql`x.resource_id`), ...about.byRow], " AND ");
  const listed =
    readable.reach === "few" || readable.reach === "one"
      ? Prisma.sql`SELECT y.* FROM inside CROSS JOIN LATERAL (
          SELECT * FROM ${Prisma.raw(table)} x WHERE x.resource_id = inside.id AND ${conditions}
          LIMIT ${readAtMost}) y`
      : Prisma.sql`SELECT x.* FROM ${Prisma.raw(table)} x WHERE ${conditions}`;
  const [found] = await transaction.$queryRaw<Counted[]>`
    WITH ${topsOf(readable)}, looked AS MATERIALIZED (SELECT * FROM (${listed}) x LIMIT ${readAtMost}),
    met AS MATERIALIZED (SELECT FROM looked x WHERE ${each} LIMIT ${countedAtMost + 1})
    SELECT count(*)::int AS count,
      count(*) > ${countedAtMost} OR (SELECT count(*) >= ${readAtMost} FROM looked) AS more FROM met`;
  return found ?? { count: 0, more: false };
}
