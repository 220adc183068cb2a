import { Name } from "@/components/ui/name";
import type { RoleRow } from "@/lib/queries/activation/my-roles";

/** The names of resources that occur in more than one row. Their scope is shown as well. */
export function sharedNames(rows: readonly RoleRow[]): ReadonlySet<string> {
  const resources = new Map<string, Set<string>>();
  for (const { resourceName, resourceId } of rows)
    resources.set(resourceName, (resources.get(resourceName) ?? new Set()).add(resourceId));
  return new Set([...resources].filter(([, ids]) => ids.size > 1).map(([name]) => name));
}

/** The resource of a role, as a link, with its scope if another resource in the list has the same name. */
export function ResourceCell({ row, shared }: { row: RoleRow; shared: ReadonlySet<string> }) {
  return (
    <td>
      <a href={`/resources/${row.resourceId}`}>
        <Name of={row.resourceName} />
      </a>
      {shared.has(row.resourceName) ? (
        <span className="block font-mono text-[0.86rem] text-muted wrap-anywhere">{row.scope}</span>
      ) : null}
    </td>
  );
}
