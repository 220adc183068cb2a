"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import {
  type ActivateSeveralActions,
  ActivateSeveralPanel,
  type RoleToActivate,
} from "@/components/activation/activate-several-panel";
import { Dialog } from "@/components/ui/dialog";
import { hasTexts } from "@/components/ui/kept-selection";
import { SelectedRows, useListSelection } from "@/components/ui/list-selection";
import { mostAtOnce } from "@/lib/domain/gate/protected-operation";

function isRole(row: unknown): row is RoleToActivate {
  return hasTexts(row, ["id", "resourceId", "roleName", "resourceName"]);
}

/**
 * Roles of which several can be selected, over several pages of the list, and activated together; the page of the list
 * is `children`.
 */
export function RoleSelection(
  props: ActivateSeveralActions & {
    /** Names the list and whose selection it is. */
    list: string;
    /** Those of this page that can be selected. */
    roles: readonly RoleToActivate[];
    /** The eligibilities of this page whose role is active. */
    active: readonly string[];
    /** Whether there is anything to select among. */
    selectable: boolean;
    hasFactor: boolean;
    /** The panel opens for these at first. */
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
  // What the panel was opened for: the roles leave the list when they are active, and the panel still tells of them.
  const [opened, setOpened] = useState<readonly RoleToActivate[] | null>(() => {
    const asked = roles.filter((role) => initial.includes(role.id));
    return asked.length > 0 ? asked : null;
  });
  const possible = selected.length > 0;
  const router = useRouter();
  const close = () => {
    setOpened(null);
    // The address that opened it must not open it once more.
    if (initial.length > 0) router.replace("/my-roles", { scroll: false });
  };
  return (
    <SelectedRows
      selection={selection}
      label="Selected roles"
      hint="Select several roles to activate them with one reason and one code."
      full="as many as can be activated together"
      shown={props.selectable || opened !== null}
      buttons={
        <Dialog
          open={opened !== null}
          onOpenChange={(open) => {
            if (!open) close();
            else if (possible) setOpened(selected);
          }}
          title="Activate several roles"
          description="One reason and one verification for all of them; each ends by itself."
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
      }
    >
      {props.children}
    </SelectedRows>
  );
}
