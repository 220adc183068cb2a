import type { Metadata } from "next";
import { ListFrame, TableFrame } from "@/components/ui/lists/list-frame";
import { Moment } from "@/components/ui/moment";
import { LongText, Name } from "@/components/ui/name";
import { EmptyState, PageHeader } from "@/components/ui/page-parts";
import { PrincipalName } from "@/components/ui/principal-name";
import { historyPage } from "@/lib/domain/audit/history-page";
import { principalText } from "@/lib/domain/people/principal-identity";
import { requestTypeInWords } from "@/lib/domain/requests/request-words";
import { isolated } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import { countedRows } from "@/lib/queries/count-rows";
import { listPendingRequests } from "@/lib/queries/requests/pending-requests";
import { pageLinks } from "@/lib/web/page-links";
import { oneId, type Query } from "@/lib/web/page-query";
import { requireCaller } from "@/lib/web/request";
import { opensHistories } from "../../audit/histories";

export const metadata: Metadata = { title: "Pending requests" };

export default async function PendingRequestsPage(props: { searchParams: Promise<Query> }) {
  const caller = await requireCaller();
  const query = await props.searchParams;
  const resourceId = oneId(query, "resource");
  const below = resourceId !== null && query.below === "1";
  const page = await listPendingRequests(
    application().database,
    caller,
    { resourceId, below: resourceId === null || below },
    oneId(query, "after"),
  );
  const histories = await opensHistories();
  const address = (cursor: string | null) =>
    `/assignments/pending?${new URLSearchParams({
      ...(resourceId ? { resource: resourceId } : {}),
      ...(below ? { below: "1" } : {}),
      ...(cursor ? { after: cursor } : {}),
    })}`;
  const pages = pageLinks({ query, cursor: "after", address, next: page?.next ?? null });
  return (
    <>
      <PageHeader
        title="Pending requests"
        trail={[{ href: "/dashboard", label: "Dashboard" }]}
        description="All requests that wait for a decision where you may read assignments, oldest first. Decide opens those that you may decide on."
      />
      {page?.rows.length ? (
        <TableFrame
          label="Pending requests"
          head={["Member", "Request", "Role", "Resource", "Requested", "Requested by", "Reason", "Action"]}
          total={{ count: page.total, most: countedRows, one: "request", many: "requests" }}
          pages={pages}
        >
          {page.rows.map((row) => (
            <tr key={row.id}>
              <td className="font-medium">
                <PrincipalName of={row.member} href={histories ? historyPage(row.member.id) : undefined} />
              </td>
              <td>{requestTypeInWords(row)}</td>
              <td>
                <Name of={row.roleName} />
              </td>
              <td>
                <a href={`/resources/${row.resourceId}`}>
                  <Name of={row.resourceName} />
                </a>
              </td>
              <td>
                <Moment value={row.createdAt} />
              </td>
              <td>
                <PrincipalName of={row.requestor} />
              </td>
              <td className="cell-wide">
                <LongText of={row.justification} />
              </td>
              <td>
                <a
                  className="button"
                  href={`/requests/${row.id}`}
                  aria-label={`${row.forMe ? "Decide" : "Open"}: ${isolated(row.roleName)} on ${isolated(row.resourceName)} for ${principalText(row.member)}`}
                >
                  {row.forMe ? "Decide" : "Open"}
                </a>
              </td>
            </tr>
          ))}
        </TableFrame>
      ) : (
        <ListFrame pages={pages}>
          <EmptyState title="No pending requests">
            No request that you may read waits for approval
            {resourceId ? ` on this resource${below ? " or below" : ""}` : ""}.{" "}
            <a href="/dashboard">Back to the dashboard</a>
          </EmptyState>
        </ListFrame>
      )}
    </>
  );
}
