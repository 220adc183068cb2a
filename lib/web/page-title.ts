import { visible } from "@/lib/domain/text/visible-text";

/** The longest title. What is shown in a tab or among the bookmarks is cut off long before. */
const longest = 300;

/**
 * A name as the title of a page, without invisible characters, and not too long. Next.js replaces the first
 * "%s" of a template by a page's title, so a name must not contain one.
 */
export function asTitle(text: string): string {
  return visible(text).replaceAll("%s", "% s").slice(0, longest);
}
