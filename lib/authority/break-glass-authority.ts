import { action } from "@/lib/domain/roles/permissions";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

/**
 * The reviews of emergency activations that a user may close now, as a subquery of `request_id`, `named` and `closed`:
 * those whose request named them, or a group they are in, as an approver at any stage, and those at resources that they
 * administer. Never their own (docs/rules.md, rule 7). Of all that are open, or of one, closed or not. The one place that
 * says who closes: lists, pages and the verb all ask here.
 */
export function closableBy(userId: string, only: string | null): Prisma.Sql {
  const which = only === null ? Prisma.sql`v.closed_at IS NULL` : Prisma.sql`v.request_id = ${only}::uuid`;
  return Prisma.sql`
    SELECT v.request_id, asked.named AS named, v.closed_at IS NOT NULL AS closed
    FROM (SELECT * FROM break_glass_reviews v WHERE ${which} OFFSET 0) v
    JOIN requests q ON q.id = v.request_id JOIN request_approvals a ON a.request_id = v.request_id
    JOIN resources s ON s.id = v.resource_id
    CROSS JOIN LATERAL (SELECT EXISTS (
      SELECT FROM jsonb_array_elements(a.stages) AS stage (asks),
        jsonb_array_elements_text((stage.asks -> 'approverIds') || (stage.asks -> 'escalationApproverIds')) AS approver (id)
      WHERE approver.id::uuid IN (SELECT principal_and_groups(${userId}::uuid))) AS named) asked
    WHERE v.member_id <> ${userId}::uuid AND q.requestor_id <> ${userId}::uuid
      AND q.principal_id NOT IN (SELECT principal_and_groups(${userId}::uuid))
      AND (asked.named OR EXISTS (
        SELECT FROM active_assignments(${userId}::uuid, postern_now()) x
        JOIN role_definitions d ON d.id = x.role_definition_id
        WHERE x.resource_id = ANY (path_ids(s.path)) AND permissions_allow(d.permissions, ${action.writeRoleSettings})))`;
}

/** Whether a user may close the review of this request, open or not: as a named approver or an administrator. */
export async function rightToClose(
  transaction: Transaction,
  userId: string,
  requestId: string,
): Promise<{ readonly named: boolean; readonly closed: boolean } | null> {
  const [right] = await transaction.$queryRaw<{ named: boolean; closed: boolean }[]>`
    SELECT may.named, may.closed FROM (${closableBy(userId, requestId)}) may`;
  return right ?? null;
}
