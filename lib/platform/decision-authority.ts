import { administers, type Permission } from "@/lib/domain/permissions";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { planOnce } from "@/lib/platform/prepared-statements";

/** The eligibility `held` bears the activation `q`: it is in effect, within the member's reach, at the scope or above it. */
const bears = Prisma.sql`(held.starts_at <= postern_now() AND (held.ends_at IS NULL OR held.ends_at > postern_now())
  AND (held.principal_id = q.principal_id OR held.principal_id IN (SELECT principal_and_groups(q.principal_id)))
  AND (held.resource_id = q.resource_id OR held.resource_id = ANY (
    SELECT unnest(path_ids(asked.path)) FROM resources asked WHERE asked.id = q.resource_id)))`;

/**
 * Whether what the waiting request `q` of a query rests on is gone. An activation rests on its eligibility and on its
 * member being enabled; a request for more time on the latter alone: ended access can be renewed.
 */
export const stranded = Prisma.sql`(
  NOT EXISTS (SELECT FROM principals asking WHERE asking.id = q.principal_id AND asking.disabled_at IS NULL)
  OR (q.request_type = 'SelfActivate'
    AND NOT EXISTS (SELECT FROM eligibilities held WHERE held.id = q.eligibility_id AND ${bears})))`;

/** Why the request `q` of a query, which is `stranded`, has lost what it rests on: a sentence for its member. */
export const strandedReason = Prisma.sql`(
  SELECT CASE WHEN asking.disabled_at IS NOT NULL THEN 'The member is disabled.'
    WHEN held.removed_at IS NOT NULL AND held.ends_at <= postern_now() THEN 'The eligibility was removed.'
    WHEN held.ends_at <= postern_now() THEN 'The eligibility has ended.'
    WHEN held.starts_at > postern_now() THEN 'The eligibility begins later now.'
    WHEN held.principal_id NOT IN (SELECT principal_and_groups(q.principal_id))
      THEN 'The member is no longer in a group that is eligible.'
    ELSE 'The eligibility does not reach this scope any more.' END
  FROM principals asking LEFT JOIN eligibilities held ON held.id = q.eligibility_id WHERE asking.id = q.principal_id)`;

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

/** The same as a relation `q`, for the count of many: its parts are joined at once, not looked up for each request. */
export const waitingForDecision = Prisma.sql`(
  SELECT q.* FROM requests q
  JOIN principals asking ON asking.id = q.principal_id AND asking.disabled_at IS NULL
  LEFT JOIN eligibilities held ON held.id = q.eligibility_id
  LEFT JOIN request_approvals timed ON timed.request_id = q.id AND timed.closed_at IS NULL
    AND timed.expires_at <= postern_now()
  WHERE q.status = 'PendingApproval' AND timed.request_id IS NULL
    AND (q.request_type <> 'SelfActivate' OR coalesce(${bears}, false))) q`;

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
  const open = Prisma.sql`a.closed_at IS NULL AND a.expires_at > postern_now() AND NOT a.given_by @> ARRAY[${userId}::uuid]`;
  const others = Prisma.sql`q.status = 'PendingApproval' AND q.requestor_id <> ${userId}::uuid
    AND q.principal_id NOT IN (SELECT principal_and_groups(${userId}::uuid)) AND NOT ${stranded}`;
  // In order, and each request looked at by itself, so that whoever takes the first few looks at no more than those.
  if (paths.length === 0)
    return Prisma.sql`
      SELECT a.request_id, false AS as_administrator FROM (
        SELECT a.request_id FROM request_approvals a
        WHERE (a.approver_ids || a.escalation_ids) && ${reach} AND ${named} AND ${open} ORDER BY a.request_id) a
      CROSS JOIN LATERAL (SELECT FROM requests q WHERE q.id = a.request_id AND ${others} LIMIT 1) q
      ORDER BY a.request_id`;
  const within = Prisma.sql`EXISTS (SELECT FROM resources s JOIN unnest(${paths}::text[]) AS top (path)
    ON s.path = top.path OR (s.path > top.path || '.' AND s.path < top.path || '/') WHERE s.id = q.resource_id)`;
  const openIds = Prisma.sql`CASE WHEN a.escalates_at <= postern_now()
    THEN a.approver_ids || a.escalation_ids ELSE a.approver_ids END`;
  // Of the approvers asked at least all but one (the requestor) are able, or the look at single requests is needed.
  return Prisma.sql`
    WITH short AS MATERIALIZED (
      SELECT able.open_ids, able.users FROM (
        SELECT each.open_ids, each.needed, array(SELECT users_behind(each.open_ids)) AS users
        FROM (SELECT ${openIds} AS open_ids, max(a.approvals_needed) AS needed
          FROM request_approvals a WHERE ${open} AND NOT ${named} GROUP BY 1) each) able
      WHERE cardinality(able.users) <= able.needed
    )
    SELECT a.request_id, NOT ${named} AS as_administrator
    FROM request_approvals a
    CROSS JOIN LATERAL (SELECT FROM requests q WHERE q.id = a.request_id AND ${others} AND (${named} OR (
      ${within}
      AND (SELECT count(*) FROM short CROSS JOIN unnest(short.users) AS each (id)
        WHERE short.open_ids = ${openIds} AND each.id <> q.requestor_id AND each.id <> ALL (a.given_by))
        < a.approvals_needed - cardinality(a.given_by)))
      LIMIT 1) q
    WHERE ${open} AND (${named} OR ${openIds} IN (SELECT open_ids FROM short))
    ORDER BY a.request_id`;
}

/** The paths of the resources at which the user is an active administrator now; what lies below is theirs as well. */
async function administeredPaths(transaction: Transaction, userId: string): Promise<string[]> {
  const held = await transaction.$queryRaw<{ path: string; permissions: Permission[] }[]>`
    SELECT ${planOnce} DISTINCT r.path, d.permissions
    FROM active_assignments(${userId}::uuid, postern_now()) a
    JOIN resources r ON r.id = a.resource_id JOIN role_definitions d ON d.id = a.role_definition_id
    ORDER BY r.path LIMIT 200`;
  return [...new Set(held.filter((each) => administers(each.permissions)).map((each) => each.path))];
}
