"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import {
  type ActivationActions,
  ActivationPanel,
  type LastTime,
} from "@/components/activation/activation-panel";
import { Dialog } from "@/components/ui/dialog";
import { isolated } from "@/lib/domain/visible-text";

interface Props extends ActivationActions {
  readonly eligibilityId: string;
  readonly roleName: string;
  readonly resourceName: string;
  readonly resourceId: string;
  /** The scope to propose instead of the eligibility's own. */
  readonly scopeId?: string;
  readonly hasFactor: boolean;
  /** Open as the page appears, because its address says so (`/my-roles?activate=…`). */
  readonly open?: boolean;
  /** The role is active there already, so that this is not what the page is for: elsewhere below, or later. */
  readonly active?: boolean;
  /** Proposes the same again, so that a code is all that is left to give. */
  readonly lastTime?: LastTime;
}

/** The **Activate** button and the activation panel that it opens. */
export function ActivateButton({ open: openAtFirst = false, active = false, ...panel }: Props) {
  const [open, setOpen] = useState(openAtFirst);
  const router = useRouter();
  const change = (next: boolean) => {
    setOpen(next);
    // The address that opened it must not open it once more, or keep it from being opened by the same one again.
    if (!next && openAtFirst) router.replace("/my-roles", { scroll: false });
  };
  const label = panel.lastTime ? "Activate again" : "Activate";
  return (
    <Dialog
      open={open}
      onOpenChange={change}
      title={`Activate ${isolated(panel.roleName)}`}
      description="It ends by itself; you can deactivate it sooner."
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
