import { ExtendButton } from "@/components/activation/extend-button";
import { ConfirmButton } from "@/components/ui/confirm-button";
import { Countdown } from "@/components/ui/countdown";
import { Moment } from "@/components/ui/moment";
import { Name } from "@/components/ui/name";
import { isolated } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import type { Caller } from "@/lib/platform/caller";
import { activeRoles, type OwnRolesFilter, ownsFactor } from "@/lib/queries/activation/my-roles";
import { deactivate, extend, prepareExtension, readExtension } from "./actions";
import { RenewableRoles } from "./renewable-roles";
import { ResourceCell } from "./role-cells";

const extensions = { extend, prepareExtension, readExtension };

/** The caller's active and scheduled roles, with **Extend** where available, and **Deactivate**. */
export async function ActiveRoles(props: {
  caller: Caller;
  filter: OwnRolesFilter;
  /** The activation whose **Extend** is open on load. */
  extending?: string;
}) {
  const { caller, filter, extending } = props;
  const factor = await ownsFactor(application().database, caller);
  return (
    <RenewableRoles
      tab="active"
      caller={caller}
      filter={filter}
      read={activeRoles}
      empty={{ title: "No active roles", hint: "Activate one of your eligible roles when you need it." }}
      label="Active roles"
      head={["Role", "Resource", "State", "Start", "End", "Time left", "Action"]}
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
              <span className="flex flex-wrap items-center gap-2">
                {row.scheduled ? null : row.extension ? (
                  <a href="/my-requests?show=waiting" className="badge badge-warning">
                    {row.extension === "PendingProvisioning"
                      ? "Extension waits for your code"
                      : "Extension waits for approval"}
                  </a>
                ) : (
                  <ExtendButton
                    assignmentId={row.id}
                    roleName={row.roleName}
                    resourceName={row.resourceName}
                    hasFactor={factor}
                    open={row.id === extending}
                    {...extensions}
                  />
                )}
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
              </span>
            ) : (
              moreTime
            )}
          </td>
        </>
      )}
    />
  );
}
