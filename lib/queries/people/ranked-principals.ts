import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import { searched } from "@/lib/domain/search/like-pattern";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { identityColumn } from "@/lib/platform/principal-identity";
import { bestFirst, everyWord } from "@/lib/queries/name-rank";

/** How many names that begin with the text, and how many that contain it, are ranked. Both are the start of an index. */
const rankedByPrefix = 50;
const rankedByContent = 200;

/** The text that a search of people matches: the expression of its index. */
export const nameAndAddress = Prisma.sql`(p.display_name || ' ' || coalesce(p.email, ''))`;

/**
 * Enabled principals `p` by name or email that meet a condition, at most twenty, the best match first:
 * the exact name, names that begin with the text, names of which a word does, the rest.
 */
export async function rankedPrincipals(
  transaction: Transaction,
  search: string,
  condition: Prisma.Sql,
): Promise<PrincipalIdentity[]> {
  const whole = searched(search).trim().toLowerCase();
  const rows = await transaction.$queryRaw<{ identity: PrincipalIdentity }[]>`
    WITH found AS (
      (SELECT p.id FROM principals p
      WHERE lower(p.display_name) COLLATE "C" >= ${whole}
        AND lower(p.display_name) COLLATE "C" < ${`${whole}\u{10ffff}`} AND p.disabled_at IS NULL AND ${condition}
      ORDER BY lower(p.display_name) COLLATE "C" LIMIT ${rankedByPrefix})
      UNION
      (SELECT p.id FROM principals p
      WHERE ${everyWord(nameAndAddress, search)} AND p.disabled_at IS NULL
        AND ${condition}
      ORDER BY lower(p.display_name), p.id LIMIT ${rankedByContent}))
    SELECT ${identityColumn("p")} AS identity FROM found JOIN principals p ON p.id = found.id
    ORDER BY ${bestFirst(Prisma.sql`p.display_name`, search)}, lower(p.display_name), p.id LIMIT 20`;
  return rows.map(({ identity }) => identity);
}
