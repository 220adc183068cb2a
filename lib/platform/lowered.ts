import { Prisma } from "@/lib/platform/generated/client";

/** These texts in lower case as the database writes it: its locale decides which letters have one. */
export function lowered(texts: readonly string[]): Prisma.Sql {
  return Prisma.sql`ARRAY(SELECT DISTINCT lower(each) FROM unnest(${[...new Set(texts)]}::text[]) AS each)`;
}
