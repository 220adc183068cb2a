import { type ResourceFacts, visibleResource } from "@/lib/authority/authority";
import { judgeRestoration, type Restoration } from "@/lib/authority/judge-restoration";
import { findRetirement, type Retirement, scopeAgain } from "@/lib/authority/restore-facts";
import { mayUntilCommit, permissionsUntilCommit } from "@/lib/authority/rights-until-commit";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import {
  directAssignmentFailures,
  reasonsOfSettings,
  reasonsToHandEligibility,
} from "@/lib/domain/gate/policy-rules";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { action } from "@/lib/domain/roles/permissions";
import { lockLevels } from "@/lib/operations/gate/lock-direct-policies";
import { editSettingsOfRolesAlone } from "@/lib/operations/gate/lock-policy";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { refuseConflicts } from "@/lib/operations/gate/refuse-conflicts";
import { requireStepUp } from "@/lib/operations/gate/require-step-up";
import { giveAgain, standingAbove } from "@/lib/operations/resources/restored";
import { lockTree, resourceInTree } from "@/lib/operations/resources/tree";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { advisoryLocks } from "@/lib/platform/sql/advisory-locks";
import { databaseNow } from "@/lib/platform/transaction";

export interface UndoRetirementInput {
  readonly retirementId: string;
  /** What was shown (`Restoration`). */
  readonly preview: string;
  readonly justification: string | null;
  readonly proofId: string | null;
}

/** The operation that the proof of an undone retirement is bound to. */
export function undoRetirementOperation(
  input: Pick<UndoRetirementInput, "retirementId" | "preview">,
): ProtectedOperation {
  const { retirementId, preview } = input;
  return { kind: "UndoRetirement", retirementId, preview };
}

/**
 * Restores a retired resource with everything that was retired with it, within 30 days by the
 * database's clock. Eligibilities and direct assignments that would still run are given again, each
 * judged as if it were given now. Access that may not be given stays closed. Activations and requests
 * never come back. It always requires a code (docs/decisions/resources.md).
 */
export function undoRetirement(
  database: Database,
  caller: Caller,
  input: UndoRetirementInput,
): Promise<OperationResult<{ resourceId: string; given: number; closed: number }>> {
  const { retirementId, justification } = input;
  const attempt = { kind: "ResourceRestored" as const, caller, justification, details: { retirementId } };
  return runOperation(database, attempt, async (transaction) => {
    const seen = await findRetirement(transaction, retirementId);
    const above = seen && (await visibleResource(transaction, caller.userId, seen.parentId));
    if (!seen || !above) throw new Refusal(notFound, attempt);
    // Callers who may not restore it do not learn that it existed.
    if (!(await mayUntilCommit(transaction, caller.userId, action.writeResources, above.id)))
      throw new Refusal(notFound, attempt);
    const about = { id: seen.resourceId, displayName: seen.displayName, scope: seen.scope, path: seen.path };
    const entry = { ...attempt, resource: about };
    await editSettingsOfRolesAlone(transaction);
    await lockTree(transaction);
    await lockRoles(transaction, retirementId);
    await transaction.$executeRaw`SELECT pg_advisory_xact_lock(${advisoryLocks.treeShape})`;
    const retirement = await findRetirement(transaction, retirementId);
    const parent = await resourceInTree(transaction, seen.parentId);
    if (!retirement || !parent) throw new Refusal(notFound, attempt);
    const permissions =
      (await permissionsUntilCommit(transaction, caller.userId, [parent.id])).get(parent.id) ?? [];
    const judge = async () =>
      judgeRestoration(transaction, retirement, parent, permissions, await databaseNow(transaction));
    const first = await judge();
    if ("code" in first) throw new Refusal(first, entry);
    await lockLevels(transaction, levelsOf(first));
    const judged = await judge();
    if ("code" in judged) throw new Refusal(judged, entry);
    if (judged.preview !== input.preview) throw new Refusal(outdated, entry);
    const reason = justification?.trim().slice(0, 2000) ?? "";
    if (reason === "") throw new Refusal(needsReason, entry);
    await putBack(transaction, retirement, parent, caller);
    const operation = undoRetirementOperation(input);
    const proof = await requireStepUp(transaction, caller, input.proofId, operation, entry);
    const open = judged.rows.flatMap(({ access, staysClosed }) => (staysClosed === null ? [access] : []));
    const stepUp = open.flatMap((each) => {
      if (each.type === "Active") return reasonsOfSettings(each);
      return each.writesAuthorization ? reasonsToHandEligibility(each) : [];
    });
    const failures = directAssignmentFailures(
      { assignmentRequiresJustification: true },
      { justification, stepUp, provedBy: proof.method },
    );
    if (failures.length > 0)
      throw new Refusal({ code: "RoleAssignmentRequestPolicyValidationFailed", failures }, entry);
    const standing = await standingAbove(transaction, retirement.resourceId);
    if (standing === null) throw new Refusal(tooMuchToJudge, entry);
    await refuseConflicts(transaction, caller.userId, { standing }, entry);
    const restored = await resourceInTree(transaction, retirement.resourceId);
    if (!restored) throw new Error("a restored resource is gone");
    const given = await giveAgain(transaction, { caller, justification: reason, proof, retirement }, open);
    const closed = judged.rows.length - given;
    await recordAuditEvent(transaction, {
      ...{ ...entry, outcome: "Success", resource: restored, proof },
      details: { retirementId, parentId: parent.id, resources: retirement.resources, given, closed },
    });
    return { resourceId: restored.id, given, closed };
  });
}

