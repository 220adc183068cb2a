"use client";

import { useState } from "react";
import {
  type ActivationActions,
  ActivationPanel,
  type LastTime,
} from "@/components/activation/activation-panel";
import { Dialog } from "@/components/ui/dialog";

interface Props extends ActivationActions {
  readonly eligibilityId: string;
  readonly roleName: string;
  readonly resourceName: string;
  readonly resourceId: string;
  readonly hasFactor: boolean;
  readonly open?: boolean;
  /** Proposes the same again, so that a code is all that is left to give. */
  readonly lastTime?: LastTime;
}

/** The **Activate** button and the activation panel that it opens. */
export function ActivateButton({ open: openAtFirst = false, ...panel }: Props) {
  const [open, setOpen] = useState(openAtFirst);
  const label = panel.lastTime ? "Activate again" : "Activate";
  return (
    <Dialog
      open={open}
      onOpenChange={setOpen}
      title={`Activate ${panel.roleName}`}
      description="It ends by itself; you can deactivate it sooner."
      trigger={
        <button
          type="button"
          className="button button-primary"
          aria-label={`${label} ${panel.roleName} on ${panel.resourceName}`}
        >
          {label}
        </button>
      }
    >
      <ActivationPanel {...panel} onClose={() => setOpen(false)} />
    </Dialog>
  );
}
