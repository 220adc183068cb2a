"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import type { ExtensionActions } from "@/components/activation/extend-panel";
import { Dialog } from "@/components/ui/dialog";
import { later } from "@/components/ui/later";
import { isolated } from "@/lib/domain/text/visible-text";

const ExtendPanel = later(() =>
  import("@/components/activation/extend-panel").then((module) => module.ExtendPanel),
);

interface Props extends ExtensionActions {
  readonly assignmentId: string;
  readonly roleName: string;
  readonly resourceName: string;
  readonly hasFactor: boolean;
  /** Open on load, because the address asks for it (`/my-roles?tab=active&extend=…`). */
  readonly open?: boolean;
  /** It is part of a line of text, beside other things that can be extended. */
  readonly quiet?: boolean;
}

/** **Extend** for a running activation, with the panel for the duration. */
export function ExtendButton({ open: openAtFirst = false, quiet = false, ...panel }: Props) {
  const [open, setOpen] = useState(openAtFirst);
  const router = useRouter();
  const change = (shown: boolean) => {
    setOpen(shown);
    // Removes the parameter from the address, so that it does not open the panel again by itself and can be
    // followed again.
    if (!shown && openAtFirst) router.replace("/my-roles?tab=active", { scroll: false });
  };
  const subject = `${isolated(panel.roleName)} on ${isolated(panel.resourceName)}`;
  return (
    <Dialog
      open={open}
      onOpenChange={change}
      title={`Extend ${subject}`}
      description="It stays active meanwhile."
      comeNear={ExtendPanel.comeNear}
      trigger={
        <button
          type="button"
          className={quiet ? "row-action" : "button"}
          aria-label={quiet ? `Extend the activation of ${subject}` : `Extend ${subject}`}
        >
          Extend
        </button>
      }
    >
      <ExtendPanel {...panel} onClose={() => change(false)} />
    </Dialog>
  );
}
