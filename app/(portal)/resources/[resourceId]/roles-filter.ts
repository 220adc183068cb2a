import { z } from "zod";
import type { RolesFilter } from "@/lib/queries/assignments/role-members";

/** PostgreSQL does not store NUL in text. */
const text = z
  .string()
  .max(500)
  .transform((value) => value.replaceAll("\0", ""))
  .catch("");
const shape = z.object({ search: text, after: text, show: z.literal("used").nullable().catch(null) });

/** Reads the roles filter from an address. Ignores values that are not valid. */
export function rolesFilter(query: Readonly<Record<string, string | string[] | undefined>>): RolesFilter {
  const { search, after, show } = shape.parse({ ...query });
  return { search: search.trim(), after, used: show !== null };
}

/** The address of the filtered list, starting at `after`. */
export function rolesAddress(base: string, { search, used }: RolesFilter, after: string): string {
  return `${base}?${new URLSearchParams({ search, show: used ? "used" : "", after })}`;
}
