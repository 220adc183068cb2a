import { permissionsAtEach } from "@/lib/authority/authority";
import { privilegesByPrincipal, privilegesOf, privilegesOfEach } from "@/lib/authority/privileges-of";
import type { HeldPrivilege, Privilege } from "@/lib/domain/gate/privileges";
import { type Action, anyAllows, type Permission } from "@/lib/domain/roles/permissions";
import type { Transaction } from "@/lib/platform/database";
import { type Checks, checksOf, repeatChecks } from "@/lib/platform/recheck";

/*
 * The rights that a verb depends on. Each answer is read now and checked again just before the commit, after every lock
 * that the verb waits for (docs/rules.md, rule 8). Verbs use these functions, not those of lib/authority/authority.ts.
 */

/** The permissions that a principal was found to hold, as text, by resource. */
interface Found {
  readonly principalId: string;
  readonly activatedAt: Date | null;
  readonly here: Map<string, Set<string>>;
}

const foundBy = new WeakMap<Checks, Map<string, Found>>();

/**
 * The permissions that a principal has at each resource now, with those of what they had activated at a
 * moment (`permissionsAtEach`). The transaction fails if one of them is lost before the commit.
 */
export async function permissionsUntilCommit(
  transaction: Transaction,
  principalId: string,
  resourceIds: readonly string[],
  activatedAt: Date | null = null,
): Promise<Map<string, Permission[]>> {
  const held = await permissionsAtEach(transaction, principalId, resourceIds, activatedAt);
  const checks = checksOf(transaction);
  const found = foundBy.get(checks) ?? new Map<string, Found>();
  if (!foundBy.has(checks)) {
    foundBy.set(checks, found);
    checks.repeat.push(() => nothingLost(transaction, found));
  }
  const key = `${principalId} ${activatedAt?.toISOString() ?? ""}`;
  const { here } = found.get(key) ?? { here: new Map<string, Set<string>>() };
  found.set(key, { principalId, activatedAt, here });
  for (const [resourceId, permissions] of held) {
    const known = here.get(resourceId) ?? new Set<string>();
    here.set(resourceId, known);
    for (const permission of permissions) known.add(JSON.stringify(permission));
  }
  return held;
}

async function nothingLost(transaction: Transaction, found: ReadonlyMap<string, Found>): Promise<boolean> {
  for (const { principalId, activatedAt, here } of found.values()) {
    const now = await permissionsAtEach(transaction, principalId, [...here.keys()], activatedAt);
    for (const [resourceId, known] of here) {
      const held = new Set((now.get(resourceId) ?? []).map((permission) => JSON.stringify(permission)));
      if ([...known].some((permission) => !held.has(permission))) return false;
    }
  }
  return true;
}

/** Whether a principal may do something at a resource now. A yes holds until the commit. */
export async function mayUntilCommit(
  transaction: Transaction,
  principalId: string,
  operation: Action,
  resourceId: string,
  activatedAt: Date | null = null,
): Promise<boolean> {
  const held = await permissionsUntilCommit(transaction, principalId, [resourceId], activatedAt);
  return anyAllows(held.get(resourceId) ?? [], operation);
}

/**
 * The privileges that come with being one of the principals (`privilegesOf`). The transaction fails if
 * one is added before the commit.
 */
export function privilegesUntilCommit(
  transaction: Transaction,
  principalIds: readonly string[],
): Promise<Privilege[]> {
  return nothingAdded(transaction, () => privilegesOf(transaction, principalIds));
}

/** The same for each principal alone (`privilegesOfEach`). */
export function privilegesOfEachUntilCommit(
  transaction: Transaction,
  principalIds: readonly string[],
): Promise<HeldPrivilege[]> {
  return nothingAdded(transaction, () => privilegesOfEach(transaction, principalIds));
}

/** The same for each principal with the groups above it (`privilegesByPrincipal`). */
export async function privilegesByPrincipalUntilCommit(
  transaction: Transaction,
  principalIds: readonly string[],
): Promise<Map<string, Privilege[]>> {
  const pairs = await nothingAdded(transaction, async () =>
    [...(await privilegesByPrincipal(transaction, principalIds))].flatMap(([id, privileges]) =>
      privileges.map((each) => ({ id, each })),
    ),
  );
  const privileges = new Map<string, Privilege[]>();
  for (const { id, each } of pairs) privileges.set(id, [...(privileges.get(id) ?? []), each]);
  return privileges;
}

async function nothingAdded<Item>(transaction: Transaction, read: () => Promise<Item[]>): Promise<Item[]> {
  const found = await read();
  const known = new Set(found.map((each) => JSON.stringify(each)));
  checksOf(transaction).repeat.push(async () =>
    (await read()).every((each) => known.has(JSON.stringify(each))),
  );
  return found;
}

/** Whether a principal is the user, or a group that they are in at any depth. */
export async function reaches(
  transaction: Transaction,
  userId: string,
  principalId: string,
): Promise<boolean> {
  return reachesAny(transaction, userId, [principalId]);
}

/** The same for any of several principals. */
async function reachesAny(
  transaction: Transaction,
  userId: string,
  principalIds: readonly string[],
): Promise<boolean> {
  const [row] = await transaction.$queryRaw<{ reaches: boolean }[]>`
    SELECT EXISTS (SELECT FROM principal_and_groups(${userId}::uuid) AS own (id)
      WHERE own.id = ANY (${[...principalIds]}::uuid[])) AS reaches`;
  return row?.reaches ?? false;
}

/** Whether a user reaches a principal now. A no holds until the commit. */
export async function reachesUntilCommit(
  transaction: Transaction,
  userId: string,
  principalId: string,
): Promise<boolean> {
  if (await reaches(transaction, userId, principalId)) return true;
  checksOf(transaction).repeat.push(async () => !(await reaches(transaction, userId, principalId)));
  return false;
}

/** Declares that a user reaches one of these principals now, and must still reach one at the commit. */
export function mustReachUntilCommit(
  transaction: Transaction,
  userId: string,
  principalIds: readonly string[],
): void {
  checksOf(transaction).repeat.push(() => reachesAny(transaction, userId, principalIds));
}

/**
 * Repeats the checks before a verb removes something from the caller or from a group of theirs, since
 * that may be the very right to do so. Called after the verb's last lock.
 */
export async function recheckBeforeOwnLoss(
  transaction: Transaction,
  userId: string,
  principalIds: readonly string[],
): Promise<void> {
  if (await reachesAny(transaction, userId, principalIds)) await repeatChecks(transaction);
}

/** The same before the permissions of a role change that the caller may have. */
export async function recheckBeforeOwnRoleChange(
  transaction: Transaction,
  userId: string,
  roleDefinitionId: string,
): Promise<void> {
  const rows = await transaction.$queryRaw<object[]>`
    SELECT FROM active_assignments(${userId}::uuid, postern_now()) a
    WHERE a.role_definition_id = ${roleDefinitionId}::uuid LIMIT 1`;
  if (rows.length > 0) await repeatChecks(transaction);
}

/** Whether all of these principals are enabled now. A yes holds until the commit. */
export async function enabledUntilCommit(
  transaction: Transaction,
  principalIds: readonly string[],
): Promise<boolean> {
  const ids = [...new Set(principalIds)];
  const enabled = async () =>
    (await transaction.principal.count({ where: { id: { in: ids }, disabledAt: null } })) === ids.length;
  if (!(await enabled())) return false;
  checksOf(transaction).repeat.push(enabled);
  return true;
}
