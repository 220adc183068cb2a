import { type ResourceFacts, visibleResource } from "@/lib/authority/authority";
import { accessJudged, eligibleToGiveAccessByMove, givenByMove } from "@/lib/authority/conflicts-of-move";
import { type JudgedMove, judgeMove, tooMuchToJudge } from "@/lib/authority/judge-move";
import type { MovedAccess } from "@/lib/authority/move-facts";
import { permissionsUntilCommit, recheckBeforeOwnLoss } from "@/lib/authority/rights-until-commit";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import {
  directAssignmentFailures,
  reasonsOfSettings,
  reasonsToHandEligibility,
} from "@/lib/domain/gate/policy-rules";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { action } from "@/lib/domain/roles/permissions";
import { lockDirectPolicies } from "@/lib/operations/gate/lock-direct-policies";
import { editSettingsOfRolesAlone } from "@/lib/operations/gate/lock-policy";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { refuseConflicts } from "@/lib/operations/gate/refuse-conflicts";
import { requirePermission } from "@/lib/operations/gate/require-permission";
import { requireStepUp } from "@/lib/operations/gate/require-step-up";
import {
  endWhatRestsAbove,
  lockRolesNaming,
  rewriteAssignableScopes,
} from "@/lib/operations/resources/moved";
import { lockTree, resourceInTree } from "@/lib/operations/resources/tree";
import { type AuditEntry, recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { advisoryLocks } from "@/lib/platform/sql/advisory-locks";

export interface MoveResourceInput {
  readonly resourceId: string;
  /** The resource above it when the move was shown. */
  readonly fromId: string;
  readonly toId: string;
  /** What was shown (`MoveFacts`). */
  readonly preview: string;
  readonly justification: string | null;
  readonly proofId: string | null;
}

/** The operation that the proof of a move is bound to. */
export function moveResourceOperation(
  input: Pick<MoveResourceInput, "resourceId" | "fromId" | "toId" | "preview">,
): ProtectedOperation {
  const { resourceId, fromId, toId, preview } = input;
  return { kind: "MoveResource", resourceId, fromId, toId, preview };
}

/**
 * Moves a resource with everything below it. Access held above its new place begins to apply, and access held above
 * the old one ceases to. Activations and waiting requests that rest on an eligibility above it end. It always
 * requires a code, and what giving that access would require (docs/decisions/resources.md).
 */
export function moveResource(
  database: Database,
  caller: Caller,
  input: MoveResourceInput,
): Promise<OperationResult<{ scope: string }>> {
  const { resourceId, toId, justification } = input;
  const attempt = { kind: "ResourceMoved" as const, caller, justification, details: { toId } };
  return runOperation(database, attempt, async (transaction) => {
    const seen = await visibleResource(transaction, caller.userId, resourceId);
    const place = await visibleResource(transaction, caller.userId, toId);
    const parent = seen?.parentId ? await visibleResource(transaction, caller.userId, seen.parentId) : null;
    if (!seen || !place) throw new Refusal(notFound, attempt);
    const from = parent === null ? {} : { fromId: parent.id, fromName: parent.displayName };
    const entry = { ...attempt, resource: seen, details: { toId, toName: place.displayName, ...from } };
    await requirePermission(transaction, caller, action.writeResources, parent ?? seen, entry);
    await requirePermission(transaction, caller, action.writeResources, place, entry);
    // Batches give access row by row, each after locking its role. None may run beside a move.
    await editSettingsOfRolesAlone(transaction);
    await lockTree(transaction);
    await lockRolesNaming(transaction, seen.id);
    await transaction.$executeRaw`SELECT pg_advisory_xact_lock(${advisoryLocks.treeShape})`;
    const resource = await resourceInTree(transaction, seen.id);
    const to = await resourceInTree(transaction, place.id);
    if (!resource || !to) throw new Refusal(notFound, attempt);
    // Another move may have taken it elsewhere meanwhile. The permission was checked at its former
    // place.
    if (resource.parentId !== input.fromId || resource.parentId !== seen.parentId)
      throw new Refusal(outdated, entry);

    const judged = await judgeMove(transaction, resource, to, (ids) =>
      permissionsUntilCommit(transaction, caller.userId, ids),
    );
    if ("code" in judged) throw new Refusal(judged, entry);
    if (judged.facts.preview !== input.preview) throw new Refusal(outdated, entry);
    const takes = await settingsOver(transaction, resource, to, judged);
    // The move may take away the right to make it.
    const { access, ended } = judged.facts;
    const losing = [...access.filter(({ gained }) => !gained), ...ended].map(
      ({ principalId }) => principalId,
    );
    await recheckBeforeOwnLoss(transaction, caller.userId, losing);
    // A trigger updates what lies below: its place in the tree, and the beginning of its path.
    await transaction.resource.update({
      where: { id: resource.id },
      data: { parentId: to.id, scope: judged.scope },
    });
    const proof = await requireStepUp(
      transaction,
      caller,
      input.proofId,
      moveResourceOperation(input),
      entry,
    );
    const failures = directAssignmentFailures(takes, { justification, ...takes, provedBy: proof.method });
    if (failures.length > 0)
      throw new Refusal({ code: "RoleAssignmentRequestPolicyValidationFailed", failures }, entry);
    await rewriteAssignableScopes(transaction, resource, judged.scope, { caller, justification, proof });
    await endWhatRestsAbove(transaction, caller, resource.id, judged.facts.ended);
    const coming = await accessJudged(transaction, resource, judged.facts);
    if (coming === null) throw new Refusal(tooMuchToJudge, entry);
    await refuseConflicts(transaction, caller.userId, coming, entry);
    const moved = await resourceInTree(transaction, resource.id);
    if (!moved) throw new Error("a moved resource is gone");
    await recordMove(transaction, { ...entry, resource: moved, proof }, resource, judged);
    return { scope: judged.scope };
  });
}

const outdated = {
  code: "StaleEdit" as const,
  message:
    "What this move does has changed since it was shown. Look at the preview again: it is updated when the page is reloaded.",
};

/** What role settings require for assigning these roles, here and at the new place. They are locked against edits. */
async function settingsOver(
  transaction: Transaction,
  resource: ResourceFacts,
  to: ResourceFacts,
  { facts }: JudgedMove,
) {
  const pairs = (given: readonly MovedAccess[]) =>
    [...new Set(given.map((each) => each.roleDefinitionId))].flatMap((roleDefinitionId) =>
      [resource.id, to.id].map((resourceId) => ({ roleDefinitionId, resourceId })),
    );
  const active = pairs(givenByMove(facts));
  const eligible = pairs(eligibleToGiveAccessByMove(facts));
  const { of } = await lockDirectPolicies(transaction, [...active, ...eligible]);
  return {
    stepUp: [
      ...active.map(of).flatMap(reasonsOfSettings),
      ...eligible.map(of).flatMap(reasonsToHandEligibility),
    ],
    assignmentRequiresJustification: active.map(of).some((policy) => policy.assignmentRequiresJustification),
  };
}

async function recordMove(
  transaction: Transaction,
  entry: Omit<AuditEntry, "outcome">,
  before: ResourceFacts,
  { facts, scope }: JudgedMove,
): Promise<void> {
  const names = (gained: boolean) =>
    facts.access
      .filter((each) => each.gained === gained)
      .slice(0, 50)
      .map(({ roleName, access, placeName }) => ({ role: roleName, access, at: placeName }));
  const count = (gained: boolean) => facts.access.filter((each) => each.gained === gained).length;
  await recordAuditEvent(transaction, {
    ...{ ...entry, outcome: "Success" },
    details: {
      ...entry.details,
      before: { scope: before.scope, parentId: before.parentId },
      after: { scope },
      // The people whose access above begins or ceases to apply. They are notified.
      ...{ scopeBefore: before.scope, gainedAt: facts.gainedAt, lostAt: facts.lostAt },
      resources: facts.resources,
      ...{ begins: count(true), given: names(true), ceases: count(false), removed: names(false) },
      ended: facts.ended.length,
    },
  });
}
