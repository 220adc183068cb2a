import { asksMoreTime } from "@/lib/authority/request-basis";
import {
  type ApproverRight,
  distinctPrivileges,
  type HeldPrivilege,
  type ManagerRight,
  type Privilege,
  type ReviewRight,
  type RoleAccess,
} from "@/lib/domain/gate/privileges";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

type Held<Kind extends Privilege> = Kind & { readonly holderId: string };

/**
 * Roles that have not ended, eligible and directly assigned, as a relation. Activations are left out,
 * since they rest on an eligibility.
 */
const standingAccess = Prisma.sql`(
  SELECT * FROM (
    SELECT 'Active' AS access, principal_id, role_definition_id, resource_id, starts_at, ends_at
    FROM assignments WHERE assignment_type = 'Assigned'
    UNION ALL
    SELECT 'Eligible', principal_id, role_definition_id, resource_id, starts_at, ends_at FROM eligibilities
  ) each
  WHERE each.ends_at IS NULL OR (each.ends_at > postern_now() AND each.ends_at > each.starts_at))`;

/** The same, with the access that requests to renew wait for. The member at the time of the approval gets it. */
function rolesOf(transaction: Transaction, holders: Prisma.Sql): Promise<Held<RoleAccess>[]> {
  return transaction.$queryRaw`
    WITH holders AS MATERIALIZED (${holders})
    SELECT DISTINCT x.access AS "assignmentType", x.role_definition_id AS "roleDefinitionId",
      d.role_name AS "roleName", d.writes_authorization AS "writesAuthorization", r.id AS "resourceId",
      r.display_name AS "resourceName", r.scope, x.principal_id AS "holderId"
    FROM (
      SELECT access, principal_id, role_definition_id, resource_id FROM ${standingAccess} standing
      UNION ALL
      SELECT CASE WHEN q.eligibility_id IS NULL THEN 'Active' ELSE 'Eligible' END, q.principal_id,
        q.role_definition_id, q.resource_id
      FROM requests q WHERE q.status = 'PendingApproval' AND ${asksMoreTime("q")}
    ) x
    JOIN role_definitions d ON d.id = x.role_definition_id
    JOIN resources r ON r.id = x.resource_id
    WHERE x.principal_id IN (SELECT id FROM holders)
    ORDER BY r.scope, "roleName", "assignmentType"`;
}

/**
 * A waiting request asks the approvers it names even if its settings no longer require approval. So
 * does the open review of an emergency activation. Stages are read by their path. The planner assumes a
 * hundred rows for each function that returns a set, and would start two more database processes for
 * work that takes less than starting them.
 */
function approverRightsOf(transaction: Transaction, holders: Prisma.Sql): Promise<Held<ApproverRight>[]> {
  return transaction.$queryRaw`
    WITH holders AS MATERIALIZED (${holders})
    SELECT DISTINCT 'Approver' AS "assignmentType", d.id AS "roleDefinitionId", d.role_name AS "roleName",
      r.id AS "resourceId", r.display_name AS "resourceName", r.scope, named.id AS "holderId"
    FROM (
      SELECT p.role_definition_id, p.resource_id, p.approval_stages AS stages,
        '{}'::uuid[] AS approver_ids, '{}'::uuid[] AS escalation_ids
      FROM role_management_policies p WHERE p.approval_required
      UNION ALL
      SELECT q.role_definition_id, q.resource_id, a.stages, a.approver_ids, a.escalation_ids
      FROM request_approvals a JOIN requests q ON q.id = a.request_id AND q.status = 'PendingApproval'
      WHERE a.closed_at IS NULL AND a.expires_at > postern_now()
      UNION ALL
      SELECT v.role_definition_id, v.resource_id, a.stages, '{}', '{}'
      FROM break_glass_reviews v JOIN request_approvals a ON a.request_id = v.request_id
      WHERE v.closed_at IS NULL
    ) x
    CROSS JOIN LATERAL (
      SELECT jsonb_array_elements_text(jsonb_path_query_array(x.stages, '$[*].approverIds[*]')
        || jsonb_path_query_array(x.stages, '$[*].escalationApproverIds[*]')) AS id
      UNION ALL SELECT unnest(x.approver_ids || x.escalation_ids)::text) named
    JOIN role_definitions d ON d.id = x.role_definition_id
    JOIN resources r ON r.id = x.resource_id
    WHERE named.id IN (SELECT id::text FROM holders)
    ORDER BY r.scope, "roleName"`;
}

/**
 * Reviews that run, are planned, or belong to a continuing series, whose next review names the same
 * reviewers. Named reviewers always count, since they decide where no member or manager can.
 */
