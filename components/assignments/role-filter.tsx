import type { Filter } from "@/components/ui/lists/chips";
import type { NamedRole } from "@/lib/domain/figures/access-figures";
import { visible } from "@/lib/domain/text/visible-text";

/** The filter by role of a list of access. There may be many roles, so they are one field and not a link each. */
export function roleFilter(
  /** The role in the filter; null if there is none. The name is null if the caller may not see it. */
  chosen: { readonly id: string | null; readonly name: string | null },
  roles: readonly NamedRole[],
): Filter {
  return {
    kind: "fields",
    names: ["role"],
    label: "Role",
    active: chosen.id === null ? null : visible(chosen.name ?? "another role"),
    fields: (
      <label>
        <span className="label">Role</span>
        <select key={chosen.id} className="input" name="role" defaultValue={chosen.id ?? ""}>
          <option value="">Any role</option>
          {roles.map(({ id, roleName }) => (
            <option key={id} value={id}>
              {visible(roleName)}
            </option>
          ))}
        </select>
      </label>
    ),
  };
}
