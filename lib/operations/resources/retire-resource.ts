import { type ResourceFacts, visibleResource } from "@/lib/authority/authority";
import { judgeRetirement } from "@/lib/authority/judge-retirement";
import type { RetireFacts } from "@/lib/authority/retire-facts";
import { permissionsUntilCommit } from "@/lib/authority/rights-until-commit";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { retiredPrefix, undoUntil } from "@/lib/domain/resources/retire";
import { action } from "@/lib/domain/roles/permissions";
import { editSettingsOfRolesAlone } from "@/lib/operations/gate/lock-policy";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { requirePermission } from "@/lib/operations/gate/require-permission";
import { requireStepUp } from "@/lib/operations/gate/require-step-up";
import { endAllAccess, lockEligibilities, type NewRetirement } from "@/lib/operations/resources/retired";
import { lockTree, resourceInTree } from "@/lib/operations/resources/tree";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { Outdated, repeatChecks } from "@/lib/platform/recheck";
import { advisoryLocks } from "@/lib/platform/sql/advisory-locks";
import { databaseNow } from "@/lib/platform/transaction";

export interface RetireResourceInput {
  readonly resourceId: string;
  /** What was shown (`RetireFacts`). */
  readonly preview: string;
  readonly justification: string | null;
  readonly proofId: string | null;
}

/** The operation that the proof of a retirement is bound to. */
export function retireResourceOperation(
  input: Pick<RetireResourceInput, "resourceId" | "preview">,
): ProtectedOperation {
  const { resourceId, preview } = input;
  return { kind: "RetireResource", resourceId, preview };
}

/**
 * Retires a resource with everything below it: access there ends, requests are withdrawn, and no list or
 * search finds it. It can be undone for 30 days (`undoRetirement`). It always requires a code, and
 * the rights to remove everything that ends (docs/decisions/resources.md).
 */
export function retireResource(
  database: Database,
  caller: Caller,
  input: RetireResourceInput,
): Promise<OperationResult<{ retirementId: string }>> {
  const { resourceId, justification } = input;
  const attempt = { kind: "ResourceRetired" as const, caller, justification };
  return runOperation(database, attempt, async (transaction) => {
    const seen = await visibleResource(transaction, caller.userId, resourceId);
    if (!seen) throw new Refusal(notFound, attempt);
    const entry = { ...attempt, resource: seen };
    const parent = seen.parentId ? await visibleResource(transaction, caller.userId, seen.parentId) : null;
    await requirePermission(transaction, caller, action.writeResources, parent ?? seen, entry);
    // Batches give access row by row, each after locking its role. None may run beside a retirement.
    await editSettingsOfRolesAlone(transaction);
    await lockTree(transaction);
    await transaction.$executeRaw`SELECT pg_advisory_xact_lock(${advisoryLocks.treeShape})`;
    const resource = await resourceInTree(transaction, seen.id);
    if (!resource) throw new Refusal(notFound, attempt);
    // A move may have taken it elsewhere meanwhile. The permission was checked at its former place.
    if (resource.parentId !== seen.parentId) throw new Refusal(outdated, entry);
    const facts = await judgeRetirement(transaction, resource, (ids) =>
      permissionsUntilCommit(transaction, caller.userId, ids),
    );
    if ("code" in facts) throw new Refusal(facts, entry);
    if (facts.preview !== input.preview) throw new Refusal(outdated, entry);
    const reason = justification?.trim().slice(0, 2000) ?? "";
    if (reason === "") {
      const message = "Say why it is retired.";
      const failures = [{ rule: "JustificationRule" as const, field: "justification" as const, message }];
      throw new Refusal({ code: "RoleAssignmentRequestPolicyValidationFailed", failures }, entry);
    }
    await lockSubtree(transaction, resource);
    const eligible = await lockEligibilities(transaction, facts.ended, await databaseNow(transaction));
    const operation = retireResourceOperation(input);
    const proof = await requireStepUp(transaction, caller, input.proofId, operation, entry);
    // Retiring takes away the right to do it, since nothing above reaches the resource afterwards. What
    // the caller holds above must last until the commit.
    const heldAbove = await permissionsAbove(transaction, caller, resource);
    await repeatChecks(transaction);
    const now = await databaseNow(transaction);
    const retirement = await begin(transaction, resource, { facts, reason, by: caller.userId, now });
    await endAllAccess(
      transaction,
      { caller, justification: reason, retirement, eligible, now },
      facts.ended,
    );
    await recordAuditEvent(transaction, {
      ...{ ...entry, outcome: "Success", resource, proof },
      details: {
        ...{
          retirementId: retirement.id,
          parentId: resource.parentId,
          undoUntil: undoUntil(now).toISOString(),
        },
        ...summaryOf(facts),
      },
    });
    await takeOutOfTree(transaction, resource, retirement);
    const left = await permissionsAbove(transaction, caller, resource);
    if (heldAbove.some((permission) => !left.includes(permission))) throw new Outdated();
    return { retirementId: retirement.id };
  });
}

const outdated = {
  code: "StaleEdit" as const,
  message:
    "What this does has changed since it was shown. Look at the preview again: it is updated when the page is reloaded.",
};

async function begin(
  transaction: Transaction,
  resource: ResourceFacts,
  why: { facts: RetireFacts; reason: string; by: string; now: Date },
): Promise<NewRetirement> {
  const { facts, reason, by, now } = why;
  const [made] = await transaction.$queryRaw<NewRetirement[]>`
    INSERT INTO retirements (resource_id, parent_id, parent_scope, path, scope, resources, justification, retired_by_id,
      retired_at)
    SELECT ${resource.id}::uuid, p.id, p.scope, ${resource.path}, ${resource.scope}, ${facts.resources}::int, ${reason},
      ${by}::uuid, ${now}
    FROM resources p WHERE p.id = ${resource.parentId}::uuid RETURNING id, number`;
  if (!made) throw new Error("a resource that is retired lies below nothing");
  return made;
}

/** Locks the rows that are written last before those that end there, in the order of locks. */
async function lockSubtree(transaction: Transaction, { path }: ResourceFacts): Promise<void> {
  await transaction.$queryRaw`
    SELECT id FROM resources WHERE path >= ${path} COLLATE "C" AND path < (${path} || '/') COLLATE "C"
    ORDER BY id FOR NO KEY UPDATE`;
}

/** The caller's permissions at the resource above, as text. None of them may be lost before the commit. */
async function permissionsAbove(
  transaction: Transaction,
  caller: Caller,
  { parentId }: ResourceFacts,
): Promise<string[]> {
  const held = await permissionsUntilCommit(transaction, caller.userId, parentId ? [parentId] : []);
  return [...held.values()].flat().map((permission) => JSON.stringify(permission));
}

/** Makes nothing above reach it and no path lead to it. Triggers do the same for what lies below it. */
async function takeOutOfTree(
  transaction: Transaction,
  resource: ResourceFacts,
  { id, number }: NewRetirement,
): Promise<void> {
  await transaction.$executeRaw`
    UPDATE resources SET parent_id = id, retirement_id = ${id}::uuid, scope = ${retiredPrefix(number)} || scope
    WHERE id = ${resource.id}::uuid`;
}

function summaryOf({ resources, ended, concerned }: RetireFacts) {
  const count = (kind: RetireFacts["ended"][number]["kind"]) =>
    ended.filter((each) => each.kind === kind).length;
  return {
    resources,
    ...{ eligible: count("Eligible"), active: count("Active") },
    ...{ activations: count("Activation"), requests: count("Request") },
    rules: concerned.filter(({ kind }) => kind === "Settings" || kind === "ConflictRule").length,
  };
}
