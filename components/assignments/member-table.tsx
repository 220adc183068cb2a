import Link from "next/link";
import { ChangeAssignment, type ChangeOutcome } from "@/components/assignments/change-assignment";
import { ConfirmButton } from "@/components/ui/confirm-button";
import { EndMoment } from "@/components/ui/end-moment";
import { TextAreaField } from "@/components/ui/field";
import { RowCheckbox } from "@/components/ui/list-selection";
import { Moment } from "@/components/ui/moment";
import { Name } from "@/components/ui/name";
import { TableRegion } from "@/components/ui/page-parts";
import { PrincipalName } from "@/components/ui/principal-name";
import { principalText } from "@/lib/domain/people/principal-identity";
import type { ListOrder } from "@/lib/domain/text/list-order";
import { isolated } from "@/lib/domain/text/visible-text";
import type { MemberRow } from "@/lib/queries/assignments/members";
import type { FormOutcome, PreparedChallenge } from "@/lib/web/form-outcome";
import { sortableHead } from "@/lib/web/list-order";

interface Shared {
  readonly resource: { id: string; may: { writeEligibility: boolean; writeAssignment: boolean } };
  readonly now: Date;
  readonly hasFactor: boolean;
  readonly change: (form: FormData) => Promise<ChangeOutcome>;
  readonly prepare: (form: FormData) => Promise<PreparedChallenge>;
  readonly remove: (form: FormData) => Promise<FormOutcome>;
  readonly returnPath: string;
}

/** Breaks a time over two lines, since eight columns do not fit otherwise. */
const brokenTime = "sm:min-w-24 sm:max-[100rem]:[&_time]:whitespace-normal";

type Column = "member" | "start" | "end";

/** Members with their STATE, end and actions. */
export function MemberTable({
  rows,
  oneRole,
  order,
  sortAddress,
  ...shared
}: Shared & {
  rows: readonly MemberRow[];
  oneRole: boolean;
  order: ListOrder<Column>;
  /** The address of the first page in another order. */
  sortAddress: (sort: string) => string;
}) {
  const selecting = rows.some((row) => selectable(row, shared));
  const acting = rows.some((row) => changeable(row, shared));
  const sorted = (by: Column, label: string) => sortableHead(order, by, label, sortAddress);
  const head = [
    ...(selecting ? ["Select"] : []),
    sorted("member", "Member"),
    ...(oneRole ? [] : ["Role"]),
    "STATE",
    sorted("start", "Start"),
    sorted("end", "End"),
    ...(oneRole ? [] : ["From"]),
    ...(acting ? ["Action"] : []),
  ];
  return (
    <TableRegion label="Members" head={head}>
      {rows.map((row) => (
        <tr key={row.id}>
          {selecting ? (
            <td className="cell-select">
              {selectable(row, shared) ? (
                <RowCheckbox
                  id={row.id}
                  label={`Select ${isolated(row.roleName)} of ${principalText(row.member)}`}
                />
              ) : null}
            </td>
          ) : null}
          <td className="font-medium">
            <PrincipalName of={row.member} />
          </td>
          {oneRole ? null : (
            <td>
              <Link href={`/resources/${row.resourceId}/roles/${row.roleDefinitionId}`}>
                <Name of={row.roleName} />
              </Link>
            </td>
          )}
          <td>
            <StateBadge row={row} now={shared.now} />
          </td>
          <td className={oneRole ? "" : brokenTime}>
            <Moment value={row.startsAt} />
          </td>
          <td className={oneRole ? "" : brokenTime}>
            <EndMoment value={row.endsAt} now={shared.now} />
          </td>
          {oneRole ? null : (
            <td>
              {row.resourceId === shared.resource.id ? (
                "Here"
              ) : (
                <span className="grid justify-items-start gap-0.5">
                  <span className="badge">↧ Inherited</span>
                  <Link href={`/resources/${row.resourceId}/assignments`}>
                    <Name of={row.resourceName} />
                  </Link>
                </span>
              )}
            </td>
          )}
          {acting ? (
            <td className="cell-wide">
              <RowActions row={row} {...shared} />
            </td>
          ) : null}
        </tr>
      ))}
    </TableRegion>
  );
}

