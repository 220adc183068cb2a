import { sameNameKey } from "@/lib/domain/text/names";
import { isUuid } from "@/lib/domain/text/uuid";
import { isolated } from "@/lib/domain/text/visible-text";
import type { Transaction } from "@/lib/platform/database";
import { lockNames } from "@/lib/platform/sql/name-keys";

/** The key that look-alike names share, as the database computes it. */
export async function skeletonOf(transaction: Transaction, name: string): Promise<string> {
  const [row] = await transaction.$queryRaw<
    { skeleton: string }[]
  >`SELECT name_skeleton(${name}) AS skeleton`;
  return row?.skeleton ?? "";
}

/** Locks a name, and names that look like it, against use for another role until the transaction ends. */
export function lockRoleName(transaction: Transaction, roleName: string, skeleton: string): Promise<void> {
  return lockNames(transaction, "role", [roleName, `looks like ${skeleton}`]);
}

/** The same for several names, in order. */
export async function lockRoleNames(transaction: Transaction, names: readonly string[]): Promise<void> {
  if (names.length === 0) return;
  const rows = await transaction.$queryRaw<{ looks: string }[]>`
    SELECT DISTINCT 'looks like ' || name_skeleton(each) AS looks FROM unnest(${[...names]}::text[]) AS each`;
  await lockNames(transaction, "role", [...names, ...rows.map(({ looks }) => looks)]);
}

/**
 * Why a role cannot have this name; null if it can. Another role has it, has one that looks like it, or
 * has it as its id.
 */
export async function roleNameTaken(
  transaction: Transaction,
  roleName: string,
  skeleton: string,
  ownId: string | null,
): Promise<string | null> {
  const id = sameNameKey(roleName);
  const found = await transaction.$queryRaw<{ roleName: string; roleType: string; same: boolean }[]>`
    SELECT role_name AS "roleName", role_type::text AS "roleType", name_key(role_name) = name_key(${roleName}) AS same
    FROM role_definitions
    WHERE deleted_at IS NULL AND id IS DISTINCT FROM ${ownId}::uuid
      AND (name_key(role_name) = name_key(${roleName}) OR name_skeleton = ${skeleton}
        OR id = ${isUuid(id) ? id : null}::uuid)
    ORDER BY same DESC LIMIT 1`;
  const [taken] = found;
  if (!taken) return null;
  if (taken.same) return "Another role already has this name.";
  if (isUuid(id)) return "Another role has this as its id.";
  return taken.roleType === "BuiltInRole"
    ? `It looks like the built-in role ${isolated(taken.roleName)}. Choose another name.`
    : "Another role's name looks like this one. Choose another name.";
}
