import { visibleResource } from "@/lib/authority/authority";
import type { OperationResult } from "@/lib/domain/gate/operation-error";
import {
  type ConflictRuleFields,
  conflictLimits,
  normalConflictRule,
} from "@/lib/domain/roles/conflict-rule";
import { action } from "@/lib/domain/roles/permissions";
import { notFound, Refusal, runOperation } from "@/lib/operations/gate/refusal";
import { requirePermission } from "@/lib/operations/gate/require-permission";
import {
  lockConflictRules,
  lockRolesOfRule,
  refuseRuleFaults,
  rolesOfRule,
  ruleForLog,
} from "@/lib/operations/roles/conflict-rules";
import { recordAuditEvent } from "@/lib/platform/audit-log";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";

/**
 * Creates a rule: nobody may hold a role of the first set together with one of the second, at the
 * resource, above it or below it (docs/decisions/conflicting-roles.md). It requires the permission to
 * edit role settings there. People who hold both already keep both. The rule judges only new access.
 */
export function createConflictRule(
  database: Database,
  caller: Caller,
  input: { readonly resourceId: string; readonly rule: ConflictRuleFields },
): Promise<OperationResult<{ ruleId: string }>> {
  const fields = normalConflictRule(input.rule);
  const attempt = {
    kind: "ConflictRuleCreated" as const,
    caller,
    details: { ruleName: fields.name.slice(0, conflictLimits.name) },
  };
  return runOperation(database, attempt, async (transaction) => {
    const resource = await visibleResource(transaction, caller.userId, input.resourceId);
    if (!resource) throw new Refusal(notFound, attempt);
    const entry = { ...attempt, resource };
    await requirePermission(transaction, caller, action.writeRoleSettings, resource, entry);
    const ids = [...fields.firstRoleIds, ...fields.secondRoleIds];
    const names = await lockRolesOfRule(transaction, resource, ids);
    await lockConflictRules(transaction);
    await refuseRuleFaults(transaction, resource, fields, names, null, entry);
    const tooMany = await limitReached(transaction, resource.id);
    if (tooMany) throw new Refusal({ code: "Conflict", message: tooMany }, entry);
    const { name, reason } = fields;
    const { id } = await transaction.conflictRule.create({
      data: { resourceId: resource.id, name, reason, updatedById: caller.userId },
      select: { id: true },
    });
    await transaction.conflictRuleRole.createMany({ data: rolesOfRule(id, fields) });
    await recordAuditEvent(transaction, {
      ...entry,
      outcome: "Success",
      details: { ruleId: id, ruleName: name, after: ruleForLog(fields, names) },
    });
    return { ruleId: id };
  });
}

async function limitReached(transaction: Transaction, resourceId: string): Promise<string | null> {
  if ((await transaction.conflictRule.count({ where: { resourceId } })) >= conflictLimits.atResource)
    return `A resource has at most ${conflictLimits.atResource} rules. Remove one first.`;
  if ((await transaction.conflictRule.count()) >= conflictLimits.inAll)
    return `There are at most ${conflictLimits.inAll} rules in all. Remove one first.`;
  return null;
}
