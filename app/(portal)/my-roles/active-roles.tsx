import Link from "next/link";
import { RenewalCell } from "@/components/renewals/renewal-cell";
import { Countdown } from "@/components/time/countdown";
import { Moment } from "@/components/time/moment";
import { ConfirmButton } from "@/components/ui/confirm-button";
import { TableRegion } from "@/components/ui/page-parts";
import { application } from "@/lib/platform/application";
import type { Caller } from "@/lib/platform/caller";
import { activeRoles, type OwnRolesFilter } from "@/lib/queries/my-roles";
import { renewalStates } from "@/lib/queries/renewals";
import { deactivate } from "./actions";
import { OwnRolesList } from "./own-roles-list";
import { askForMoreTime } from "./renewals/actions";

/** What the caller holds or has scheduled, with **Deactivate**, and **Extend** where it can be asked for. */
export async function ActiveRoles({ caller, filter }: { caller: Caller; filter: OwnRolesFilter }) {
  const { database } = application();
  const { rows, next } = await activeRoles(database, caller, filter);
  const renewals = await renewalStates(
    database,
    caller,
    rows.map((row) => row.id),
  );
  return (
    <OwnRolesList
      tab="active"
      filter={filter}
      count={rows.length}
      next={next}
      empty={{ title: "No active roles", hint: "Activate one of your eligible roles when you need it." }}
    >
      <TableRegion
        label="Active roles"
        head={["Role", "Resource", "STATE", "Start", "End", "Time left", "Action"]}
      >
        {rows.map((row) => (
          <tr key={row.id}>
            <td className="font-semibold">{row.roleName}</td>
            <td>
              <Link href={`/resources/${row.resourceId}`}>{row.resourceName}</Link>
            </td>
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
                      ? `Cancel the activation of ${row.roleName}?`
                      : `Deactivate ${row.roleName}?`
                  }
                  description={
                    row.scheduled
                      ? `${row.roleName} on ${row.resourceName} will not become active at the time you chose. You can activate it again while you are eligible.`
                      : `You give up ${row.roleName} on ${row.resourceName} at once. You can activate it again while you are eligible.`
                  }
                  submit={deactivate}
                  fields={{ assignmentId: row.id }}
                />
              ) : (
                <RenewalCell {...row} state={renewals.get(row.id)} submit={askForMoreTime} />
              )}
            </td>
          </tr>
        ))}
      </TableRegion>
    </OwnRolesList>
  );
}
