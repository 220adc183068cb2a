import { ExtendButton } from "@/components/activation/extend-button";
import { FavouriteButton } from "@/components/activation/favourite-button";
import { ActivateRole, EndTaken } from "@/components/activation/role-actions";
import { RoleSelection } from "@/components/activation/role-selection";
import { canActivate, RoleState } from "@/components/activation/role-state";
import { RenewalCell } from "@/components/assignments/renewal-cell";
import { EndMoment } from "@/components/ui/end-moment";
import { RowCheckbox } from "@/components/ui/lists/list-selection";
import { RowActions } from "@/components/ui/lists/row-actions";
import { Name } from "@/components/ui/name";
import { PrincipalName } from "@/components/ui/principal-name";
import { isolated } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import type { Caller } from "@/lib/platform/caller";
import {
  eligibleRoles,
  eligibleRolesById,
  type OwnRolesFilter,
  ownsFactor,
} from "@/lib/queries/activation/my-roles";
import { renewalStates } from "@/lib/queries/assignments/renewals";
import { cancel } from "../my-requests/actions";
import {
  activate,
  activateSeveral,
  deactivate,
  extend,
  keepFavourite,
  prepareActivation,
  prepareExtension,
  prepareSeveral,
  readExtension,
  readSeveral,
  searchActivationScopes,
} from "./actions";
import { addToBundle, readBundles, saveBundle } from "./bundles/actions";
import { OwnRolesList } from "./own-roles-list";
import { askForMoreTime } from "./renewals/actions";
import { ResourceCell, sharedNames } from "./role-cells";

const bundles = { saveBundle, addToBundle, readBundles };
const extensions = { extend, prepareExtension, readExtension };

/** The roles that the caller can activate. Roles that the address asks for are included, whichever page they are on. */
export async function EligibleRoles({
  caller,
  filter,
  opened,
  at,
  from,
  selected,
}: {
  caller: Caller;
  filter: OwnRolesFilter;
  /** The eligibility whose panel is open. */
  opened: string | undefined;
  /** The scope preselected in the open panel. */
  at: string | undefined;
  /** The initial start, in ISO 8601. */
  from: string | undefined;
  selected: readonly string[];
}) {
  const { database } = application();
  const asked = [...selected, ...(opened ? [opened] : [])];
  const [page, named, factor] = await Promise.all([
    eligibleRoles(database, caller, filter),
    asked.length > 0 ? eligibleRolesById(database, caller, asked) : [],
    ownsFactor(database, caller),
  ]);
  const rows = [...named.filter((row) => !page.rows.some((each) => each.id === row.id)), ...page.rows];
  const renewals = await renewalStates(
    database,
    caller,
    rows.map((row) => row.id),
  );
  const roles = rows
    .filter((row) => canActivate(row.taken))
    .map(({ id, resourceId, roleName, resourceName }) => ({
      id,
      resourceId,
      roleName,
      resourceName,
    }));
  const shared = sharedNames(rows);
  // A single row can still be part of a selection that spans several pages or searches.
  const selectable = roles.length > 1 || (roles.length > 0 && (filter.search !== "" || filter.after !== ""));
  return (
    <OwnRolesList
      tab="eligible"
      label="Eligible roles"
      head={["Role", "Resource", "State", "End", "Action"]}
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
          active={rows.filter((row) => !canActivate(row.taken)).map((row) => row.id)}
          selectable={selectable}
          hasFactor={factor}
          initial={selected}
          activateSeveral={activateSeveral}
          prepareSeveral={prepareSeveral}
          readSeveral={readSeveral}
          bundles={bundles}
        >
          {list}
        </RoleSelection>
      )}
    >
      {rows.map((row) => {
        const subject = `${isolated(row.roleName)} on ${isolated(row.resourceName)}`;
        return (
          <tr key={row.id}>
            <td>
              <span className="-my-2 flex items-center gap-x-1.5 font-medium max-sm:-ml-3">
                {!selectable ? null : canActivate(row.taken) ? (
                  <RowCheckbox id={row.id} label={`Select ${subject}`} />
                ) : (
                  <span className="cell-check w-4 shrink-0" />
                )}
                <FavouriteButton
                  roleDefinitionId={row.roleDefinitionId}
                  resourceId={row.resourceId}
                  subject={subject}
                  favourite={row.favourite}
                  submit={keepFavourite}
                />
                <span className="min-w-0 py-2">
                  <Name of={row.roleName} />
                </span>
              </span>
              {row.group ? (
                <span className="block text-muted">
                  through <PrincipalName of={row.group} inline />
                </span>
              ) : null}
            </td>
            <ResourceCell row={row} shared={shared} />
            <td>
              {row.taken ? (
                <span className="flex flex-wrap items-center gap-x-2">
                  <RoleState taken={row.taken} now={row.now} />
                  {row.taken.state === "Active" && row.taken.activated ? (
                    <ExtendButton
                      assignmentId={row.taken.assignmentId}
                      roleName={row.roleName}
                      resourceName={row.resourceName}
                      hasFactor={factor}
                      quiet
                      {...extensions}
                    />
                  ) : null}
                </span>
              ) : (
                <span className="text-muted">–</span>
              )}
            </td>
            <td>
              <EndMoment value={row.endsAt} now={row.now} />
            </td>
            <td>
              <RowActions about={subject}>
                {row.taken ? (
                  <EndTaken key="end" role={row} actions={{ deactivate, cancelRequest: cancel }} />
                ) : null}
                {row.taken?.state === "Waiting" && opened !== row.id ? null : (
                  <ActivateRole
                    key={opened === row.id ? `open ${at}` : "closed"}
                    role={row}
                    scopeId={opened === row.id ? at : undefined}
                    startsAt={opened === row.id ? from : undefined}
                    hasFactor={factor}
                    open={opened === row.id}
                    activate={activate}
                    prepare={prepareActivation}
                    searchScopes={searchActivationScopes}
                  />
                )}
                {renewals.has(row.id) ? (
                  <RenewalCell key="more" {...row} state={renewals.get(row.id)} submit={askForMoreTime} />
                ) : null}
              </RowActions>
            </td>
          </tr>
        );
      })}
    </OwnRolesList>
  );
}
