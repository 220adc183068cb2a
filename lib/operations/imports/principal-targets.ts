import { groupsNamed, type KnownPrincipal, knownBy } from "@/lib/operations/refuse-taken-names";
import type { Transaction } from "@/lib/platform/database";

/** Somebody whom rows name. */
export type FoundPrincipal = KnownPrincipal;

/** Everybody who is known by one of these names, and the groups that are called one of them, in whatever writing. */
export async function findPrincipals(
  transaction: Transaction,
  names: readonly string[],
): Promise<FoundPrincipal[]> {
  const known = await knownBy(transaction, names);
  const ids = new Set(known.map(({ id }) => id));
  const groups = (await groupsNamed(transaction, names)).filter(({ id }) => !ids.has(id));
  return [...known, ...groups];
}
