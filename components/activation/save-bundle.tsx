"use client";

import { useState } from "react";
import type { SaveBundleActions } from "@/components/activation/save-bundle-form";
import { Dialog } from "@/components/ui/dialog";
import { later } from "@/components/ui/later";

const SaveBundleForm = later(() =>
  import("@/components/activation/save-bundle-form").then((module) => module.SaveBundleForm),
);

/** Saves selected roles as a new bundle, or adds them to one. */
export function SaveBundle({
  eligibilityIds,
  ...actions
}: SaveBundleActions & { eligibilityIds: readonly string[] }) {
  const [open, setOpen] = useState(false);
  const close = () => setOpen(false);
  return (
    <Dialog
      open={open}
      onOpenChange={setOpen}
      title="Save as bundle"
      description="Only you see it. The log names it with what you activate by it."
      comeNear={SaveBundleForm.comeNear}
      trigger={
        <button type="button" className="button">
          Save as bundle
        </button>
      }
    >
      <SaveBundleForm {...actions} eligibilityIds={eligibilityIds} onClose={close} />
    </Dialog>
  );
}
