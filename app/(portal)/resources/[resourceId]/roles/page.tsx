import type { Metadata } from "next";
import { trailInside } from "@/components/resources/resource-trail";
import { RolesMissing } from "@/components/roles/roles-missing";
import { RolesSearch } from "@/components/roles/roles-search";
import { type Cell, DataTable } from "@/components/ui/lists/data-table";
import { PageHeader } from "@/components/ui/page-parts";
import { isolated, visible } from "@/lib/domain/text/visible-text";
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
          <a className="button" href={`${base}/new`}>
            New custom role
          </a>
        ) : null}
      </PageHeader>
      <RolesSearch action={base} search={filter.search} used={filter.used} />
      {page.rows.length === 0 ? (
        <RolesMissing base={base} filter={filter} />
      ) : (
        <DataTable
          label="Roles"
          head={["Role", "Type", "Eligible", "Active"]}
          total={{ count: page.total, most: page.total, one: "role", many: "roles" }}
          pages={pageLinks({
            query,
            cursor: "after",
            address: (after) => rolesAddress(base, filter, after ?? ""),
            next: page.next,
          })}
          rows={page.rows.map((row) => {
            const state = (state: "Eligible" | "Active", count: number): Cell =>
              count === 0
                ? { text: "0", quiet: true }
                : { text: String(count), href: accessAddress({ ...place, roleDefinitionId: row.id, state }) };
            return [
              row.id,
              { text: visible(row.roleName), href: `${base}/${row.id}` },
              row.roleType === "BuiltInRole" ? "Built-in" : "Custom",
              state("Eligible", row.eligible),
              state("Active", row.active),
            ];
          })}
        />
      )}
    </>
  );
}
