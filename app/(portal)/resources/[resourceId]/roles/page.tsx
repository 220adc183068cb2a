import type { Metadata } from "next";
import Link from "next/link";
import { trailInside } from "@/components/resources/resource-trail";
import { EmptyState, PageHeader, Pager, SearchForm, TableRegion } from "@/components/ui/page-parts";
import { application } from "@/lib/platform/application";
import { listRoles } from "@/lib/queries/role-members";
import { openResource } from "../../open-resource";

export const metadata: Metadata = { title: "Roles" };

export default async function RolesPage({
  params,
  searchParams,
}: {
  params: Promise<{ resourceId: string }>;
  searchParams: Promise<{ search?: string; after?: string }>;
}) {
  const { resourceId } = await params;
  const resource = await openResource(resourceId, "readRoleDefinitions");
  const { search = "", after = "" } = await searchParams;
  const rows = await listRoles(application().database, resource.id, { search, after });
  const base = `/resources/${resource.id}/roles`;
  const last = rows.length === 50 ? rows.at(-1) : undefined;
  const query = (cursor: string) => `${base}?${new URLSearchParams({ search, after: cursor })}`;
  return (
    <>
      <PageHeader
        title="Roles"
        trail={trailInside(resource)}
        description={`What can be given on ${resource.displayName}.`}
      >
        {resource.may.writeRoleDefinitions ? (
          <Link className="button" href={`${base}/new`}>
            New custom role
          </Link>
        ) : null}
      </PageHeader>
      <SearchForm action={base} value={search} label="Search roles" />
      {rows.length === 0 ? (
        <EmptyState title="No roles">No role has this name. Clear the search to see them all.</EmptyState>
      ) : (
        <TableRegion label="Roles" head={["Role", "Type", "Eligible", "Active"]}>
          {rows.map((row) => (
            <tr key={row.id}>
              <td>
                <Link href={`${base}/${row.id}`}>{row.roleName}</Link>
              </td>
              <td>{row.roleType === "BuiltInRole" ? "Built-in" : "Custom"}</td>
              <td>{row.eligible}</td>
              <td>{row.active}</td>
            </tr>
          ))}
        </TableRegion>
      )}
      <Pager first={after ? query("") : null} next={last ? query(last.key) : null} />
    </>
  );
}
