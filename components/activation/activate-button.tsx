"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { type ActivationActions, ActivationPanel } from "@/components/activation/activation-panel";
import { Dialog } from "@/components/ui/dialog";
import { isolated } from "@/lib/domain/text/visible-text";
import type { LastTime } from "@/lib/queries/activation/daily-roles";

interface Props extends ActivationActions {
  readonly eligibilityId: string;
  readonly roleName: string;
  readonly resourceName: string;
  readonly resourceId: string;
  /** A scope to preselect instead of the eligibility's own. */
  readonly scopeId?: string;
  readonly hasFactor: boolean;
  /** Open on load, because the address asks for it (`/my-roles?activate=…`). */
  readonly open?: boolean;
  /** The role is already active here, so the button is secondary: for a scope below, or for later. */
  readonly active?: boolean;
  /** Fills in the previous activation, so that only a code is missing. */
  readonly lastTime?: LastTime;
}

/** The **Activate** button with its activation panel. */
export function ActivateButton({ open: openAtFirst = false, active = false, ...panel }: Props) {
  const [open, setOpen] = useState(openAtFirst);
  const router = useRouter();
  const change = (next: boolean) => {
    setOpen(next);
    // Clears the address, so that it does not open the panel again by itself and can be followed again.
    if (!next && openAtFirst) router.replace("/my-roles", { scroll: false });
  };
  const label = panel.lastTime ? "Activate again" : "Activate";
  return (
    <Dialog
      open={open}
      onOpenChange={change}
      title={`Activate ${isolated(panel.roleName)}`}
      description="It ends by itself. You can deactivate it sooner."
      trigger={
        <button
          type="button"
          className={`button ${active ? "" : "button-primary"}`}
          aria-label={`${label} ${isolated(panel.roleName)} on ${isolated(panel.resourceName)}`}
        >
          {label}
        </button>
      }
    >
      <ActivationPanel {...panel} onClose={() => change(false)} />
    </Dialog>
  );
}
