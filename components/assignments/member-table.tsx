import Link from "next/link";
import { UpdateAssignment } from "@/components/assignments/member-actions";
import { Moment } from "@/components/time/moment";
import { ConfirmButton } from "@/components/ui/confirm-button";
import { TextAreaField } from "@/components/ui/field";
import { EmptyState, TableRegion } from "@/components/ui/page-parts";
import type { FormOutcome, PreparedChallenge } from "@/lib/domain/form-outcome";
import type { RoleSettings } from "@/lib/domain/role-settings";

interface Row {
  readonly id: string;
  readonly principalName: string;
  readonly principalType: string;
  readonly roleName: string;
  readonly state: "Eligible" | "Assigned" | "Activated";
  readonly startsAt: Date;
  readonly endsAt: Date | null;
  readonly resourceId: string;
  readonly resourceName: string;
}

/** Who has access, in which STATE, until when; with what an administrator may do about it. */
export function MemberTable(props: {
  rows: readonly Row[];
  resource: { id: string; may: { writeEligibility: boolean; writeAssignment: boolean } };
  /** The settings of the one role that is listed; null where several roles are, which are then changed on their own pages. */
  settings: RoleSettings | null;
  ended: boolean;
  hasFactor: boolean;
  update: (form: FormData) => Promise<FormOutcome>;
  prepare: (form: FormData) => Promise<PreparedChallenge>;
  remove: (form: FormData) => Promise<FormOutcome>;
  returnPath: string;
}) {
  if (props.rows.length === 0) {
    return (
      <EmptyState title="Nobody here">
        No assignment matches. Clear the search, or add assignments.
      </EmptyState>
    );
  }
  return (
    <TableRegion label="Members" head={["Member", "Type", "Role", "STATE", "Start", "End", "From", "Action"]}>
      {props.rows.map((row) => {
        const assignmentType = row.state === "Eligible" ? "Eligible" : "Active";
        const mayChange =
          assignmentType === "Active"
            ? props.resource.may.writeAssignment
            : props.resource.may.writeEligibility;
        const here = row.resourceId === props.resource.id && !props.ended && mayChange;
        return (
          <tr key={row.id}>
            <td className="font-medium">{row.principalName}</td>
            <td>{row.principalType}</td>
            <td>{row.roleName}</td>
            <td>
              <span
                className={`badge ${row.state === "Activated" ? "badge-accent" : row.state === "Assigned" ? "badge-warning" : ""}`}
              >
                {row.state}
              </span>
            </td>
            <td>
              <Moment value={row.startsAt} />
            </td>
            <td>
              <Moment value={row.endsAt} />
            </td>
            <td>
              {row.resourceId === props.resource.id ? (
                "Here"
              ) : (
                <Link href={`/resources/${row.resourceId}`}>{row.resourceName}</Link>
              )}
            </td>
            <td>
              {here ? (
                <span className="flex gap-2">
                  {props.settings && row.state !== "Activated" ? (
                    <UpdateAssignment
                      assignmentType={assignmentType}
                      id={row.id}
                      memberName={row.principalName}
                      endsAt={row.endsAt?.toISOString() ?? ""}
                      settings={props.settings}
                      hasFactor={props.hasFactor}
                      submit={props.update}
                      prepare={props.prepare}
                      returnPath={props.returnPath}
                    />
                  ) : null}
                  <ConfirmButton
                    label="Remove"
                    title={`Remove ${row.roleName} from ${row.principalName}?`}
                    description={`${row.principalName} loses this ${assignmentType.toLowerCase()} assignment at once, with everything activated on the strength of it.`}
                    submit={props.remove}
                    fields={{ assignmentType, id: row.id }}
                  >
                    <TextAreaField name="justification" label="Justification (optional)" maxLength={2000} />
                  </ConfirmButton>
                </span>
              ) : null}
            </td>
          </tr>
        );
      })}
    </TableRegion>
  );
}
