import { maximumApprovalsNeeded } from "@/lib/domain/roles/approval-limits";
import { type ApprovalStage, type Deciders, namedApprovers } from "@/lib/domain/roles/approval-settings";
import type { RoleSettings, WeakeningFacts } from "@/lib/domain/roles/role-settings";
import { approvalStagesShape } from "@/lib/domain/roles/role-settings-shape";
import type { Transaction } from "@/lib/platform/database";
import { pathBelow } from "@/lib/platform/sql/path-below";

/**
 * With how many other levels the stages are compared. If there are more, an edit counts as one that
 * makes two stages equal.
 */
const comparedAtMost = 200;

/** What else judges an edit of a role's settings at a resource: who could decide now. */
export async function weakeningFacts(
  transaction: Transaction,
  about: { readonly roleDefinitionId: string; readonly resourceId: string },
  before: RoleSettings,
  after: RoleSettings,
): Promise<WeakeningFacts> {
  return {
    deciders: await decidersNow(transaction, about, [before, after]),
    otherLevels: await stagesOfOtherLevels(transaction, about, after.approvalStages),
    allowedMailDomains: await allowedMailDomains(transaction),
  };
}

/**
 * The stages of the levels that share an approver with the new stages, since a stage of theirs could equal a new one.
 * Each list is returned once, since most of many resources below ask the same approvers.
 */
async function stagesOfOtherLevels(
  transaction: Transaction,
  about: { readonly roleDefinitionId: string; readonly resourceId: string },
  stages: readonly ApprovalStage[],
): Promise<(readonly ApprovalStage[])[]> {
  const sharing = namedApprovers(stages).map((id) => JSON.stringify([{ approverIds: [id] }]));
  const rows = await transaction.$queryRaw<{ stages: unknown }[]>`
    SELECT DISTINCT p.approval_stages AS stages FROM resources own
    JOIN resources r ON r.id = ANY (path_ids(own.path)) OR ${pathBelow("r.path", "own.path")}
    JOIN role_management_policies p ON p.resource_id = r.id
    WHERE own.id = ${about.resourceId}::uuid AND r.id <> own.id
      AND p.role_definition_id = ${about.roleDefinitionId}::uuid AND p.approval_required
      AND p.approval_stages @> ANY (${sharing}::jsonb[]) LIMIT ${comparedAtMost + 1}`;
  const levels = rows.map(({ stages: found }) => approvalStagesShape.parse(found));
  // No level could lose more stages by the edit than one that asks for exactly the new ones.
  return levels.length > comparedAtMost ? [stages] : levels;
}

async function decidersNow(
  transaction: Transaction,
  about: { readonly roleDefinitionId: string; readonly resourceId: string },
  settings: readonly RoleSettings[],
): Promise<Deciders> {
  const named = namedApprovers(settings.flatMap((each) => each.approvalStages));
  const rows = await transaction.$queryRaw<{ id: string; able: string[] }[]>`
    SELECT named.id, array(SELECT users_in(ARRAY[named.id]))::text[] AS able
    FROM unnest(${named}::uuid[]) AS named (id)`;
  const behind = new Map(rows.map((row) => [row.id, row.able]));
  // A possible requestor matters only if few people can decide, so large groups are not searched.
  const few = rows.filter((row) => row.able.length <= maximumApprovalsNeeded).flatMap((row) => row.able);
  const asking = await transaction.$queryRaw<{ id: string }[]>`
    SELECT u.id FROM unnest(${[...new Set(few)]}::uuid[]) AS u (id)
    WHERE EXISTS (
      SELECT FROM current_eligibilities(u.id, postern_now()) e
      JOIN resources held ON held.id = e.resource_id
      JOIN resources r ON r.id = ${about.resourceId}::uuid
      WHERE e.role_definition_id = ${about.roleDefinitionId}::uuid
        AND (held.id = ANY (path_ids(r.path)) OR r.id = ANY (path_ids(held.path))))`;
  return {
    able: (ids) => new Set(ids.flatMap((id) => behind.get(id) ?? [])),
    mayAsk: new Set(asking.map((row) => row.id)),
  };
}

/** The mail domains that this installation allows without a step-up. */
export async function allowedMailDomains(transaction: Transaction): Promise<string[]> {
  const installation = await transaction.installation.findUnique({
    where: { id: 1 },
    select: { allowedMailDomains: true },
  });
  return installation?.allowedMailDomains ?? [];
}
