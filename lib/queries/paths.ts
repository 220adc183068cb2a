import { idLength } from "@/lib/domain/resource-path";
import { Prisma } from "@/lib/platform/generated/client";

/**
 * A path lies at or below one of some others: it has the last id of one of them where that one has it. Ids are all of one
 * length, so that each depth takes one look among the ids at that depth, however many they are.
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
