import { roleFilter } from "@/components/assignments/role-filter";
import { type Filter, FilterChips } from "@/components/ui/lists/chips";
import type { StandingFilter } from "@/lib/domain/assignments/standing-access";
import type { NamedRole } from "@/lib/domain/figures/access-figures";
import { principalTypes } from "@/lib/domain/people/principal";
import { roleRisks, roleRiskWords } from "@/lib/domain/roles/role-risk";
import type { Query } from "@/lib/web/query-address";

/** The search and the filters of standing access. */
export function StandingFilters(props: {
  action: string;
  /** The present query of the list, without its page. */
  query: Query;
  filter: StandingFilter;
  /** The roles that somebody holds there. */
  roles: readonly NamedRole[];
  /** The name of the role in the filter, whether or not anybody holds it. */
  chosenRole: string | null;
}) {
  const { filter, chosenRole } = props;
  const chosenId = filter.roleDefinitionId;
  const held = props.roles.some(({ id }) => id === chosenId);
  const roles =
    chosenId === null || held
      ? props.roles
      : [...props.roles, { id: chosenId, roleName: chosenRole ?? "another role" }];
  const any = { value: "", label: "Any" };
  const filters: Filter[] = [
    {
      ...{ kind: "one", name: "risk", label: "Allows", usual: "", value: filter.risk ?? "" },
      choices: [any, ...roleRisks.map((risk) => ({ value: risk, label: roleRiskWords[risk] }))],
    },
    roleFilter({ id: chosenId, name: chosenRole }, roles),
    {
      ...{ kind: "one", name: "kind", label: "Kind", usual: "", value: filter.kind ?? "" },
      choices: [any, ...Object.entries(principalTypes).map(([value, label]) => ({ value, label }))],
    },
  ];
  return (
    <FilterChips
      action={props.action}
      query={props.query}
      search={{ label: "Search members and roles", value: filter.search }}
      filters={filters}
    />
  );
}
