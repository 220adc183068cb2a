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
 * The settings of one role at several resources, locked until the transaction ends, so that they stay those in force
 * when it commits (design section 2, rule 4). A reader's lock lets other readers through and keeps an edit waiting; an
 * editor's lets nobody through. Makes the row where none was, so that there is something to lock. In the order of the
 * resources' ids, the first locks that any verb takes.
 */
export async function lockPolicies(
  transaction: Transaction,
  roleDefinitionId: string,
  resourceIds: readonly string[],
  mode: "read" | "edit",
): Promise<Map<string, LockedPolicy>> {
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
  return new Map(
    rows.map((row) => [
      row.resourceId,
      { id: row.id, version: row.version, settings: settingsOfPolicy(row) },
    ]),
  );
}
