import { Moment } from "@/components/ui/moment";
import { Name } from "@/components/ui/name";
import type { Caller } from "@/lib/platform/caller";
import { expiredRoles, type OwnRolesFilter } from "@/lib/queries/activation/my-roles";
import { RenewableRoles } from "./renewable-roles";
import { ResourceCell } from "./role-cells";

/** Roles that the caller held or was eligible for, with **Renew** where available. */
export function ExpiredRoles({ caller, filter }: { caller: Caller; filter: OwnRolesFilter }) {
  return (
    <RenewableRoles
      tab="expired"
      caller={caller}
      filter={filter}
      read={expiredRoles}
      empty={{
        title: "Nothing has expired",
        hint: "Roles that you held or could activate are listed here after they end.",
      }}
      label="Expired roles"
      head={["Role", "Resource", "State", "Start", "Ended", "Action"]}
      cells={(row, shared, moreTime) => (
        <>
          <td className="font-medium">
            <Name of={row.roleName} />
          </td>
          <ResourceCell row={row} shared={shared} />
          <td>
            <span className="badge">{row.kind}</span>
          </td>
          <td>
            <Moment value={row.startsAt} />
          </td>
          <td>
            <Moment value={row.endsAt} />
          </td>
          <td>{moreTime}</td>
        </>
      )}
    />
  );
}
