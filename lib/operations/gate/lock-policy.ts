import { type PolicyColumns, policyColumns, settingsOfPolicy } from "@/lib/authority/policy-settings";
import type { RoleSettings } from "@/lib/domain/roles/role-settings";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

/** The role settings in force, with the version that an edit must name. */
export interface LockedPolicy {
  readonly id: string;
  readonly version: number;
  readonly settings: RoleSettings;
}

interface PolicyRow extends PolicyColumns {
  readonly id: string;
  readonly version: number;
  readonly resourceId: string;
}

/**
 * Locks the settings of one role at several resources until the transaction ends, so that they are in force when it
 * commits (docs/rules.md, rule 4). Readers share the lock and keep edits waiting; an edit locks alone. Creates
 * missing rows, so that there is something to lock. Locks in the order of the resources' ids; answers in the order of
 * `resources`.
 */
export async function lockPolicies<Resource extends { readonly id: string }>(
  transaction: Transaction,
  roleDefinitionId: string,
  resources: readonly Resource[],
  mode: "read" | "edit",
): Promise<(LockedPolicy & { readonly resource: Resource })[]> {
  const policyOf = await lockRows(
    transaction,
    roleDefinitionId,
    resources.map(({ id }) => id),
    mode,
  );
  return resources.map((resource) => ({ ...policyOf(resource.id), resource }));
}

/** The settings of one role at one resource, locked as by `lockPolicies`. */
export async function lockPolicy(
  transaction: Transaction,
  roleDefinitionId: string,
  resourceId: string,
  mode: "read" | "edit",
): Promise<LockedPolicy> {
  return (await lockRows(transaction, roleDefinitionId, [resourceId], mode))(resourceId);
}

async function lockRows(
  transaction: Transaction,
  roleDefinitionId: string,
  resourceIds: readonly string[],
  mode: "read" | "edit",
): Promise<(resourceId: string) => LockedPolicy> {
  const ids = [...new Set(resourceIds)].sort();
  const lock = mode === "read" ? Prisma.sql`FOR SHARE` : Prisma.sql`FOR UPDATE`;
  const select = () => transaction.$queryRaw<PolicyRow[]>`
    SELECT id, resource_id AS "resourceId", version, ${policyColumns}
    FROM role_management_policies
    WHERE role_definition_id = ${roleDefinitionId}::uuid AND resource_id = ANY (${ids}::uuid[])
    ORDER BY resource_id ${lock}`;
  let rows = await select();
  if (rows.length < ids.length) {
    await transaction.$executeRaw`
      INSERT INTO role_management_policies (resource_id, role_definition_id)
      SELECT id, ${roleDefinitionId}::uuid FROM unnest(${ids}::uuid[]) AS r (id) ORDER BY id
      ON CONFLICT (resource_id, role_definition_id) DO NOTHING`;
    rows = await select();
  }
  const rowOf = new Map(rows.map((row) => [row.resourceId, row]));
  return (resourceId) => {
    const row = rowOf.get(resourceId);
    if (!row) throw new Error("role settings were not locked");
    return { id: row.id, version: row.version, settings: settingsOfPolicy(row) };
  };
}
