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

/** Somebody who is about to be in a group or, without one, to be enabled. */
export interface Joining {
  readonly groupId: string | null;
  readonly memberId: string;
}

/** Existing access, and the resources whose rules begin to judge it. Rules that judged it already are ignored. */
export interface StandingAccess {
  readonly given: readonly GivenAccess[];
  readonly rulesAt: readonly string[];
}

/** A conflict, and the change that would cause it, counted from 0: first the access given, then the people who join. */
export type FoundConflict = RoleConflict & { readonly change: number };

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

/** A resource that is to be moved: its path, its new path, and the assignments that end with the move. */
export interface MovedPath {
  readonly from: string;
  readonly to: string;
  readonly endedIds: readonly string[];
}

/**
 * Which of these changes breaks one of these rules (`role_conflicts_if_moved`, in the database), with the tree
 * as it is, or as it would be after a move. Takes no locks.
 */
export async function findRoleConflicts(
  client: Pick<Transaction, "$queryRaw">,
  ruleIds: readonly string[],
  given: readonly GivenAccess[],
  joining: readonly Joining[],
  replacedId: string | null,
  moved: MovedPath | null = null,
): Promise<FoundConflict[]> {
  const starts = given.map(({ schedule }) => schedule.startsAt.toISOString());
  const ends = given.map(({ schedule }) => schedule.endsAt?.toISOString() ?? null);
  return client.$queryRaw<FoundConflict[]>`
    SELECT c.number - 1 AS change, c.rule_id AS "ruleId", c.rule_name AS "ruleName", c.people, c.person_id AS "personId",
      c.person_name AS "personName", c.role_name AS "roleName", c.held_role_name AS "heldRoleName",
      c.held_resource_name AS "heldResourceName", c.held_through AS "heldThrough", c.held_from AS "heldFrom",
      c.held_until AS "heldUntil", c.excepted_until AS "exceptedUntil"
    FROM role_conflicts_if_moved(${[...ruleIds]}::uuid[],
      ${given.map(({ principalId }) => principalId)}::uuid[],
      ${given.map(({ roleDefinitionId }) => roleDefinitionId)}::uuid[],
      ${given.map(({ resourceId }) => resourceId)}::uuid[],
      ${starts}::timestamptz[], ${ends}::timestamptz[],
      ${joining.map(({ groupId }) => groupId)}::uuid[], ${joining.map(({ memberId }) => memberId)}::uuid[],
      ${replacedId}::uuid, ${moved?.from ?? null}::text, ${moved?.to ?? null}::text,
      ${moved ? [...moved.endedIds] : null}::uuid[]) c`;
}

/**
 * The new conflicts. Existing access counts only against rules that begin to judge it. `given` is how many of
 * the changes are new access; those after it exist already.
 */
export async function conflictsThatBegin<Found extends FoundConflict>(
  client: Pick<Transaction, "$queryRaw">,
  found: readonly Found[],
  given: number,
  standing: StandingAccess,
): Promise<Found[]> {
  if (found.length === 0) return [];
  const begun = await client.$queryRaw<{ id: string }[]>`
    SELECT id FROM conflict_rules WHERE resource_id = ANY (${[...standing.rulesAt]}::uuid[])`;
  const begins = new Set(begun.map(({ id }) => id));
  const stands = (change: number) => change >= given && change < given + standing.given.length;
  return found.filter(({ change, ruleId }) => !stands(change) || begins.has(ruleId));
}
