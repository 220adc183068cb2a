import { type ResourceFacts, roleKnownAt } from "@/lib/authority/authority";
import {
  type ConflictRuleFields,
  conflictLimits,
  conflictRuleFaults,
  forbidTheSame,
} from "@/lib/domain/roles/conflict-rule";
import { action } from "@/lib/domain/roles/permissions";
import { sameNameKey } from "@/lib/domain/text/names";
import { isolated } from "@/lib/domain/text/visible-text";
import { notFound, Refusal } from "@/lib/operations/gate/refusal";
import { requirePermission } from "@/lib/operations/gate/require-permission";
import type { AuditEntry } from "@/lib/platform/audit-log";
import type { Actor } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { advisoryLocks } from "@/lib/platform/sql/advisory-locks";

type Entry = Omit<AuditEntry, "outcome">;

/** A conflict rule as it is stored. */
export interface StoredConflictRule extends ConflictRuleFields {
  readonly id: string;
  readonly version: number;
  readonly resource: ResourceFacts;
}

/**
 * Locks the set of all rules. That waits for active access that is being given, and later access waits
 * for this change. Called after the roles are locked and before a proof is spent.
 */
export async function lockConflictRules(transaction: Transaction): Promise<void> {
  await transaction.$queryRaw`SELECT pg_advisory_xact_lock(${advisoryLocks.conflictRules}::bigint)::text`;
}

async function storedRule(transaction: Transaction, ruleId: string): Promise<StoredConflictRule | null> {
  const found = await transaction.conflictRule.findUnique({
    where: { id: ruleId },
    include: { roles: true, resource: true },
  });
  if (!found) return null;
  const setOf = (side: "First" | "Second") =>
    found.roles
      .filter((role) => role.side === side)
      .map((role) => role.roleDefinitionId)
      .sort();
  const { id, name, reason, version, resource } = found;
  return {
    id,
    name,
    reason,
    version,
    resource,
    firstRoleIds: setOf("First"),
    secondRoleIds: setOf("Second"),
  };
}

/** Opens a rule for a change. Refuses an unknown one, and callers who may not edit role settings at its resource. */
export async function openConflictRule<Attempt extends Entry>(
  transaction: Transaction,
  caller: Actor,
  ruleId: string,
  attempt: Attempt,
) {
  const rule = await storedRule(transaction, ruleId);
  if (!rule) throw new Refusal(notFound, attempt);
  const details = { ruleId: rule.id, ruleName: rule.name };
  const entry = { ...attempt, resource: rule.resource, details: { ...attempt.details, ...details } };
  await requirePermission(transaction, caller, action.writeRoleSettings, rule.resource, entry);
  return { entry };
}

/** The locked rule. Refuses a change that is based on an older version, and says who made the newer one. */
export async function currentConflictRule(
  transaction: Transaction,
  ruleId: string,
  expectedVersion: number,
  entry: Entry,
): Promise<StoredConflictRule> {
  const rule = await storedRule(transaction, ruleId);
  if (!rule) {
    const message = "Somebody else removed this rule. Reload the page.";
    throw new Refusal({ code: "StaleEdit", message }, entry);
  }
  if (rule.version === expectedVersion) return rule;
  const { updatedBy } = await transaction.conflictRule.findUniqueOrThrow({
    where: { id: ruleId },
    select: { updatedBy: { select: { displayName: true } } },
  });
  const who = updatedBy ? isolated(updatedBy.displayName) : "Somebody else";
  const message = `${who} changed this rule after you opened it. Reload the page to see it as it is now.`;
  throw new Refusal({ code: "StaleEdit", message }, entry);
}

/**
 * Locks the roles of a rule against being deleted, and returns their names; null for a role that is
 * unknown here.
 */
export async function lockRolesOfRule(
  transaction: Transaction,
  resource: Pick<ResourceFacts, "id">,
  ids: readonly string[],
): Promise<ReadonlyMap<string, string>> {
  const rows = await transaction.$queryRaw<{ id: string; roleName: string }[]>`
    SELECT d.id, d.role_name AS "roleName" FROM role_definitions d
    WHERE d.id = ANY (${[...ids]}::uuid[]) AND d.deleted_at IS NULL AND ${roleKnownAt("d", resource.id)}
    ORDER BY d.id FOR KEY SHARE OF d`;
  return new Map(rows.map(({ id, roleName }) => [id, roleName]));
}

/**
 * Refuses invalid fields, unknown roles, a name that another rule of the resource has, and a rule that
 * forbids the same as another one there.
 */
export async function refuseRuleFaults(
  transaction: Transaction,
  resource: ResourceFacts,
  fields: ConflictRuleFields,
  known: ReadonlyMap<string, string>,
  ownId: string | null,
  entry: Entry,
): Promise<void> {
  const faults = conflictRuleFaults(fields);
  for (const field of ["firstRoleIds", "secondRoleIds"] as const)
    if (fields[field].some((id) => !known.has(id)))
      faults.push({
        field,
        message: "One of the roles no longer exists here. Choose the roles again.",
      });
  const others = await transaction.conflictRule.findMany({
    where: { resourceId: resource.id, ...(ownId === null ? {} : { id: { not: ownId } }) },
    include: { roles: true },
    take: conflictLimits.atResource,
  });
  if (others.some(({ name }) => sameNameKey(name) === sameNameKey(fields.name)))
    faults.push({ field: "name", message: "Another rule of this resource has this name." });
  const same = others.find(({ roles }) =>
    forbidTheSame(fields, {
      firstRoleIds: roles.filter(({ side }) => side === "First").map((role) => role.roleDefinitionId),
      secondRoleIds: roles.filter(({ side }) => side === "Second").map((role) => role.roleDefinitionId),
    }),
  );
  if (same && faults.length === 0)
    faults.push({ field: "secondRoleIds", message: `The rule ${isolated(same.name)} already forbids this.` });
  if (faults.length > 0) throw new Refusal({ code: "InvalidInput", faults }, entry);
}

/** A rule as the log shows it. */
export function ruleForLog(fields: ConflictRuleFields, names: ReadonlyMap<string, string>) {
  const named = (ids: readonly string[]) => ids.map((id) => names.get(id) ?? id).sort();
  return {
    name: fields.name,
    reason: fields.reason,
    firstRoles: named(fields.firstRoleIds),
    secondRoles: named(fields.secondRoleIds),
  };
}

/** The roles of a rule as rows. */
export function rolesOfRule(ruleId: string, fields: ConflictRuleFields) {
  return (["First", "Second"] as const).flatMap((side) =>
    (side === "First" ? fields.firstRoleIds : fields.secondRoleIds).map((roleDefinitionId) => ({
      ...{ ruleId, roleDefinitionId, side },
    })),
  );
}
