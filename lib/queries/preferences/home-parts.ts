import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { planOnce } from "@/lib/platform/prepared-statements";
import { readOnce } from "@/lib/platform/transaction";

/** Which parts of Home may have something to show. Parts that are empty for most people are not queried in full. */
export interface HomeParts {
  readonly bundles: boolean;
  readonly favouriteResources: boolean;
  /** A request of the caller's own waits, or one to begin later. */
  readonly requests: boolean;
  /** A review is in progress, anywhere. */
  readonly reviews: boolean;
  /** A sign-in of a break-glass account waits for its review. */
  readonly breakGlass: boolean;
  /** It is not a demo, and the caller has not dismissed the steps. */
  readonly gettingStarted: boolean;
}

export async function homeParts(database: Database, caller: Caller): Promise<HomeParts> {
  const [row] = await readOnce(
    database,
    (client) => client.$queryRaw<HomeParts[]>`
      SELECT ${planOnce} EXISTS (SELECT FROM bundles WHERE user_id = ${caller.userId}::uuid) AS bundles,
        EXISTS (SELECT FROM favourite_resources WHERE user_id = ${caller.userId}::uuid) AS "favouriteResources",
        EXISTS (SELECT FROM requests WHERE requestor_id = ${caller.userId}::uuid
          AND status IN ('PendingApproval', 'PendingProvisioning', 'ScheduleCreated')) AS requests,
        EXISTS (SELECT FROM access_reviews WHERE state = 'InProgress' AND ends_at > postern_now()) AS reviews,
        EXISTS (SELECT FROM break_glass_sign_ins WHERE closed_at IS NULL) AS "breakGlass",
        NOT i.demo AND NOT EXISTS (
          SELECT FROM getting_started_dismissals WHERE user_id = ${caller.userId}::uuid) AS "gettingStarted"
      FROM installation i`,
  );
  if (!row) throw new Error("there is no installation");
  return row;
}
