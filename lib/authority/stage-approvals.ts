import { permissionsOf, type StoredPermissions } from "@/lib/authority/stored-permissions";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import { approvalCounts } from "@/lib/domain/requests/approval";
import { administers } from "@/lib/domain/roles/permissions";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { identityColumn } from "@/lib/platform/principal-identity";
import { type Alias, rowOf } from "@/lib/platform/sql/alias";

/** The people who can decide an approval now (`open_decider_ids`). */
export function openIds(approval: Alias): Prisma.Sql {
  const a = rowOf(approval);
  return Prisma.sql`open_decider_ids(${a}.approver_ids, ${a}.escalation_ids, ${a}.escalates_at)`;
}

/** Whether a decision counts in a stage of an approval (`counts_in_stage`). */
export function ofStage(decision: Alias, approval: Alias, stage: Prisma.Sql): Prisma.Sql {
  const [c, a] = [rowOf(decision), rowOf(approval)];
  return Prisma.sql`(${c}.request_id = ${a}.request_id
  AND counts_in_stage(${c}.id, ${c}.round, ${c}.stage, ${a}.round, ${stage}, ${a}.kept))`;
}

/** The same for the open stage of a waiting request. */
export function ofOpenStage(decision: Alias, approval: Alias): Prisma.Sql {
  return ofStage(decision, approval, Prisma.sql`${rowOf(approval)}.stage`);
}

/** The people who approved another stage of an approval, as a subquery (`approved_other_stage`). */
export function approvedOtherStage(approval: Alias): Prisma.Sql {
  const a = rowOf(approval);
  return Prisma.sql`(
  SELECT other.id FROM approved_other_stage(${a}.request_id, ${a}.stage, ${a}.round, ${a}.kept) AS other (id))`;
}

/** An approval of the open stage of a waiting request. */
export interface StageApproval {
  readonly requestId: string;
  readonly decisionId: string;
  readonly deciderId: string;
  readonly decider: PrincipalIdentity;
  /** Whether it counts now: the approver still has the decision right. */
  readonly counts: boolean;
}

interface Row extends Omit<StageApproval, "counts"> {
  readonly named: boolean;
  readonly asAdministrator: boolean;
  readonly gains: boolean;
  readonly gaveOther: boolean;
  /** For an approval as an administrator who has not changed who decides since: their permissions there now. */
  readonly held: readonly StoredPermissions[];
}

/** The approvals of the open stages of these requests, oldest first. Empty for requests that no longer wait. */
export async function approvalsOfOpenStages(
  transaction: Transaction,
  requestIds: readonly string[],
): Promise<StageApproval[]> {
  if (requestIds.length === 0) return [];
  const rows = await transaction.$queryRaw<Row[]>`
    SELECT c.request_id AS "requestId", c.id AS "decisionId", c.decider_id AS "deciderId",
      ${identityColumn("by")} AS decider, c.as_administrator AS "asAdministrator",
      ${openIds("a")} && array(SELECT principal_and_groups(c.decider_id)) AS named,
      c.decider_id = q.requestor_id OR q.principal_id IN (SELECT principal_and_groups(c.decider_id)) AS gains,
      c.decider_id IN ${approvedOtherStage("a")} AS "gaveOther",
      CASE WHEN c.as_administrator AND NOT changed_who_decides(c.decider_id, c.request_id) THEN (
        SELECT coalesce(json_agg(d.permissions), '[]') FROM resources s
        JOIN active_assignments(c.decider_id, postern_now()) x ON x.resource_id = ANY (path_ids(s.path))
        JOIN role_definitions d ON d.id = x.role_definition_id WHERE s.id = q.resource_id) ELSE '[]' END AS held
    FROM request_approvals a JOIN requests q ON q.id = a.request_id
    JOIN request_decisions c ON ${ofOpenStage("c", "a")} AND c.decision = 'Approve'
    JOIN principals by ON by.id = c.decider_id
    WHERE a.request_id = ANY (${[...requestIds]}::uuid[]) AND a.closed_at IS NULL
    ORDER BY c.id`;
  return rows.map(({ named, asAdministrator, gains, gaveOther, held, ...approval }) => {
    const administersNow = held.some((each) => administers(permissionsOf(each)));
    return {
      ...approval,
      counts: approvalCounts({ named, asAdministrator, gains, gaveOther, administers: administersNow }),
    };
  });
}
