import Link from "next/link";
import { DecideExtension } from "@/components/renewals/decide-extension";
import { EndMoment } from "@/components/time/end-moment";
import { Moment } from "@/components/time/moment";
import { TableRegion } from "@/components/ui/page-parts";
import type { FormOutcome, PreparedChallenge } from "@/lib/domain/form-outcome";

interface Row {
  readonly id: string;
  readonly asked: "Extend" | "Renew";
  readonly createdAt: Date;
  readonly requestorName: string;
  readonly memberName: string;
  readonly roleName: string;
  readonly resourceId: string;
  readonly resourceName: string;
  readonly assignmentType: "Eligible" | "Active";
  readonly presentEnd: Date | null;
  readonly ended: boolean;
  readonly requestedEnd: Date;
  readonly justification: string | null;
  readonly eligibleMaximumDays: number | null;
  readonly activeMaximumDays: number | null;
  readonly assignmentRequiresMfa: boolean;
  readonly own: boolean;
  readonly mayGive: { readonly eligible: boolean; readonly active: boolean };
  readonly proposedEnd: Date;
}

/** The requests to extend or renew that wait, each with its decision; one's own are for somebody else. */
export function RequestTable(props: {
  rows: readonly Row[];
  now: Date;
  hasFactor: boolean;
  submit: (form: FormData) => Promise<FormOutcome>;
  prepare: (form: FormData) => Promise<PreparedChallenge>;
  returnPath: string;
}) {
  return (
    <TableRegion
      label="Requests"
      head={["Member", "Request", "Role", "Resource", "Present end", "Asked until", "Reason", "Action"]}
    >
      {props.rows.map((row) => (
        <tr key={row.id}>
          <td className="font-medium">
            {row.memberName}
            {row.requestorName === row.memberName ? null : (
              <span className="block text-[0.86rem] text-muted">asked by {row.requestorName}</span>
            )}
          </td>
          <td>
            <span className="grid justify-items-start gap-0.5">
              <span className="badge badge-accent">
                {row.asked} {row.assignmentType === "Active" ? "active" : "eligible"}
              </span>
              <span className="text-[0.86rem] text-muted">
                <Moment value={row.createdAt} />
              </span>
            </span>
          </td>
          <td>{row.roleName}</td>
          <td>
            <Link href={`/resources/${row.resourceId}`}>{row.resourceName}</Link>
          </td>
          <td>
            <EndMoment value={row.presentEnd} now={props.now} />
          </td>
          <td>
            <Moment value={row.requestedEnd} />
          </td>
          <td className="min-w-40">{row.justification}</td>
          <td>
            {row.own ? (
              <span className="text-muted">Yours: somebody else decides</span>
            ) : (
              <DecideExtension
                request={{
                  id: row.id,
                  asked: row.asked,
                  memberName: row.memberName,
                  roleName: row.roleName,
                  resourceName: row.resourceName,
                  assignmentType: row.assignmentType,
                  ended: row.ended,
                  requestedEnd: row.requestedEnd.toISOString(),
                  justification: row.justification,
                  proposedEnd: row.proposedEnd.toISOString(),
                  eligibleMaximumDays: row.eligibleMaximumDays,
                  activeMaximumDays: row.activeMaximumDays,
                  assignmentRequiresMfa: row.assignmentRequiresMfa,
                  mayGive: row.mayGive,
                }}
                hasFactor={props.hasFactor}
                submit={props.submit}
                prepare={props.prepare}
                returnPath={props.returnPath}
              />
            )}
          </td>
        </tr>
      ))}
    </TableRegion>
  );
}
