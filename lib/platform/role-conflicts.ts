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

/** Of more people than this, conflicts are found by joining whole sets. */
const fewPeople = 500;

/** What of these changes breaks one of these rules (`role_conflicts`, in the database). Locks nothing. */
export async function findRoleConflicts(
  client: Pick<Transaction, "$queryRaw">,
  ruleIds: readonly string[],
  given: readonly GivenAccess[],
  joining: readonly Joining[],
  replacedId: string | null,
): Promise<(RoleConflict & { readonly change: number })[]> {
  const ids = [...given.map(({ principalId }) => principalId), ...joining.map(({ memberId }) => memberId)];
  const [many] = await client.$queryRaw<object[]>`
    SELECT FROM principals_and_members_below(${ids}::uuid[]) OFFSET ${fewPeople} LIMIT 1`;
  // The planner cannot know how many people there are, and would compare each with each.
  const before = many ? await withoutNestedLoops(client) : null;
  const starts = given.map(({ schedule }) => schedule.startsAt.toISOString());
  const ends = given.map(({ schedule }) => schedule.endsAt?.toISOString() ?? null);
  const found = await client.$queryRaw<(RoleConflict & { readonly change: number })[]>`
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
  if (before !== null) await client.$queryRaw`SELECT set_config('enable_nestloop', ${before}, true)`;
  return found;
}

/** Keeps the planner from nested loops until the transaction ends or the returned setting is set again. */
async function withoutNestedLoops(client: Pick<Transaction, "$queryRaw">): Promise<string> {
  const [setting] = await client.$queryRaw<{ before: string }[]>`
    WITH s AS MATERIALIZED (SELECT current_setting('enable_nestloop') AS before)
    SELECT s.before, set_config('enable_nestloop', 'off', true) FROM s`;
  return setting?.before ?? "on";
}
