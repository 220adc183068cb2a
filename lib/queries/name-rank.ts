import { searched } from "@/lib/domain/search/like-pattern";
import { Prisma } from "@/lib/platform/generated/client";

/** What stands between the words of a name. */
const separators = "-_./(";

/**
 * How well a name fits a search, as a digit that sorts before the name: 0 the exact name, 1 begins with the text, 2 a
 * word of it begins with the text, 3 the rest. Empty if nothing is searched for: a list is then by name alone.
 */
export function nameRank(name: Prisma.Sql, search: string): Prisma.Sql {
  const text = searched(search).trim().toLowerCase();
  if (text === "") return Prisma.sql`''`;
  const spaces = " ".repeat(separators.length);
  const parted = (value: Prisma.Sql) => Prisma.sql`' ' || translate(${value}, ${separators}, ${spaces})`;
  return Prisma.sql`CASE
    WHEN lower(${name}) = ${text} THEN '0'
    WHEN starts_with(lower(${name}), ${text}) THEN '1'
    WHEN strpos(${parted(Prisma.sql`lower(${name})`)}, ${parted(Prisma.sql`${text}::text`)}) > 0 THEN '2'
    ELSE '3' END`;
}
