"use client";

import { useState } from "react";
import { Dialog } from "@/components/ui/dialog";
import { DialogForm } from "@/components/ui/forms/dialog-form";
import type { FormOutcome } from "@/lib/web/form-outcome";

const nothingToPrepare = async () => ({ ok: false as const, message: "" });

interface Confirmed {
  label: string;
  /** The label of the confirming button, where the action's label could be mistaken for closing the dialog. */
  confirmLabel?: string;
  title: string;
  description: string;
  submit: (form: FormData) => Promise<FormOutcome>;
  fields: Readonly<Record<string, string>>;
  /** False where nothing is lost, so that the button does not warn. */
  danger?: boolean;
  children?: React.ReactNode;
}

/** A button for what cannot be undone. It asks first and says what will happen. */
export function ConfirmButton(
  props: Confirmed & {
    /** What the button is about, for screen readers. */
    subject?: string;
  },
) {
  const [open, setOpen] = useState(false);
  return (
    <ConfirmDialog
      {...props}
      open={open}
      onOpenChange={setOpen}
      trigger={
        <button
          type="button"
          className="button"
          aria-label={props.subject ? `${props.label} ${props.subject}` : undefined}
        >
          {props.label}
        </button>
      }
    />
  );
}

/** The dialog that asks, for a list that has one for all its rows. */
export function ConfirmDialog(
  props: Confirmed & {
    open: boolean;
    onOpenChange: (open: boolean) => void;
    trigger?: React.ComponentProps<typeof Dialog>["trigger"];
  },
) {
  const close = () => props.onOpenChange(false);
  return (
    <Dialog
      open={props.open}
      onOpenChange={props.onOpenChange}
      title={props.title}
      description={props.description}
      trigger={props.trigger}
    >
      <DialogForm
        submit={props.submit}
        prepare={nothingToPrepare}
        needsCode={false}
        hasFactor={false}
        submitLabel={props.confirmLabel ?? props.label}
        danger={props.danger ?? true}
        returnPath="/"
        onDone={close}
        onCancel={close}
      >
        {Object.entries(props.fields).map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        {props.children}
      </DialogForm>
    </Dialog>
  );
}
