import { Prisma } from "@/lib/platform/generated/client";

/**
 * A path lies at or below one of some others. Ids in paths are all of one length, so that each depth takes one look among
 * the paths of that depth, however many they are.
 */
export function atOrBelow(paths: readonly string[], path = Prisma.sql`r.path`): Prisma.Sql {
  if (paths.length === 0) return Prisma.sql`FALSE`;
  const lengths = [...new Set(paths.map(({ length }) => length))];
  const conditions = lengths.map((length) => {
    const ofLength = paths.filter((each) => each.length === length);
    return Prisma.sql`left(${path}, ${length}::int) = ANY (${ofLength}::text[])`;
  });
  return Prisma.sql`(${Prisma.join(conditions, " OR ")})`;
}
