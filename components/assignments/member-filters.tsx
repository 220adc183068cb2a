import { roleFilter } from "@/components/assignments/role-filter";
import { type Filter, FilterChips } from "@/components/ui/lists/chips";
import { type MemberFilter, type MemberPlace, statesOfTab } from "@/lib/domain/assignments/member-filter";
import { principalTypes } from "@/lib/domain/people/principal";
import type { RoleHeld } from "@/lib/queries/assignments/roles-held";
import type { Query } from "@/lib/web/query-address";

const places = {
  above: "Here and inherited",
  here: "Here only",
  below: "Here and below",
} as const satisfies Record<MemberPlace, string>;

/** The search and the filters of a list of members. */
export function MemberFilters(props: {
  action: string;
  /** The present query of the list, without its page. */
  query: Query;
  filter: MemberFilter;
  /** The roles to choose from; null on the list of one role. */
  roles: readonly RoleHeld[] | null;
}) {
  const { filter, roles } = props;
  const states = statesOfTab[filter.tab];
  const chosen = roles?.find(({ id }) => id === filter.roleDefinitionId);
  const filters: Filter[] = [
    ...(roles ? [roleFilter({ id: filter.roleDefinitionId, name: chosen?.roleName ?? null }, roles)] : []),
    ...(states.length > 0
      ? [
          choice(
            "state",
            "State",
            filter.state ?? "",
            "",
            Object.fromEntries(states.map((each) => [each, each])),
          ),
        ]
      : []),
    choice("kind", "Kind", filter.kind ?? "", "", principalTypes),
    choice("where", "Where", filter.where, "above", places),
  ];
  return (
    <FilterChips
      action={props.action}
      query={props.query}
      search={{ label: roles ? "Search members and roles" : "Search members", value: filter.search }}
      filters={filters}
    />
  );
}

function choice(
  name: string,
  label: string,
  value: string,
  usual: string,
  named: Readonly<Record<string, string>>,
): Filter {
  const choices = Object.entries(named).map(([each, words]) => ({ value: each, label: words }));
  const any = usual === "" ? [{ value: "", label: "Any" }] : [];
  return { kind: "one", name, label, usual, value, choices: [...any, ...choices] };
}
