import { action } from "@/lib/domain/roles/permissions";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { checksOf } from "@/lib/platform/recheck";

/**
 * The reviews of emergency activations that a user may close now, as a subquery of `request_id`,
 * `named` and `closed`. It takes all open reviews, or one of them, open or closed. This is the only
 * place that decides who may close one: lists, pages and the verb all ask here.
 *
 * A user may close a review if its request named them, or a group they are in, as an approver at any
 * stage. An active administrator of the resource may close it as well. Nobody closes their own
 * (docs/rules.md, rule 7). Rights that came from the member since the emergency, directly or through
 * others who got theirs so, do not count. Only rights from before the emergency or from elsewhere do.
 * If one of these people has moved a resource since, somebody may have gained rights that no event
 * records. Then an administrator counts only if they were one before at a resource above the place
 * where this one lay then, or if they administer the root.
 */
export function closableBy(userId: string, only: string | null): Prisma.Sql {
  const which = only === null ? Prisma.sql`v.closed_at IS NULL` : Prisma.sql`v.request_id = ${only}::uuid`;
  const cameFromMember = (person: Prisma.Sql, signIn: boolean) =>
    Prisma.sql`power_came_from(${person}, v.member_id, v.used_at, ${signIn})`;
  return Prisma.sql`
    SELECT v.request_id, coalesce(asked.before OR asked.now AND free.now, false) AS named, v.closed_at IS NOT NULL AS closed
    FROM (SELECT * FROM break_glass_reviews v WHERE ${which} OFFSET 0) v
    JOIN requests q ON q.id = v.request_id JOIN request_approvals a ON a.request_id = v.request_id
    JOIN resources s ON s.id = v.resource_id
    CROSS JOIN LATERAL (SELECT array(SELECT principal_and_groups(${userId}::uuid)) AS now,
      array(SELECT principal_and_groups_before(${userId}::uuid, v.used_at)) AS before) reached
    CROSS JOIN LATERAL (SELECT EXISTS (
      SELECT FROM (SELECT DISTINCT actor_id FROM audit_events w
        WHERE w.kind = 'ResourceMoved' AND w.outcome = 'Success' AND w.occurred_at >= v.used_at) w
      WHERE w.actor_id = v.member_id OR ${cameFromMember(Prisma.sql`w.actor_id`, false)}) AS moved) since
    CROSS JOIN LATERAL (
      SELECT coalesce(bool_or(approver.id::uuid = ANY (reached.before)), false) AS before,
        coalesce(bool_or(approver.id::uuid = ANY (reached.now)), false) AS now
      FROM jsonb_array_elements(a.stages) AS stage (asks),
        jsonb_array_elements_text((stage.asks -> 'approverIds') || (stage.asks -> 'escalationApproverIds')) AS approver (id)) asked
    CROSS JOIN LATERAL (
      SELECT coalesce(bool_or(coalesce(e.principal_id, x.principal_id) = ANY (reached.before)
          AND coalesce(e.created_at, x.created_at) < v.used_at AND coalesce(e.starts_at, x.starts_at) <= v.used_at
          AND (NOT since.moved OR x.resource_id IN (${placesBefore}))), false) AS before,
        count(*) FILTER (WHERE NOT since.moved OR x.resource_id = (path_ids(s.path))[1]) > 0 AS now
      FROM active_assignments(${userId}::uuid, postern_now()) x
      JOIN role_definitions d ON d.id = x.role_definition_id
      LEFT JOIN eligibilities e ON e.id = x.eligibility_id
      WHERE x.resource_id = ANY (path_ids(s.path)) AND permissions_allow(d.permissions, ${action.writeRoleSettings})
        AND NOT EXISTS (SELECT FROM audit_events w WHERE w.role_definition_id = d.id AND w.kind = 'RoleDefinitionUpdated'
          AND w.outcome = 'Success' AND w.occurred_at >= v.used_at
          AND (since.moved OR w.actor_id = v.member_id OR ${cameFromMember(Prisma.sql`w.actor_id`, false)}))) held
    CROSS JOIN LATERAL (SELECT CASE WHEN asked.before OR held.before
        THEN NOT ${cameFromMember(Prisma.sql`${userId}::uuid`, true)} END AS before,
      CASE WHEN asked.now OR held.now THEN NOT ${cameFromMember(Prisma.sql`${userId}::uuid`, false)} END AS now) free
    WHERE v.member_id <> ${userId}::uuid AND q.requestor_id <> ${userId}::uuid
      AND q.principal_id <> ALL (reached.now)
      AND ((asked.before OR held.before) AND free.before OR (asked.now OR held.now) AND free.now)`;
}

/**
 * The places where the resource of a review lay when the emergency began: itself and all resources
 * above it. The first move since then records the parent from before.
 */
const placesBefore = Prisma.sql`
  WITH RECURSIVE places (id) AS (
    SELECT v.resource_id
    UNION
    SELECT coalesce((SELECT (m.details -> 'before' ->> 'parentId')::uuid FROM audit_events m
        WHERE m.resource_id = r.id AND m.kind = 'ResourceMoved' AND m.outcome = 'Success' AND m.occurred_at >= v.used_at
        ORDER BY m.occurred_at, m.sequence LIMIT 1), r.parent_id)
    FROM places p JOIN resources r ON r.id = p.id)
  SELECT id FROM places WHERE id IS NOT NULL`;

/** Whether a user may close the review of this request, open or closed: as a named approver or an administrator. */
export async function rightToClose(
  transaction: Transaction,
  userId: string,
  requestId: string,
): Promise<{ readonly named: boolean; readonly closed: boolean } | null> {
  const [right] = await transaction.$queryRaw<{ named: boolean; closed: boolean }[]>`
    SELECT may.named, may.closed FROM (${closableBy(userId, requestId)}) may`;
  return right ?? null;
}

/** The same. The answer must hold until the commit. */
export async function rightToCloseUntilCommit(
  transaction: Transaction,
  userId: string,
  requestId: string,
): Promise<{ readonly named: boolean; readonly closed: boolean } | null> {
  const right = await rightToClose(transaction, userId, requestId);
  if (right)
    checksOf(transaction).repeat.push(
      async () => (await rightToClose(transaction, userId, requestId)) !== null,
    );
  return right;
}
