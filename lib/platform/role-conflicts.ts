import type { RoleConflict } from "@/lib/domain/roles/conflict-rule";
import type { Schedule } from "@/lib/domain/time/schedule";
import type { Transaction } from "@/lib/platform/database";

/** Active access that somebody is about to get. */
export interface GivenAccess {
  readonly principalId: string;
  readonly roleDefinitionId: string;
  readonly resourceId: string;
  readonly schedule: Schedule;
}

/** Somebody who is about to be in a group, or, without one, to be enabled. */
export interface Joining {
  readonly groupId: string | null;
  readonly memberId: string;
}

/** The rules that may forbid access to these roles; all, if memberships change. Locks nothing. */
export async function rulesNaming(
  client: Pick<Transaction, "$queryRaw">,
  roleDefinitionIds: readonly string[],
  memberships: boolean,
): Promise<string[]> {
  const rows = memberships
    ? await client.$queryRaw<{ id: string }[]>`SELECT id FROM conflict_rules`
    : await client.$queryRaw<{ id: string }[]>`
        SELECT DISTINCT rule_id AS id FROM conflict_rule_roles
        WHERE role_definition_id = ANY (${[...roleDefinitionIds]}::uuid[])`;
  return rows.map(({ id }) => id);
}

/** What of these changes breaks one of these rules (`role_conflicts`, in the database). Locks nothing. */
export async function findRoleConflicts(
  client: Pick<Transaction, "$queryRaw">,
  ruleIds: readonly string[],
  given: readonly GivenAccess[],
  joining: readonly Joining[],
  replacedId: string | null,
): Promise<(RoleConflict & { readonly change: number })[]> {
  const starts = given.map(({ schedule }) => schedule.startsAt.toISOString());
  const ends = given.map(({ schedule }) => schedule.endsAt?.toISOString() ?? null);
  return client.$queryRaw<(RoleConflict & { readonly change: number })[]>`
    SELECT c.number - 1 AS change, c.rule_id AS "ruleId", c.rule_name AS "ruleName", c.people, c.person_id AS "personId",
      c.person_name AS "personName", c.role_name AS "roleName", c.held_role_name AS "heldRoleName",
      c.held_resource_name AS "heldResourceName", c.held_through AS "heldThrough", c.held_from AS "heldFrom",
      c.held_until AS "heldUntil", c.excepted_until AS "exceptedUntil"
    FROM role_conflicts(${[...ruleIds]}::uuid[],
      ${given.map(({ principalId }) => principalId)}::uuid[],
      ${given.map(({ roleDefinitionId }) => roleDefinitionId)}::uuid[],
      ${given.map(({ resourceId }) => resourceId)}::uuid[],
      ${starts}::timestamptz[], ${ends}::timestamptz[],
      ${joining.map(({ groupId }) => groupId)}::uuid[], ${joining.map(({ memberId }) => memberId)}::uuid[],
      ${replacedId}::uuid) c`;
}
