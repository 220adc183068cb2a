import type { NamedApprover } from "@/lib/domain/people/named-approver";
import type { Transaction } from "@/lib/platform/database";
import type { Prisma } from "@/lib/platform/generated/client";
import { identityColumn } from "@/lib/platform/principal-identity";

const listLimit = 100;

/**
 * The role settings that require approval and name a principal, or a group above it, as approver or
 * escalation approver, by role and resource. `shown` is a condition on the resource `r`. At most a
 * hundred.
 */
export function approverRights(
  transaction: Transaction,
  principalId: string,
  shown: Prisma.Sql,
): Promise<NamedApprover[]> {
  return transaction.$queryRaw<NamedApprover[]>`
    WITH above AS MATERIALIZED (SELECT principals_and_groups_above(${[principalId]}::uuid[]) AS id)
    SELECT concat_ws(' ', p.resource_id, p.role_definition_id, named.stage, named.escalation, named.id) AS key,
      d.id AS "roleDefinitionId", d.role_name AS "roleName", r.id AS "resourceId", r.display_name AS "resourceName",
      r.scope, named.stage::int AS stage, jsonb_array_length(p.approval_stages) AS stages, named.escalation,
      CASE WHEN g.id <> ${principalId}::uuid THEN ${identityColumn("g")} END AS "group"
    FROM role_management_policies p
    CROSS JOIN LATERAL (
      SELECT each.stage, false AS escalation, jsonb_array_elements_text(each.said -> 'approverIds') AS id
      FROM jsonb_array_elements(p.approval_stages) WITH ORDINALITY AS each (said, stage)
      UNION ALL
      SELECT each.stage, true, jsonb_array_elements_text(each.said -> 'escalationApproverIds')
      FROM jsonb_array_elements(p.approval_stages) WITH ORDINALITY AS each (said, stage)
    ) named
    JOIN principals g ON g.id::text = named.id
    JOIN role_definitions d ON d.id = p.role_definition_id
    JOIN resources r ON r.id = p.resource_id
    WHERE p.approval_required AND named.id IN (SELECT id::text FROM above) AND ${shown}
      AND p.approval_stages @> ANY (ARRAY(
        SELECT jsonb_build_array(jsonb_build_object(field, jsonb_build_array(above.id)))
        FROM above, unnest(ARRAY['approverIds', 'escalationApproverIds']) AS field))
    ORDER BY lower(d.role_name), lower(r.display_name), p.resource_id, named.stage, named.escalation,
      lower(g.display_name), g.id
    LIMIT ${listLimit}`;
}