function reviewRightsOf(transaction: Transaction, holders: Prisma.Sql): Promise<Held<ReviewRight>[]> {
  return transaction.$queryRaw`
    WITH holders AS MATERIALIZED (${holders})
    SELECT DISTINCT x."assignmentType", v.id AS "reviewId", v.name AS "reviewName", v.covers::text AS covers,
      r.id AS "resourceId", r.display_name AS "resourceName", r.scope, x.id AS "holderId"
    FROM access_reviews v
    CROSS JOIN LATERAL (
      SELECT 'ReviewAdministrator' AS "assignmentType", coalesce(v.taken_over_by_id, v.created_by_id) AS id
      UNION ALL
      SELECT 'Reviewer', n.principal_id FROM access_review_named_reviewers n WHERE n.review_id = v.id) x
    JOIN resources r ON r.id = v.resource_id
    WHERE x.id IN (SELECT id FROM holders)
      AND (v.state = 'NotStarted' OR (v.state = 'InProgress' AND (v.ends_at > postern_now()
        OR (v.recurrence <> 'None' AND v.series_ended_at IS NULL))))
    ORDER BY r.scope, "reviewName", "assignmentType"`;
}

/** A manager may be asked at any time whether somebody keeps their access. */
function managerRightsOf(transaction: Transaction, holders: Prisma.Sql): Promise<Held<ManagerRight>[]> {
  return transaction.$queryRaw`
    WITH holders AS MATERIALIZED (${holders})
    SELECT DISTINCT 'Manager' AS "assignmentType", x.access, x.role_definition_id AS "roleDefinitionId",
      d.role_name AS "roleName", r.id AS "resourceId", r.display_name AS "resourceName", r.scope,
      p.manager_id AS "holderId"
    FROM principals p
    JOIN ${standingAccess} x ON x.principal_id = p.id
    JOIN role_definitions d ON d.id = x.role_definition_id
    JOIN resources r ON r.id = x.resource_id
    WHERE p.manager_id IN (SELECT id FROM holders)
    ORDER BY r.scope, "roleName", x.access`;
}

async function heldBy(transaction: Transaction, holders: Prisma.Sql): Promise<HeldPrivilege[]> {
  return [
    ...(await rolesOf(transaction, holders)),
    ...(await approverRightsOf(transaction, holders)),
    ...(await reviewRightsOf(transaction, holders)),
    ...(await managerRightsOf(transaction, holders)),
  ];
}

/**
 * The privileges that come with being one of these principals, directly or through groups of any depth
 * (docs/rules.md, rule 8): every role that they have or may activate, now or later, and every decision
 * right. Disabled principals count, since enabling them would restore their privileges. This is the
 * only place that lists the kinds of privilege; `tests/integration/gate/privileges-of.test.ts` checks
 * it against every column that names a principal.
 */
export async function privilegesOf(
  transaction: Transaction,
  principalIds: readonly string[],
): Promise<Privilege[]> {
  const holders = Prisma.sql`SELECT principals_and_groups_above(${[...principalIds]}::uuid[]) AS id`;
  return distinctPrivileges<Privilege>(await heldBy(transaction, holders));
}

/** The same for each principal alone, without the groups above it, with its holder. */
export function privilegesOfEach(
  transaction: Transaction,
  principalIds: readonly string[],
): Promise<HeldPrivilege[]> {
  return heldBy(transaction, Prisma.sql`SELECT unnest(${[...principalIds]}::uuid[]) AS id`);
}

/** The privileges of each of the principals, with the groups above it. Empty for a principal without any. */
export async function privilegesByPrincipal(
  transaction: Transaction,
  principalIds: readonly string[],
): Promise<Map<string, Privilege[]>> {
  const reach = await transaction.$queryRaw<{ id: string; above: string[] }[]>`
    SELECT each.id, array(SELECT principals_and_groups_above(ARRAY[each.id])) AS above
    FROM unnest(${[...new Set(principalIds)]}::uuid[]) AS each (id)`;
  const held = new Map<string, HeldPrivilege[]>();
  for (const each of await privilegesOfEach(transaction, [...new Set(reach.flatMap(({ above }) => above))]))
    held.set(each.holderId, [...(held.get(each.holderId) ?? []), each]);
  const privileges = new Map<string, Privilege[]>();
  for (const { id, above } of reach) {
    const all = distinctPrivileges<Privilege>(above.flatMap((each) => held.get(each) ?? []));
    if (all.length > 0) privileges.set(id, all);
  }
  return privileges;
}
