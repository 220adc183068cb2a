import type { OperationError } from "@/lib/domain/gate/operation-error";
import { conflictMessage, conflictWithin } from "@/lib/domain/roles/conflict-rule";
import { addMinutes, type Schedule } from "@/lib/domain/time/schedule";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { findRoleConflicts, type GivenAccess, rulesNaming } from "@/lib/platform/role-conflicts";

/**
 * The refusal of a time at which a role conflicts with what the caller holds. Reads one index if no rule names the
 * role.
 */
export async function conflictRefusal(
  transaction: Transaction,
  { userId }: Caller,
  time: { readonly roleDefinitionId: string; readonly resourceId: string; readonly schedule: Schedule },
): Promise<OperationError | null> {
  const rules = await rulesNaming(transaction, [time.roleDefinitionId], false);
  if (rules.length === 0) return null;
  const given = { principalId: userId, ...time };
  const conflicts = await findRoleConflicts(transaction, rules, [given], [], null);
  if (conflicts.length === 0) return null;
  const message = conflictMessage(conflicts, { caller: userId, personal: [userId] });
  return { code: "RoleAssignmentConflict", message, exceptions: [] };
}

/** A role that would be activated now; null for one that cannot be. */
type Beginning = {
  readonly roleDefinitionId: string;
  readonly resourceId: string;
  readonly now: Date;
} | null;

/**
 * Why each of several activations, if it began now, would conflict with what the caller holds, or with an earlier one
 * of them that conflicts with nothing. Null if it would not. Reads one index if no rule names their roles.
 */
export async function conflictsOfSeveral(
  transaction: Transaction,
  { userId }: Caller,
  several: readonly Beginning[],
): Promise<(string | null)[]> {
  const none = several.map(() => null);
  const roles = several.flatMap((each) => (each ? [each.roleDefinitionId] : []));
  const rules = roles.length > 0 ? await rulesNaming(transaction, [...new Set(roles)], false) : [];
  if (rules.length === 0) return none;
  const given = several.flatMap((each, index) => (each ? [{ index, access: beginning(userId, each) }] : []));
  const find = (some: readonly GivenAccess[]) => findRoleConflicts(transaction, rules, some, [], null);
  const doubtful = new Set((await find(given.map(({ access }) => access))).map(({ change }) => change));
  const refused = new Map<number, string>();
  const standing: GivenAccess[] = [];
  for (const [number, { index, access }] of given.entries()) {
    if (!doubtful.has(number)) continue;
    const held = await find([access]);
    const within = held.length > 0 ? [] : await find([...standing, access]);
    const own = within.filter(({ change }) => change === standing.length);
    if (held.length > 0) refused.set(index, conflictMessage(held, { caller: userId, personal: [userId] }));
    else if (own.length > 0) refused.set(index, conflictWithin(own));
    else standing.push(access);
  }
  return several.map((_each, index) => refused.get(index) ?? null);
}

function beginning(principalId: string, { now, ...place }: NonNullable<Beginning>): GivenAccess {
  return { principalId, ...place, schedule: { startsAt: now, endsAt: addMinutes(now, 1) } };
}
