import { may, permissionsAt } from "@/lib/authority/authority";
import {
  permissionsToReview,
  type ReviewCovers,
  type ReviewRecurrence,
  type ReviewState,
  reviewStateAt,
} from "@/lib/domain/access-reviews/access-review";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import { action, anyAllows } from "@/lib/domain/roles/permissions";
import { containing } from "@/lib/domain/search/like-pattern";
import { isUuid } from "@/lib/domain/text/uuid";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { identityColumn } from "@/lib/platform/principal-identity";
import { pathBelow } from "@/lib/platform/sql/path-below";
import { databaseNow, readOnce } from "@/lib/platform/transaction";
import { countRows } from "@/lib/queries/count-rows";

export const reviewPageSize = 50;
const lastId = "ffffffff-ffff-ffff-ffff-ffffffffffff";

/** A resource `here` and the reviews `v` that include it. */
const including = Prisma.sql`resources here JOIN access_reviews v
  ON v.resource_id = here.id OR (v.include_below AND v.resource_id = ANY (path_ids(here.path)))`;

const stateNow = Prisma.sql`CASE WHEN v.state = 'InProgress' AND v.ends_at <= postern_now() THEN 'Completed'
  ELSE v.state::text END`;

export interface ReviewRow {
  readonly id: string;
  readonly name: string;
  readonly includeBelow: boolean;
  readonly state: ReviewState;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly recurrence: ReviewRecurrence;
  readonly stopped: boolean;
  /** The resource above where it was started; null if it was started here. */
  readonly from: { readonly id: string; readonly displayName: string } | null;
  /** If the review was started above, only items here and below are counted. */
  readonly items: number;
  readonly decided: number;
}

/**
 * The reviews that include a resource, newest first, in their state by the database's clock: those
 * started here, and those started above that cover everything below. Empty if the caller may not read
 * its assignments now.
 */
export function listAccessReviews(
  database: Database,
  caller: Caller,
  resourceId: string,
  filter: { readonly search: string; readonly state: ReviewState | ""; readonly after: string },
): Promise<ReviewRow[]> {
  const pattern = containing(filter.search);
  return readOnce(database, async (transaction) => {
    if (!(await may(transaction, caller.userId, action.readAssignments, resourceId))) return [];
    return transaction.$queryRaw<ReviewRow[]>`
      SELECT x.id, x.name, x."includeBelow", x.state, x."startsAt", x."endsAt", x.recurrence, x.stopped, x.from,
        counted.* FROM (
        SELECT v.id, v.name, v.include_below AS "includeBelow", v.starts_at AS "startsAt", v.ends_at AS "endsAt",
          v.recurrence::text, v.stopped_at IS NOT NULL AS stopped, here.id AS here, here.path,
          CASE WHEN v.resource_id <> here.id THEN json_build_object('id', at.id, 'displayName', at.display_name)
            END AS from,
          ${stateNow} AS state
        FROM ${including}
        JOIN resources at ON at.id = v.resource_id
        WHERE here.id = ${resourceId}::uuid AND v.id < ${isUuid(filter.after) ? filter.after : lastId}::uuid
          AND (${filter.search} = '' OR v.name ILIKE ${pattern})) x
      CROSS JOIN LATERAL (
        SELECT count(*)::int AS items, count(i.decision)::int AS decided
        FROM access_review_items i WHERE i.review_id = x.id AND (x.from IS NULL OR ${itemWithin}))) counted
      WHERE ${filter.state} = '' OR x.state = ${filter.state}
      ORDER BY x.id DESC LIMIT ${reviewPageSize}`;
  });
}

/** How many `listAccessReviews` has on all its pages (`countRows`). */
export function countAccessReviews(
  database: Database,
  caller: Caller,
  resourceId: string,
  { search, state }: { readonly search: string; readonly state: ReviewState | "" },
): Promise<number> {
  return readOnce(database, async (transaction) => {
    if (!(await may(transaction, caller.userId, action.readAssignments, resourceId))) return 0;
    return countRows(
      transaction,
      Prisma.sql`SELECT FROM ${including} WHERE here.id = ${resourceId}::uuid
        AND (${search} = '' OR v.name ILIKE ${containing(search)}) AND (${state} = '' OR ${stateNow} = ${state})`,
    );
  });
}

/**
 * One review that includes a resource, with everything that its page shows; null if it is unknown or not for this
 * caller. If the review was started above, only items here and below are counted. The people who started, stopped,
 * applied and review it are named only to callers who may read assignments where it was started.
 */
