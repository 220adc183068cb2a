import { reachOf } from "@/lib/authority/reach-of";
import { orphaned } from "@/lib/authority/request-basis";
import { approvedOtherStage, ofOpenStage, openIds } from "@/lib/authority/stage-approvals";
import { action } from "@/lib/domain/roles/permissions";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { planOnce } from "@/lib/platform/prepared-statements";

/**
 * The requests that a user may decide at this moment, as a subquery of `request_id` and
 * `as_administrator`. This is the only place that says who decides: lists, step-ups and decisions all
 * ask here.
 *
 * A user may decide a request whose open stage names them, or a group they are in, and does not have
 * their approval yet. An administrator of its scope may decide it if there are too few approvers: fewer
 * than must approve, counting the people behind the named ones who can approve or did, and the
 * administrators who did. That excludes administrators who changed who decides on it
 * (`changed_who_decides`).
 *
 * Nobody decides on their own request or on one of a group they are in (docs/rules.md, rule 7), nor on
 * a stage of a request of which they approved another stage. Requests that have timed out or lost what
 * they rest on are left out (rule 5).
 *
 * The result is in the order of ids. With `page` it is one page, looked for among the requests in
 * `among`.
 */
export async function decidableBy(
  transaction: Transaction,
  userId: string,
  page?: { readonly after: string | null; readonly limit: number; readonly among?: Prisma.Sql },
): Promise<Prisma.Sql> {
  return decidableWith(await administration(transaction, userId), userId, page);
}

/** The same, with an `Administration` of that user that the caller has just read, and perhaps the `reached` of `reachOf`. */
export function decidableWith(
  { resourceIds, approvals }: Administration,
  userId: string,
  page?: { readonly after: string | null; readonly limit: number; readonly among?: Prisma.Sql },
  reached?: readonly string[],
): Prisma.Sql {
  const reach = reachOf(userId, reached);
  const named = Prisma.sql`(a.approver_ids && ${reach}
    OR (coalesce(a.escalates_at <= postern_now(), false) AND a.escalation_ids && ${reach}))`;
  const byAdministrators = Prisma.sql`unnest(${approvals.map((each) => each.requestId)}::uuid[],
    ${approvals.map((each) => each.deciderId)}::uuid[]) AS given (request_id, decider_id)`;
  // An approver cannot approve twice. If a lapsed approval counts again, the stage has enough approvals but still needs
  // one approver to confirm.
  const complete = Prisma.sql`(cardinality(a.given_by) >= a.approvals_needed AND a.approvals_needed <= (
    SELECT count(*) FROM unnest(a.given_by) AS gave (id) WHERE gave.id IN (SELECT users_in(${openIds("a")}))
      OR gave.id IN (SELECT given.decider_id FROM ${byAdministrators} WHERE given.request_id = a.request_id)))`;
  const open = Prisma.sql`a.closed_at IS NULL AND a.expires_at > postern_now()
    AND ${page ? Prisma.sql`(${page.after}::uuid IS NULL OR a.request_id > ${page.after}::uuid)` : Prisma.sql`TRUE`}
    AND ${page?.among ? Prisma.sql`a.request_id IN (SELECT id FROM sought)` : Prisma.sql`TRUE`}`;
  const free = Prisma.sql`${userId}::uuid NOT IN ${approvedOtherStage("a")}
    AND CASE WHEN a.given_by @> ARRAY[${userId}::uuid] THEN ${complete} ELSE true END`;
  const others = Prisma.sql`q.status = 'PendingApproval' AND q.requestor_id <> ${userId}::uuid
    AND q.principal_id <> ALL (${reach}) AND NOT ${orphaned("q")}`;
  const naming = Prisma.sql`SELECT a.request_id, true AS named, NULL::uuid[] AS users FROM request_approvals a
    WHERE (a.approver_ids || a.escalation_ids) && ${reach} AND ${named} AND ${open}`;
  const asAdministrator = resourceIds.length > 0;
  // In order, and each checked on its own, so that a reader of the first few rows checks no more than
  // those.
  return Prisma.sql`
    WITH RECURSIVE sought (id) AS MATERIALIZED (${page?.among ?? Prisma.sql`SELECT NULL::uuid`})${asAdministrator ? shortStages(open, named, resourceIds, page?.among !== undefined) : Prisma.empty}
    SELECT a.request_id, NOT may.named AS as_administrator
    FROM (${naming} ${asAdministrator ? Prisma.sql`UNION ALL SELECT * FROM short` : Prisma.empty} ORDER BY request_id) may
    CROSS JOIN LATERAL (SELECT a.request_id FROM request_approvals a JOIN requests q ON q.id = a.request_id
      WHERE a.request_id = may.request_id AND ${free} AND ${others} AND (may.named OR (
        (SELECT count(*) FROM (
            SELECT unnest(may.users) AS id
            UNION SELECT given.decider_id FROM ${byAdministrators} WHERE given.request_id = a.request_id) each
          WHERE each.id <> q.requestor_id AND each.id NOT IN ${approvedOtherStage("a")}) < a.approvals_needed
        AND NOT changed_who_decides(${userId}::uuid, a.request_id)))
      LIMIT 1) a
    ORDER BY may.request_id ${page ? Prisma.sql`LIMIT ${page.limit}` : Prisma.empty}`;
}

