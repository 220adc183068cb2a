import type { Transaction } from "@/lib/platform/database";
import type { Prisma } from "@/lib/platform/generated/client";

/** Lists are counted up to this number. Beyond it a list says "1,000+". */
export const countedRows = 1_000;

/** How many rows a statement finds. Counting stops at one more than `countedRows`. */
export async function countRows(transaction: Transaction, rows: Prisma.Sql): Promise<number> {
  const [row] = await transaction.$queryRaw<{ count: number }[]>`
    SELECT count(*)::int AS count FROM (${rows} LIMIT ${countedRows + 1}) counted`;
  return row?.count ?? 0;
}
