import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

/** What these names have in common with names that are the same, as the database says it (`name_key`). */
export function nameKeys(names: readonly string[]): Prisma.Sql {
  return Prisma.sql`ARRAY(SELECT DISTINCT name_key(each) FROM unnest(${[...new Set(names)]}::text[]) AS each)`;
}

/** What names are of: two of the same kind may not be the same. */
export type NameKind = "principal" | "group" | "role" | "resource";

/**
 * Keeps others from taking one of these names of a kind until the transaction ends, so that whoever comes second sees
 * who came first. In order, so that two transactions meet at the first name that they share.
 */
export async function lockNames(
  transaction: Transaction,
  kind: NameKind,
  names: readonly string[],
): Promise<void> {
  await transaction.$queryRaw`
    SELECT count(pg_advisory_xact_lock(7362434, hash)::text) FROM (
      SELECT DISTINCT hashtext(${kind}::text || ' ' || each) AS hash FROM unnest(${nameKeys(names)}) AS each ORDER BY 1) AS h`;
}
