import { idLength } from "@/lib/domain/resources/resource-path";
import type { Transaction } from "@/lib/platform/database";
import { Prisma } from "@/lib/platform/generated/client";

/** How many paths are checked first, since there are usually enough resources below these. */
const firstPaths = 30;

/** Whether at most `few` resources lie at or below some paths, none of which lies below another. */
export async function isFew(
  transaction: Transaction,
  paths: readonly string[],
  few: number,
): Promise<boolean> {
  if (paths.length > few) return false;
  const isMore = async (some: readonly string[]) => {
    const [row] = await transaction.$queryRaw<{ more: boolean }[]>`
      SELECT count(*) > ${few} AS more FROM (
        SELECT FROM unnest(${[...some]}::text[]) AS h (path)
        CROSS JOIN LATERAL (SELECT FROM resources r
          WHERE r.path >= h.path COLLATE "C" AND r.path < (h.path || '/') COLLATE "C" LIMIT ${few + 1}) inside
        LIMIT ${few + 1}) below`;
    return row?.more ?? false;
  };
  // Many paths take longer to send than their resources take to read.
  if (await isMore(paths.slice(0, firstPaths))) return false;
  return paths.length <= firstPaths || !(await isMore(paths));
}

/**
 * Whether a path lies at or below one of several: at the depth of one of them, it has the last id of that one. All
 * ids have the same length, so each depth takes one look-up among the ids of that depth, however many there are.
 */
export function atOrBelow(paths: readonly string[], path = Prisma.sql`r.path`): Prisma.Sql {
  if (paths.length === 0) return Prisma.sql`FALSE`;
  const places = [...new Set(paths.map(({ length }) => length - idLength))];
  const conditions = places.map((place) => {
    const ids = paths.filter(({ length }) => length - idLength === place).map((each) => each.slice(place));
    return Prisma.sql`substr(${path}, ${place + 1}::int, ${idLength}::int) = ANY (${ids}::text[])`;
  });
  return Prisma.sql`(${Prisma.join(conditions, " OR ")})`;
}
