import type { ResourceFacts } from "@/lib/authority/authority";
import type { Transaction } from "@/lib/platform/database";
import { Outdated } from "@/lib/platform/recheck";
import { advisoryLocks } from "@/lib/platform/sql/advisory-locks";
import { lowered } from "@/lib/platform/sql/lowered";

/**
 * The scopes of a role that belong to resources now. Scopes of retired resources are left out, since the role cannot
 * be assigned there and an edit does not keep them. A role without any scope belongs to the root.
 */
export async function standingScopes(transaction: Transaction, scopes: readonly string[]): Promise<string[]> {
  const found = await transaction.$queryRaw<{ scope: string }[]>`
    SELECT lower(scope) AS scope FROM resources WHERE lower(scope) = ANY (${lowered(scopes)})`;
  const standing = new Set(found.map(({ scope }) => scope));
  return standing.size === 0 ? ["/"] : scopes.filter((scope) => standing.has(scope.toLowerCase()));
}

/** Keeps every resource where it is until the transaction ends. */
export async function keepTree(transaction: Transaction): Promise<void> {
  await transaction.$executeRaw`SELECT pg_advisory_xact_lock_shared(${advisoryLocks.treeShape})`;
}

/**
 * Keeps resources where they are until the transaction ends. If one was moved or retired since it was
 * read, judgements by its place are outdated, and a role would keep a path that the resource no longer
 * has. Then the transaction runs again.
 */
export async function keepScopes(transaction: Transaction, judged: readonly ResourceFacts[]): Promise<void> {
  await keepTree(transaction);
  const [row] = await transaction.$queryRaw<{ same: number }[]>`
    SELECT count(*)::int AS same
    FROM unnest(${judged.map(({ id }) => id)}::uuid[], ${judged.map(({ scope }) => scope)}::text[],
      ${judged.map(({ path }) => path)}::text[]) AS x (id, scope, path)
    JOIN resources r ON r.id = x.id AND r.scope = x.scope AND r.path = x.path`;
  if (row?.same !== judged.length) throw new Outdated();
}