/**
 * Common table expressions for the open stages at these resources that do not name the user and may have too few
 * approvers, with the users behind these approvers: `short`. Each named principal is resolved once, by the index, and
 * not again for each stage that names them: thousands of stages may name thousands of different groups.
 */
const shortStages = (
  open: Prisma.Sql,
  named: Prisma.Sql,
  resourceIds: readonly string[],
  sought: boolean,
) => Prisma.sql`,
  places AS MATERIALIZED (
    SELECT s.id FROM (SELECT DISTINCT q.resource_id FROM requests q
      WHERE q.status = 'PendingApproval' AND ${sought ? Prisma.sql`q.id IN (SELECT id FROM sought)` : Prisma.sql`TRUE`} OFFSET 0) w
    JOIN resources s ON s.id = w.resource_id WHERE path_ids(s.path) && ${[...resourceIds]}::uuid[]
  ), looked AS MATERIALIZED (
    SELECT a.request_id, q.requestor_id, ${openIds("a")} AS open_ids, a.approvals_needed
      + CASE WHEN a.stage > 0 OR a.kept <> '{}' THEN (SELECT count(*) FROM ${approvedOtherStage("a")} g) ELSE 0 END AS needed
    FROM request_approvals a JOIN requests q ON q.id = a.request_id
    WHERE ${open} AND NOT ${named} AND (q.resource_id IN (SELECT id FROM places)) IS TRUE
  ), stages AS MATERIALIZED (SELECT open_ids, max(needed) AS needed FROM looked GROUP BY open_ids),
  behind (asked, id, type) AS (
    SELECT p.id, p.id, p.type FROM principals p
    WHERE p.disabled_at IS NULL AND p.id IN (SELECT unnest(open_ids) FROM stages)
    UNION
    SELECT b.asked, p.id, p.type FROM behind b
      CROSS JOIN LATERAL (SELECT member_id FROM group_members m WHERE m.group_id = b.id OFFSET 0) m
      CROSS JOIN LATERAL (SELECT * FROM principals WHERE id = m.member_id AND disabled_at IS NULL OFFSET 0) p
    WHERE b.type = 'Group'
  ), able AS MATERIALIZED (
    SELECT stages.open_ids, coalesce(array_agg(DISTINCT b.id) FILTER (WHERE b.id IS NOT NULL), '{}') AS users
    FROM stages LEFT JOIN LATERAL unnest(stages.open_ids) AS each (id) ON true
    LEFT JOIN behind b ON b.asked = each.id AND b.type = 'User'
    GROUP BY stages.open_ids HAVING count(DISTINCT b.id) <= max(stages.needed)
  ), short AS (
    SELECT looked.request_id, false AS named, able.users FROM looked JOIN able ON able.open_ids = looked.open_ids
    WHERE cardinality(array_remove(able.users, looked.requestor_id)) < looked.needed
  )`;

/** What decisions of administrators rest on. */
export interface Administration {
  /** The resources at which the user is an active administrator now. They administer everything below as well. */
  readonly resourceIds: readonly string[];
  /** The approvals of open stages that were given as an administrator by somebody who still is one there. */
  readonly approvals: readonly { readonly requestId: string; readonly deciderId: string }[];
}

async function administration(transaction: Transaction, userId: string): Promise<Administration> {
  const [row] = await transaction.$queryRaw<Administration[]>`
    SELECT ${planOnce} ${administrationColumns(Prisma.sql`active_assignments(${userId}::uuid, postern_now())`)}`;
  if (!row) throw new Error("what the user administers was not read");
  return row;
}

/** The columns of an `Administration`. `active` names rows of `active_assignments` of the user. */
export function administrationColumns(active: Prisma.Sql): Prisma.Sql {
  return Prisma.sql`
    array(SELECT DISTINCT a.resource_id FROM ${active} a WHERE ${administering(Prisma.sql`a.role_definition_id`)})
      AS "resourceIds",
    (SELECT coalesce(json_agg(DISTINCT jsonb_build_object('requestId', c.request_id, 'deciderId', c.decider_id)), '[]')
      FROM (SELECT * FROM request_approvals WHERE closed_at IS NULL AND cardinality(given_by) > 0 OFFSET 0) a
      JOIN request_decisions c ON ${ofOpenStage("c", "a")}
      JOIN requests q ON q.id = c.request_id JOIN resources s ON s.id = q.resource_id
      CROSS JOIN LATERAL active_assignments(c.decider_id, postern_now()) x
      WHERE c.as_administrator AND c.decision = 'Approve' AND x.resource_id = ANY (path_ids(s.path))
        AND ${administering(Prisma.sql`x.role_definition_id`)} AND NOT changed_who_decides(c.decider_id, c.request_id))
      AS approvals`;
}

/** Whether the role makes its holder an active administrator. */
const administering = (roleDefinitionId: Prisma.Sql) => Prisma.sql`EXISTS (SELECT FROM role_definitions d
  WHERE d.id = ${roleDefinitionId} AND permissions_allow(d.permissions, ${action.writeRoleSettings}))`;
