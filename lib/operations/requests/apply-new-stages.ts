import { type PolicyColumns, policyColumns, settingsOfPolicy } from "@/lib/authority/policy-settings";
import { extendsActivation, ofActivation } from "@/lib/authority/request-basis";
import { ofStage } from "@/lib/authority/stage-approvals";
import { openStage, type StagesAfterEdit, stagesAfterEdit } from "@/lib/domain/requests/approval";
import {
  defaultRoleSettings,
  type RoleSettings,
  stagesInForce,
  strictest,
} from "@/lib/domain/roles/role-settings";
import { approvalStagesShape } from "@/lib/domain/roles/role-settings-shape";
import { sameValue } from "@/lib/domain/roles/same-value";
import {
  findRequest,
  type LoadedRequest,
  type RequestApproval,
} from "@/lib/operations/requests/load-request";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { databaseNow } from "@/lib/platform/transaction";

type StageApproval = Pick<RequestApproval, "stages" | "stage" | "round" | "requiresStepUp">;

/** The change that the settings in force make to the approval of a waiting request; null if none. */
function stageChange(approval: StageApproval, settings: RoleSettings, now: Date, endsBy: Date | null) {
  const stages = stagesInForce(settings);
  const requiresStepUp = settings.approvalRequiresStepUp;
  if (stages.length === 0) return null;
  if (sameValue(stages, approval.stages) && requiresStepUp === approval.requiresStepUp) return null;
  const edit = stagesAfterEdit(approval.stages, approval.stage, stages);
  const begun = edit?.anew ? openStage(stages, edit.open, now, endsBy) : null;
  return { stages, requiresStepUp, edit, begun };
}

type Change = NonNullable<ReturnType<typeof stageChange>>;

async function write(transaction: Transaction, requestIds: string[], change: Change): Promise<void> {
  const { stages, requiresStepUp, edit, begun } = change;
  if (edit) await carryApprovals(transaction, requestIds, edit);
  await transaction.requestApproval.updateMany({
    where: { requestId: { in: requestIds } },
    data: {
      stages: stages.map((stage) => ({ ...stage })),
      requiresStepUp,
      ...(begun === null
        ? {}
        : {
            ...begun,
            approverIds: [...begun.approverIds],
            escalationIds: [...begun.escalationIds],
            escalationToldAt: null,
            remindedAt: null,
          }),
    },
  });
}

/**
 * Begins a new round in which each unchanged stage keeps its approvals. Decisions are never changed, so
 * the approval records which of them count in which stage.
 */
async function carryApprovals(
  transaction: Transaction,
  requestIds: string[],
  { open, origins }: StagesAfterEdit,
): Promise<void> {
  const moved = origins.flatMap((from, to) => (from === null ? [] : [{ from, to }]));
  await transaction.$executeRaw`
    WITH carried AS (
      SELECT a.request_id, m.stage, c.id, c.decider_id
      FROM request_approvals a
      CROSS JOIN unnest(${moved.map((each) => each.from)}::int[], ${moved.map((each) => each.to)}::int[])
        AS m (origin, stage)
      JOIN request_decisions c ON c.decision = 'Approve' AND ${ofStage("c", "a", Prisma.sql`m.origin`)}
      WHERE a.request_id = ANY (${requestIds}::uuid[]))
    UPDATE request_approvals SET round = round + 1, stage = ${open}::int,
      given_by = array(SELECT k.decider_id FROM carried k
        WHERE k.request_id = request_approvals.request_id AND k.stage = ${open}::int ORDER BY k.id),
      kept = coalesce((SELECT jsonb_object_agg(each.stage, each.ids) FROM (
        SELECT k.stage, jsonb_agg(k.id ORDER BY k.id) AS ids FROM carried k
        WHERE k.request_id = request_approvals.request_id GROUP BY k.stage) each), '{}')
    WHERE request_id = ANY (${requestIds}::uuid[])`;
}

/** Applies the settings in force to the approval of one waiting request. Returns the approval as it is afterwards. */
export async function applyNewStages(
  transaction: Transaction,
  request: Pick<LoadedRequest, "id" | "activationEndsAt">,
  approval: RequestApproval,
  settings: RoleSettings,
  now: Date,
): Promise<RequestApproval> {
  const change = stageChange(approval, settings, now, request.activationEndsAt);
  if (change === null) return approval;
  await write(transaction, [request.id], change);
  return (await findRequest(transaction, request.id))?.approval ?? approval;
}

