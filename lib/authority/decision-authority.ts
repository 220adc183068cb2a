import { approvedOtherStage, ofOpenStage, openIds } from "@/lib/authority/stage-approvals";
import type { WaitingStatus } from "@/lib/domain/requests/request-state";
import { action } from "@/lib/domain/roles/permissions";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { planOnce } from "@/lib/platform/prepared-statements";

/** The eligibility `held` bears the activation `q`: it is in effect, within the member's reach, at the scope or above it. */
const coversActivation = Prisma.sql`(held.starts_at <= postern_now() AND (held.ends_at IS NULL OR held.ends_at > postern_now())
  AND (held.principal_id = q.principal_id OR held.principal_id IN (SELECT principal_and_groups(q.principal_id)))
  AND (held.resource_id = q.resource_id OR held.resource_id = ANY (
    SELECT unnest(path_ids(asked.path)) FROM resources asked WHERE asked.id = q.resource_id)))`;

/**
 * Whether what the waiting request `q` of a query rests on is gone. Any request rests on whoever asked it having what it
 * is about: they are enabled, and are the member or in the group that is. An activation rests on its eligibility as well;
 * a request for more time does not, since ended access can be renewed.
 */
export const orphaned = Prisma.sql`(
  NOT EXISTS (SELECT FROM principals asking WHERE asking.id = q.principal_id AND asking.disabled_at IS NULL)
  OR (q.requestor_id <> q.principal_id AND q.principal_id NOT IN (SELECT principal_and_groups(q.requestor_id)))
  OR (q.request_type = 'SelfActivate'
    AND NOT EXISTS (SELECT FROM eligibilities held WHERE held.id = q.eligibility_id AND ${coversActivation})))`;

/**
 * When the request `q` of a query, which is `orphaned`, lost what it rests on: when its member was disabled or its
 * eligibility ended. What leaves no moment behind (a way through groups that is gone) is lost from when it is seen.
 */
const basisLostAt = Prisma.sql`(
  SELECT coalesce(least(asking.disabled_at, CASE WHEN held.ends_at <= postern_now() THEN held.ends_at END), postern_now())
  FROM principals asking
  LEFT JOIN eligibilities held ON held.id = q.eligibility_id AND q.request_type = 'SelfActivate'
  WHERE asking.id = q.principal_id)`;

/** Whether the request `q` of a query is stored as waiting for somebody: its approvers, or its member's code. */
export const storedWaiting = Prisma.sql`q.status IN ('PendingApproval', 'PendingProvisioning')`;

/** Since when the waiting request `q` of a query has lost what it rests on; null while it has it. */
export const orphanedAt = Prisma.sql`CASE WHEN ${storedWaiting} AND ${orphaned} THEN ${basisLostAt} END`;

/** Whether the waiting request `q` of a query lost what it rests on before its time-out: what came first stays. */
export const orphanedBeforeTimeOut = Prisma.sql`(${orphaned} AND NOT EXISTS (
  SELECT FROM request_approvals timed WHERE timed.request_id = q.id AND timed.expires_at <= ${basisLostAt}))`;

/** Why the request `q` of a query, which is `orphaned`, has lost what it rests on: a sentence for its member. */
export const orphanedReason = Prisma.sql`(
  SELECT CASE WHEN asking.disabled_at IS NOT NULL THEN 'The member is disabled.'
    WHEN held.removed_at IS NOT NULL AND held.ends_at <= postern_now() THEN 'The eligibility was removed.'
    WHEN held.ends_at <= postern_now() THEN 'The eligibility has ended.'
    WHEN held.starts_at > postern_now() THEN 'The eligibility begins later now.'
    WHEN q.requestor_id <> q.principal_id AND q.principal_id NOT IN (SELECT principal_and_groups(q.requestor_id))
      THEN 'Whoever asked is no longer in this group.'
    WHEN held.principal_id NOT IN (SELECT principal_and_groups(q.principal_id))
      THEN 'The member is no longer in a group that is eligible.'
    ELSE 'The eligibility does not reach this scope any more.' END
  FROM principals asking LEFT JOIN eligibilities held ON held.id = q.eligibility_id WHERE asking.id = q.principal_id)`;

/** Since when a waiting request has lost what it rests on; null while it has it, and for one that waits no more. */
export async function orphanedSince(transaction: Transaction, requestId: string): Promise<Date | null> {
  const [row] = await transaction.$queryRaw<{ since: Date | null }[]>`
    SELECT ${orphanedAt} AS since FROM requests q WHERE q.id = ${requestId}::uuid`;
  return row?.since ?? null;
}

