import type { Metadata } from "next";
import { z } from "zod";
import { Moment } from "@/components/time/moment";
import { EmptyState, PageHeader, Pager, TableRegion } from "@/components/ui/page-parts";
import { requireCaller } from "@/lib/identity/request";
import { application } from "@/lib/platform/application";
import { myRequests } from "@/lib/queries/my-roles";

export const metadata: Metadata = { title: "My requests" };

const types = {
  AdminAssign: "Assign",
  AdminUpdate: "Update assignment",
  AdminExtend: "Extend assignment",
  AdminRenew: "Renew assignment",
  AdminRemove: "Remove assignment",
  SelfActivate: "Activate",
  SelfDeactivate: "Deactivate",
  SelfExtend: "Extend",
  SelfRenew: "Renew",
} as const;

const statuses = {
  PendingApproval: ["Waiting for approval", "badge-warning"],
  PendingProvisioning: ["Being carried out", "badge-warning"],
  ScheduleCreated: ["Scheduled", "badge-accent"],
  Provisioned: ["Provisioned", "badge-success"],
  Denied: ["Denied", "badge-danger"],
  Canceled: ["Canceled", ""],
  TimedOut: ["Timed out", ""],
  Revoked: ["Revoked", ""],
  Failed: ["Failed", "badge-danger"],
} as const;

export default async function MyRequestsPage({
  searchParams,
}: {
  searchParams: Promise<{ before?: string | string[] }>;
}) {
  const caller = await requireCaller();
  const cursor = z.uuid().safeParse((await searchParams).before).data ?? null;
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
              <td>{types[row.requestType]}</td>
              <td>{row.roleDefinition.roleName}</td>
              <td>{row.resource.displayName}</td>
              <td>{row.principal.displayName}</td>
              <td>
                <span className={`badge ${statuses[row.status][1]}`}>{statuses[row.status][0]}</span>
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
