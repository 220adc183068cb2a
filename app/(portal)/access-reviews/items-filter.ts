import { z } from "zod";
import { longestSearch } from "@/lib/domain/text/limits";
import { type ItemsFilter, itemFilters } from "@/lib/queries/access-reviews/access-review-items";

const shape = z.object({
  search: z
    .string()
    .max(longestSearch)
    .transform((text) => text.replaceAll("\0", "").trim())
    .catch(""),
  show: z.enum(itemFilters).nullable().catch(null),
  after: z.coerce.number().int().min(-1).max(1_000_000).catch(-1),
});

/** Reads the filter of a review's items from an address. Ignores values that are not valid. */
export function itemsFilter(query: Readonly<Record<string, string | string[] | undefined>>): ItemsFilter {
  return shape.parse({ ...query });
}