export function findAccessReview(database: Database, caller: Caller, resourceId: string, reviewId: string) {
  if (!isUuid(reviewId)) return Promise.resolve(null);
  return readOnce(database, async (transaction) => {
    const place = await reviewedPlace(transaction, caller, resourceId, reviewId);
    if (!place) return null;
    const review = await transaction.accessReview.findUniqueOrThrow({
      where: { id: reviewId },
      include: { resource: { select: { id: true, displayName: true } } },
    });
    const whole =
      review.resourceId === place.id ||
      (await may(transaction, caller.userId, action.readAssignments, review.resourceId));
    const names = await namesAround(transaction, reviewId);
    const open = await transaction.accessReview.count({
      where: { seriesId: review.seriesId, state: { in: ["NotStarted", "InProgress"] } },
    });
    const counts = await transaction.$queryRaw<
      { decision: string | null; outcome: string | null; count: number }[]
    >`
      SELECT i.decision::text, i.outcome::text, count(*)::int FROM access_review_items i
      WHERE i.review_id = ${reviewId}::uuid AND ${within(review, place)} GROUP BY 1, 2`;
    const late = await transaction.accessReviewItem.count({
      where: { reviewId, decidedLate: true, outcome: null },
    });
    const total = (wanted: (row: (typeof counts)[number]) => boolean) =>
      counts.reduce((sum, row) => sum + (wanted(row) ? row.count : 0), 0);
    return {
      ...review,
      reviewerKind: review.reviewers,
      ...(whole ? names : { ...unnamed, roleNames: names.roleNames }),
      stopReason: whole ? review.stopReason : null,
      /** Whether the caller may open the review at the place where it was started, if that is above. */
      from: review.resourceId === place.id ? null : { ...review.resource, readable: whole },
      seriesGoesOn: review.recurrence !== "None" && review.seriesEndedAt === null && open > 0,
      /** Whether its administrator could start it now. */
      administratorMay: await mayStart(transaction, review),
      lateDecisions: late,
      state: reviewStateAt(review, await databaseNow(transaction)),
      items: total(() => true),
      decided: (decision: string | null) => total((row) => row.decision === decision),
      came: (outcome: string | null) => total((row) => row.outcome === outcome),
    };
  });
}

/** A review as seen from a resource that it includes. */
export interface ReviewedPlace {
  readonly id: string;
  readonly path: string;
}

/**
 * The resource, if the caller may read its assignments now and the review includes it. Otherwise null,
 * so that an unknown review and a review of another resource get the same answer.
 */
export async function reviewedPlace(
  transaction: Transaction,
  caller: Caller,
  resourceId: string,
  reviewId: string,
): Promise<ReviewedPlace | null> {
  if (!(await may(transaction, caller.userId, action.readAssignments, resourceId))) return null;
  const [place] = await transaction.$queryRaw<ReviewedPlace[]>`
    SELECT here.id, here.path FROM ${including}
    WHERE here.id = ${resourceId}::uuid AND v.id = ${reviewId}::uuid`;
  return place ?? null;
}

/** The items `i` of a review within the place from which it is seen; all of them at the place where it was started. */
export function within(review: { readonly resourceId: string }, place: ReviewedPlace): Prisma.Sql {
  if (review.resourceId === place.id) return Prisma.sql`true`;
  return Prisma.sql`EXISTS (SELECT FROM resources about WHERE about.id = i.resource_id
    AND (about.path = ${place.path} OR (about.path > ${`${place.path}.`} AND about.path < ${`${place.path}/`})))`;
}

/** The same condition for the review `x` of a list, with the place's path in it. */
const itemWithin = Prisma.sql`EXISTS (SELECT FROM resources about WHERE about.id = i.resource_id
  AND (about.path = x.path OR ${pathBelow("about.path", "x.path")})`;

async function mayStart(
  transaction: Transaction,
  review: {
    readonly createdById: string;
    readonly takenOverById: string | null;
    readonly resourceId: string;
    readonly covers: ReviewCovers;
  },
): Promise<boolean> {
  const held = await permissionsAt(
    transaction,
    review.takenOverById ?? review.createdById,
    review.resourceId,
  );
  return permissionsToReview(review.covers).every((permission) => anyAllows(held, permission));
}

const unnamed = {
  createdBy: null,
  takenOverBy: null,
  stoppedBy: null,
  appliedBy: null,
  seriesEndedBy: null,
  reviewers: null,
  informed: null,
} as const;

interface NamesAround {
  readonly createdBy: PrincipalIdentity;
  readonly takenOverBy: PrincipalIdentity | null;
  readonly seriesEndedBy: PrincipalIdentity | null;
  readonly stoppedBy: PrincipalIdentity | null;
  readonly appliedBy: PrincipalIdentity | null;
  readonly roleNames: readonly string[];
  readonly reviewers: readonly PrincipalIdentity[];
  /** Who is notified of the end. */
  readonly informed: readonly PrincipalIdentity[];
}

async function namesAround(transaction: Transaction, reviewId: string): Promise<NamesAround> {
  const one = (id: Prisma.Sql) =>
    Prisma.sql`(SELECT ${identityColumn("p")} FROM principals p WHERE p.id = ${id})`;
  const [names] = await transaction.$queryRaw<NamesAround[]>`
    SELECT ${one(Prisma.sql`v.created_by_id`)} AS "createdBy", ${one(Prisma.sql`v.taken_over_by_id`)} AS "takenOverBy",
      ${one(Prisma.sql`v.series_ended_by_id`)} AS "seriesEndedBy", ${one(Prisma.sql`v.stopped_by_id`)} AS "stoppedBy",
      ${one(Prisma.sql`v.applied_by_id`)} AS "appliedBy",
      ARRAY (SELECT d.role_name FROM access_review_roles o JOIN role_definitions d ON d.id = o.role_definition_id
        WHERE o.review_id = v.id ORDER BY lower(d.role_name)) AS "roleNames",
      (SELECT coalesce(jsonb_agg(${identityColumn("p")} ORDER BY lower(p.display_name), p.id), '[]')
        FROM access_review_named_reviewers n JOIN principals p ON p.id = n.principal_id
        WHERE n.review_id = v.id) AS reviewers,
      (SELECT coalesce(jsonb_agg(${identityColumn("p")} ORDER BY lower(p.display_name), p.id), '[]')
        FROM access_review_informed n JOIN principals p ON p.id = n.principal_id
        WHERE n.review_id = v.id) AS informed
    FROM access_reviews v WHERE v.id = ${reviewId}::uuid`;
  if (!names) throw new Error("a review that was read is gone");
  return names;
}
