import { mostAtOnce } from "@/lib/domain/gate/activations-together";
import type { OperationError, OperationResult } from "@/lib/domain/gate/operation-error";
import { mostBundles } from "@/lib/domain/preferences/bundle";
import { limits } from "@/lib/domain/text/limits";
import { sameNameKey } from "@/lib/domain/text/names";
import { notFound } from "@/lib/operations/gate/refusal";
import type { Caller } from "@/lib/platform/caller";
import type { Database, Transaction } from "@/lib/platform/database";
import { inTransaction } from "@/lib/platform/transaction";

type Refused = { readonly ok: false; readonly error: OperationError };

const conflict = (message: string): Refused => ({ ok: false, error: { code: "Conflict", message } });

const tooManyRoles = conflict(`A bundle has at most ${mostAtOnce} roles.`);

/**
 * Stores roles that the caller may activate, each at its own resource, under a name for the caller only. Only their
 * own eligibilities can be in it; any other is treated as unknown. It gives no access, so it is not logged.
 */
export function createBundle(
  database: Database,
  caller: Caller,
  input: { readonly name: string; readonly eligibilityIds: readonly string[] },
): Promise<OperationResult<{ bundleId: string }>> {
  return inTransaction(database, async (transaction) => {
    const { name } = input;
    const bundles = await lockBundles(transaction, caller);
    if (isTaken(bundles, name)) return nameTaken;
    if (bundles.length >= mostBundles)
      return conflict(`You already have ${mostBundles} bundles. Delete one first.`);
    const chosen = await ownRoles(transaction, caller, input.eligibilityIds);
    if (!chosen) return notEligible;
    if (chosen.length > mostAtOnce) return tooManyRoles;
    const { id: bundleId } = await transaction.bundle.create({
      data: { userId: caller.userId, name },
      select: { id: true },
    });
    await addRoles(transaction, bundleId, chosen, 0);
    return { ok: true, bundleId };
  });
}

/** Appends roles to one of the caller's bundles. Roles that are in it already keep their place. */
export function addToBundle(
  database: Database,
  caller: Caller,
  input: { readonly bundleId: string; readonly eligibilityIds: readonly string[] },
): Promise<OperationResult<{ added: number }>> {
  return inTransaction(database, async (transaction) => {
    const found = (await lockBundles(transaction, caller)).find(({ id }) => id === input.bundleId);
    if (!found) return { ok: false, error: notFound };
    const chosen = await ownRoles(transaction, caller, input.eligibilityIds);
    if (!chosen) return notEligible;
    const present = await rolesOf(transaction, found.id);
    const here = new Set(present.map(keyOf));
    const added = chosen.filter((role) => !here.has(keyOf(role)));
    if (present.length + added.length > mostAtOnce) return tooManyRoles;
    if (added.length > 0) {
      const last = Math.max(0, ...present.map(({ position }) => position));
      await addRoles(transaction, found.id, added, last);
      await changed(transaction, found);
    }
    return { ok: true, added: added.length };
  });
}

/** Renames one of the caller's bundles, and keeps only some of its rows. An edit of an older state is refused. */
export function changeBundle(
  database: Database,
  caller: Caller,
  input: {
    readonly bundleId: string;
    readonly expectedVersion: number;
    readonly name: string;
    /** The rows of the bundle that stay. */
    readonly keep: readonly string[];
  },
): Promise<OperationResult<object>> {
  return inTransaction(database, async (transaction) => {
    const bundles = await lockBundles(transaction, caller);
    const found = bundles.find(({ id }) => id === input.bundleId);
    if (!found) return { ok: false, error: notFound };
    if (found.version !== input.expectedVersion)
      return conflict(
        "You changed this bundle in another window after you opened it here. Look at what is in it now, and save again.",
      );
    const others = bundles.filter(({ id }) => id !== found.id);
    if (isTaken(others, input.name)) return nameTaken;
    const present = new Set((await rolesOf(transaction, found.id)).map(({ id }) => id));
    if (input.keep.some((id) => !present.has(id))) return { ok: false, error: notFound };
    if (input.keep.length === 0) return conflict("Keep at least one role, or delete the bundle.");
    await transaction.bundleRole.deleteMany({
      where: { bundleId: found.id, id: { notIn: [...input.keep] } },
    });
    await changed(transaction, { ...found, name: input.name });
    return { ok: true };
  });
}

