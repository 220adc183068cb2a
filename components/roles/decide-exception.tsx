"use client";

import { useState } from "react";
import { ConfirmDialog } from "@/components/ui/confirm-button";
import { Dialog } from "@/components/ui/dialog";
import { TextAreaField } from "@/components/ui/forms/dialog-fields";
import { DialogForm } from "@/components/ui/forms/dialog-form";
import { exceptionLimits } from "@/lib/domain/roles/conflict-exception";
import type { FormOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

type Submit = (form: FormData) => Promise<FormOutcome>;

const words = {
  Deny: { description: "It allows nothing. It can be requested again.", required: true },
  Withdraw: { description: "Nobody decides on it any more.", required: false },
  Revoke: {
    description: "It allows nothing from then on. Roles that are held together stay, and the alert returns.",
    required: false,
  },
} as const;
export type EndOfException = keyof typeof words;

/** **Deny**, **Withdraw** or **Revoke** of an exception, with a reason. */
export function EndException(props: {
  how: EndOfException;
  exceptionId: string;
  /** Whom it is for. */
  name: string;
  submit: Submit;
}) {
  const { how, exceptionId, name } = props;
  const [open, setOpen] = useState(false);
  const { description, required } = words[how];
  return (
    <ConfirmDialog
      label={how}
      title={`${how} the exception for ${name}?`}
      description={description}
      submit={props.submit}
      fields={{ exceptionId, how }}
      open={open}
      onOpenChange={setOpen}
      trigger={
        <button type="button" className="button" aria-label={`${how} the exception for ${name}`}>
          {how}
        </button>
      }
    >
      <TextAreaField
        label="Justification"
        name="justification"
        maxLength={exceptionLimits.reason}
        required={required}
      />
    </ConfirmDialog>
  );
}

/** **Approve** of an exception, with a reason and a code. */
export function ApproveException(props: {
  exceptionId: string;
  name: string;
  /** Until when, in the reader's zone. */
  until: string;
  hasFactor: boolean;
  returnPath: string;
  submit: Submit;
  prepare: (form: FormData) => Promise<PreparedChallenge>;
}) {
  const [open, setOpen] = useState(false);
  const { exceptionId, name, until } = props;
  return (
    <Dialog
      open={open}
      onOpenChange={setOpen}
      title={`Approve the exception for ${name}`}
      description={`The roles of this rule may be held together until ${until}.`}
      trigger={
        <button type="button" className="button" aria-label={`Approve the exception for ${name}`}>
          Approve
        </button>
      }
    >
      <DialogForm
        submit={props.submit}
        prepare={props.prepare}
        needsCode
        hasFactor={props.hasFactor}
        submitLabel="Approve"
        returnPath={props.returnPath}
        onDone={() => setOpen(false)}
        onCancel={() => setOpen(false)}
      >
        <input type="hidden" name="exceptionId" value={exceptionId} />
        <TextAreaField
          label="Justification"
          name="justification"
          maxLength={exceptionLimits.reason}
          required
        />
      </DialogForm>
    </Dialog>
  );
}
