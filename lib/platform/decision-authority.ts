import { administers, type Permission } from "@/lib/domain/permissions";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

/**
 * Whether what the waiting request `q` of a query rests on is gone. An activation rests on its eligibility: in effect,
 * within the member's reach, and at the scope or above it. A request for more time rests on its member being enabled:
 * ended access can be renewed.
 */
export const stranded = Prisma.sql`(NOT CASE WHEN q.request_type = 'SelfActivate' THEN EXISTS (
    SELECT FROM eligibilities held JOIN principals asking ON asking.id = q.principal_id AND asking.disabled_at IS NULL
    WHERE held.id = q.eligibility_id AND held.starts_at <= postern_now()
      AND (held.ends_at IS NULL OR held.ends_at > postern_now())
      AND (held.principal_id = q.principal_id OR held.principal_id IN (SELECT principal_and_groups(q.principal_id)))
      AND (held.resource_id = q.resource_id OR held.resource_id = ANY (
        SELECT unnest(path_ids(asked.path)) FROM resources asked WHERE asked.id = q.resource_id)))
  ELSE EXISTS (SELECT FROM principals asking WHERE asking.id = q.principal_id AND asking.disabled_at IS NULL) END)`;

/** Whether what a waiting request rests on is gone. */
export async function isStranded(transaction: Transaction, requestId: string): Promise<boolean> {
  const [row] = await transaction.$queryRaw<{ stranded: boolean }[]>`
    SELECT ${stranded} AS stranded FROM requests q WHERE q.id = ${requestId}::uuid AND q.status = 'PendingApproval'`;
  return row?.stranded ?? false;
}

/**
 * Whether the request `q` of a query waits for somebody's decision now: one that has timed out, or lost what it rests
 * on, does not, whether or not the worker has written that down (design section 2, rule 5).
 */
export const waitsForDecision = Prisma.sql`(q.status = 'PendingApproval' AND NOT EXISTS (
  SELECT FROM request_approvals timed WHERE timed.request_id = q.id AND timed.expires_at <= postern_now())
  AND NOT ${stranded})`;

/**
 * The requests that a user may decide at this moment, as a subquery of `request_id` and `as_administrator`: those
 * whose open stage names them or a group they are in, and has not their approval yet; and, where fewer people behind
 * the named ones are able to approve than approvals are still needed, those at scopes that they administer. Never
 * their own, nor one of a group they are in (design section 2, rule 7); nothing that has timed out or lost what it
 * rests on (rule 5). The one place that says who decides: lists, step-ups and decisions all ask here.
 */
export async function decidableBy(transaction: Transaction, userId: string): Promise<Prisma.Sql> {
  const paths = await administeredPaths(transaction, userId);
  const reach = Prisma.sql`(SELECT array(SELECT principal_and_groups(${userId}::uuid)))`;
  const named = Prisma.sql`(a.approver_ids && ${reach}
    OR (coalesce(a.escalates_at <= postern_now(), false) AND a.escalation_ids && ${reach}))`;
  const common = Prisma.sql`a.closed_at IS NULL AND q.status = 'PendingApproval' AND a.expires_at > postern_now()
    AND NOT a.given_by @> ARRAY[${userId}::uuid]
    AND q.requestor_id <> ${userId}::uuid
    AND q.principal_id NOT IN (SELECT principal_and_groups(${userId}::uuid)) AND NOT ${stranded}`;
  const asApprover = Prisma.sql`
    SELECT a.request_id, false AS as_administrator FROM request_approvals a JOIN requests q ON q.id = a.request_id
    WHERE (a.approver_ids || a.escalation_ids) && ${reach} AND ${named} AND ${common}`;
  if (paths.length === 0) return asApprover;
  const within = Prisma.join(
    paths.map(
      (path) => Prisma.sql`(s.path = ${path} OR (s.path > ${`${path}.`} AND s.path < ${`${path}/`}))`,
    ),
    " OR ",
  );
  // Of the approvers asked at least all but one (the requestor) are able, or the look at single requests is needed.
  return Prisma.sql`
    WITH waiting AS MATERIALIZED (
      SELECT a.request_id, a.approvals_needed, CASE WHEN a.escalates_at <= postern_now()
        THEN a.approver_ids || a.escalation_ids ELSE a.approver_ids END AS open_ids
      FROM request_approvals a WHERE a.closed_at IS NULL AND a.expires_at > postern_now()
    ), short AS MATERIALIZED (
      SELECT able.open_ids, able.users FROM (
        SELECT each.open_ids, each.needed, array(SELECT users_behind(each.open_ids)) AS users
        FROM (SELECT open_ids, max(approvals_needed) AS needed FROM waiting GROUP BY open_ids) each) able
      WHERE cardinality(able.users) <= able.needed
    )
    ${asApprover}
    UNION ALL
    SELECT a.request_id, true FROM short JOIN waiting USING (open_ids)
    JOIN request_approvals a ON a.request_id = waiting.request_id
    JOIN requests q ON q.id = a.request_id JOIN resources s ON s.id = q.resource_id
    WHERE (${within}) AND NOT ${named} AND ${common}
      AND (SELECT count(*) FROM unnest(short.users) AS each (id)
        WHERE each.id <> q.requestor_id AND each.id <> ALL (a.given_by)) < a.approvals_needed - cardinality(a.given_by)`;
}

/** The paths of the resources at which the user is an active administrator now; what lies below is theirs as well. */
async function administeredPaths(transaction: Transaction, userId: string): Promise<string[]> {
  const held = await transaction.$queryRaw<{ path: string; permissions: Permission[] }[]>`
    SELECT DISTINCT r.path, d.permissions
    FROM active_assignments(${userId}::uuid, postern_now()) a
    JOIN resources r ON r.id = a.resource_id JOIN role_definitions d ON d.id = a.role_definition_id
    ORDER BY r.path LIMIT 200`;
  return [...new Set(held.filter((each) => administers(each.permissions)).map((each) => each.path))];
}
