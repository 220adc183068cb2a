import { openStage, stageAfterEdit } from "@/lib/domain/approval";
import { type RoleSettings, stagesInForce, stricterOf } from "@/lib/domain/role-settings";
import { approvalStagesShape } from "@/lib/domain/role-settings-shape";
import { sameValue } from "@/lib/domain/same-value";
import type { RequestApproval } from "@/lib/operations/load-request";
import type { Transaction } from "@/lib/platform/database";
import { type PolicyColumns, policyColumns, settingsOfPolicy } from "@/lib/platform/policy-settings";
import { databaseNow } from "@/lib/platform/transaction";

type StandingApproval = Pick<RequestApproval, "stages" | "stage" | "round" | "requiresStepUp">;

/** What the settings in force change about a waiting request's approval; null when nothing. */
function restaged(approval: StandingApproval, settings: RoleSettings, now: Date) {
  const stages = stagesInForce(settings);
  const requiresStepUp = settings.approvalRequiresStepUp;
  if (stages.length === 0) return null;
  if (sameValue(stages, approval.stages) && requiresStepUp === approval.requiresStepUp) return null;
  const position = stageAfterEdit(approval.stages, approval.stage, stages);
  return { stages, requiresStepUp, begun: position === null ? null : openStage(stages, position, now) };
}

type Change = NonNullable<ReturnType<typeof restaged>>;

async function write(transaction: Transaction, requestIds: string[], change: Change): Promise<void> {
  const { stages, requiresStepUp, begun } = change;
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
            givenBy: [],
            round: { increment: 1 },
            escalationToldAt: null,
            remindedAt: null,
          }),
    },
  });
}

/** Brings one waiting request's approval to the settings in force. Answers the approval as it is then. */
export async function restageRequest(
  transaction: Transaction,
  requestId: string,
  approval: RequestApproval,
  settings: RoleSettings,
  now: Date,
): Promise<RequestApproval> {
  const change = restaged(approval, settings, now);
  if (change === null) return approval;
  await write(transaction, [requestId], change);
  const { begun, ...rest } = change;
  return {
    ...approval,
    ...rest,
    ...(begun === null ? {} : { ...begun, round: approval.round + 1, givenBy: [] }),
  };
}

interface WaitingRow {
  readonly requestId: string;
  readonly eligibilityResourceId: string;
  readonly resourceId: string;
  readonly approval: Omit<StandingApproval, "stages"> & { readonly stages: unknown };
}

/**
 * Brings every waiting request that the settings of a role at a resource judge to the settings in force: the edit of
 * them is in the same transaction. Locks the requests in the order of their ids, then reads the other scopes'
 * settings, so that of two edits at once the later sees both. Answers how many approvals were begun anew.
 */
export async function restageRequests(
  transaction: Transaction,
  roleDefinitionId: string,
  resourceId: string,
): Promise<number> {
  const locked = await transaction.$queryRaw<{ id: string }[]>`
    SELECT q.id FROM requests q
    WHERE q.status = 'PendingApproval' AND q.request_type = 'SelfActivate'
      AND q.role_definition_id = ${roleDefinitionId}::uuid
      AND (q.resource_id = ${resourceId}::uuid OR EXISTS (
        SELECT FROM eligibilities e WHERE e.id = q.eligibility_id AND e.resource_id = ${resourceId}::uuid))
    ORDER BY q.id FOR UPDATE OF q`;
  if (locked.length === 0) return 0;
  const now = await databaseNow(transaction);
  const rows = await transaction.$queryRaw<WaitingRow[]>`
    SELECT q.id AS "requestId", q.resource_id AS "resourceId", e.resource_id AS "eligibilityResourceId",
      json_build_object('stages', a.stages, 'stage', a.stage, 'round', a.round,
        'requiresStepUp', a.requires_step_up) AS approval
    FROM requests q JOIN request_approvals a ON a.request_id = q.id JOIN eligibilities e ON e.id = q.eligibility_id
    WHERE q.id = ANY (${locked.map((each) => each.id)}::uuid[]) AND q.status = 'PendingApproval'
      AND a.expires_at > ${now}`;
  const policies = await transaction.$queryRaw<(PolicyColumns & { resourceId: string })[]>`
    SELECT resource_id AS "resourceId", ${policyColumns} FROM role_management_policies
    WHERE role_definition_id = ${roleDefinitionId}::uuid
      AND resource_id = ANY (${rows.flatMap((row) => [row.resourceId, row.eligibilityResourceId])}::uuid[])`;
  const settingsAt = new Map(policies.map((row) => [row.resourceId, settingsOfPolicy(row)]));
  // Many wait at the same stage of the same settings: they are written together.
  const changes = new Map<string, { change: Change; requestIds: string[] }>();
  for (const row of rows) {
    const [own, narrowed] = [settingsAt.get(row.eligibilityResourceId), settingsAt.get(row.resourceId)];
    if (!own || !narrowed) throw new Error("a policy that judged a request is gone");
    const approval = { ...row.approval, stages: approvalStagesShape.parse(row.approval.stages) };
    const change = restaged(approval, stricterOf(own, narrowed), now);
    if (change === null) continue;
    const key = JSON.stringify(change);
    changes.set(key, { change, requestIds: (changes.get(key)?.requestIds ?? []).concat(row.requestId) });
  }
  let begun = 0;
  for (const { change, requestIds } of changes.values()) {
    await write(transaction, requestIds, change);
    if (change.begun !== null) begun += requestIds.length;
  }
  return begun;
}
