import { RenewalCell } from "@/components/renewals/renewal-cell";
import { Moment } from "@/components/time/moment";
import { TableRegion } from "@/components/ui/page-parts";
import { application } from "@/lib/platform/application";
import type { Caller } from "@/lib/platform/caller";
import { expiredRoles, type OwnRolesFilter } from "@/lib/queries/my-roles";
import { renewalStates } from "@/lib/queries/renewals";
import { OwnRolesList } from "./own-roles-list";
import { askForMoreTime } from "./renewals/actions";

/** What the caller held or was eligible for, with **Renew** where it can be asked for. */
export async function ExpiredRoles({ caller, filter }: { caller: Caller; filter: OwnRolesFilter }) {
  const { database } = application();
  const { rows, next } = await expiredRoles(database, caller, filter);
  const renewals = await renewalStates(
    database,
    caller,
    rows.map((row) => row.id),
  );
  return (
    <OwnRolesList
      tab="expired"
      filter={filter}
      count={rows.length}
      next={next}
      empty={{
        title: "Nothing has expired",
        hint: "Roles that you held or could activate are listed here after they end.",
      }}
    >
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
    </OwnRolesList>
  );
}
