import { type Filter, FilterChips } from "@/components/ui/lists/chips";
import type { StandingFilter } from "@/lib/domain/assignments/standing-access";
import { principalTypes } from "@/lib/domain/people/principal";
import { roleRisks, roleRiskWords } from "@/lib/domain/roles/role-risk";
import { visible } from "@/lib/domain/text/visible-text";
import type { Query } from "@/lib/web/query-address";

/** A role to choose. */
interface Role {
  readonly id: string;
  readonly roleName: string;
}

/** The search and the filters of standing access. */
export function StandingFilters(props: {
  action: string;
  /** The query of the list as it stands, without its page. */
  query: Query;
  filter: StandingFilter;
  roles: readonly Role[];
}) {
  const { filter, roles } = props;
  const any = { value: "", label: "Any" };
  const chosen = roles.find(({ id }) => id === filter.roleDefinitionId);
  const filters: Filter[] = [
    {
      ...{ kind: "one", name: "risk", label: "Allows", usual: "", value: filter.risk ?? "" },
      choices: [any, ...roleRisks.map((risk) => ({ value: risk, label: roleRiskWords[risk] }))],
    },
    {
      ...{ kind: "fields", names: ["role"], label: "Role" },
      active: filter.roleDefinitionId === null ? null : visible(chosen?.roleName ?? "another role"),
      fields: (
        <label>
          <span className="label">Role</span>
          <select
            key={filter.roleDefinitionId}
            className="input"
            name="role"
            defaultValue={filter.roleDefinitionId ?? ""}
          >
            <option value="">Any role</option>
            {roles.map(({ id, roleName }) => (
              <option key={id} value={id}>
                {visible(roleName)}
              </option>
            ))}
          </select>
        </label>
      ),
    },
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
