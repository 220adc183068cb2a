import Link from "next/link";
import { ActivateButton } from "@/components/activation/activate-button";
import { FavouriteButton } from "@/components/activation/favourite-button";
import { RoleSelection } from "@/components/activation/role-selection";
import { RenewalCell } from "@/components/assignments/renewal-cell";
import { StatusBadge } from "@/components/requests/status-badge";
import { RowCheckbox } from "@/components/ui/list-selection";
import { Moment } from "@/components/ui/moment";
import { Name } from "@/components/ui/name";
import { TableRegion } from "@/components/ui/page-parts";
import { PrincipalName } from "@/components/ui/principal-name";
import { isolated } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import type { Caller } from "@/lib/platform/caller";
import {
  eligibleRoles,
  eligibleRolesById,
  hasFactor,
  type OwnRolesFilter,
} from "@/lib/queries/activation/my-roles";
import { renewalStates } from "@/lib/queries/assignments/renewals";
import {
  activate,
  activateSeveral,
  keepFavourite,
  prepareActivation,
  prepareSeveral,
  readSeveral,
  searchActivationScopes,
} from "./actions";
import { OwnRolesList } from "./own-roles-list";
import { askForMoreTime } from "./renewals/actions";

/** The roles that the caller can activate. Roles that the address asks for are included, whichever page they are on. */
export async function EligibleRoles({
  caller,
  filter,
  opened,
  at,
  selected,
}: {
  caller: Caller;
  filter: OwnRolesFilter;
  /** The eligibility whose panel is open. */
  opened: string | undefined;
  /** The scope preselected in the open panel. */
  at: string | undefined;
  selected: readonly string[];
}) {
  const { database } = application();
  const asked = [...selected, ...(opened ? [opened] : [])];
  const [page, named, factor] = await Promise.all([
    eligibleRoles(database, caller, filter),
    asked.length > 0 ? eligibleRolesById(database, caller, asked) : [],
    hasFactor(database, caller),
  ]);
  const rows = [...named.filter((row) => !page.rows.some((each) => each.id === row.id)), ...page.rows];
  const renewals = await renewalStates(
    database,
    caller,
    rows.map((row) => row.id),
  );
  const roles = rows
    .filter((row) => row.activeUntil === null)
    .map(({ id, resourceId, roleName, resourceName }) => ({
      id,
      resourceId,
      roleName,
      resourceName,
    }));
  // A single row can still be part of a selection that spans several pages or searches.
  const selectable = roles.length > 1 || (roles.length > 0 && (filter.search !== "" || filter.after !== ""));
  return (
    <OwnRolesList
      tab="eligible"
      filter={filter}
      count={rows.length}
      next={page.next}
      empty={{
        title: "No eligible roles",
        hint: "When an administrator makes you eligible for a role, it is listed here.",
      }}
      around={(list) => (
        <RoleSelection
          list={`${caller.userId} /my-roles`}
          roles={roles}
          active={rows.filter((row) => row.activeUntil !== null).map((row) => row.id)}
          selectable={selectable}
          hasFactor={factor}
          initial={selected}
          activateSeveral={activateSeveral}
          prepareSeveral={prepareSeveral}
          readSeveral={readSeveral}
        >
          {list}
        </RoleSelection>
      )}
    >
      <TableRegion label="Eligible roles" head={["Role", "Resource", "Membership", "End", "Action"]}>
        {rows.map((row) => (
          <tr key={row.id}>
            <td>
              <span className="-my-2 flex flex-wrap items-center gap-x-1.5 font-semibold max-sm:-ml-3">
                {!selectable ? null : row.activeUntil === null ? (
                  <RowCheckbox
                    id={row.id}
                    label={`Select ${isolated(row.roleName)} on ${isolated(row.resourceName)}`}
                  />
                ) : (
                  <span className="cell-check w-4" />
                )}
                <FavouriteButton
                  roleDefinitionId={row.roleDefinitionId}
                  resourceId={row.resourceId}
                  subject={`${isolated(row.roleName)} on ${isolated(row.resourceName)}`}
                  favourite={row.favourite}
                  submit={keepFavourite}
                />
                <Name of={row.roleName} />
                {row.activeUntil ? <span className="badge badge-success">✓ Active</span> : null}
                {row.waiting ? <StatusBadge status={row.waiting} own /> : null}
              </span>
            </td>
            <td>
              <Link href={`/resources/${row.resourceId}`}>
                <Name of={row.resourceName} />
              </Link>
            </td>
            <td>{row.group ? <PrincipalName of={row.group} /> : "Direct"}</td>
            <td>
              <Moment value={row.endsAt} />
            </td>
            <td>
              <div className="flex flex-wrap items-center gap-2">
                {row.waiting === "PendingProvisioning" ? (
                  <Link href="/my-requests?show=waiting" className="button button-primary">
                    Enter your code
                  </Link>
                ) : null}
                <ActivateButton
                  key={opened === row.id ? `open ${at}` : "closed"}
                  eligibilityId={row.id}
                  roleName={row.roleName}
                  resourceName={row.resourceName}
                  resourceId={row.resourceId}
                  scopeId={opened === row.id ? at : undefined}
                  hasFactor={factor}
                  open={opened === row.id}
                  active={row.activeUntil !== null || row.waiting === "PendingProvisioning"}
                  activate={activate}
                  prepare={prepareActivation}
                  searchScopes={searchActivationScopes}
                />
                <RenewalCell {...row} state={renewals.get(row.id)} submit={askForMoreTime} />
              </div>
            </td>
          </tr>
        ))}
      </TableRegion>
    </OwnRolesList>
  );
}