/** Deletes one of the caller's bundles. Roles that are active stay active. */
export async function deleteBundle(
  database: Database,
  caller: Caller,
  bundleId: string,
): Promise<OperationResult<object>> {
  const { count } = await database.client.bundle.deleteMany({
    where: { id: bundleId, userId: caller.userId },
  });
  return count === 1 ? { ok: true } : { ok: false, error: notFound };
}

interface OwnBundle {
  readonly id: string;
  readonly name: string;
  readonly version: number;
}

/**
 * The caller's bundles. The caller's own row is locked, so that two windows cannot use one name twice or exceed a
 * limit.
 */
async function lockBundles(transaction: Transaction, caller: Caller): Promise<OwnBundle[]> {
  await transaction.$queryRaw`SELECT FROM principals WHERE id = ${caller.userId}::uuid FOR NO KEY UPDATE`;
  return transaction.bundle.findMany({
    where: { userId: caller.userId },
    select: { id: true, name: true, version: true },
    take: mostBundles,
  });
}

const nameTaken: Refused = {
  ok: false,
  error: {
    code: "InvalidInput",
    faults: [{ field: "name", message: "Another bundle of yours has this name." }],
  },
};

function isTaken(bundles: readonly OwnBundle[], name: string): boolean {
  return bundles.some((each) => sameNameKey(each.name) === sameNameKey(name));
}

const notEligible = conflict(
  "You are no longer eligible for one of these roles. Reload the page, and select them again.",
);

interface RoleAtPlace {
  readonly roleDefinitionId: string;
  readonly resourceId: string;
}

const keyOf = ({ roleDefinitionId, resourceId }: RoleAtPlace) => `${roleDefinitionId} ${resourceId}`;

interface ChosenRole extends RoleAtPlace {
  readonly roleName: string;
  readonly resourceName: string;
}

/**
 * The role and place of each of the caller's eligibilities, each once, in their order. Null if one is
 * not theirs now.
 */
async function ownRoles(
  transaction: Transaction,
  caller: Caller,
  eligibilityIds: readonly string[],
): Promise<ChosenRole[] | null> {
  const ids = [...new Set(eligibilityIds)].slice(0, mostAtOnce + 1);
  const rows = await transaction.$queryRaw<ChosenRole[]>`
    SELECT e.role_definition_id AS "roleDefinitionId", e.resource_id AS "resourceId",
      left(d.role_name, ${limits.roleName}) AS "roleName", left(r.display_name, ${limits.resourceName}) AS "resourceName"
    FROM unnest(${ids}::uuid[]) WITH ORDINALITY AS asked (id, number)
    JOIN current_eligibilities(${caller.userId}::uuid, postern_now()) e ON e.id = asked.id
    JOIN role_definitions d ON d.id = e.role_definition_id
    JOIN resources r ON r.id = e.resource_id
    ORDER BY asked.number`;
  // Somebody may be eligible for one role at one place twice: directly and through a group.
  return rows.length < ids.length || ids.length === 0
    ? null
    : [...new Map(rows.map((row) => [keyOf(row), row])).values()];
}

function rolesOf(transaction: Transaction, bundleId: string) {
  return transaction.bundleRole.findMany({
    where: { bundleId },
    select: { id: true, roleDefinitionId: true, resourceId: true, position: true },
    take: mostAtOnce,
  });
}

async function addRoles(
  transaction: Transaction,
  bundleId: string,
  roles: readonly ChosenRole[],
  after: number,
): Promise<void> {
  await transaction.bundleRole.createMany({
    data: roles.map((role, index) => ({ bundleId, ...role, position: after + index + 1 })),
  });
}

/** Writes a new version, so that edits of the older one are stale. */
async function changed(transaction: Transaction, { id, name, version }: OwnBundle): Promise<void> {
  await transaction.$executeRaw`
    UPDATE bundles SET name = ${name}, version = ${version + 1}::int, updated_at = postern_now()
    WHERE id = ${id}::uuid`;
}
