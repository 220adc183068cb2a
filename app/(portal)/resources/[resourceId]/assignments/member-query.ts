import { z } from "zod";
import { accessStates } from "@/lib/domain/assignments/access-filter";
import {
  type MemberFilter,
  memberPlaces,
  memberTabs,
  sortableColumns,
  usualOrder,
} from "@/lib/domain/assignments/member-filter";
import { longestSearch } from "@/lib/domain/text/limits";
import { parseOrder } from "@/lib/web/list-order";
import { queryText } from "@/lib/web/page-query";

const shape = z.object({
  tab: z.enum(memberTabs).catch("all"),
  where: z.enum(memberPlaces).catch("above"),
  role: z.uuid().catch(""),
  state: z.enum(["", ...accessStates]).catch(""),
  kind: z.enum(["", "User", "Group", "ServicePrincipal"]).catch(""),
  search: queryText.transform((value) => value.slice(0, longestSearch)),
  sort: queryText,
  after: queryText,
  before: queryText,
});

/** The address of a list of members: its quick state, filters, search, order and page. */
export type MemberQuery = z.infer<typeof shape>;

export function memberQuery(query: Readonly<Record<string, string | string[] | undefined>>): MemberQuery {
  return shape.parse({ ...query });
}

/** The filter in an address, of one role or of the role that the address names. */
export function memberFilter(query: MemberQuery, roleDefinitionId: string | null): MemberFilter {
  const { tab, where, role, state, kind, search, sort } = query;
  return {
    tab,
    where,
    roleDefinitionId: roleDefinitionId ?? (role || null),
    state: state || null,
    kind: kind || null,
    search,
    order: parseOrder(sortableColumns(where), sort, usualOrder(tab)),
  };
}

const usual: Partial<MemberQuery> = { tab: "all", where: "above" };

/** The address of the list at `base` with another tab, filter, order or page. A change leads to the first page. */
export function memberAddress(base: string, query: MemberQuery, changes: Partial<MemberQuery> = {}): string {
  const named = memberParameters({ ...query, after: "", before: "", ...changes });
  return Object.keys(named).length > 0 ? `${base}?${new URLSearchParams(named)}` : base;
}

/** The parts of such an address that differ from its base. */
export function memberParameters(query: MemberQuery): Record<string, string> {
  return Object.fromEntries(
    Object.entries(query).filter(([name, value]) => value && usual[name as keyof MemberQuery] !== value),
  );
}