const waitsAs = (
  status: WaitingStatus,
) => Prisma.sql`(q.status = ${Prisma.raw(`'${status}'`)} AND NOT EXISTS (
  SELECT FROM request_approvals timed WHERE timed.request_id = q.id AND timed.expires_at <= postern_now())
  AND NOT ${orphaned})`;

/**
 * Whether the request `q` of a query waits for somebody's decision now: one that has timed out, or lost what it rests
 * on, does not, whether or not the worker has written that down (docs/rules.md, rule 5).
 */
export const waitsForDecision = waitsAs("PendingApproval");

/** Whether the request `q` of a query is approved and waits for its member's code now, likewise. */
export const waitsForCode = waitsAs("PendingProvisioning");

/** The same as a relation `q`, for the count of many: its parts are joined at once, not looked up for each request. */
export const waitingForDecision = Prisma.sql`(
  SELECT q.* FROM requests q
  JOIN principals asking ON asking.id = q.principal_id AND asking.disabled_at IS NULL
  LEFT JOIN eligibilities held ON held.id = q.eligibility_id
  LEFT JOIN request_approvals timed ON timed.request_id = q.id AND timed.closed_at IS NULL
    AND timed.expires_at <= postern_now()
  WHERE q.status = 'PendingApproval' AND timed.request_id IS NULL
    AND (q.requestor_id = q.principal_id OR q.principal_id IN (SELECT principal_and_groups(q.requestor_id)))
    AND (q.request_type <> 'SelfActivate' OR coalesce(${coversActivation}, false))) q`;

/**
 * The requests that a user may decide at this moment, as a subquery of `request_id` and `as_administrator`: those
 * whose open stage names them or a group they are in, and has not their approval yet; and, where the people behind the
 * named ones who are able to approve, or did, and the administrators who did are fewer than must approve, those at
 * scopes that they administer, unless they changed who decides on them (`changed_who_decides`). Never their own, nor one of a group they are in (docs/rules.md, rule 7), nor a
 * stage of one of which they approved another; nothing that
 * has timed out or lost what it rests on (rule 5). In the order of their ids; a page of them where one is asked for, of
 * those `among` which it is looked for. The one place that says who decides: lists, step-ups and decisions all ask here.
 */
