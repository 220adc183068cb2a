"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import type { ActivateSeveralActions, RoleToActivate } from "@/components/activation/activate-several-form";
import { SaveBundle } from "@/components/activation/save-bundle";
import type { SaveBundleActions } from "@/components/activation/save-bundle-form";
import { Dialog } from "@/components/ui/dialog";
import { later } from "@/components/ui/later";
import { hasTexts } from "@/components/ui/lists/kept-selection";
import { SelectedRows, useListSelection } from "@/components/ui/lists/list-selection";
import { mostAtOnce } from "@/lib/domain/gate/activations-together";
import { isolated } from "@/lib/domain/text/visible-text";

const ActivateSeveralPanel = later(() =>
  import("@/components/activation/activate-several-panel").then((module) => module.ActivateSeveralPanel),
);

function isRole(row: unknown): row is RoleToActivate {
  return hasTexts(row, ["id", "resourceId", "roleName", "resourceName"]);
}

/** Selects several roles, across pages of the list, to activate them together. `children` is the current page. */
export function RoleSelection(
  props: ActivateSeveralActions & {
    bundles: SaveBundleActions;
    /** Identifies the list and the person, so that selections are kept apart. */
    list: string;
    /** The rows of this page that can be selected. */
    roles: readonly RoleToActivate[];
    /** The eligibilities on this page whose role is active. */
    active: readonly string[];
    /** Whether there is anything to select. */
    selectable: boolean;
    hasFactor: boolean;
    /** The roles for which the panel opens on load. */
    initial: readonly string[];
    children: React.ReactNode;
  },
) {
  const { roles, initial } = props;
  const selection = useListSelection({
    name: props.list,
    rows: roles,
    gone: props.active,
    isRow: isRole,
    maximum: mostAtOnce,
  });
  const { selected } = selection;
  // The roles that the panel was opened for. They leave the list once active, but the panel still reports on them.
  const [opened, setOpened] = useState<readonly RoleToActivate[] | null>(() => {
    const asked = roles.filter((role) => initial.includes(role.id));
    return asked.length > 0 ? asked : null;
  });
  const possible = selected.length > 0;
  const router = useRouter();
  const close = () => {
    setOpened(null);
    // Clears the address, so that it does not open the panel again.
    if (initial.length > 0) router.replace("/my-roles", { scroll: false });
  };
  return (
    <SelectedRows
      selection={selection}
      label="Selected roles"
      nameOf={(role) => `${isolated(role.roleName)} on ${isolated(role.resourceName)}`}
      hint="Select several roles to activate them with one reason and one code, or to save them as a bundle."
      full="the most that can be activated together"
      shown={props.selectable || opened !== null}
      buttons={
        <>
          <SaveBundle {...props.bundles} eligibilityIds={selected.map(({ id }) => id)} />
          <Dialog
            open={opened !== null}
            onOpenChange={(open) => {
              if (!open) close();
              else if (possible) setOpened(selected);
            }}
            title="Activate several roles"
            description="One reason and one code for all roles. Each ends by itself."
            comeNear={ActivateSeveralPanel.comeNear}
            trigger={
              <button
                type="button"
                className={`button ${possible ? "button-primary" : ""}`}
                aria-disabled={!possible}
              >
                Activate selected
              </button>
            }
          >
            {opened ? (
              <ActivateSeveralPanel {...props} roles={opened} leaveOut={selection.leaveOut} onClose={close} />
            ) : null}
          </Dialog>
        </>
      }
    >
      {props.children}
    </SelectedRows>
  );
}
