import { containing } from "@/lib/domain/palette-search";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

export interface FoundResource {
  readonly id: string;
  readonly displayName: string;
  readonly scope: string;
  readonly path: string;
  readonly resourceType: string;
}

/** Up to so many resources below what a person may see, they are read one by one; beyond it, the indexes on names are. */
const fewResources = 20_000;
/** How many names that begin so, and that contain it, are ranked. */
const rankedByPrefix = 50;
const rankedByContent = 200;
/** pg_trgm finds nothing shorter in its index. */
const trigramLength = 3;

/**
 * The resources at or below the `tops` (paths), or among `others` (ids), whose name and scope contain every word, the
 * best first: the very name, names that begin so, names that contain it, then by how high they stand. Bounded in what
 * it reads: an index range for names that begin so, the trigram index for the rest, or the few that there are.
 */
export async function findResources(
  transaction: Transaction,
  reach: { readonly tops: readonly string[]; readonly others: readonly string[] },
  words: readonly string[],
  limit: number,
): Promise<FoundResource[]> {
  if (words.length === 0 || (reach.tops.length === 0 && reach.others.length === 0)) return [];
  const tops = [...reach.tops];
  const whole = words.join(" ");
  const longest = words.reduce((best, word) => (word.length > best.length ? word : best));
  const text = Prisma.sql`(r.display_name || ' ' || r.scope)`;
  const matches = Prisma.sql`${text} ILIKE ALL (${words.map(containing)}::text[])`;
  const columns = Prisma.sql`r.id, r.display_name, r.scope, r.path, r.resource_type`;
  const everything = tops.some((path) => !path.includes("."));
  const few = !everything && (await isFew(transaction, tops));
  // Below a path lies one range of its index: '/' is the character after '.'.
  const visible = everything
    ? Prisma.sql`TRUE`
    : Prisma.sql`EXISTS (SELECT FROM unnest(${tops}::text[]) AS top (path)
        WHERE r.path >= top.path COLLATE "C" AND r.path < (top.path || '/') COLLATE "C")`;
  const candidates = few
    ? Prisma.sql`
        SELECT ${columns} FROM unnest(${tops}::text[]) AS top (path)
        CROSS JOIN LATERAL (SELECT ${columns} FROM resources r
          WHERE r.path >= top.path COLLATE "C" AND r.path < (top.path || '/') COLLATE "C" AND ${matches}
          LIMIT ${fewResources}) r`
    : Prisma.sql`
        (SELECT ${columns} FROM resources r
        WHERE lower(r.display_name) COLLATE "C" >= ${whole} AND lower(r.display_name) COLLATE "C" < ${`${whole}\u{10ffff}`}
          AND ${visible}
        ORDER BY lower(r.display_name) COLLATE "C" LIMIT ${rankedByPrefix})
        UNION
        (SELECT ${columns} FROM resources r
        WHERE ${longest.length >= trigramLength} AND ${text} ILIKE ${containing(longest)} AND ${matches} AND ${visible}
        LIMIT ${rankedByContent})`;
  return transaction.$queryRaw<FoundResource[]>`
    SELECT id, display_name AS "displayName", scope, path, resource_type AS "resourceType" FROM (
      ${candidates}
      UNION
      SELECT ${columns} FROM resources r WHERE r.id = ANY (${[...reach.others]}::uuid[]) AND ${matches}
    ) found
    ORDER BY lower(display_name) = ${whole} DESC, starts_with(lower(display_name), ${whole}) DESC,
      strpos(lower(display_name), ${longest}) > 0 DESC, length(path), lower(display_name), id
    LIMIT ${limit}`;
}

async function isFew(transaction: Transaction, tops: readonly string[]): Promise<boolean> {
  const [row] = await transaction.$queryRaw<{ count: bigint }[]>`
    SELECT count(*) FROM (
      SELECT FROM unnest(${[...tops]}::text[]) AS top (path)
      CROSS JOIN LATERAL (SELECT FROM resources r
        WHERE r.path >= top.path COLLATE "C" AND r.path < (top.path || '/') COLLATE "C"
        LIMIT ${fewResources + 1}) below
      LIMIT ${fewResources + 1}) counted`;
  return Number(row?.count ?? 0) <= fewResources;
}
