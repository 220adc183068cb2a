import type { ResourceFacts } from "@/lib/authority/authority";
import type { Transaction } from "@/lib/platform/database";
import { Outdated } from "@/lib/platform/recheck";
import { advisoryLocks } from "@/lib/platform/sql/advisory-locks";
import { lowered } from "@/lib/platform/sql/lowered";

/**
 * Those of a role's scopes that resources have now. Of a retired resource it need not be asked who may write roles there: the role
 * cannot be assigned there, and an edit keeps no such scope.
 */
export async function standingScopes(transaction: Transaction, scopes: readonly string[]): Promise<string[]> {
  const found = await transaction.$queryRaw<{ scope: string }[]>`
    SELECT lower(scope) AS scope FROM resources WHERE lower(scope) = ANY (${lowered(scopes)})`;
  const standing = new Set(found.map(({ scope }) => scope));
  return scopes.filter((scope) => standing.has(scope.toLowerCase()));
}

/**
 * Keeps resources where they are until the transaction ends. If one was moved or retired since it was read, a role would keep a
 * path that it no longer has: the transaction runs again.
 */
export async function keepScopes(
  transaction: Transaction,
  assignable: readonly ResourceFacts[],
): Promise<void> {
  await transaction.$executeRaw`SELECT pg_advisory_xact_lock_shared(${advisoryLocks.treeShape})`;
  const [row] = await transaction.$queryRaw<{ same: number }[]>`
    SELECT count(*)::int AS same
    FROM unnest(${assignable.map(({ id }) => id)}::uuid[], ${assignable.map(({ scope }) => scope)}::text[]) AS x (id, scope)
    JOIN resources r ON r.id = x.id AND r.scope = x.scope`;
  if (row?.same !== assignable.length) throw new Outdated();
}
