import { type PolicyColumns, policyColumns, settingsOfPolicy } from "@/lib/authority/policy-settings";
import type { RoleSettings } from "@/lib/domain/roles/role-settings";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { advisoryLocks } from "@/lib/platform/sql/advisory-locks";

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
  readonly roleDefinitionId: string;
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
  const rows = await lockRows(
    transaction,
    [roleDefinitionId],
    resources.map(({ id }) => id),
    mode,
  );
  const policyOf = found(rows, (row) => row.resourceId);
  return resources.map((resource) => ({ ...policyOf(resource.id), resource }));
}

/** The settings of one role at one resource, locked as by `lockPolicies`. */
export async function lockPolicy(
  transaction: Transaction,
  roleDefinitionId: string,
  resourceId: string,
  mode: "read" | "edit",
): Promise<LockedPolicy> {
  const rows = await lockRows(transaction, [roleDefinitionId], [resourceId], mode);
  return found(rows, (row) => row.resourceId)(resourceId);
}

/**
 * Waits until no other edit of several roles' settings and no batch is under way, and keeps others out
 * until the transaction ends. It is the edit's first lock, because batches lock settings row by row and
 * not in the order of `lockPoliciesOfRoles`.
 */
export async function editSettingsOfRolesAlone(transaction: Transaction): Promise<void> {
  await transaction.$executeRaw`SELECT pg_advisory_xact_lock(${advisoryLocks.settingsOfRoles})`;
}

/** Keeps edits of several roles' settings away from a batch until the transaction ends. It is the batch's first lock. */
export async function keepEditsOfRolesAway(transaction: Transaction): Promise<void> {
  await transaction.$executeRaw`SELECT pg_advisory_xact_lock_shared(${advisoryLocks.settingsOfRoles})`;
}

/** Locks the settings of several roles at one resource for an edit, in the order of the roles' ids. */
export async function lockPoliciesOfRoles(
  transaction: Transaction,
  roleDefinitionIds: readonly string[],
  resourceId: string,
): Promise<(roleDefinitionId: string) => LockedPolicy> {
  const rows = await lockRows(transaction, roleDefinitionIds, [resourceId], "edit");
  return found(rows, (row) => row.roleDefinitionId);
}

/** A role at a resource. */
export interface RoleAtResource {
  readonly roleDefinitionId: string;
  readonly resourceId: string;
}

/**
 * The settings of any roles at any resources, locked for an edit in the order of resources, then roles.
 * Without `locks` they are only read, and settings that nobody has edited may be missing.
 */
export async function policiesOfPairs(
  transaction: Transaction,
  pairs: readonly RoleAtResource[],
  { locks }: { readonly locks: boolean },
): Promise<(pair: RoleAtResource) => LockedPolicy | null> {
  const asked = Prisma.sql`unnest(${pairs.map((each) => each.resourceId)}::uuid[],
    ${pairs.map((each) => each.roleDefinitionId)}::uuid[]) AS asked (resource_id, role_id)`;
  if (locks)
    await transaction.$executeRaw`
      INSERT INTO role_management_policies (resource_id, role_definition_id)
      SELECT DISTINCT resource_id, role_id FROM ${asked}
      WHERE NOT EXISTS (SELECT FROM role_management_policies p
        WHERE p.resource_id = asked.resource_id AND p.role_definition_id = asked.role_id)
      ORDER BY resource_id, role_id
      ON CONFLICT (resource_id, role_definition_id) DO NOTHING`;
  const rows = await transaction.$queryRaw<PolicyRow[]>`
    SELECT id, resource_id AS "resourceId", role_definition_id AS "roleDefinitionId", version, ${policyColumns}
    FROM role_management_policies
    WHERE (resource_id, role_definition_id) IN (SELECT resource_id, role_id FROM ${asked})
    ORDER BY resource_id, role_definition_id ${locks ? Prisma.sql`FOR UPDATE` : Prisma.empty}`;
  const rowOf = new Map(rows.map((row) => [`${row.resourceId} ${row.roleDefinitionId}`, row]));
  return ({ resourceId, roleDefinitionId }) => {
    const row = rowOf.get(`${resourceId} ${roleDefinitionId}`);
    return row ? { id: row.id, version: row.version, settings: settingsOfPolicy(row) } : null;
  };
}

/** One of the two lists of ids has one id. Locks in the order of resources, then roles. */
async function lockRows(
  transaction: Transaction,
  roleDefinitionIds: readonly string[],
  resourceIds: readonly string[],
  mode: "read" | "edit",
): Promise<PolicyRow[]> {
  const [roles, ids] = [[...new Set(roleDefinitionIds)].sort(), [...new Set(resourceIds)].sort()];
  if (mode === "read" && roles.length === 1)
    return transaction.$queryRaw<PolicyRow[]>`
      SELECT id, resource_id AS "resourceId", role_definition_id AS "roleDefinitionId", version, ${policyColumns}
      FROM lock_role_settings(${roles[0]}::uuid, ${ids}::uuid[])`;
  const lock = mode === "read" ? Prisma.sql`FOR SHARE` : Prisma.sql`FOR UPDATE`;
  const ofRoles =
    roles.length === 1
      ? Prisma.sql`role_definition_id = ${roles[0]}::uuid`
      : Prisma.sql`role_definition_id = ANY (${roles}::uuid[])`;
  const select = () => transaction.$queryRaw<PolicyRow[]>`
    SELECT id, resource_id AS "resourceId", role_definition_id AS "roleDefinitionId", version, ${policyColumns}
    FROM role_management_policies
    WHERE ${ofRoles} AND resource_id = ANY (${ids}::uuid[])
    ORDER BY resource_id, role_definition_id ${lock}`;
  const rows = await select();
  if (rows.length === ids.length * roles.length) return rows;
  await transaction.$executeRaw`
    INSERT INTO role_management_policies (resource_id, role_definition_id)
    SELECT r.id, d.id FROM unnest(${ids}::uuid[]) AS r (id), unnest(${roles}::uuid[]) AS d (id) ORDER BY r.id, d.id
    ON CONFLICT (resource_id, role_definition_id) DO NOTHING`;
  return select();
}

function found(rows: readonly PolicyRow[], keyOf: (row: PolicyRow) => string) {
  const rowOf = new Map(rows.map((row) => [keyOf(row), row]));
  return (key: string): LockedPolicy => {
    const row = rowOf.get(key);
    if (!row) throw new Error("role settings were not locked");
    return { id: row.id, version: row.version, settings: settingsOfPolicy(row) };
  };
}
