import { Prisma } from "@/lib/platform/generated/client";

/** These texts in the database's lower case, which depends on its locale. */
export function lowered(texts: readonly string[]): Prisma.Sql {
  return Prisma.sql`ARRAY(SELECT DISTINCT lower(each) FROM unnest(${[...new Set(texts)]}::text[]) AS each)`;
}