interface WaitingRow {
  readonly requestId: string;
  readonly roleDefinitionId: string;
  /** The resources whose settings judge it: from its eligibility's down to its own. */
  readonly levels: readonly string[];
  /** The end of the activation that it extends; null for a request to activate. */
  readonly activationEndsAt: Date | null;
  readonly approval: Omit<StageApproval, "stages"> & { readonly stages: unknown };
}

/**
 * Applies the settings in force to every waiting request that the settings of some roles at a resource
 * judge. The edit of those settings is in the same transaction. Locks the requests in the order of
 * their ids, then reads the other resources' settings, so that of two simultaneous edits the later one
 * sees both. Returns how many approvals began again for each role.
 */
export async function applyNewStagesToRequests(
  transaction: Transaction,
  roleDefinitionIds: readonly string[],
  resourceId: string,
): Promise<(roleDefinitionId: string) => number> {
  const begun = new Map<string, number>();
  const count = (roleDefinitionId: string) => begun.get(roleDefinitionId) ?? 0;
  const locked = await transaction.$queryRaw<{ id: string }[]>`
    SELECT q.id FROM requests q
    WHERE q.status = 'PendingApproval' AND ${ofActivation("q")}
      AND q.role_definition_id = ANY (${[...roleDefinitionIds]}::uuid[])
      AND EXISTS (
        SELECT FROM eligibilities e JOIN resources own ON own.id = q.resource_id
        JOIN resources edited ON edited.id = ${resourceId}::uuid
        WHERE e.id = q.eligibility_id AND edited.id = ANY (path_ids(own.path))
          AND e.resource_id = ANY (path_ids(edited.path)))
    ORDER BY q.id FOR UPDATE OF q`;
  if (locked.length === 0) return count;
  const now = await databaseNow(transaction);
  const rows = await transaction.$queryRaw<WaitingRow[]>`
    SELECT q.id AS "requestId", q.role_definition_id AS "roleDefinitionId",
      (path_ids(own.path))[array_position(path_ids(own.path), e.resource_id):] AS levels,
      CASE WHEN ${extendsActivation("q")} THEN running.ends_at END AS "activationEndsAt",
      json_build_object('stages', a.stages, 'stage', a.stage, 'round', a.round,
        'requiresStepUp', a.requires_step_up) AS approval
    FROM requests q JOIN request_approvals a ON a.request_id = q.id JOIN eligibilities e ON e.id = q.eligibility_id
    JOIN resources own ON own.id = q.resource_id LEFT JOIN assignments running ON running.id = q.assignment_id
    WHERE q.id = ANY (${locked.map((each) => each.id)}::uuid[]) AND q.status = 'PendingApproval'
      AND a.expires_at > ${now}`;
  const keyOf = (role: string, resource: string) => `${role} ${resource}`;
  const policies = await transaction.$queryRaw<
    (PolicyColumns & { roleDefinitionId: string; resourceId: string })[]
  >`
    SELECT role_definition_id AS "roleDefinitionId", resource_id AS "resourceId", ${policyColumns}
    FROM role_management_policies
    WHERE role_definition_id = ANY (${[...new Set(rows.map((row) => row.roleDefinitionId))]}::uuid[])
      AND resource_id = ANY (${[...new Set(rows.flatMap((row) => row.levels))]}::uuid[])`;
  const settingsAt = new Map(
    policies.map((row) => [keyOf(row.roleDefinitionId, row.resourceId), settingsOfPolicy(row)]),
  );
  const settingsOfLevels = ({ roleDefinitionId, levels }: WaitingRow) =>
    strictest(levels.map((id) => settingsAt.get(keyOf(roleDefinitionId, id)) ?? defaultRoleSettings));
  // Many wait at the same stage of the same settings, so these are written together.
  const changes = new Map<string, { change: Change; requestIds: string[] }>();
  for (const row of rows) {
    const approval = { ...row.approval, stages: approvalStagesShape.parse(row.approval.stages) };
    const change = stageChange(approval, settingsOfLevels(row), now, row.activationEndsAt);
    if (change === null) continue;
    const key = JSON.stringify(change);
    changes.set(key, { change, requestIds: (changes.get(key)?.requestIds ?? []).concat(row.requestId) });
    if (change.begun !== null) begun.set(row.roleDefinitionId, count(row.roleDefinitionId) + 1);
  }
  for (const { change, requestIds } of changes.values()) await write(transaction, requestIds, change);
  return count;
}
