import { RenewalCell } from "@/components/renewals/renewal-cell";
import { Moment } from "@/components/time/moment";
import { EmptyState, TableRegion } from "@/components/ui/page-parts";
import { requireCaller } from "@/lib/identity/request";
import { application } from "@/lib/platform/application";
import { expiredRoles } from "@/lib/queries/my-roles";
import { renewalStates } from "@/lib/queries/renewals";
import { askForMoreTime } from "./renewals/actions";

/** What the caller held or was eligible for, with **Renew** where it can be asked for. */
export async function ExpiredRoles() {
  const caller = await requireCaller();
  const { database } = application();
  const [rows, renewals] = await Promise.all([
    expiredRoles(database, caller),
    renewalStates(database, caller),
  ]);
  if (rows.length === 0)
    return (
      <EmptyState title="Nothing has expired">
        Roles that you held or could activate are listed here after they end.
      </EmptyState>
    );
  return (
    <TableRegion label="Expired roles" head={["Role", "Resource", "STATE", "Start", "Ended", "Action"]}>
      {rows.map((row) => (
        <tr key={row.id}>
          <td className="font-semibold">{row.roleName}</td>
          <td>{row.resourceName}</td>
          <td>
            <span className="badge">{row.kind}</span>
          </td>
          <td>
            <Moment value={row.startsAt} />
          </td>
          <td>
            <Moment value={row.endsAt} />
          </td>
          <td>
            <RenewalCell {...row} state={renewals.get(row.id)} submit={askForMoreTime} />
          </td>
        </tr>
      ))}
    </TableRegion>
  );
}
