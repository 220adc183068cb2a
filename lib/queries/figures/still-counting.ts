import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { planOnce } from "@/lib/platform/prepared-statements";
import { readOnce } from "@/lib/platform/transaction";
import {
  type Place,
  type Readable,
  readableAt,
  rowsUncounted,
  topsOf,
} from "@/lib/queries/assignments/readable-access";

/** Up to how many rows figures are read row by row. The worker counts larger places ahead. */
export const mostUncounted = 50_000;

/**
 * Whether a place has so many rows that are not counted ahead yet that its figures must wait for the
 * worker's first count. No more rows than these are read.
 */
export function stillCounting(
  database: Database,
  caller: Caller,
  place: Place,
  most = mostUncounted,
): Promise<boolean> {
  return readOnce(database, async (transaction) => {
    const readable = await readableAt(transaction, caller, place);
    if (!readable) return false;
    const [found] = await transaction.$queryRaw<{ many: boolean }[]>`
      ${planOnce} WITH ${topsOf(readable)} SELECT ${manyUncounted(readable, most)} AS many`;
    return found?.many ?? false;
  });
}

/** The same as a value within a statement; needs `topsOf`. */
export function manyUncounted(readable: Readable, most: number): Prisma.Sql {
  // A literal, so that the planner knows that there are few.
  const few = Prisma.raw(String(Math.trunc(most)));
  return Prisma.sql`(SELECT count(*) > ${few} FROM (
    SELECT FROM ${rowsUncounted(readable, "eligibilities")}
    UNION ALL
    SELECT FROM ${rowsUncounted(readable, "assignments")}
    LIMIT ${few} + 1) x)`;
}