type Rights = Pick<Shared, "resource" | "now">;

function typeOf({ state }: Pick<MemberRow, "state">): "Eligible" | "Active" {
  return state === "Eligible" ? "Eligible" : "Active";
}

/** Whether the caller may change a row here. Inherited assignments are changed where they come from. */
function changeable(row: MemberRow, { resource }: Rights): boolean {
  const right = typeOf(row) === "Active" ? resource.may.writeAssignment : resource.may.writeEligibility;
  return row.resourceId === resource.id && right;
}

/** Current assignments can be extended or removed. Expired ones can be renewed. */
function selectable(row: MemberRow, rights: Rights): boolean {
  const ended = row.endsAt !== null && row.endsAt <= rights.now;
  return changeable(row, rights) && (!ended || (!row.removed && row.state !== "Activated"));
}

/** The selectable rows of a list, with their names. */
export function selectableRows(rows: readonly MemberRow[], rights: Rights) {
  return rows
    .filter((row) => selectable(row, rights))
    .map((row) => ({
      id: row.id,
      assignmentType: typeOf(row),
      name: `${isolated(row.roleName)} of ${principalText(row.member)}, ${row.state}`,
    }));
}

const tones = { Eligible: "", Assigned: "badge-warning", Activated: "badge-accent" } as const;

function StateBadge({ row, now }: { row: MemberRow; now: Date }) {
  return (
    <span className="flex flex-wrap gap-1">
      <span className={`badge ${tones[row.state]}`}>{row.state}</span>
      {row.startsAt > now ? <span className="badge">Scheduled</span> : null}
      {row.removed && row.state === "Activated" ? <span className="badge">Ended early</span> : null}
      {row.removed && row.state !== "Activated" ? <span className="badge badge-danger">Removed</span> : null}
    </span>
  );
}

function RowActions({ row, resource, now, ...props }: Shared & { row: MemberRow }) {
  const assignmentType = row.state === "Eligible" ? "Eligible" : "Active";
  const mayChange =
    assignmentType === "Active" ? resource.may.writeAssignment : resource.may.writeEligibility;
  if (row.resourceId !== resource.id || !mayChange) return null;
  const ended = row.endsAt !== null && row.endsAt <= now;
  if (ended && (row.removed || row.state === "Activated")) return null;
  const common = {
    assignmentType,
    id: row.id,
    member: row.member,
    roleName: row.roleName,
    shown: { startsAt: row.startsAt.toISOString(), endsAt: row.endsAt?.toISOString() ?? "" },
    maximumDays: row.maximumDays,
    needsCode: row.needsCode,
    hasFactor: props.hasFactor,
    submit: props.change,
    prepare: props.prepare,
    returnPath: props.returnPath,
  } as const;
  const proposed = row.proposedEnd.toISOString();
  if (ended) return <ChangeAssignment {...common} change="Renew" initialEnd={proposed} />;
  const direct = row.state !== "Activated";
  return (
    <span className="flex flex-wrap gap-1.5 min-[90rem]:flex-nowrap">
      {direct && row.endsAt !== null ? (
        <ChangeAssignment {...common} change="Extend" initialEnd={proposed} />
      ) : null}
      {direct ? (
        <ChangeAssignment {...common} change="Update" initialEnd={row.endsAt?.toISOString() ?? ""} />
      ) : null}
      <ConfirmButton
        label="Remove"
        title={`Remove ${isolated(row.roleName)} from ${principalText(row.member)}?`}
        description={`${principalText(row.member)} loses this ${assignmentType.toLowerCase()} assignment immediately, with every activation based on it.`}
        submit={props.remove}
        fields={{ assignmentType, id: row.id }}
      >
        <TextAreaField name="justification" label="Justification (optional)" maxLength={2000} />
      </ConfirmButton>
    </span>
  );
}
