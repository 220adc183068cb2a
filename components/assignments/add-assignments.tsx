"use client";

import { useEffect, useState } from "react";
import type { AddAssignmentsFormProps } from "@/components/assignments/add-assignments-form";
import { Dialog } from "@/components/ui/dialog";
import { later } from "@/components/ui/later";
import { isolated } from "@/lib/domain/text/visible-text";

const AddAssignmentsForm = later(() =>
  import("@/components/assignments/add-assignments-form").then((module) => module.AddAssignmentsForm),
);

const nothingChosen = { type: "Eligible", chosen: [] } as const;

/** **Add assignments**: members, type, time and reason, with the administrator's code if the settings require it. */
export function AddAssignments(
  props: Omit<AddAssignmentsFormProps, keyof typeof nothingChosen | `on${string}`> & { roleName: string },
) {
  const [open, setOpen] = useState(false);
  // Outside the dialog, so that Escape keeps them.
  const [{ type, chosen }, setChoice] =
    useState<Pick<AddAssignmentsFormProps, "type" | "chosen">>(nothingChosen);
  // Its author is back from setting up a second factor.
  useEffect(() => {
    const url = new URL(window.location.href);
    if (!url.searchParams.has("add")) return;
    url.searchParams.delete("add");
    window.history.replaceState(window.history.state, "", `${url.pathname}${url.search}`);
    setOpen(true);
  }, []);
  return (
    <Dialog
      open={open}
      onOpenChange={setOpen}
      title="Add assignments"
      description={`Members of ${isolated(props.roleName)}. Eligible members activate it when they need it.`}
      comeNear={AddAssignmentsForm.comeNear}
      trigger={
        <button type="button" className="button button-primary">
          Add assignments
        </button>
      }
    >
      <AddAssignmentsForm
        {...props}
        type={type}
        onType={(next) => setChoice((choice) => ({ ...choice, type: next }))}
        chosen={chosen}
        onChosen={(next) => setChoice((choice) => ({ ...choice, chosen: next }))}
        onDone={() => {
          setOpen(false);
          setChoice({ type, chosen: [] });
        }}
        onCancel={() => setOpen(false)}
      />
    </Dialog>
  );
}
