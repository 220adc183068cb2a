import { type ReviewState, reviewStateAt } from "@/lib/domain/access-review";
import { action } from "@/lib/domain/permissions";
import { may } from "@/lib/platform/authority";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { databaseNow, inTransaction } from "@/lib/platform/transaction";

export const reviewPageSize = 50;
const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;
const lastId = "ffffffff-ffff-ffff-ffff-ffffffffffff";

export interface ReviewRow {
  readonly id: string;
  readonly name: string;
  readonly includeBelow: boolean;
  readonly state: ReviewState;
  readonly startsAt: Date;
  readonly endsAt: Date;
  readonly recurrence: "None" | "Weekly" | "Monthly" | "Quarterly" | "Yearly";
  readonly stopped: boolean;
  readonly items: number;
  readonly decided: number;
}

/**
 * The reviews started at a resource, newest first, as they stand by the database's clock; none for a caller who may
 * not read its assignments now.
 */
export function listAccessReviews(
  database: Database,
  caller: Caller,
  resourceId: string,
  filter: { readonly search: string; readonly state: ReviewState | ""; readonly after: string },
): Promise<ReviewRow[]> {
  const pattern = `%${filter.search.replaceAll(/[\\%_]/g, "\\$&")}%`;
  return inTransaction(database, async (transaction) => {
    if (!(await may(transaction, caller.userId, action.readAssignments, resourceId))) return [];
    return transaction.$queryRaw<ReviewRow[]>`
      SELECT x.*, counted.* FROM (
        SELECT v.id, v.name, v.include_below AS "includeBelow", v.starts_at AS "startsAt", v.ends_at AS "endsAt",
          v.recurrence::text, v.stopped_at IS NOT NULL AS stopped,
          CASE WHEN v.state = 'InProgress' AND v.ends_at <= postern_now() THEN 'Completed' ELSE v.state::text END AS state
        FROM access_reviews v
        WHERE v.resource_id = ${resourceId}::uuid AND v.id < ${uuid.test(filter.after) ? filter.after : lastId}::uuid
          AND (${filter.search} = '' OR v.name ILIKE ${pattern})) x
      CROSS JOIN LATERAL (
        SELECT count(*)::int AS items, count(i.decision)::int AS decided
        FROM access_review_items i WHERE i.review_id = x.id) counted
      WHERE ${filter.state} = '' OR x.state = ${filter.state}
      ORDER BY x.id DESC LIMIT ${reviewPageSize}`;
  });
}

/** One review of a resource with all that its page shows; null when unknown, or not for this caller now. */
export function findAccessReview(database: Database, caller: Caller, resourceId: string, reviewId: string) {
  if (!uuid.test(reviewId)) return Promise.resolve(null);
  return inTransaction(database, async (transaction) => {
    if (!(await may(transaction, caller.userId, action.readAssignments, resourceId))) return null;
    const review = await transaction.accessReview.findUnique({ where: { id: reviewId, resourceId } });
    if (!review) return null;
    const names = await namesAround(transaction, reviewId);
    const counts = await transaction.$queryRaw<
      { decision: string | null; outcome: string | null; count: number }[]
    >`
      SELECT decision::text, outcome::text, count(*)::int FROM access_review_items
      WHERE review_id = ${reviewId}::uuid GROUP BY 1, 2`;
    const total = (wanted: (row: (typeof counts)[number]) => boolean) =>
      counts.reduce((sum, row) => sum + (wanted(row) ? row.count : 0), 0);
    return {
      ...review,
      ...names,
      state: reviewStateAt(review, await databaseNow(transaction)),
      items: total(() => true),
      decided: (decision: string | null) => total((row) => row.decision === decision),
      came: (outcome: string | null) => total((row) => row.outcome === outcome),
    };
  });
}

interface NamesAround {
  readonly createdByName: string;
  readonly stoppedByName: string | null;
  readonly appliedByName: string | null;
  readonly roleNames: readonly string[];
  readonly reviewerNames: readonly string[];
}

async function namesAround(transaction: Transaction, reviewId: string): Promise<NamesAround> {
  const [names] = await transaction.$queryRaw<NamesAround[]>`
    SELECT c.display_name AS "createdByName", s.display_name AS "stoppedByName", a.display_name AS "appliedByName",
      ARRAY (SELECT d.role_name FROM access_review_roles o JOIN role_definitions d ON d.id = o.role_definition_id
        WHERE o.review_id = v.id ORDER BY lower(d.role_name)) AS "roleNames",
      ARRAY (SELECT p.display_name FROM access_review_named_reviewers n JOIN principals p ON p.id = n.principal_id
        WHERE n.review_id = v.id ORDER BY lower(p.display_name)) AS "reviewerNames"
    FROM access_reviews v
    JOIN principals c ON c.id = v.created_by_id
    LEFT JOIN principals s ON s.id = v.stopped_by_id
    LEFT JOIN principals a ON a.id = v.applied_by_id
    WHERE v.id = ${reviewId}::uuid`;
  if (!names) throw new Error("a review that was read is gone");
  return names;
}

export interface RoleInUse {
  readonly id: string;
  readonly roleName: string;
  readonly here: number;
  readonly below: number;
}

/**
 * The roles that a review of this resource could ask about, with how many eligible and direct assignments each has
 * here and below; at most a hundred, none for a caller who may not read assignments.
 */
export function rolesInUse(database: Database, caller: Caller, resourceId: string): Promise<RoleInUse[]> {
  return inTransaction(database, async (transaction) => {
    if (!(await may(transaction, caller.userId, action.readAssignments, resourceId))) return [];
    return transaction.$queryRaw<RoleInUse[]>`
      WITH within AS (
        SELECT r.id, r.id = here.id AS here FROM resources here
        JOIN resources r ON r.path = here.path OR (r.path > here.path || '.' AND r.path < here.path || '/')
        WHERE here.id = ${resourceId}::uuid
      ), access AS (
        SELECT role_definition_id, resource_id FROM eligibilities
        WHERE starts_at <= postern_now() AND (ends_at IS NULL OR ends_at > postern_now())
        UNION ALL
        SELECT role_definition_id, resource_id FROM assignments
        WHERE assignment_type = 'Assigned' AND starts_at <= postern_now() AND (ends_at IS NULL OR ends_at > postern_now())
      )
      SELECT d.id, d.role_name AS "roleName", count(*) FILTER (WHERE w.here)::int AS here,
        count(*) FILTER (WHERE NOT w.here)::int AS below
      FROM access a JOIN within w ON w.id = a.resource_id JOIN role_definitions d ON d.id = a.role_definition_id
      GROUP BY d.id ORDER BY lower(d.role_name), d.id LIMIT 100`;
  });
}
