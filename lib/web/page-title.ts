import { visible } from "@/lib/domain/text/visible-text";

/** The longest title: what stands in a tab or among the bookmarks is cut off long before. */
const longest = 300;

/**
 * A name as the title of a page: without what cannot be seen, and not too long. Next.js puts a page's title in place of
 * the first "%s" of a template, so a name may not bring one along.
 */
export function asTitle(text: string): string {
  return visible(text).replaceAll("%s", "% s").slice(0, longest);
}