const outdated = {
  code: "StaleEdit" as const,
  message:
    "What this does has changed since it was shown. Look at the preview again: it is updated when the page is reloaded.",
};
const needsReason = {
  code: "RoleAssignmentRequestPolicyValidationFailed" as const,
  failures: [
    {
      rule: "JustificationRule" as const,
      field: "justification" as const,
      message: "Say why it is restored.",
    },
  ],
};
const tooMuchToJudge = {
  code: "Conflict" as const,
  message: "Its conflict rules would have to judge more access above it than is possible at once.",
};

/** Every level that judges what is given again, as rows for `lockLevels`. */
function levelsOf({ rows }: Restoration): Prisma.Sql {
  return Prisma.sql`
    SELECT DISTINCT level.id AS resource_id, pair.role_id
    FROM unnest(${rows.map(({ access }) => access.path)}::text[],
      ${rows.map(({ access }) => access.roleDefinitionId)}::uuid[]) AS pair (path, role_id)
    CROSS JOIN LATERAL unnest(path_ids(pair.path)) AS level (id)`;
}

/** Locks the roles against edits, in the order of their ids. */
async function lockRoles(transaction: Transaction, retirementId: string): Promise<void> {
  await transaction.$queryRaw`
    SELECT d.id FROM role_definitions d WHERE d.id IN (
      SELECT coalesce(e.role_definition_id, a.role_definition_id) FROM retired_access k
      LEFT JOIN eligibilities e ON e.id = k.eligibility_id LEFT JOIN assignments a ON a.id = k.assignment_id
      WHERE k.retirement_id = ${retirementId}::uuid)
    ORDER BY d.id FOR SHARE OF d`;
}

/** Puts the resource back below the one that was above it. Triggers restore what was retired with it. */
async function putBack(
  transaction: Transaction,
  retirement: Retirement,
  parent: ResourceFacts,
  caller: Caller,
): Promise<void> {
  await transaction.$executeRaw`
    UPDATE resources r SET parent_id = ${parent.id}::uuid, retirement_id = NULL, scope = ${scopeAgain(retirement, parent)}
    WHERE r.id = ${retirement.resourceId}::uuid`;
  await transaction.$executeRaw`
    UPDATE retirements SET undone_at = ${await databaseNow(transaction)}, undone_by_id = ${caller.userId}::uuid
    WHERE id = ${retirement.id}::uuid`;
}
