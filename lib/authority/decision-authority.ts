import { orphaned } from "@/lib/authority/request-basis";
import { approvedOtherStage, ofOpenStage, openIds } from "@/lib/authority/stage-approvals";
import { action } from "@/lib/domain/roles/permissions";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { planOnce } from "@/lib/platform/prepared-statements";

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
    SELECT count(*) FROM unnest(a.given_by) AS gave (id) WHERE gave.id IN (SELECT users_in(${openIds("a")}))
      OR gave.id IN (SELECT given.decider_id FROM ${byAdministrators} WHERE given.request_id = a.request_id)))`;
  const open = Prisma.sql`a.closed_at IS NULL AND a.expires_at > postern_now()
    AND ${userId}::uuid NOT IN ${approvedOtherStage("a")}
    AND CASE WHEN a.given_by @> ARRAY[${userId}::uuid] THEN ${complete} ELSE true END`;
  const others = Prisma.sql`q.status = 'PendingApproval' AND q.requestor_id <> ${userId}::uuid
    AND q.principal_id NOT IN (SELECT principal_and_groups(${userId}::uuid)) AND NOT ${orphaned("q")}`;
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
        FROM (SELECT ${openIds("a")} AS open_ids, max(a.approvals_needed
            + CASE WHEN a.stage > 0 OR a.kept <> '{}' THEN (SELECT count(*) FROM ${approvedOtherStage("a")} g) ELSE 0 END) AS needed
          FROM request_approvals a WHERE ${open} AND NOT ${named} GROUP BY 1) each) able
      WHERE cardinality(able.users) <= able.needed
    )
    SELECT a.request_id, NOT ${named} AS as_administrator
    FROM request_approvals a
    CROSS JOIN LATERAL (SELECT FROM requests q WHERE q.id = a.request_id AND ${others} AND (${named} OR (
      ${within}
      AND (SELECT count(*) FROM (
          SELECT unnest(short.users) AS id FROM short WHERE short.open_ids = ${openIds("a")}
          UNION SELECT given.decider_id FROM ${byAdministrators} WHERE given.request_id = a.request_id) each
        WHERE each.id <> q.requestor_id AND each.id NOT IN ${approvedOtherStage("a")}) < a.approvals_needed
      AND NOT changed_who_decides(${userId}::uuid, a.request_id)))
      LIMIT 1) q
    WHERE ${open} AND ${onward} AND (${named} OR ${openIds("a")} IN (SELECT open_ids FROM short))
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
    JOIN request_decisions c ON ${ofOpenStage("c", "a")}
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
