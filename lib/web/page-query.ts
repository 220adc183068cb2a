import { z } from "zod";
import { isUuid } from "@/lib/domain/text/uuid";

/** The parameters of a page's address, as they came. */
export type Query = Readonly<Record<string, string | string[] | undefined>>;

/** A text of an address, such as a search. Empty if there is none, or if it is too long to be meaningful. */
export const queryText = z
  .string()
  .max(2_000)
  .transform((value) => value.replaceAll("\0", "").trim())
  .catch("");

/** The id under a name, such as the cursor of a list. Null if there is none, several, or something else. */
export function oneId(query: Query, name: string): string | null {
  const value = query[name];
  return typeof value === "string" && isUuid(value) ? value.toLowerCase() : null;
}
