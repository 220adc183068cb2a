import { containing, searched, wordsOf } from "@/lib/domain/search/like-pattern";
import { Prisma } from "@/lib/platform/generated/client";

/** What stands between the words of a name. */
const separators = "-_./(";

/**
 * How well a name matches a search, as a digit that sorts before the name: 0 the exact name, 1 begins
 * with the text, 2 is `used` (in use where one searches), 3 a word of it begins with the text, 4 the
 * rest. Empty if there is no search, so that the list is sorted by name alone.
 */
export function nameRank(name: Prisma.Sql, search: string, used = Prisma.sql`FALSE`): Prisma.Sql {
  const text = searched(search).trim().toLowerCase();
  if (text === "") return Prisma.sql`''`;
  const spaces = " ".repeat(separators.length);
  const parted = (value: Prisma.Sql) => Prisma.sql`' ' || translate(${value}, ${separators}, ${spaces})`;
  return Prisma.sql`CASE
    WHEN lower(${name}) = ${text} THEN '0'
    WHEN starts_with(lower(${name}), ${text}) THEN '1'
    WHEN ${used} THEN '2'
    WHEN strpos(${parted(Prisma.sql`lower(${name})`)}, ${parted(Prisma.sql`${text}::text`)}) > 0 THEN '3'
    ELSE '4' END`;
}

/** The same. Among names that match equally well, the shorter come first. */
export function bestFirst(name: Prisma.Sql, search: string, used?: Prisma.Sql): Prisma.Sql {
  const rank = nameRank(name, search, used);
  return search === "" ? rank : Prisma.sql`${rank} || lpad(length(${name})::text, 4, '0')`;
}

/** Whether a text contains every word of a search, in any order. */
export function everyWord(text: Prisma.Sql, search: string): Prisma.Sql {
  const words = wordsOf(search).map((word) => Prisma.sql`${text} ILIKE ${containing(word)}`);
  return words.length > 0 ? Prisma.sql`(${Prisma.join(words, " AND ")})` : Prisma.sql`TRUE`;
}
