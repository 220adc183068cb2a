import { Prisma } from "@/lib/platform/generated/client";

/**
 * The alias of a row in the query that a fragment becomes part of: one letter. A fragment's own aliases are
 * words, so that neither hides the other.
 */
export type Alias = "a" | "c" | "d" | "e" | "q" | "r" | "x";

/** The alias as a part of a statement: `${rowOf("q")}.id`. */
export function rowOf(alias: Alias): Prisma.Sql {
  return Prisma.raw(alias);
}
