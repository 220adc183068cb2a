import { z } from "zod";
import type { StandingFilter } from "@/lib/domain/assignments/standing-access";
import { roleRisks } from "@/lib/domain/roles/role-risk";
import { longestSearch } from "@/lib/domain/text/limits";
import { queryText } from "@/lib/web/page-query";

const shape = z.object({
  risk: z.enum(["", ...roleRisks]).catch(""),
  role: z.uuid().catch(""),
  kind: z.enum(["", "User", "Group", "ServicePrincipal"]).catch(""),
  search: queryText.transform((value) => value.slice(0, longestSearch)),
  after: queryText,
  before: queryText,
});

/** The address of the list of standing access: its filters and page. */
export type StandingQuery = z.infer<typeof shape>;

export function standingQuery(query: Readonly<Record<string, string | string[] | undefined>>): StandingQuery {
  return shape.parse({ ...query });
}

export function standingFilter({ risk, role, kind, search }: StandingQuery): StandingFilter {
  return { risk: risk || null, roleDefinitionId: role || null, kind: kind || null, search };
}

/** The parts of the address that are set, without the page. */
export function standingParameters({ after: _, before: _before, ...filters }: StandingQuery) {
  return Object.fromEntries(Object.entries(filters).filter(([, value]) => value));
}

/** The address of the list with the same filters and another page. */
export function standingAddress(
  base: string,
  query: StandingQuery,
  page: Partial<Pick<StandingQuery, "after" | "before">> = {},
): string {
  const named = { ...standingParameters(query), ...page };
  return Object.keys(named).length > 0 ? `${base}?${new URLSearchParams(named)}` : base;
}
