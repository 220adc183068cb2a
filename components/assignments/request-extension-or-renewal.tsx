"use client";

import { useState } from "react";
import { Dialog } from "@/components/ui/dialog";
import { DialogForm } from "@/components/ui/forms/dialog-form";
import { TextAreaField } from "@/components/ui/forms/field";
import { MomentField } from "@/components/ui/forms/moment-field";
import { isolated } from "@/lib/domain/text/visible-text";
import { periodInWords } from "@/lib/domain/time/period";
import type { FormOutcome } from "@/lib/web/form-outcome";

const nothingToPrepare = async () => ({ ok: false as const, message: "" });

/** **Extend** or **Renew**: a member's request for more time, with a reason and a proposed end. */
export function RequestExtensionOrRenewal(props: {
  offer: "Extend" | "Renew";
  assignmentType: "Eligible" | "Active";
  id: string;
  roleName: string;
  resourceName: string;
  /** ISO 8601. */
  proposedEnd: string;
  maximumDays: number | null;
  submit: (form: FormData) => Promise<FormOutcome>;
}) {
  const [open, setOpen] = useState(false);
  const { offer, roleName, resourceName } = props;
  return (
    <Dialog
      open={open}
      onOpenChange={setOpen}
      title={`${offer} ${isolated(roleName)} on ${isolated(resourceName)}`}
      description="An administrator decides. The result appears here."
      trigger={
        <button
          type="button"
          className="button"
          aria-label={`${offer} ${isolated(roleName)} on ${isolated(resourceName)}`}
        >
          {offer}
        </button>
      }
    >
      <DialogForm
        submit={props.submit}
        prepare={nothingToPrepare}
        needsCode={false}
        hasFactor={false}
        submitLabel={offer === "Extend" ? "Request extension" : "Request renewal"}
        returnPath="/my-roles"
        focusOn="first"
        onDone={() => setOpen(false)}
        onCancel={() => setOpen(false)}
      >
        <input type="hidden" name="offer" value={offer} />
        <input type="hidden" name="assignmentType" value={props.assignmentType} />
        <input type="hidden" name="id" value={props.id} />
        <MomentField
          name="endsAt"
          label="Needed until"
          initial={props.proposedEnd}
          hint={
            props.maximumDays === null ? undefined : `At most ${periodInWords(props.maximumDays)} from now.`
          }
        />
        <TextAreaField name="justification" label="Reason" maxLength={2000} />
      </DialogForm>
    </Dialog>
  );
}
