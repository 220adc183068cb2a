import type { Metadata } from "next";
import Link from "next/link";
import { z } from "zod";
import { ActivateNow } from "@/components/requests/activate-now";
import { CancelButton } from "@/components/requests/cancel-button";
import { RequestStory } from "@/components/requests/request-story";
import { StatusBadge } from "@/components/requests/status-badge";
import { Moment } from "@/components/ui/moment";
import { LongText, Name } from "@/components/ui/name";
import { EmptyState, LinkTabs, PageHeader, Pager, TableRegion } from "@/components/ui/page-parts";
import { PrincipalName } from "@/components/ui/principal-name";
import { requestTypeWords } from "@/lib/domain/requests/request-words";
import { application } from "@/lib/platform/application";
import { hasFactor } from "@/lib/queries/activation/my-roles";
import { isCancelable, myRequests, requestsPageSize } from "@/lib/queries/requests/requests";
import { pageLinks } from "@/lib/web/page-links";
import { requireCaller } from "@/lib/web/request";
import { cancel, prepareProvisioning, provision } from "./actions";
import { toActivate } from "./to-activate";

export const metadata: Metadata = { title: "My requests" };

const query = z.object({
  before: z.uuid().nullable().catch(null),
  /** The approved request to activate with a code. */
  activate: z.uuid().toLowerCase().nullable().catch(null),
  show: z.enum(["all", "waiting"]).catch("all"),
});

export default async function MyRequestsPage(props: {
  searchParams: Promise<Record<string, string | string[] | undefined>>;
}) {
  const caller = await requireCaller();
  const asked = await props.searchParams;
  const { before, show, activate } = query.parse(asked);
  const waiting = show === "waiting";
  const { database } = application();
  const rows = await myRequests(database, caller, { before, waiting });
  const factor = rows.some((row) => toActivate(row)) && (await hasFactor(database, caller));
  const last = rows.length === requestsPageSize ? rows.at(-1) : undefined;
  const base = waiting ? "/my-requests?show=waiting" : "/my-requests?show=all";
  return (
    <>
      <PageHeader title="My requests" description="All your requests and their status." />
      <LinkTabs
        label="My requests"
        tabs={[
          { href: "/my-requests", label: "All", current: !waiting },
          { href: "/my-requests?show=waiting", label: "Waiting", current: waiting },
        ]}
      />
      {rows.length === 0 ? (
        <EmptyState title={waiting ? "No pending requests" : "No requests"}>
          {waiting
            ? "Requests that wait for approval, for your code or for a later start are listed here."
            : "Everything that you activate, assign or remove is listed here."}
        </EmptyState>
      ) : (
        <TableRegion
          label="My requests"
          head={["Asked", "Request", "Role", "Resource", "Member", "Status", "Reason", "Action"]}
        >
          {rows
            .map((row) => ({ row, approved: toActivate(row) }))
            .map(({ row, approved }) => (
              <tr key={row.id}>
                <td>
                  <Moment value={row.createdAt} />
                </td>
                <td>
                  <Link href={`/requests/${row.id}`} prefetch={false}>
                    {requestTypeWords[row.requestType]}
                  </Link>
                </td>
                <td>
                  <Name of={row.roleName} />
                </td>
                <td>
                  <Name of={row.resourceName} />
                </td>
                <td>{row.member.id === caller.userId ? "You" : <PrincipalName of={row.member} />}</td>
                <td className="cell-wide">
                  <StatusBadge status={row.status} own />
                  <RequestStory {...row} />
                </td>
                <td className="max-w-64 min-w-36 wrap-anywhere">
                  <LongText of={row.justification} />
                </td>
                <td>
                  <div className="flex flex-wrap gap-2">
                    {approved ? (
                      <ActivateNow
                        key={activate === row.id ? "open" : "closed"}
                        request={approved}
                        hasFactor={factor}
                        open={activate === row.id}
                        base={base}
                        provision={provision}
                        prepareProvisioning={prepareProvisioning}
                      />
                    ) : null}
                    {isCancelable(row) ? (
                      <CancelButton
                        requestId={row.id}
                        roleName={row.roleName}
                        resourceName={row.resourceName}
                        submit={cancel}
                      />
                    ) : null}
                  </div>
                </td>
              </tr>
            ))}
        </TableRegion>
      )}
      <Pager
        {...pageLinks({
          query: asked,
          cursor: "before",
          address: (cursor) => (cursor ? `${base}&before=${cursor}` : base),
          next: last?.id ?? null,
        })}
      />
    </>
  );
}
