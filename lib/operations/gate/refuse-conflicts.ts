import { exceptionsToAsk } from "@/lib/authority/exception-authority";
import { permissionsUntilCommit } from "@/lib/authority/rights-until-commit";
import { conflictMessage, type RoleConflict } from "@/lib/domain/roles/conflict-rule";
import type { Schedule } from "@/lib/domain/time/schedule";
import { Refusal } from "@/lib/operations/gate/refusal";
import type { AuditEntry } from "@/lib/platform/audit-log";
import type { Transaction } from "@/lib/platform/database";
import {
  conflictsThatBegin,
  type FoundConflict,
  findRoleConflicts,
  type GivenAccess,
  type Joining,
  rulesNaming,
  type StandingAccess,
} from "@/lib/platform/role-conflicts";

/** Active access that is about to exist, all of it judged together. */
export interface AccessToCome {
  readonly given?: readonly GivenAccess[];
  readonly joining?: readonly Joining[];
  /** The eligibility or assignment that this changes or replaces. It does not count, nor do its activations. */
  readonly replacedId?: string | null;
  readonly standing?: StandingAccess;
}

/**
 * The conflicts that active access would cause (docs/decisions/conflicting-roles.md). Locks what
 * decides: until the transaction ends, no other access of these people, no membership and no rule
 * changes the answer. Called before the access is written, after everything else that decides is
 * locked. If no rule names the roles, it costs one read of an index.
 */
export async function conflictsOf(
  transaction: Transaction,
  { given = [], joining = [], replacedId = null, standing }: AccessToCome,
): Promise<FoundConflict[]> {
  const all = [...given, ...(standing?.given ?? [])];
  if (all.length === 0 && joining.length === 0) return [];
  const rules = await lockConflicts(transaction, all, joining);
  if (rules.length === 0) return [];
  const found = await findRoleConflicts(transaction, rules, all, joining, replacedId);
  return standing ? conflictsThatBegin(transaction, found, given.length, standing) : found;
}

const rolesOf = (given: readonly GivenAccess[]) => [
  ...new Set(given.map(({ roleDefinitionId }) => roleDefinitionId)),
];

/** Locks what decides about access that is about to exist, and returns the rules that may forbid it. */
async function lockConflicts(
  transaction: Transaction,
  given: readonly GivenAccess[],
  joining: readonly Joining[],
): Promise<readonly string[]> {
  const holders = [...new Set(given.map(({ principalId }) => principalId))];
  const [locked] = await transaction.$queryRaw<{ rules: string[] }[]>`
    SELECT lock_role_conflicts(${rolesOf(given)}::uuid[], ${holders}::uuid[], ${joining.length > 0}) AS rules`;
  return locked?.rules ?? [];
}

/** Refuses active access that would give somebody conflicting roles, with every conflict. */
export async function refuseConflicts(
  transaction: Transaction,
  callerId: string | null,
  coming: AccessToCome,
  entry: Omit<AuditEntry, "outcome">,
): Promise<void> {
  await refuseFoundConflicts(transaction, callerId, coming, await conflictsOf(transaction, coming), entry);
}

/** The same, with the conflicts that `conflictsOf` found. */
export async function refuseFoundConflicts(
  transaction: Transaction,
  callerId: string | null,
  coming: AccessToCome,
  conflicts: readonly FoundConflict[],
  entry: Omit<AuditEntry, "outcome">,
): Promise<void> {
  if (conflicts.length === 0) return;
  const personal = [
    ...(coming.given ?? []).map(({ principalId }) => principalId),
    ...(coming.joining ?? []).map(({ memberId }) => memberId),
    ...(coming.standing?.given ?? []).map(({ principalId }) => principalId),
  ];
  const message = conflictMessage(conflicts, { caller: callerId, personal });
  const rules = [...new Set(conflicts.map(({ ruleName }) => ruleName))];
  const exceptions =
    callerId === null
      ? []
      : await exceptionsToAsk(transaction, callerId, conflicts, personal, (places) =>
          permissionsUntilCommit(transaction, callerId, places),
        );
  throw new Refusal(
    { code: "RoleAssignmentConflict", message, exceptions },
    { ...entry, details: { ...entry.details, conflictRules: rules } },
  );
}

/** How many conflicting changes are judged one after the other. Further ones are refused without that. */
const inOrderAtMost = 300;

/**
 * The conflicts of changes that are made one after the other, by change: an earlier change wins.
 * Changes without conflict are judged together. The order matters only among the others, since of two
 * changes that conflict with each other both are found. `locks` is false if nothing is written.
 */
export async function conflictsInOrder(
  transaction: Transaction,
  changes: readonly { readonly given?: GivenAccess; readonly joining?: Joining }[],
  { locks }: { readonly locks: boolean },
): Promise<Map<number, readonly RoleConflict[]>> {
  const given = changes.flatMap((change) => change.given ?? []);
  const joining = changes.flatMap((change) => change.joining ?? []);
  const refused = new Map<number, readonly RoleConflict[]>();
  if (changes.length === 0) return refused;
  const rules = locks
    ? await lockConflicts(transaction, given, joining)
    : await rulesNaming(transaction, rolesOf(given), joining.length > 0);
  if (rules.length === 0) return refused;
  const find = (some: readonly (typeof changes)[number][]) =>
    findRoleConflicts(
      transaction,
      rules,
      some.flatMap((change) => change.given ?? []),
      some.flatMap((change) => change.joining ?? []),
      null,
    );
  const all = await find(changes);
  const doubtful = [...new Set(all.map(({ change }) => change))].sort((one, other) => one - other);
  const standing: (typeof changes)[number][] = [];
  for (const [place, number] of doubtful.entries()) {
    const change = changes[number];
    if (change === undefined) continue;
    const own =
      place < inOrderAtMost
        ? (await find([...standing, change])).filter((each) => each.change === standing.length)
        : all.filter((each) => each.change === number);
    if (own.length > 0) refused.set(number, own);
    else standing.push(change);
  }
  return refused;
}

/** The time that a change of times adds at either end. Only that time is new access. */
export function addedTime(before: Schedule, after: Schedule): Schedule[] {
  const added: Schedule[] = [];
  if (after.startsAt < before.startsAt)
    added.push({
      startsAt: after.startsAt,
      endsAt: after.endsAt !== null && after.endsAt < before.startsAt ? after.endsAt : before.startsAt,
    });
  const { endsAt } = before;
  if (endsAt !== null && (after.endsAt === null || after.endsAt > endsAt))
    added.push({
      startsAt: new Date(Math.max(after.startsAt.getTime(), endsAt.getTime())),
      endsAt: after.endsAt,
    });
  return added;
}