export async function decidableBy(
  transaction: Transaction,
  userId: string,
  page?: { readonly after: string | null; readonly limit: number; readonly among?: Prisma.Sql },
): Promise<Prisma.Sql> {
  const { resourceIds, approvals } = await administration(transaction, userId);
  const reach = Prisma.sql`(SELECT array(SELECT principal_and_groups(${userId}::uuid)))`;
  const named = Prisma.sql`(a.approver_ids && ${reach}
    OR (coalesce(a.escalates_at <= postern_now(), false) AND a.escalation_ids && ${reach}))`;
  const byAdministrators = Prisma.sql`unnest(${approvals.map((each) => each.requestId)}::uuid[],
    ${approvals.map((each) => each.deciderId)}::uuid[]) AS given (request_id, decider_id)`;
  // Nobody approves twice; but a stage that has its approvals, somebody who gave one having come back, waits for a word.
  const complete = Prisma.sql`(cardinality(a.given_by) >= a.approvals_needed AND a.approvals_needed <= (
    SELECT count(*) FROM unnest(a.given_by) AS gave (id) WHERE gave.id IN (SELECT users_in(${openIds}))
      OR gave.id IN (SELECT given.decider_id FROM ${byAdministrators} WHERE given.request_id = a.request_id)))`;
  const open = Prisma.sql`a.closed_at IS NULL AND a.expires_at > postern_now()
    AND ${userId}::uuid NOT IN ${approvedOtherStage}
    AND CASE WHEN a.given_by @> ARRAY[${userId}::uuid] THEN ${complete} ELSE true END`;
  const others = Prisma.sql`q.status = 'PendingApproval' AND q.requestor_id <> ${userId}::uuid
    AND q.principal_id NOT IN (SELECT principal_and_groups(${userId}::uuid)) AND NOT ${orphaned}`;
  // In order, and each request looked at by itself, so that whoever takes the first few looks at no more than those; told
  // here how many those are, the plan reads them by the index, and not all of them to put them in order.
  const onward = page
    ? Prisma.sql`(${page.after}::uuid IS NULL OR a.request_id > ${page.after}::uuid)
        AND ${page.among ? Prisma.sql`a.request_id IN (${page.among})` : Prisma.sql`TRUE`}`
    : Prisma.sql`TRUE`;
  const inOrder = page
    ? Prisma.sql`ORDER BY a.request_id LIMIT ${page.limit}`
    : Prisma.sql`ORDER BY a.request_id`;
  if (resourceIds.length === 0)
    return Prisma.sql`
      SELECT a.request_id, false AS as_administrator FROM (
        SELECT a.request_id FROM request_approvals a
        WHERE (a.approver_ids || a.escalation_ids) && ${reach} AND ${named} AND ${open} AND ${onward} ORDER BY a.request_id) a
      CROSS JOIN LATERAL (SELECT FROM requests q WHERE q.id = a.request_id AND ${others} LIMIT 1) q
      ${inOrder}`;
  const within = Prisma.sql`EXISTS (SELECT FROM resources s CROSS JOIN LATERAL unnest(path_ids(s.path)) AS at (id)
    WHERE s.id = q.resource_id AND at.id = ANY (${resourceIds}::uuid[]))`;
  // Of the approvers asked at least all but the requestor, and those who gave a stage before, are able, or the look at
  // single requests is needed.
  return Prisma.sql`
    WITH short AS MATERIALIZED (
      SELECT able.open_ids, able.users FROM (
        SELECT each.open_ids, each.needed, array(SELECT users_in(each.open_ids)) AS users
        FROM (SELECT ${openIds} AS open_ids, max(a.approvals_needed
            + CASE WHEN a.stage > 0 OR a.kept <> '{}' THEN (SELECT count(*) FROM ${approvedOtherStage} g) ELSE 0 END) AS needed
          FROM request_approvals a WHERE ${open} AND NOT ${named} GROUP BY 1) each) able
      WHERE cardinality(able.users) <= able.needed
    )
    SELECT a.request_id, NOT ${named} AS as_administrator
    FROM request_approvals a
    CROSS JOIN LATERAL (SELECT FROM requests q WHERE q.id = a.request_id AND ${others} AND (${named} OR (
      ${within}
      AND (SELECT count(*) FROM (
          SELECT unnest(short.users) AS id FROM short WHERE short.open_ids = ${openIds}
          UNION SELECT given.decider_id FROM ${byAdministrators} WHERE given.request_id = a.request_id) each
        WHERE each.id <> q.requestor_id AND each.id NOT IN ${approvedOtherStage}) < a.approvals_needed
      AND NOT changed_who_decides(${userId}::uuid, a.request_id)))
      LIMIT 1) q
    WHERE ${open} AND ${onward} AND (${named} OR ${openIds} IN (SELECT open_ids FROM short))
    ${inOrder}`;
}

/**
 * The resources at which the user is an active administrator now; what lies below is theirs as well. And the approvals of
 * open stages that whoever is an active administrator there gave as one.
 */
async function administration(transaction: Transaction, userId: string) {
  const rows = await transaction.$queryRaw<
    { resourceId: string | null; requestId: string | null; deciderId: string | null }[]
  >`
    ${planOnce} SELECT DISTINCT a.resource_id AS "resourceId", NULL::uuid AS "requestId", NULL::uuid AS "deciderId"
    FROM active_assignments(${userId}::uuid, postern_now()) a
    WHERE ${administering(Prisma.sql`a.role_definition_id`)}
    UNION ALL
    SELECT DISTINCT NULL::uuid, c.request_id, c.decider_id
    FROM (SELECT * FROM request_approvals WHERE closed_at IS NULL AND cardinality(given_by) > 0 OFFSET 0) a
    JOIN request_decisions c ON ${ofOpenStage}
    JOIN requests q ON q.id = c.request_id JOIN resources s ON s.id = q.resource_id
    CROSS JOIN LATERAL active_assignments(c.decider_id, postern_now()) x
    WHERE c.as_administrator AND c.decision = 'Approve' AND x.resource_id = ANY (path_ids(s.path))
      AND ${administering(Prisma.sql`x.role_definition_id`)} AND NOT changed_who_decides(c.decider_id, c.request_id)`;
  return {
    resourceIds: rows.flatMap(({ resourceId }) => (resourceId === null ? [] : [resourceId])),
    approvals: rows.flatMap(({ requestId, deciderId }) =>
      requestId !== null && deciderId !== null ? [{ requestId, deciderId }] : [],
    ),
  };
}

/** Whether the role makes whoever holds it an active administrator. */
const administering = (roleDefinitionId: Prisma.Sql) => Prisma.sql`EXISTS (SELECT FROM role_definitions d
  WHERE d.id = ${roleDefinitionId} AND permissions_allow(d.permissions, ${action.writeRoleSettings}))`;
