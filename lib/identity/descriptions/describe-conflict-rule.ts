import type { ProtectedOperation } from "@/lib/domain/gate/protected-operation";
import { normalConflictRule } from "@/lib/domain/roles/conflict-rule";
import { isolated } from "@/lib/domain/text/visible-text";
import type { OperationDescription } from "@/lib/identity/descriptions/operation-description";
import type { Transaction } from "@/lib/platform/database";

type ChangeOfRule = Extract<
  ProtectedOperation,
  { readonly kind: "UpdateConflictRule" | "RemoveConflictRule" }
>;

/** A conflict rule that is removed or changed: what it forbids now, and what it would forbid. */
export async function describeConflictRule(
  transaction: Transaction,
  operation: ChangeOfRule,
): Promise<OperationDescription | null> {
  const found = await transaction.conflictRule.findUnique({
    where: { id: operation.ruleId },
    select: {
      name: true,
      resource: { select: { displayName: true, scope: true } },
      roles: { select: { side: true, roleDefinitionId: true } },
    },
  });
  if (!found) return null;
  const after = operation.kind === "UpdateConflictRule" ? normalConflictRule(operation.rule) : null;
  const setOf = (side: "First" | "Second") =>
    found.roles.filter((role) => role.side === side).map((role) => role.roleDefinitionId);
  const named = await transaction.roleDefinition.findMany({
    where: {
      id: {
        in: [
          ...setOf("First"),
          ...setOf("Second"),
          ...(after ? [...after.firstRoleIds, ...after.secondRoleIds] : []),
        ],
      },
    },
    select: { id: true, roleName: true },
    take: 80,
  });
  const names = (ids: readonly string[]) =>
    named
      .filter(({ id }) => ids.includes(id))
      .map(({ roleName }) => isolated(roleName))
      .sort()
      .join(", ");
  const change = (before: readonly string[], now: readonly string[] | undefined) =>
    now === undefined || names(before) === names(now) ? names(before) : `${names(before)} → ${names(now)}`;
  const rule = `${isolated(found.name)} on ${isolated(found.resource.displayName)}`;
  return {
    title: after ? `Weaken the conflict rule ${rule}` : `Remove the conflict rule ${rule}`,
    details: [
      { label: "Scope", value: found.resource.scope },
      { label: "Roles", value: change(setOf("First"), after?.firstRoleIds) },
      { label: "Conflict with", value: change(setOf("Second"), after?.secondRoleIds) },
    ],
  };
}
