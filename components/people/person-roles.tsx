import Link from "next/link";
import { Moment } from "@/components/ui/moment";
import { Name } from "@/components/ui/name";
import { EmptyState, TableRegion } from "@/components/ui/page-parts";
import { PrincipalName } from "@/components/ui/principal-name";
import type { PersonRole } from "@/lib/queries/people/person";

const tones = { Eligible: "", Assigned: "badge-warning", Activated: "badge-success" };

/** The roles of a principal and of its groups, as far as the reader may see them. */
export function PersonRoles({
  person,
}: {
  person: { displayName: string; disabledAt: Date | null; own: boolean; roles: readonly PersonRole[] };
}) {
  if (person.roles.length === 0) {
    return (
      <EmptyState title="No roles">
        <Name of={person.displayName} /> holds no role and is eligible for none, as far as you may see.
      </EmptyState>
    );
  }
  return (
    <>
      {person.disabledAt ? (
        <p className="mb-2 text-muted">
          None of these takes effect while <Name of={person.displayName} /> is disabled.
        </p>
      ) : null}
      <TableRegion label="Roles" head={["Role", "Resource", "STATE", "Through", "Start", "End"]}>
        {person.roles.map((role) => (
          <tr key={role.id}>
            <td>
              {role.readable ? (
                <Link href={`/resources/${role.resourceId}/roles/${role.roleDefinitionId}`}>
                  <Name of={role.roleName} />
                </Link>
              ) : (
                <Name of={role.roleName} />
              )}
            </td>
            <td className="cell-wide">
              <Link href={`/resources/${role.resourceId}`}>
                <Name of={role.resourceName} />
              </Link>
              <br />
              <code className="text-muted">{role.scope}</code>
            </td>
            <td>
              <span className={`badge ${tones[role.state]}`}>{role.state}</span>
            </td>
            <td>{role.group ? <PrincipalName of={role.group} /> : "Directly"}</td>
            <td>
              <Moment value={role.startsAt} />
            </td>
            <td>{role.endsAt ? <Moment value={role.endsAt} /> : "Permanent"}</td>
          </tr>
        ))}
      </TableRegion>
    </>
  );
}
