import { type ResourceFacts, rootResource } from "@/lib/authority/authority";
import {
  disablingLosesLastOwner,
  ownerRoleId,
  type RootOwner,
  wouldLoseLastOwner,
} from "@/lib/domain/gate/last-owner";
import type { Schedule } from "@/lib/domain/time/schedule";
import type { Transaction } from "@/lib/platform/database";

/**
 * Whether a change of an assignment would remove the last Owner (docs/rules.md, rule 11). Locks the root resource, so
 * that two Owners cannot remove each other at once. Costs nothing for any other role or scope.
 */
export async function removesLastOwner(
  transaction: Transaction,
  access: { readonly id: string; readonly roleDefinitionId: string },
  resource: ResourceFacts,
  after: Schedule | null,
  now: Date,
): Promise<boolean> {
  if (resource.parentId !== null || access.roleDefinitionId !== ownerRoleId) return false;
  return wouldLoseLastOwner(await lockedRootOwners(transaction, resource.id), access.id, after, now);
}

/**
 * Whether disabling a principal would remove the last Owner. Only users who hold Owner themselves count, so no change
 * of a group matters. Locks the root resource as well.
 */
export async function disablingRemovesLastOwner(
  transaction: Transaction,
  principalId: string,
  now: Date,
): Promise<boolean> {
  const root = await rootResource(transaction);
  return disablingLosesLastOwner(await lockedRootOwners(transaction, root.id), principalId, now);
}

async function lockedRootOwners(transaction: Transaction, rootId: string): Promise<RootOwner[]> {
  await transaction.$queryRaw`SELECT id FROM resources WHERE id = ${rootId}::uuid FOR NO KEY UPDATE`;
  return transaction.$queryRaw<RootOwner[]>`
    SELECT a.id AS "assignmentId", a.principal_id AS "principalId", a.starts_at AS "startsAt", a.ends_at AS "endsAt"
    FROM assignments a JOIN principals p ON p.id = a.principal_id
    WHERE a.resource_id = ${rootId}::uuid AND a.role_definition_id = ${ownerRoleId}::uuid
      AND a.assignment_type = 'Assigned' AND a.ends_at IS NULL
      AND p.type = 'User' AND p.disabled_at IS NULL`;
}
