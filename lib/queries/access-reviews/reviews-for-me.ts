import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { planOnce } from "@/lib/platform/prepared-statements";
import { readOnce } from "@/lib/platform/transaction";

export interface AskedOfMe {
  readonly id: string;
  readonly name: string;
  readonly resourceName: string;
  readonly endsAt: Date;
  readonly items: number;
  readonly decided: number;
  /** How many reviews there are on all pages. */
  readonly total: number;
}

export const reviewsForMePageSize = 50;

/**
 * The reviews in progress in which the caller may decide on something now, fifty a page. Those that end
 * first come first. `after` is the id of the last one shown.
 */
export function reviewsForMe(
  database: Database,
  caller: Caller,
  after: string | null = null,
): Promise<AskedOfMe[]> {
  return readOnce(
    database,
    (transaction) => transaction.$queryRaw<AskedOfMe[]>`
      ${planOnce} WITH mine AS MATERIALIZED (
        SELECT i.review_id AS id, count(*)::int AS items, count(i.decision)::int AS decided
        FROM reviewable_items(${caller.userId}::uuid, NULL) i
        JOIN access_reviews v ON v.id = i.review_id WHERE v.ends_at > postern_now() GROUP BY i.review_id)
      SELECT v.id, v.name, r.display_name AS "resourceName", v.ends_at AS "endsAt", mine.items, mine.decided,
        (SELECT count(*)::int FROM mine) AS total
      FROM mine JOIN access_reviews v ON v.id = mine.id JOIN resources r ON r.id = v.resource_id
      WHERE ${after}::uuid IS NULL
        OR (v.ends_at, v.id) > (SELECT last.ends_at, last.id FROM access_reviews last WHERE last.id = ${after}::uuid)
      ORDER BY v.ends_at, v.id LIMIT ${reviewsForMePageSize}`,
  );
}
