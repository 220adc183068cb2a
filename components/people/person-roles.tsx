import { Moment } from "@/components/ui/moment";
import { Name } from "@/components/ui/name";
import { EmptyState, TableRegion } from "@/components/ui/page-parts";
import { PrincipalName } from "@/components/ui/principal-name";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import type { PersonRole } from "@/lib/queries/people/person";

/**
 * The roles of a principal and of its groups, as far as the reader may see them: those that it holds, and those
 * that it may activate.
 */
export function PersonRoles({
  person,
  reduceAt,
}: {
  /** The topmost resource where roles that they hold without activation can be made eligible; null if there is none. */
  reduceAt: string | null;
  person: {
    displayName: string;
    identity: PrincipalIdentity;
    disabledAt: Date | null;
    own: boolean;
    roles: readonly PersonRole[];
  };
}) {
  if (person.roles.length === 0) {
    return (
      <EmptyState title="No roles">
        <Name of={person.displayName} /> holds no role and is eligible for none, as far as you may see.
      </EmptyState>
    );
  }
  const search = person.identity.email ?? person.displayName;
  const active = person.roles.filter(({ state }) => state !== "Eligible");
  const eligible = person.roles.filter(({ state }) => state === "Eligible");
  return (
    <>
      {person.disabledAt ? (
        <p className="mb-2 text-muted">
          None of these takes effect while <Name of={person.displayName} /> is disabled.
        </p>
      ) : null}
      <RoleTable title="Active roles" none="Nothing is active." roles={active} />
      {reduceAt && active.some(({ state, group }) => state === "Assigned" && group === null) ? (
        <p className="-mt-4 mb-6">
          <a href={`/resources/${reduceAt}/standing-access?${new URLSearchParams({ search })}`}>
            Reduce standing access
          </a>
        </p>
      ) : null}
      <RoleTable title="Eligible roles" none="Nothing to activate." roles={eligible} />
    </>
  );
}

function RoleTable(props: { title: string; none: string; roles: readonly PersonRole[] }) {
  const { title, roles } = props;
  const active = roles.some(({ state }) => state !== "Eligible");
  const through = roles.some(({ group }) => group !== null);
  return (
    <section className="mb-6">
      <h2 className="mb-2">
        {title} {roles.length > 0 ? <span className="font-normal text-muted">{roles.length}</span> : null}
      </h2>
      {roles.length === 0 ? (
        <p className="text-muted">{props.none}</p>
      ) : (
        <TableRegion
          label={title}
          head={[
            "Role",
            "Resource",
            ...(active ? ["State"] : []),
            ...(through ? ["Through"] : []),
            "Start",
            "End",
          ]}
        >
          {roles.map((role) => (
            <tr key={role.id}>
              <td>
                {role.readable ? (
                  <a href={`/resources/${role.resourceId}/roles/${role.roleDefinitionId}`}>
                    <Name of={role.roleName} />
                  </a>
                ) : (
                  <Name of={role.roleName} />
                )}
              </td>
              <td className="cell-wide">
                <a href={`/resources/${role.resourceId}`}>
                  <Name of={role.resourceName} />
                </a>
                <code className="cell-scope">
                  <bdi>{role.scope}</bdi>
                </code>
              </td>
              {active ? (
                <td>
                  <span className="badge badge-accent">{role.state}</span>
                </td>
              ) : null}
              {through ? <td>{role.group ? <PrincipalName of={role.group} /> : "Directly"}</td> : null}
              <td>
                <Moment value={role.startsAt} />
              </td>
              <td>
                <Moment value={role.endsAt} />
              </td>
            </tr>
          ))}
        </TableRegion>
      )}
    </section>
  );
}
