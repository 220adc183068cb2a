"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { Dialog } from "@/components/ui/dialog";
import { DialogForm } from "@/components/ui/forms/dialog-form";
import { isolated } from "@/lib/domain/text/visible-text";
import type { FormOutcome } from "@/lib/web/form-outcome";

const nothingToPrepare = async () => ({ ok: false as const, message: "" });

/** **Delete**: asks first, then returns to the list. */
export function DeleteReview(props: {
  readonly review: { readonly id: string; readonly name: string };
  readonly back: string;
  readonly submit: (form: FormData) => Promise<FormOutcome>;
}) {
  const router = useRouter();
  const [open, setOpen] = useState(false);
  return (
    <Dialog
      open={open}
      onOpenChange={setOpen}
      title={`Delete ${isolated(props.review.name)}?`}
      description="It has not begun, so nobody was asked. The log keeps that it was planned."
      trigger={
        <button type="button" className="button">
          Delete
        </button>
      }
    >
      <DialogForm
        submit={async (form) => {
          const outcome = await props.submit(form);
          if (outcome.ok) router.push(props.back);
          return outcome;
        }}
        prepare={nothingToPrepare}
        needsCode={false}
        hasFactor={false}
        submitLabel="Delete"
        danger
        returnPath="/"
        onDone={() => setOpen(false)}
        onCancel={() => setOpen(false)}
      >
        <input type="hidden" name="reviewId" value={props.review.id} />
      </DialogForm>
    </Dialog>
  );
}
