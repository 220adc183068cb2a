import { searched } from "@/lib/domain/search/like-pattern";
import type { Caller } from "@/lib/platform/caller";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";
import { idKey, orderBy, placeColumn, type SortKey, textKey } from "@/lib/queries/keyset";
import { bestFirst } from "@/lib/queries/name-rank";
import { type Page, type PagePlace, type Reading, readPage } from "@/lib/queries/pages";
import { isFavourite } from "@/lib/queries/resources/favourite-resources";
import { matchesAnywhere } from "@/lib/queries/resources/find-resources";

export const resourcesPageSize = 50;

export interface ResourceRow {
  readonly id: string;
  readonly displayName: string;
  readonly resourceType: string;
  readonly scope: string;
  readonly parentName: string | null;
}

type PlacedRow = ResourceRow & { readonly place: string };

/** The text that a search of resources matches: the expression of its index. */
export const nameAndScope = Prisma.sql`(r.display_name || ' ' || r.scope)`;

const id = idKey(Prisma.sql`r.id`);
/** In the collation of the index of names' beginnings. */
const name = textKey(Prisma.sql`lower(r.display_name) COLLATE "C"`);

/**
 * The visible resources of a search, the best match first (see nameRank; the caller's favourites count
 * as in use), fifty a page. If more match than are ranked, exact names come first, then names that
 * begin with the text, then the rest by name: three ranges of an index. Null if they cannot be read
 * that way: for a caller who may see only a part, many matches are sorted by name alone.
 */
export async function bestResources(
  transaction: Transaction,
  caller: Caller,
  search: string,
  wanted: readonly Prisma.Sql[],
  visible: Prisma.Sql | null,
  at: PagePlace,
): Promise<Page<ResourceRow> | null> {
  const [found] = await transaction.$queryRaw<{ few: boolean; ids: string[] }[]>`
    WITH anywhere AS MATERIALIZED (
      SELECT r.id, r.path FROM resources r WHERE ${Prisma.join([...wanted], " AND ")} LIMIT ${matchesAnywhere + 1}
    ), counted AS (SELECT count(*) <= ${matchesAnywhere} AS few FROM anywhere)
    SELECT counted.few, ARRAY(
      SELECT r.id FROM anywhere r WHERE (SELECT few FROM counted) AND ${visible ?? Prisma.sql`TRUE`}) AS ids
    FROM counted`;
  if (!found?.few) return visible ? null : amongMany(transaction, search, wanted, at);
  const list = {
    keys: [textKey(bestFirst(Prisma.sql`r.display_name`, search, isFavourite(caller))), name, id],
    order: { by: "best", descending: false },
    size: resourcesPageSize,
  };
  return readPage(list, at, ({ descending, beyond }) => {
    const ranked = Prisma.sql`SELECT r.id FROM resources r WHERE r.id = ANY (${found.ids}::uuid[]) AND ${beyond}
      ORDER BY ${orderBy(list.keys, descending)} LIMIT ${resourcesPageSize + 1}`;
    return rowsOf(transaction, ranked, list, descending);
  });
}

/** Exact names, names that begin with the text, and the rest, each read by an index of names. */
function amongMany(
  transaction: Transaction,
  search: string,
  wanted: readonly Prisma.Sql[],
  at: PagePlace,
): Promise<Page<ResourceRow>> {
  const whole = searched(search).trim().toLowerCase();
  const exact = Prisma.sql`${name.value} = ${whole}`;
  const begins = Prisma.sql`${name.value} >= ${whole} AND ${name.value} < ${`${whole}\u{10ffff}`}`;
  const rank = textKey(Prisma.sql`CASE WHEN ${exact} THEN '0' WHEN ${begins} THEN '1' ELSE '2' END`);
  const list = { keys: [rank, name, id], order: { by: "most", descending: false }, size: resourcesPageSize };
  const first = [exact, Prisma.sql`${begins} AND NOT ${exact}`];
  return readPage(list, at, async ({ descending, beyond }: Reading) => {
    const inOrder = orderBy([name, id], descending);
    const read = (parts: readonly Prisma.Sql[]) => {
      const ranges = parts.map(
        (part) => Prisma.sql`(SELECT r.id FROM resources r
          WHERE ${Prisma.join([part, beyond, ...wanted], " AND ")} ORDER BY ${inOrder} LIMIT ${resourcesPageSize + 1})`,
      );
      return rowsOf(transaction, Prisma.join(ranges, " UNION ALL "), list, descending);
    };
    // The rest is read only if names that begin with the text do not fill the page.
    const best = descending ? [] : await read(first);
    return best.length > resourcesPageSize ? best : read([...first, Prisma.sql`NOT (${begins})`]);
  });
}

function rowsOf(
  transaction: Transaction,
  ids: Prisma.Sql,
  list: {
    readonly keys: readonly SortKey[];
    readonly order: { readonly by: string; readonly descending: boolean };
  },
  descending: boolean,
): Promise<PlacedRow[]> {
  return transaction.$queryRaw<PlacedRow[]>`
    SELECT r.id, r.display_name AS "displayName", r.resource_type AS "resourceType", r.scope,
      p.display_name AS "parentName", ${placeColumn(list.keys, list.order)}
    FROM (${ids}) shown JOIN resources r ON r.id = shown.id LEFT JOIN resources p ON p.id = r.parent_id
    ORDER BY ${orderBy(list.keys, descending)} LIMIT ${resourcesPageSize + 1}`;
}
