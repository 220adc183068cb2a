import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { planOnce } from "@/lib/platform/prepared-statements";
import { readOnce } from "@/lib/platform/transaction";
import { type Place, readableAt, rowsUncounted, topsOf } from "@/lib/queries/assignments/readable-access";

/** The figures of no more rows than these are read row by row. The worker counts larger places ahead. */
export const mostUncounted = 50_000;

/**
 * Whether a place has so many rows that are not counted ahead yet that its figures wait for the worker's first count.
 * No more rows than these are looked at.
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
      ${planOnce} WITH ${topsOf(readable)}
      SELECT count(*) > ${most}::int AS many FROM (
        SELECT FROM ${rowsUncounted(readable, "eligibilities")}
        UNION ALL
        SELECT FROM ${rowsUncounted(readable, "assignments")}
        LIMIT ${most}::int + 1) x`;
    return found?.many ?? false;
  });
}
