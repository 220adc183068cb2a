import type { Metadata } from "next";
import Link from "next/link";
import { EmptyState, PageHeader, Pager, SearchForm, TableRegion } from "@/components/ui/page-parts";
import { requireCaller } from "@/lib/identity/request";
import { application } from "@/lib/platform/application";
import { listResources, resourcePageSize } from "@/lib/queries/resources";

export const metadata: Metadata = { title: "Resources" };

export default async function ResourcesPage({
  searchParams,
}: {
  searchParams: Promise<{ search?: string; type?: string; after?: string }>;
}) {
  const caller = await requireCaller();
  const { search = "", type = "", after = "" } = await searchParams;
  const rows = await listResources(application().database, caller, { search, type, after });
  const last = rows.length === resourcePageSize ? rows.at(-1) : undefined;
  const query = (cursor: string) => `/resources?${new URLSearchParams({ search, type, after: cursor })}`;
  return (
    <>
      <PageHeader title="Resources" description="Everything you have, or could have, a role on." />
      <SearchForm action="/resources" value={search} label="Search by name or scope" />
      {rows.length === 0 ? (
        <EmptyState title="No resources">
          Nothing matches, or nobody has given you a role yet. Clear the search or ask an administrator.
        </EmptyState>
      ) : (
        <TableRegion label="Resources" head={["Resource", "Type", "Scope"]}>
          {rows.map((row) => (
            <tr key={row.id}>
              <td style={{ paddingLeft: `${0.85 + (search || type ? 0 : row.depth * 1.2)}rem` }}>
                <Link href={`/resources/${row.id}`} className="font-medium">
                  {row.displayName}
                </Link>
              </td>
              <td>{row.resourceType}</td>
              <td>
                <code>{row.scope}</code>
              </td>
            </tr>
          ))}
        </TableRegion>
      )}
      <Pager first={after ? query("") : null} next={last ? query(last.path) : null} />
    </>
  );
}
