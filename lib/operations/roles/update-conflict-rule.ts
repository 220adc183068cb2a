import type { OperationResult } from "@/lib/domain/gate/operation-error";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import {
  type ConflictRuleFields,
  forbidTheSame,
  normalConflictRule,
  weakensConflictRule,
} from "@/lib/domain/roles/conflict-rule";
import { sameValue } from "@/lib/domain/roles/same-value";
import { runOperation } from "@/lib/operations/gate/refusal";
import { requireStepUp } from "@/lib/operations/gate/require-step-up";
import { endExceptions, exceptionsOf } from "@/lib/operations/roles/conflict-exceptions";
import {
  currentConflictRule,
  lockConflictRules,
  lockRolesOfRule,
  openConflictRule,
  refuseRuleFaults,
  rolesOfRule,
  ruleForLog,
} from "@/lib/operations/roles/conflict-rules";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { databaseNow } from "@/lib/platform/transaction";

export interface UpdateConflictRuleInput {
  readonly ruleId: string;
  /** The version that the administrator was shown. */
  readonly expectedVersion: number;
  readonly rule: ConflictRuleFields;
  readonly proofId: string | null;
}

/** The operation that a proof for a change of a rule is bound to. */
export function updateConflictRuleOperation(
  input: Omit<UpdateConflictRuleInput, "proofId">,
): ProtectedOperation {
  const { ruleId, expectedVersion, rule } = input;
  return { kind: "UpdateConflictRule", ruleId, expectedVersion, rule: normalConflictRule(rule) };
}

/**
 * Changes a rule's name, reason or roles. A change that allows a pair of roles that the rule forbade
 * spends a proof. Refused if somebody else changed the rule meanwhile. Saving without a change writes
 * nothing. A change of what the rule forbids ends its exceptions, waiting or in force, since they were
 * requested and approved for the previous roles.
 */
export function updateConflictRule(
  database: Database,
  caller: Caller,
  input: UpdateConflictRuleInput,
): Promise<OperationResult<{ version: number; endedExceptions: number }>> {
  const fields = normalConflictRule(input.rule);
  const attempt = { kind: "ConflictRuleUpdated" as const, caller, details: { ruleId: input.ruleId } };
  return runOperation(database, attempt, async (transaction) => {
    const { entry } = await openConflictRule(transaction, caller, input.ruleId, attempt);
    const names = await lockRolesOfRule(transaction, entry.resource, [
      ...fields.firstRoleIds,
      ...fields.secondRoleIds,
    ]);
    await lockConflictRules(transaction);
    const before = await currentConflictRule(transaction, input.ruleId, input.expectedVersion, entry);
    const { id, version, resource, ...was } = before;
    // A role that was deleted since stays until somebody removes it.
    const known = new Map([...(await namesOf(transaction, was)), ...names]);
    await refuseRuleFaults(transaction, resource, fields, known, id, entry);
    if (sameValue(was, fields)) return { version, endedExceptions: 0 };
    const weakened = weakensConflictRule(was, fields);
    const proof = weakened
      ? await requireStepUp(transaction, caller, input.proofId, updateConflictRuleOperation(input), entry)
      : null;
    const other = !forbidTheSame(was, fields);
    const endedExceptions = other
      ? await endExceptions(transaction, caller, exceptionsOf.rule(id), "RuleChanged")
      : 0;
    const { name, reason } = fields;
    const saved = await transaction.conflictRule.update({
      where: { id },
      data: {
        name,
        reason,
        version: { increment: 1 },
        rolesVersion: { increment: other ? 1 : 0 },
        updatedAt: await databaseNow(transaction),
        updatedById: caller.userId,
      },
      select: { version: true },
    });
    await transaction.conflictRuleRole.deleteMany({ where: { ruleId: id } });
    await transaction.conflictRuleRole.createMany({ data: rolesOfRule(id, fields) });
    await recordAuditEvent(transaction, {
      ...entry,
      outcome: "Success",
      proof,
      details: {
        ...{ ruleId: id, ruleName: name, weakened, endedExceptions },
        before: ruleForLog(was, known),
        after: ruleForLog(fields, known),
      },
    });
    return { ...saved, endedExceptions };
  });
}

async function namesOf(
  transaction: Transaction,
  { firstRoleIds, secondRoleIds }: ConflictRuleFields,
): Promise<[string, string][]> {
  const ids = [...firstRoleIds, ...secondRoleIds];
  const found = await transaction.roleDefinition.findMany({
    where: { id: { in: ids } },
    select: { id: true, roleName: true },
    take: ids.length,
  });
  return found.map(({ id, roleName }) => [id, roleName]);
}
