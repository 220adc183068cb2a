import { CancelButton } from "@/components/requests/cancel-button";
import { RequestStory } from "@/components/requests/request-story";
import { StatusBadge } from "@/components/requests/status-badge";
import { PrincipalWithFormer } from "@/components/ui/former-names";
import { ListFrame, TableFrame } from "@/components/ui/lists/list-frame";
import { Moment } from "@/components/ui/moment";
import { LongText, Name } from "@/components/ui/name";
import { EmptyState } from "@/components/ui/page-parts";
import { historyPage } from "@/lib/domain/audit/history-page";
import { extendsActivation } from "@/lib/domain/requests/request-subject";
import { hoursInWords } from "@/lib/domain/time/schedule";
import { application } from "@/lib/platform/application";
import { countedRows } from "@/lib/queries/count-rows";
import {
  countWaitingActivations,
  requestsPageSize,
  waitingActivations,
} from "@/lib/queries/requests/requests";
import { pageLinks } from "@/lib/web/page-links";
import { oneId, type Query } from "@/lib/web/page-query";
import { opensHistories } from "../../../../audit/histories";
import { cancel } from "../../../../my-requests/actions";

/**
 * Activations here and below that wait for approval, for the member's code or for their start. Shown to people who may
 * read assignments.
 */
export async function WaitingActivations(props: {
  resourceId: string;
  base: string;
  query: Query;
  mayCancel: boolean;
}) {
  const { base, query, resourceId } = props;
  const { database } = application();
  const [rows, count, histories] = await Promise.all([
    waitingActivations(database, resourceId, oneId(query, "activationsAfter")),
    countWaitingActivations(database, resourceId),
    opensHistories(),
  ]);
  const last = rows.length === requestsPageSize ? rows.at(-1) : undefined;
  const pages = pageLinks({
    query,
    cursor: "activationsAfter",
    address: (cursor) => (cursor ? `${base}?activationsAfter=${cursor}` : base),
    next: last?.id ?? null,
  });
  return (
    <div className="mt-8">
      <h2 className="mb-2">Waiting activations</h2>
      {rows.length === 0 ? (
        <ListFrame pages={pages}>
          <EmptyState title="No waiting activations">
            Activations are listed here while they wait for approval, for the member's code or for a later
            start.
          </EmptyState>
        </ListFrame>
      ) : (
        <TableFrame
          total={{ count, most: countedRows, one: "activation", many: "activations" }}
          pages={pages}
          label="Waiting activations"
          head={["Member", "Role", "Resource", "Asked", "For", "Status", "Reason", "Action"]}
        >
          {rows.map((row) => (
            <tr key={row.id}>
              <td className="font-medium">
                <PrincipalWithFormer
                  of={row.member}
                  href={histories ? historyPage(row.member.id) : undefined}
                />
              </td>
              <td>
                <Name of={row.roleName} />
              </td>
              <td>
                <Name of={row.resourceName} />
              </td>
              <td className="sm:min-w-32 sm:max-[100rem]:[&_time]:whitespace-normal">
                <Moment value={row.createdAt} />
              </td>
              <td className="whitespace-nowrap">
                {extendsActivation(row) && row.endsAt ? (
                  <>
                    Extended until <Moment value={row.endsAt} />
                  </>
                ) : row.durationMinutes ? (
                  hoursInWords(row.durationMinutes / 60)
                ) : (
                  "–"
                )}
              </td>
              <td className="cell-wide">
                <StatusBadge status={row.status} />
                <RequestStory {...row} />
              </td>
              <td className="cell-wide min-w-28 wrap-anywhere sm:max-w-64">
                <LongText of={row.justification} />
              </td>
              <td>
                {props.mayCancel ? (
                  <CancelButton
                    requestId={row.id}
                    roleName={row.roleName}
                    resourceName={row.resourceName}
                    member={row.member}
                    submit={cancel}
                  />
                ) : null}
              </td>
            </tr>
          ))}
        </TableFrame>
      )}
    </div>
  );
}
