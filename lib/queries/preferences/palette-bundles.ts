import { containing } from "@/lib/domain/search/like-pattern";
import { isolated } from "@/lib/domain/text/visible-text";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { mostOfEach, type PaletteItem } from "@/lib/queries/preferences/palette-item";

/** The caller's bundles whose names contain all the words, to be activated. All of them if there are no words. */
export async function findBundles(
  transaction: Transaction,
  caller: Caller,
  words: readonly string[],
): Promise<PaletteItem[]> {
  const rows = await transaction.$queryRaw<{ id: string; name: string; count: number }[]>`
    SELECT b.id, b.name, (SELECT count(*)::int FROM bundle_roles x WHERE x.bundle_id = b.id) AS count
    FROM bundles b
    WHERE b.user_id = ${caller.userId}::uuid AND 'activate ' || b.name ILIKE ALL (${words.map(containing)}::text[])
    ORDER BY lower(b.name), b.id LIMIT ${mostOfEach}`;
  return rows.map(({ id, name, count }) => ({
    id,
    label: `Activate ${isolated(name)}`,
    hint: count === 1 ? "Bundle of 1 role" : `Bundle of ${count} roles`,
    href: `/my-roles?tab=bundles&bundle=${id}`,
  }));
}
