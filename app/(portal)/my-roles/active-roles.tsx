import { ConfirmButton } from "@/components/ui/confirm-button";
import { Countdown } from "@/components/ui/countdown";
import { Moment } from "@/components/ui/moment";
import { Name } from "@/components/ui/name";
import { isolated } from "@/lib/domain/text/visible-text";
import type { Caller } from "@/lib/platform/caller";
import { activeRoles, type OwnRolesFilter } from "@/lib/queries/activation/my-roles";
import { deactivate } from "./actions";
import { RenewableRoles } from "./renewable-roles";
import { ResourceCell } from "./role-cells";

/** The caller's active and scheduled roles, with **Deactivate**, and **Extend** where available. */
export function ActiveRoles({ caller, filter }: { caller: Caller; filter: OwnRolesFilter }) {
  return (
    <RenewableRoles
      tab="active"
      caller={caller}
      filter={filter}
      read={activeRoles}
      empty={{ title: "No active roles", hint: "Activate one of your eligible roles when you need it." }}
      label="Active roles"
      head={["Role", "Resource", "STATE", "Start", "End", "Time left", "Action"]}
      cells={(row, shared, moreTime) => (
        <>
          <td className="font-medium">
            <Name of={row.roleName} />
          </td>
          <ResourceCell row={row} shared={shared} />
          <td>
            <span className={`badge ${row.assignmentType === "Activated" ? "badge-accent" : ""}`}>
              {row.scheduled ? "Scheduled" : row.assignmentType}
            </span>
          </td>
          <td>
            <Moment value={row.startsAt} />
          </td>
          <td>
            <Moment value={row.endsAt} />
          </td>
          <td>
            {row.endsAt && !row.scheduled ? (
              <Countdown endsAt={row.endsAt.toISOString()} now={row.now.toISOString()} />
            ) : (
              "–"
            )}
          </td>
          <td>
            {row.assignmentType === "Activated" && row.own ? (
              <ConfirmButton
                label={row.scheduled ? "Cancel activation" : "Deactivate"}
                title={
                  row.scheduled
                    ? `Cancel the activation of ${isolated(row.roleName)}?`
                    : `Deactivate ${isolated(row.roleName)}?`
                }
                description={
                  row.scheduled
                    ? `${isolated(row.roleName)} on ${isolated(row.resourceName)} will not become active at the time you chose. You can activate it again while you are eligible.`
                    : `You lose ${isolated(row.roleName)} on ${isolated(row.resourceName)} immediately. You can activate it again while you are eligible.`
                }
                submit={deactivate}
                fields={{ assignmentId: row.id }}
              />
            ) : (
              moreTime
            )}
          </td>
        </>
      )}
    />
  );
}
