import type { OperationResult } from "@/lib/domain/gate/operation-error";
import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { runOperation } from "@/lib/operations/gate/refusal";
import { requireStepUp } from "@/lib/operations/gate/require-step-up";
import { endExceptions, exceptionsOf } from "@/lib/operations/roles/conflict-exceptions";
import {
  currentConflictRule,
  lockConflictRules,
  openConflictRule,
  ruleForLog,
} from "@/lib/operations/roles/conflict-rules";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";

export interface RemoveConflictRuleInput {
  readonly ruleId: string;
  /** The version that the administrator was shown. */
  readonly expectedVersion: number;
  readonly justification: string | null;
  readonly proofId: string | null;
}

/** The operation that a proof for the removal of a rule is bound to. */
export function removeConflictRuleOperation(
  input: Pick<RemoveConflictRuleInput, "ruleId" | "expectedVersion">,
): ProtectedOperation {
  return { kind: "RemoveConflictRule", ruleId: input.ruleId, expectedVersion: input.expectedVersion };
}

/** Removes a rule and its exceptions. It always spends a proof, since what the rule forbade is allowed from then on. */
export function removeConflictRule(
  database: Database,
  caller: Caller,
  input: RemoveConflictRuleInput,
): Promise<OperationResult<{ name: string }>> {
  const attempt = {
    kind: "ConflictRuleRemoved" as const,
    caller,
    justification: input.justification,
    details: { ruleId: input.ruleId },
  };
  return runOperation(database, attempt, async (transaction) => {
    const { entry } = await openConflictRule(transaction, caller, input.ruleId, attempt);
    await lockConflictRules(transaction);
    const rule = await currentConflictRule(transaction, input.ruleId, input.expectedVersion, entry);
    const operation = removeConflictRuleOperation(input);
    const proof = await requireStepUp(transaction, caller, input.proofId, operation, entry);
    const ids = [...rule.firstRoleIds, ...rule.secondRoleIds];
    const roles = await transaction.roleDefinition.findMany({
      where: { id: { in: ids } },
      select: { id: true, roleName: true },
      take: ids.length,
    });
    const ended = await endExceptions(transaction, caller, exceptionsOf.rule(rule.id), "RuleRemoved");
    const names = new Map(roles.map(({ id, roleName }) => [id, roleName]));
    await transaction.conflictRuleRole.deleteMany({ where: { ruleId: rule.id } });
    await transaction.conflictRule.delete({ where: { id: rule.id } });
    await recordAuditEvent(transaction, {
      ...entry,
      outcome: "Success",
      proof,
      details: {
        ...{ ruleId: rule.id, ruleName: rule.name, endedExceptions: ended },
        before: ruleForLog(rule, names),
      },
    });
    return { name: rule.name };
  });
}
