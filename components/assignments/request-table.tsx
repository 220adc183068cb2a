import { DecideExtension } from "@/components/assignments/decide-extension";
import type { RequestToDecide } from "@/components/assignments/decide-extension-fields";
import { EndMoment } from "@/components/ui/end-moment";
import { PrincipalWithFormer } from "@/components/ui/former-names";
import { TableFrame } from "@/components/ui/lists/list-frame";
import { RowCheckbox } from "@/components/ui/lists/list-selection";
import { Moment } from "@/components/ui/moment";
import { LongText, Name } from "@/components/ui/name";
import { PrincipalName } from "@/components/ui/principal-name";
import { historyPage } from "@/lib/domain/audit/history-page";
import { principalText } from "@/lib/domain/people/principal-identity";
import { isolated } from "@/lib/domain/text/visible-text";
import type { ExtensionRequest } from "@/lib/queries/assignments/extension-requests";
import type { FormOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

/** Breaks a time over two lines, since nine columns do not fit otherwise. */
const brokenTime = "sm:min-w-32 sm:max-[100rem]:[&_time]:whitespace-normal";

/** Whether the reader may decide a request in the form in which it was made. */
function selectable(row: ExtensionRequest): boolean {
  return !row.own && (row.assignmentType === "Active" ? row.mayAssign.active : row.mayAssign.eligible);
}

/** The selectable requests of a list, with their names. */
export function selectableRequests(rows: readonly ExtensionRequest[]) {
  return rows.filter(selectable).map((row) => ({
    id: row.id,
    name: `${row.asked} ${isolated(row.roleName)} of ${principalText(row.member)} on ${isolated(row.resourceName)} (${row.assignmentType})`,
    note: row.justification ?? "No reason was given.",
  }));
}

/** What the dialogs that decide a request show of it. */
export function toDecide(row: ExtensionRequest): RequestToDecide {
  const { id, asked, member, roleName, resourceName, assignmentType, ended, justification } = row;
  const { rules, mayAssign } = row;
  return {
    ...{ id, asked, member, roleName, resourceName, assignmentType, ended, justification, rules, mayAssign },
    requestedEnd: row.requestedEnd.toISOString(),
    proposedEnd: row.proposedEnd.toISOString(),
  };
}

/** Waiting requests to extend or renew, each with its decision. The reader's own requests are for others to decide. */
export function RequestTable(
  props: Pick<React.ComponentProps<typeof TableFrame>, "total" | "pages"> & {
    rows: readonly ExtensionRequest[];
    now: Date;
    /** Whether several can be selected. Needs an `ExtensionSelection` around the table. */
    selecting: boolean;
    hasFactor: boolean;
    submit: (form: FormData) => Promise<FormOutcome>;
    prepare: (form: FormData) => Promise<PreparedChallenge>;
    returnPath: string;
    /** Whether the reader may open people's histories. */
    histories: boolean;
    /** Whether each row leads to the page of its request. */
    linked?: boolean;
  },
) {
  const selecting = props.selecting && props.rows.some(selectable);
  return (
    <TableFrame
      total={props.total}
      pages={props.pages}
      label="Requests"
      head={[
        ...(selecting ? ["Select"] : []),
        ...["Member", "Request", "Role", "Resource", "Current end", "Requested end", "Reason", "Action"],
      ]}
    >
      {props.rows.map((row) => (
        <tr key={row.id}>
          {selecting ? (
            <td className="cell-select">
              {selectable(row) ? (
                <RowCheckbox
                  id={row.id}
                  label={`Select the ${row.asked === "Extend" ? "extension" : "renewal"} of ${isolated(row.roleName)} for ${principalText(row.member)}`}
                />
              ) : null}
            </td>
          ) : null}
          <td className="font-medium">
            <PrincipalWithFormer
              of={row.member}
              href={props.histories ? historyPage(row.member.id) : undefined}
            />
            {row.requestor.id === row.member.id ? null : (
              <span className="mt-0.5 block text-[0.86rem] font-normal text-muted">
                requested by <PrincipalName of={row.requestor} inline />
              </span>
            )}
          </td>
          <td>
            <span className="grid justify-items-start gap-0.5">
              <span className="badge badge-warning">
                {row.asked} {row.assignmentType === "Active" ? "active" : "eligible"}
              </span>
              <span className="text-[0.86rem] text-muted">
                <Moment value={row.createdAt} />
              </span>
              {props.linked ? (
                <a
                  className="tap"
                  href={`/requests/${row.id}`}
                  aria-label={`Open the request: ${isolated(row.roleName)} for ${principalText(row.member)}`}
                >
                  Open the request
                </a>
              ) : null}
            </span>
          </td>
          <td className="[&_.long-name]:min-w-32!">
            <Name of={row.roleName} />
          </td>
          <td className="[&_.long-name]:min-w-32!">
            <a href={`/resources/${row.resourceId}`}>
              <Name of={row.resourceName} />
            </a>
          </td>
          <td className={brokenTime}>
            <EndMoment value={row.presentEnd} now={props.now} />
          </td>
          <td className={brokenTime}>
            <Moment value={row.requestedEnd} />
          </td>
          <td className="min-w-28 2xl:min-w-40">
            <LongText of={row.justification} />
          </td>
          <td>
            {row.own ? (
              <span className="text-muted">Yours: somebody else decides</span>
            ) : (
              <DecideExtension
                request={toDecide(row)}
                hasFactor={props.hasFactor}
                submit={props.submit}
                prepare={props.prepare}
                returnPath={props.returnPath}
              />
            )}
          </td>
        </tr>
      ))}
    </TableFrame>
  );
}
