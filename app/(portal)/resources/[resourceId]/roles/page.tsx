import type { Metadata } from "next";
import Link from "next/link";
import { trailInside } from "@/components/resources/resource-trail";
import { RolesSearch } from "@/components/roles/roles-search";
import { Name } from "@/components/ui/name";
import { EmptyState, PageHeader, Pager, TableRegion } from "@/components/ui/page-parts";
import { isolated } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import { listRoles, rolesPageSize } from "@/lib/queries/assignments/role-members";
import { accessAddress } from "@/lib/web/access-address";
import { openResource } from "../../open-resource";
import { rolesAddress, rolesFilter } from "../roles-filter";

export const metadata: Metadata = { title: "Roles" };

export default async function RolesPage({
  params,
  searchParams,
}: {
  params: Promise<{ resourceId: string }>;
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const { resourceId } = await params;
  const resource = await openResource(resourceId, "readRoleDefinitions");
  const filter = rolesFilter(await searchParams);
  const rows = await listRoles(application().database, resource.id, filter);
  const base = `/resources/${resource.id}/roles`;
  const place = { resourceId: resource.id, below: false };
  const last = rows.length === rolesPageSize ? rows.at(-1) : undefined;
  return (
    <>
      <PageHeader
        title="Roles"
        trail={trailInside(resource)}
        description={`Roles that can be assigned on ${isolated(resource.displayName)}.`}
      >
        {resource.may.writeRoleDefinitions ? (
          <Link className="button" href={`${base}/new`}>
            New custom role
          </Link>
        ) : null}
      </PageHeader>
      <RolesSearch action={base} search={filter.search} used={filter.used} />
      {rows.length === 0 ? (
        <EmptyState title="No roles">
          No role matches. <Link href={base}>Clear the filters</Link> to see every role.
        </EmptyState>
      ) : (
        <TableRegion label="Roles" head={["Role", "Type", "Eligible", "Active"]}>
          {rows.map((row) => (
            <tr key={row.id}>
              <td>
                <Link href={`${base}/${row.id}`}>
                  <Name of={row.roleName} />
                </Link>
              </td>
              <td>{row.roleType === "BuiltInRole" ? "Built-in" : "Custom"}</td>
              <CountCell
                count={row.eligible}
                href={accessAddress({ ...place, roleDefinitionId: row.id, state: "Eligible" })}
              />
              <CountCell
                count={row.active}
                href={accessAddress({ ...place, roleDefinitionId: row.id, state: "Active" })}
              />
            </tr>
          ))}
        </TableRegion>
      )}
      <Pager
        first={filter.after ? rolesAddress(base, filter, "") : null}
        next={last ? rolesAddress(base, filter, last.key) : null}
      />
    </>
  );
}

/** A count that links to the list behind it. */
function CountCell({ count, href }: { count: number; href: string }) {
  return (
    <td className="tabular-nums">
      {count === 0 ? (
        <span className="text-muted">0</span>
      ) : (
        <Link href={href} prefetch={false} className="tap-number">
          {count}
        </Link>
      )}
    </td>
  );
}
