"use client";

import { useState } from "react";
import { type ActivationActions, ActivationPanel } from "@/components/activation/activation-panel";
import { Dialog } from "@/components/ui/dialog";

interface Props extends ActivationActions {
  readonly eligibilityId: string;
  readonly roleName: string;
  readonly resourceName: string;
  readonly resourceId: string;
  readonly hasFactor: boolean;
  readonly open?: boolean;
}

/** The **Activate** button and the activation panel that it opens. */
export function ActivateButton({ open: openAtFirst = false, ...panel }: Props) {
  const [open, setOpen] = useState(openAtFirst);
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
          aria-label={`Activate ${panel.roleName} on ${panel.resourceName}`}
        >
          Activate
        </button>
      }
    >
      <ActivationPanel {...panel} onClose={() => setOpen(false)} />
    </Dialog>
  );
}
