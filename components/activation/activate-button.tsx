"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import type { ActivationActions } from "@/components/activation/activation-panel";
import { Dialog } from "@/components/ui/dialog";
import { later } from "@/components/ui/later";
import { isolated } from "@/lib/domain/text/visible-text";
import type { LastTime } from "@/lib/queries/activation/daily-roles";

const ActivationPanel = later(() =>
  import("@/components/activation/activation-panel").then((module) => module.ActivationPanel),
);

interface Props extends ActivationActions {
  readonly eligibilityId: string;
  readonly roleName: string;
  readonly resourceName: string;
  readonly resourceId: string;
  /** A scope to preselect instead of the eligibility's own. */
  readonly scopeId?: string;
  /** A later start to begin with, in ISO 8601. */
  readonly startsAt?: string;
  readonly hasFactor: boolean;
  /** Open on load, because the address asks for it (`/my-roles?activate=…`). */
  readonly open?: boolean;
  /** The role is active here already. So the button is for a scope below it or for later, and says so. */
  readonly active?: boolean;
  /** It is the main action of its page, so there is only one. */
  readonly primary?: boolean;
  /** Fills in the values of the previous activation, so that only a code is missing. */
  readonly lastTime?: LastTime;
  /** The page to return to after setting up an authenticator app, if not My roles. */
  readonly returnPath?: string;
  /** The page to open once it is done. */
  readonly next?: string;
}

/** The **Activate** button with its activation panel. */
export function ActivateButton({
  open: openAtFirst = false,
  active = false,
  primary = false,
  next,
  ...panel
}: Props) {
  const [open, setOpen] = useState(openAtFirst);
  const router = useRouter();
  const change = (shown: boolean) => {
    setOpen(shown);
    // Removes the parameter from the address, so that it does not open the panel again by itself and can be
    // followed again.
    if (!shown && openAtFirst && next === undefined) router.replace("/my-roles", { scroll: false });
  };
  const done = () => {
    if (next === undefined) return change(false);
    setOpen(false);
    router.push(next);
  };
  const label = active ? "Activate below or later" : panel.lastTime ? "Activate again" : "Activate";
  return (
    <Dialog
      open={open}
      onOpenChange={change}
      title={`Activate ${isolated(panel.roleName)} on ${isolated(panel.resourceName)}`}
      description="It ends by itself. You can deactivate it sooner."
      comeNear={ActivationPanel.comeNear}
      trigger={
        <button
          type="button"
          className={primary ? "button button-primary" : "button"}
          aria-label={`${label} ${isolated(panel.roleName)} on ${isolated(panel.resourceName)}`}
        >
          {label}
        </button>
      }
    >
      <ActivationPanel {...panel} onClose={() => change(false)} onDone={done} />
    </Dialog>
  );
}
