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
  await keepInPlace(transaction, chosen);
  const levels = activationLevels(idsOnPath(chosen.path), eligibilityResourceId);
  return strictest((await lockLevels(transaction, roleDefinitionId, levels)).map(({ settings }) => settings));
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
  await keepInPlace(transaction, resource);
  const policies = await lockLevels(transaction, roleDefinitionId, idsOnPath(resource.path));
  const counting = policies.filter(({ version, resource: { id } }) =>
    judgesAssignments({ resourceId: id, version }, resource.id),
  );
  return strictest(counting.map(({ settings }) => settings));
}

/**
 * Keeps every resource where it is until the transaction ends. If this one was moved since it was read,
 * the settings that judged it are outdated, and the transaction runs again.
 */
async function keepInPlace(
  transaction: Transaction,
  { id, path }: Pick<ResourceFacts, "id" | "path">,
): Promise<void> {
  const [row] = await transaction.$queryRaw<{ path: string }[]>`SELECT lock_tree_shape(${id}::uuid) AS path`;
  if (row?.path !== path) throw new Outdated();
}

function lockLevels(transaction: Transaction, roleDefinitionId: string, resourceIds: readonly string[]) {
  const levels = resourceIds.map((id) => ({ id }));
  return lockPolicies(transaction, roleDefinitionId, levels, "read");
}
