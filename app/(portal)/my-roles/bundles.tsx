import { BundleButton } from "@/components/activation/bundle-button";
import { EditBundle } from "@/components/activation/edit-bundle";
import { activatedIn, EndBundle, isAllActive } from "@/components/activation/end-bundle";
import { RoleState } from "@/components/activation/role-state";
import { ConfirmButton } from "@/components/ui/confirm-button";
import { TableFrame } from "@/components/ui/lists/list-frame";
import { RowActions } from "@/components/ui/lists/row-actions";
import { Name } from "@/components/ui/name";
import { EmptyState } from "@/components/ui/page-parts";
import { RoleAt } from "@/components/ui/role-at";
import { mostBundles } from "@/lib/domain/preferences/bundle";
import { isolated } from "@/lib/domain/text/visible-text";
import { application } from "@/lib/platform/application";
import type { Caller } from "@/lib/platform/caller";
import { ownsFactor } from "@/lib/queries/activation/my-roles";
import { type BundleRole, bundles } from "@/lib/queries/preferences/bundles";
import { activateSeveral, deactivateSeveral, prepareSeveral, readSeveral } from "./actions";
import { changeBundle, dropBundle, readBundle } from "./bundles/actions";

const activation = { activateSeveral, prepareSeveral, readSeveral, readBundle };

/** The caller's bundles, with the present state of each role. `opened` is the one whose panel is open. */
export async function Bundles({ caller, opened }: { caller: Caller; opened: string | undefined }) {
  const { database } = application();
  const [rows, factor] = await Promise.all([bundles(database, caller), ownsFactor(database, caller)]);
  if (rows.length === 0)
    return (
      <EmptyState title="No bundles">
        A bundle activates roles that you need together. Select them in <a href="/my-roles">Eligible roles</a>{" "}
        and choose Save as bundle.
      </EmptyState>
    );
  return (
    <TableFrame
      label="Bundles"
      head={["Bundle", "Roles", "Action"]}
      total={{ count: rows.length, most: mostBundles, one: "bundle", many: "bundles" }}
      pages={{ first: null, previous: null, next: null }}
    >
      {rows.map((bundle) => (
        <tr key={bundle.id}>
          <td className="font-medium">
            <Name of={bundle.name} />
          </td>
          <td className="cell-wide">
            <ul className="grid gap-1">
              {bundle.roles.map((role) => (
                <li key={role.id} className="flex flex-wrap items-center gap-x-2">
                  <span className="min-w-0 wrap-anywhere">
                    <RoleAt {...role} />
                  </span>
                  <StateInBundle role={role} now={bundle.now} />
                </li>
              ))}
            </ul>
          </td>
          <td>
            <RowActions about={isolated(bundle.name)}>
              {activatedIn(bundle).length > 0 ? (
                <EndBundle key="end" bundle={bundle} deactivateSeveral={deactivateSeveral} />
              ) : null}
              {isAllActive(bundle) && opened !== bundle.id ? null : (
                <BundleButton
                  key={opened === bundle.id ? "open" : "closed"}
                  bundleId={bundle.id}
                  name={bundle.name}
                  hasFactor={factor}
                  open={opened === bundle.id}
                  {...activation}
                />
              )}
              <EditBundle
                key="edit"
                bundleId={bundle.id}
                name={bundle.name}
                version={bundle.version}
                roles={bundle.roles.map(({ id, roleName, resourceName, eligibilityId }) => ({
                  ...{ id, roleName, resourceName },
                  eligible: eligibilityId !== null,
                }))}
                submit={changeBundle}
              />
              <ConfirmButton
                key="delete"
                label="Delete"
                subject={isolated(bundle.name)}
                title={`Delete ${isolated(bundle.name)}?`}
                description="The bundle is deleted. Roles that are active stay active, and you stay eligible for the others."
                submit={dropBundle}
                fields={{ bundleId: bundle.id }}
              />
            </RowActions>
          </td>
        </tr>
      ))}
    </TableFrame>
  );
}

/** The present state of a bundle's role, unless it can simply be activated. */
function StateInBundle({ role, now }: { role: BundleRole; now: Date }) {
  if (role.taken) return <RoleState taken={role.taken} now={now} />;
  return role.eligibilityId === null ? <span className="badge">No longer eligible</span> : null;
}
