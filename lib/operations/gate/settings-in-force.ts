import type { ResourceFacts } from "@/lib/authority/authority";
import { activationLevels, judgesAssignments } from "@/lib/domain/gate/levels-in-force";
import { idsOnPath } from "@/lib/domain/resources/resource-path";
import { type RoleSettings, strictest } from "@/lib/domain/roles/role-settings";
import { lockPolicies } from "@/lib/operations/gate/lock-policy";
import type { Transaction } from "@/lib/platform/database";
import { Outdated } from "@/lib/platform/recheck";

/**
 * The settings that judge an activation: the strictest, rule by rule, of every level from the eligibility's resource
 * down to the chosen one (docs/rules.md, rule 4). Locks all of them against edits until the transaction ends,
 * including those that nobody has edited.
 */
export async function lockActivationSettings(
  transaction: Transaction,
  roleDefinitionId: string,
  eligibilityResourceId: string,
  chosen: Pick<ResourceFacts, "id" | "path">,
): Promise<RoleSettings> {
  const levels = activationLevels(idsOnPath(chosen.path), eligibilityResourceId);
  const policies = await lockInPlace(transaction, roleDefinitionId, chosen, levels);
  return strictest(policies.map(({ settings }) => settings));
}

/**
 * The settings that judge a direct or eligible assignment: the strictest, rule by rule, of its own level and of every
 * level above that was ever edited for this role (docs/rules.md, rule 4). Locks all levels, so that a first edit
 * above waits as well.
 */
export async function lockAssignmentSettings(
  transaction: Transaction,
  roleDefinitionId: string,
  resource: Pick<ResourceFacts, "id" | "path">,
): Promise<RoleSettings> {
  const policies = await lockInPlace(transaction, roleDefinitionId, resource, idsOnPath(resource.path));
  const counting = policies.filter(({ version, resource: { id } }) =>
    judgesAssignments({ resourceId: id, version }, resource.id),
  );
  return strictest(counting.map(({ settings }) => settings));
}

/**
 * Keeps every resource where it is until the transaction ends, then locks the settings at these levels of its path. If this
 * one was moved since it was read, what it was judged by is outdated: the transaction runs again.
 */
async function lockInPlace(
  transaction: Transaction,
  roleDefinitionId: string,
  { id, path }: Pick<ResourceFacts, "id" | "path">,
  resourceIds: readonly string[],
) {
  const levels = resourceIds.map((each) => ({ id: each }));
  // Sent together, and run in this order.
  const [[row], policies] = await Promise.all([
    transaction.$queryRaw<{ path: string }[]>`SELECT lock_tree_shape(${id}::uuid) AS path`,
    lockPolicies(transaction, roleDefinitionId, levels, "read"),
  ]);
  if (row?.path !== path) throw new Outdated();
  return policies;
}
