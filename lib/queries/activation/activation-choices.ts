import { settingsOfPolicy } from "@/lib/authority/policy-settings";
import {
  type ActivationRules,
  activationRules,
  defaultRoleSettings,
  type RoleSettings,
  strictest,
} from "@/lib/domain/roles/role-settings";
import { containing } from "@/lib/domain/search/like-pattern";
import type { Caller } from "@/lib/platform/caller";
import type { Database } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import type { RoleManagementPolicyModel } from "@/lib/platform/generated/models";
import { pathBelow } from "@/lib/platform/sql/path-below";
import { readOnce } from "@/lib/platform/transaction";
import { eligibleRows } from "@/lib/queries/activation/my-roles";

export interface ActivationChoice {
  readonly id: string;
  readonly displayName: string;
  readonly scope: string;
  readonly settings: ActivationRules;
}

/**
 * The scopes at which an eligibility may be activated: its own, then the chosen one, then those below that match the
 * search, by path; at most fifty. Each has the settings in force there: the strictest of every level between. Empty
 * if the eligibility is not the caller's.
 */
export function activationChoices(
  database: Database,
  caller: Caller,
  asked: { readonly eligibilityId: string; readonly search: string; readonly chosenId: string },
): Promise<ActivationChoice[]> {
  return readOnce(database, async (transaction) => {
    const [mine] = await eligibleRows(
      transaction,
      caller,
      Prisma.sql`e.id = ${asked.eligibilityId}::uuid`,
      1,
    );
    if (!mine) return [];
    const pattern = containing(asked.search);
    const rows = await transaction.$queryRaw<
      { id: string; displayName: string; scope: string; levels: string[] }[]
    >`
      SELECT r.id, r.display_name AS "displayName", r.scope,
        (path_ids(r.path))[array_position(path_ids(r.path), top.id):] AS levels FROM resources r
      JOIN resources top ON top.id = ${mine.resourceId}::uuid
      WHERE r.id = top.id OR (${pathBelow("r.path", "top.path")}
        AND (r.id = ${asked.chosenId}::uuid OR (r.display_name || ' ' || r.scope) ILIKE ${pattern}))
      ORDER BY r.id = top.id DESC, r.id = ${asked.chosenId}::uuid DESC, r.path LIMIT 50`;
    const policies = await transaction.roleManagementPolicy.findMany({
      where: {
        roleDefinitionId: mine.roleDefinitionId,
        resourceId: { in: rows.flatMap(({ levels }) => levels) },
      },
    });
    const settingsAt = (resourceId: string) =>
      settingsOf(policies.find((each) => each.resourceId === resourceId));
    return rows.map(({ levels, ...row }) => ({
      ...row,
      settings: activationRules(strictest(levels.map(settingsAt))),
    }));
  });
}

/** The settings of a policy row; the built-in default if there is none. */
function settingsOf(policy: RoleManagementPolicyModel | undefined): RoleSettings {
  return policy ? settingsOfPolicy(policy) : defaultRoleSettings;
}

/**
 * The settings in force for each of several activations, in the order asked, at most twenty-five. Null for one that
 * the caller is not eligible for there.
 */
export function settingsOfSeveral(
  database: Database,
  caller: Caller,
  items: readonly { readonly eligibilityId: string; readonly resourceId: string }[],
): Promise<(ActivationRules | null)[]> {
  return readOnce(database, async (transaction) => {
    const asked = items.slice(0, 25);
    const rows = await transaction.$queryRaw<
      { position: bigint; roleDefinitionId: string; levels: string[] }[]
    >`
      SELECT asked.position, e.role_definition_id AS "roleDefinitionId",
        (path_ids(r.path))[array_position(path_ids(r.path), e.resource_id):] AS levels
      FROM unnest(${asked.map((item) => item.eligibilityId)}::uuid[], ${asked.map((item) => item.resourceId)}::uuid[])
        WITH ORDINALITY AS asked (eligibility_id, resource_id, position)
      JOIN current_eligibilities(${caller.userId}::uuid, postern_now()) e ON e.id = asked.eligibility_id
      JOIN resources r ON r.id = asked.resource_id AND e.resource_id = ANY (path_ids(r.path))`;
    const policies = await transaction.roleManagementPolicy.findMany({
      where: {
        roleDefinitionId: { in: rows.map((row) => row.roleDefinitionId) },
        resourceId: { in: rows.flatMap(({ levels }) => levels) },
      },
    });
    const settingsAt = (roleDefinitionId: string, resourceId: string) =>
      settingsOf(
        policies.find((each) => each.roleDefinitionId === roleDefinitionId && each.resourceId === resourceId),
      );
    return asked.map((_item, index) => {
      const row = rows.find((each) => Number(each.position) === index + 1);
      if (!row) return null;
      const { roleDefinitionId, levels } = row;
      return activationRules(strictest(levels.map((id) => settingsAt(roleDefinitionId, id))));
    });
  });
}
