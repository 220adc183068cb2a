"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import type { BundleActions } from "@/components/activation/bundle-panel";
import { Dialog } from "@/components/ui/dialog";
import { later } from "@/components/ui/later";
import { isolated } from "@/lib/domain/text/visible-text";

const BundlePanel = later(() =>
  import("@/components/activation/bundle-panel").then((module) => module.BundlePanel),
);

/** The **Activate** button of a bundle with its panel. */
export function BundleButton({
  open: openAtFirst = false,
  name,
  ...panel
}: BundleActions & {
  bundleId: string;
  name: string;
  hasFactor: boolean;
  /** Open on load, because the address asks for it (`/my-roles?tab=bundles&bundle=…`). */
  open?: boolean;
}) {
  const [open, setOpen] = useState(openAtFirst);
  const router = useRouter();
  const change = (shown: boolean) => {
    setOpen(shown);
    // Removes the parameter from the address, so that it does not open the panel again by itself and can be
    // followed again.
    if (!shown && openAtFirst) router.replace("/my-roles?tab=bundles", { scroll: false });
  };
  return (
    <Dialog
      open={open}
      onOpenChange={change}
      title={`Activate ${isolated(name)}`}
      description="One reason and one code for all. Each role ends by itself."
      comeNear={BundlePanel.comeNear}
      trigger={
        <button type="button" className="button" aria-label={`Activate ${isolated(name)}`}>
          Activate
        </button>
      }
    >
      <BundlePanel {...panel} onClose={() => change(false)} />
    </Dialog>
  );
}
