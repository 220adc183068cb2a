import type { Metadata } from "next";
import { ExtendButton } from "@/components/activation/extend-button";
import { ActivateNow } from "@/components/requests/activate-now";
import { CancelButton } from "@/components/requests/cancel-button";
import { EmergencyBadge } from "@/components/requests/emergency-badge";
import { RequestStory } from "@/components/requests/request-story";
import { StatusBadge, statusLook } from "@/components/requests/status-badge";
import { LinkChips } from "@/components/ui/lists/chips";
import { DataTable } from "@/components/ui/lists/data-table";
import { ListFrame } from "@/components/ui/lists/list-frame";
import { RowActions } from "@/components/ui/lists/row-actions";
import { EmptyState, PageHeader } from "@/components/ui/page-parts";
import { isWaiting } from "@/lib/domain/requests/request-state";
import { formatIn } from "@/lib/domain/time/moment-format";
import { application } from "@/lib/platform/application";
import { ownsFactor } from "@/lib/queries/activation/my-roles";
import { countedRows } from "@/lib/queries/count-rows";
import { countMyRequests, isCancelable, myRequests, requestsPageSize } from "@/lib/queries/requests/requests";
import { pageLinks } from "@/lib/web/page-links";
import { oneId, type Query } from "@/lib/web/page-query";
import { readerTimes } from "@/lib/web/reader-zone";
import { requireCaller } from "@/lib/web/request";
import { extend, prepareExtension, readExtension } from "../my-roles/actions";
import { cancel, prepareProvisioning, provision } from "./actions";
import { noteOfRequest, outcomeInWords, requestInWords } from "./request-row-words";
import { toActivate } from "./to-activate";

export const metadata: Metadata = { title: "My requests" };

const extensions = { extend, prepareExtension, readExtension };

export default async function MyRequestsPage(props: { searchParams: Promise<Query> }) {
  const caller = await requireCaller();
  const asked = await props.searchParams;
  const before = oneId(asked, "before");
  /** The approved request to activate with a code. */
  const activate = oneId(asked, "activate");
  const waiting = asked.show === "waiting";
  const { database } = application();
  const [rows, count, times] = await Promise.all([
    myRequests(database, caller, { before, waiting }),
    countMyRequests(database, caller, { waiting }),
    readerTimes(),
  ]);
  const format = formatIn(times);
  const acting = rows.some(hasAction);
  const factor = rows.some((row) => row.runningId || toActivate(row)) && (await ownsFactor(database, caller));
  const last = rows.length === requestsPageSize ? rows.at(-1) : undefined;
  const base = waiting ? "/my-requests?show=waiting" : "/my-requests?show=all";
  const pages = pageLinks({
    query: asked,
    cursor: "before",
    address: (cursor) => (cursor ? `${base}&before=${cursor}` : base),
    next: last?.id ?? null,
  });
  return (
    <>
      <PageHeader title="My requests" description="All your requests and their status." />
      <LinkChips
        label="Which requests"
        chips={[
          { href: "/my-requests", label: "All", current: !waiting },
          { href: "/my-requests?show=waiting", label: "Waiting", current: waiting },
        ]}
      />
      {rows.length === 0 ? (
        <ListFrame pages={pages}>
          <EmptyState title={waiting ? "No pending requests" : "No requests"}>
            {waiting
              ? "Requests that wait for approval, for your code or for a later start are listed here."
              : "Everything that you activate, assign or remove is listed here."}
          </EmptyState>
        </ListFrame>
      ) : (
        <DataTable
          label="My requests"
          head={["Request", "Status", "Asked", ...(acting ? ["Action"] : [])]}
          total={{ count, most: countedRows, one: "request", many: "requests" }}
          pages={pages}
          rows={rows.map((row) => {
            const approved = toActivate(row);
            const outcome = outcomeInWords(row);
            return [
              row.id,
              {
                text: requestInWords(row),
                sentence: true,
                href: `/requests/${row.id}`,
                note: noteOfRequest(row, caller.userId),
                wide: true,
              },
              isWaiting(row.status) || row.status === "ScheduleCreated" || row.emergency
                ? {
                    wide: true,
                    node: (
                      <>
                        <span className="flex flex-wrap gap-1.5">
                          <StatusBadge status={row.status} own />
                          {row.emergency ? <EmergencyBadge open={row.emergency === "Open"} /> : null}
                        </span>
                        <RequestStory {...row} />
                      </>
                    ),
                  }
                : { ...statusLook(row.status, true), note: outcome, wide: outcome !== null },
              { text: format.moment(row.createdAt), moment: row.createdAt.toISOString() },
              ...(acting
                ? [
                    hasAction(row)
                      ? {
                          node: (
                            <RowActions about={requestInWords(row)}>
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
                              {row.runningId ? (
                                <ExtendButton
                                  assignmentId={row.runningId}
                                  roleName={row.roleName}
                                  resourceName={row.resourceName}
                                  hasFactor={factor}
                                  {...extensions}
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
                            </RowActions>
                          ),
                        }
                      : null,
                  ]
                : []),
            ];
          })}
        />
      )}
    </>
  );
}

type Request = Awaited<ReturnType<typeof myRequests>>[number];

/** Whether its requestor can do something about it: activate, extend or cancel. */
const hasAction = (row: Request) => toActivate(row) !== null || row.runningId !== null || isCancelable(row);
