import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { advisoryLocks } from "@/lib/platform/sql/advisory-locks";

/** The keys of these names, as the database computes them (`name_key`). Equal names have equal keys. */
export function nameKeys(names: readonly string[]): Prisma.Sql {
  return Prisma.sql`ARRAY(SELECT DISTINCT name_key(each) FROM unnest(${[...new Set(names)]}::text[]) AS each)`;
}

/** The kinds of names. Two names of one kind must differ. */
export type NameKind = "principal" | "group" | "role" | "resource";

/**
 * Locks these names of a kind until the transaction ends, so that the second of two transactions sees the
 * first. In order, so that two transactions meet at the first name that they share.
 */
export async function lockNames(
  transaction: Transaction,
  kind: NameKind,
  names: readonly string[],
): Promise<void> {
  await transaction.$queryRaw`
    SELECT count(pg_advisory_xact_lock(${advisoryLocks.names}::int, hash)::text) FROM (
      SELECT DISTINCT hashtext(${kind}::text || ' ' || each) AS hash FROM unnest(${nameKeys(names)}) AS each ORDER BY 1) AS h`;
}
