import type { Metadata } from "next";
import { Moment } from "@/components/time/moment";
import { EmptyState, PageHeader, Pager, TableRegion } from "@/components/ui/page-parts";
import { requireCaller } from "@/lib/identity/request";
import { application } from "@/lib/platform/application";
import { myRequests } from "@/lib/queries/my-roles";

export const metadata: Metadata = { title: "My requests" };
const uuid = /^[0-9a-f-]{36}$/i;

export default async function MyRequestsPage({
  searchParams,
}: {
  searchParams: Promise<{ before?: string }>;
}) {
  const caller = await requireCaller();
  const { before } = await searchParams;
  const cursor = before && uuid.test(before) ? before : null;
  const rows = await myRequests(application().database, caller, cursor);
  const last = rows.length === 50 ? rows.at(-1) : undefined;
  return (
    <>
      <PageHeader title="My requests" description="Everything you asked for, and what became of it." />
      {rows.length === 0 ? (
        <EmptyState title="No requests">What you activate, assign or remove is listed here.</EmptyState>
      ) : (
        <TableRegion
          label="My requests"
          head={["Asked", "Request", "Role", "Resource", "Member", "Status", "Reason"]}
        >
          {rows.map((row) => (
            <tr key={row.id}>
              <td>
                <Moment value={row.createdAt} />
              </td>
              <td>{row.requestType}</td>
              <td>{row.roleDefinition.roleName}</td>
              <td>{row.resource.displayName}</td>
              <td>{row.principal.displayName}</td>
              <td>
                <span className="badge">{row.status}</span>
              </td>
              <td className="max-w-64 truncate">{row.justification}</td>
            </tr>
          ))}
        </TableRegion>
      )}
      <Pager first={cursor ? "/my-requests" : null} next={last ? `/my-requests?before=${last.id}` : null} />
    </>
  );
}
