import type { Metadata } from "next";
import Link from "next/link";
import { trailInside } from "@/components/resources/resource-trail";
import { RolesMissing } from "@/components/roles/roles-missing";
import { RolesSearch } from "@/components/roles/roles-search";
import { ListFrame } from "@/components/ui/list-frame";
import { Name } from "@/components/ui/name";
import { PageHeader } from "@/components/ui/page-parts";
import { isolated } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import { listRoles } from "@/lib/queries/roles/role-list";
import { accessAddress } from "@/lib/web/access-address";
import { pageLinks } from "@/lib/web/page-links";
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
  const query = await searchParams;
  const filter = rolesFilter(query);
  const page = await listRoles(application().database, resource.id, filter);
  const base = `/resources/${resource.id}/roles`;
  const place = { resourceId: resource.id, below: false };
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
      {page.rows.length === 0 ? (
        <RolesMissing base={base} filter={filter} />
      ) : (
        <ListFrame
          label="Roles"
          head={["Role", "Type", "Eligible", "Active"]}
          total={{ count: page.total, most: page.total, one: "role", many: "roles" }}
          pages={pageLinks({
            query,
            cursor: "after",
            address: (after) => rolesAddress(base, filter, after ?? ""),
            next: page.next,
          })}
        >
          {page.rows.map((row) => (
            <tr key={row.id}>
              <td>
                <Link href={`${base}/${row.id}`} prefetch={false}>
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
        </ListFrame>
      )}
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
