"use client";

import { Dialog } from "@/components/ui/dialog";
import { ActionDialog, HiddenFields } from "@/components/ui/forms/action-dialog";
import { DialogForm } from "@/components/ui/forms/dialog-fields";
import type { FormOutcome } from "@/lib/web/form-outcome";

interface Confirmed {
  label: string;
  /** The label of the confirming button, if the action's label could be mistaken for closing the dialog. */
  confirmLabel?: string;
  title: string;
  description: string;
  submit: (form: FormData) => Promise<FormOutcome>;
  fields: Readonly<Record<string, string>>;
  /** False if nothing is lost, so that the button does not warn. */
  danger?: boolean;
  children?: React.ReactNode;
}

/** A button for what cannot be undone. It asks first and says what will happen. */
export function ConfirmButton({
  confirmLabel,
  danger = true,
  ...props
}: Confirmed & {
  /** What the button is about, for screen readers. */
  subject?: string;
}) {
  return <ActionDialog {...props} submitLabel={confirmLabel} danger={danger} />;
}

/** The confirmation dialog, for a list that has one for all its rows. */
export function ConfirmDialog(props: Confirmed & { open: boolean; onOpenChange: (open: boolean) => void }) {
  const close = () => props.onOpenChange(false);
  return (
    <Dialog
      open={props.open}
      onOpenChange={props.onOpenChange}
      title={props.title}
      description={props.description}
    >
      <DialogForm
        submit={props.submit}
        submitLabel={props.confirmLabel ?? props.label}
        danger={props.danger ?? true}
        returnPath="/"
        onDone={close}
        onCancel={close}
      >
        <HiddenFields of={props.fields} />
        {props.children}
      </DialogForm>
    </Dialog>
  );
}
