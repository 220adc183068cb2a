import { RowCheckbox } from "@/components/ui/lists/list-selection";
import { Moment } from "@/components/ui/moment";
import { Name } from "@/components/ui/name";
import { PrincipalName } from "@/components/ui/principal-name";
import { notProposed } from "@/lib/domain/assignments/standing-access";
import { principalText } from "@/lib/domain/people/principal-identity";
import { type RoleRisk, roleRiskWords } from "@/lib/domain/roles/role-risk";
import { counted } from "@/lib/domain/text/number-format";
import { isolated } from "@/lib/domain/text/visible-text";
import type { StandingPage, StandingRow } from "@/lib/queries/assignments/standing-access";

/** The columns of the list. `acts` is whether the reader may make assignments eligible. */
export function standingHead(acts: boolean): string[] {
  return [...(acts ? ["Select"] : []), "Member", "Role", "Resource", "Last known use", "Active until"].concat(
    acts ? ["Proposal"] : [],
  );
}

const tones: Partial<Record<RoleRisk, string>> = {
  GivesAccess: " text-danger",
  ChangesEverything: " text-danger",
};

/** The rows of standing access: who could do what, at how many resources, and when they last did something. */
export function StandingRows(props: {
  rows: readonly StandingRow[];
  acts: boolean;
  sees: StandingPage["sees"];
  mostBelow: number;
}) {
  return props.rows.map((row) => (
    <tr key={row.id}>
      {props.acts ? (
        <td className="cell-select">
          {row.notProposed === null ? (
            <RowCheckbox
              id={row.id}
              label={`Select ${isolated(row.roleName)} of ${principalText(row.member)}`}
            />
          ) : null}
        </td>
      ) : null}
      <td>
        <PrincipalName of={row.member} href={props.sees.people ? `/people/${row.member.id}` : undefined} />
      </td>
      <td>
        <a href={`/resources/${row.resourceId}/roles/${row.roleDefinitionId}?tab=active`}>
          <Name of={row.roleName} />
        </a>
        <span className={`cell-note${tones[row.risk] ?? ""}`}>{roleRiskWords[row.risk]}</span>
      </td>
      <td className="cell-wide">
        <a href={`/resources/${row.resourceId}`}>
          <Name of={row.resourceName} />
        </a>
        <span className="cell-note whitespace-nowrap">{belowInWords(row.below, props.mostBelow)}</span>
      </td>
      <td>
        <LastUse row={row} sees={props.sees} />
      </td>
      <td>
        <Moment value={row.endsAt} />
      </td>
      {props.acts ? (
        <td>{row.notProposed === null ? "Make eligible" : notProposed[row.notProposed]}</td>
      ) : null}
    </tr>
  ));
}

function belowInWords(below: number, most: number): string {
  if (below === 0) return "This resource alone";
  if (below > most) return `And more than ${counted(most)} below`;
  return `And ${counted(below)} below`;
}

/** What Postern knows about the use of a role, and its source. */
function LastUse({ row, sees }: { row: StandingRow; sees: StandingPage["sees"] }) {
  if (row.member.type === "Group") return <span className="text-muted">Of its members</span>;
  if (row.actedAt)
    return (
      <>
        <Moment value={row.actedAt} />
        <span className="cell-note">Acted here, according to the log</span>
      </>
    );
  if (row.seenAt)
    return (
      <>
        <span className="text-muted">Not known</span>
        <span className="cell-note">
          Last seen <Moment value={row.seenAt} />
        </span>
      </>
    );
  return (
    <>
      <span className="text-muted">Not known</span>
      {sees.people && row.member.type === "User" ? <span className="cell-note">No session known</span> : null}
    </>
  );
}
