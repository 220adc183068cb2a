import { z } from "zod";
import { longestSearch } from "@/lib/domain/text/limits";
import type { RolesFilter } from "@/lib/queries/roles/role-list";

/** PostgreSQL does not store NUL in text. */
const text = z
  .string()
  .transform((value) => value.replaceAll("\0", ""))
  .catch("");
const shape = z.object({ search: text, after: text, show: z.enum(["used", "all"]).nullable().catch(null) });

/**
 * Reads the roles filter from an address. Ignores values that are not valid. By default a list shows what is in
 * use or edited there. A search covers every role.
 */
export function rolesFilter(query: Readonly<Record<string, string | string[] | undefined>>): RolesFilter {
  const { search, after, show } = shape.parse({ ...query });
  const searched = search.trim().slice(0, longestSearch);
  return { search: searched, after, used: show === null ? searched === "" : show === "used" };
}

/** The parts of an address that differ from the default list. */
export function rolesParameters({
  search,
  used,
}: Pick<RolesFilter, "search" | "used">): Record<string, string> {
  const parts = { search, show: used === (search === "") ? "" : used ? "used" : "all" };
  return Object.fromEntries(Object.entries(parts).filter(([, value]) => value));
}

/** The address of the filtered list, starting at `after`. */
export function rolesAddress(base: string, filter: RolesFilter, after: string): string {
  const named = new URLSearchParams({ ...rolesParameters(filter), ...(after ? { after } : {}) });
  return named.size > 0 ? `${base}?${named}` : base;
}
