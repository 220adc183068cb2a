import { containing } from "@/lib/domain/search/like-pattern";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { atOrBelow, isFew } from "@/lib/queries/resources/paths";

export interface FoundResource {
  readonly id: string;
  readonly displayName: string;
  readonly scope: string;
  readonly path: string;
  readonly resourceType: string;
}

/** Up to how many visible resources are all read and ranked. If there are more, only this many are. */
const fewResources = 500;
const readAtMost = 10_000;
/** How many names that begin with the text, and how many that contain it, are ranked. */
const rankedByPrefix = 50;
const rankedByContent = 200;
/** How many matches anywhere are checked for a person who may not see everything. */
export const matchesAnywhere = 2_000;
/** pg_trgm's index finds nothing shorter. */
export const trigramLength = 3;

const columns = Prisma.sql`r.id, r.display_name, r.scope, r.path, r.resource_type`;

/**
 * The text that is searched for. Each word is a condition of its own, so that the trigram index is used for all of
 * them.
 */
interface Wanted {
  readonly whole: string;
  readonly matches: Prisma.Sql;
  readonly indexed: boolean;
}

/**
 * The resources at or below the `tops` (paths), or among `others` (ids), whose name and scope contain every word. The
 * best match comes first: the exact name, favourites, names that begin with it, names that contain it, then by height
 * in the tree. Reading is limited. If there are few resources, all are read. Otherwise names that begin with the text
 * come from an index range. The rest comes from the trigram index or, if its matches are too many or the words too
 * short, from the first resources in the caller's part.
 */
export async function findResources(
  transaction: Transaction,
  reach: {
    readonly tops: readonly string[];
    readonly others: readonly string[];
    /** Those of the caller's favourites that they may know of. */
    readonly favourites: readonly string[];
  },
  words: readonly string[],
  limit: number,
): Promise<FoundResource[]> {
  if (words.length === 0 || (reach.tops.length === 0 && reach.others.length === 0)) return [];
  const tops = [...reach.tops];
  const whole = words.join(" ");
  const longest = words.reduce((best, word) => (word.length > best.length ? word : best));
  const text = Prisma.sql`(r.display_name || ' ' || r.scope)`;
  const matches = Prisma.join(
    words.map((word) => Prisma.sql`${text} ILIKE ${containing(word)}`),
    " AND ",
  );
  const wanted = { whole, matches, indexed: longest.length >= trigramLength };
  const ranked = (candidates: Prisma.Sql) => Prisma.sql`
    SELECT id, display_name AS "displayName", scope, path, resource_type AS "resourceType" FROM (
      ${candidates}
      UNION
      SELECT ${columns} FROM resources r
      WHERE r.id = ANY (${[...reach.others, ...reach.favourites]}::uuid[]) AND ${matches}
    ) found
    ORDER BY lower(display_name) = ${whole} DESC, id = ANY (${[...reach.favourites]}::uuid[]) DESC,
      starts_with(lower(display_name), ${whole}) DESC,
      strpos(lower(display_name), ${longest}) > 0 DESC, length(path), lower(display_name), id
    LIMIT ${limit}`;
  if (tops.some((path) => !path.includes("."))) return transaction.$queryRaw(ranked(amongAll(wanted)));
  if (await isFew(transaction, tops, fewResources))
    return transaction.$queryRaw(
      ranked(Prisma.sql`SELECT ${columns} FROM (${below(tops, fewResources)}) r WHERE ${matches}`),
    );
  const rare = wanted.indexed ? await amongRare(transaction, tops, wanted, ranked) : null;
  return rare ?? transaction.$queryRaw(ranked(amongMany(tops, wanted)));
}

/**
 * The first resources at or below some paths. What lies below a path is one range of its index, since
 * '/' sorts after '.'.
 */
function below(tops: readonly string[], limit: number, read = columns): Prisma.Sql {
  return Prisma.sql`
    SELECT ${read} FROM unnest(${[...tops]}::text[]) AS top (path)
    CROSS JOIN LATERAL (SELECT ${read} FROM resources r
      WHERE r.path >= top.path COLLATE "C" AND r.path < (top.path || '/') COLLATE "C" LIMIT ${limit}) r
    LIMIT ${limit}`;
}

/** The first names that begin with the text, in the order of the index. */
function beginning(whole: string, limit: number): Prisma.Sql {
  return Prisma.sql`
    SELECT ${columns} FROM resources r
    WHERE lower(r.display_name) COLLATE "C" >= ${whole} AND lower(r.display_name) COLLATE "C" < ${`${whole}\u{10ffff}`}
      AND r.retirement_id IS NULL
    ORDER BY lower(r.display_name) COLLATE "C" LIMIT ${limit}`;
}

function amongAll({ whole, matches, indexed }: Wanted): Prisma.Sql {
  return Prisma.sql`
    (${beginning(whole, rankedByPrefix)})
    UNION
    (SELECT ${columns} FROM resources r WHERE ${indexed} AND ${matches} AND r.retirement_id IS NULL LIMIT ${rankedByContent})`;
}

/** The visible matches of the trigram index, if there are not too many. Names that begin with the text are among them. */
async function amongRare(
  transaction: Transaction,
  tops: readonly string[],
  { matches }: Wanted,
  ranked: (candidates: Prisma.Sql) => Prisma.Sql,
): Promise<FoundResource[] | null> {
  const visible = Prisma.sql`SELECT ${columns} FROM anywhere r WHERE counted.rare AND ${atOrBelow(tops)}`;
  const found = await transaction.$queryRaw<
    ({ readonly rare: boolean } & (FoundResource | { readonly id: null }))[]
  >`
    WITH anywhere AS MATERIALIZED (
      SELECT ${columns} FROM resources r WHERE ${matches} LIMIT ${matchesAnywhere + 1}),
    counted AS (SELECT count(*) <= ${matchesAnywhere} AS rare FROM anywhere)
    SELECT counted.rare, ranked.* FROM counted LEFT JOIN LATERAL (${ranked(visible)}) ranked ON TRUE`;
  return found[0]?.rare ? found.filter((row) => row.id !== null) : null;
}

/** The first names that begin with the text, and the first visible matches. */
function amongMany(tops: readonly string[], { whole, matches }: Wanted): Prisma.Sql {
  return Prisma.sql`
    ((SELECT ${columns} FROM (${beginning(whole, matchesAnywhere)}) r WHERE ${atOrBelow(tops)} LIMIT ${rankedByPrefix})
    UNION
    (SELECT ${columns} FROM (${below(tops, readAtMost)}) r WHERE ${matches} LIMIT ${rankedByContent}))`;
}
