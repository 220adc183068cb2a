"use client";

import { useState } from "react";
import { Dialog } from "@/components/ui/dialog";
import { ProtectedForm } from "@/components/ui/protected-form";
import type { FormOutcome } from "@/lib/web/form-outcome";

const nothingToPrepare = async () => ({ ok: false as const, message: "" });

/** A button for what cannot be undone. It asks first and says what will happen. */
export function ConfirmButton(props: {
  label: string;
  /** What the button is about, for screen readers. */
  subject?: string;
  /** The label of the confirming button, where the action's label could be mistaken for closing the dialog. */
  confirmLabel?: string;
  title: string;
  description: string;
  submit: (form: FormData) => Promise<FormOutcome>;
  fields: Readonly<Record<string, string>>;
  children?: React.ReactNode;
}) {
  const [open, setOpen] = useState(false);
  return (
    <Dialog
      open={open}
      onOpenChange={setOpen}
      title={props.title}
      description={props.description}
      trigger={
        <button
          type="button"
          className="button"
          aria-label={props.subject ? `${props.label} ${props.subject}` : undefined}
        >
          {props.label}
        </button>
      }
    >
      <ProtectedForm
        submit={props.submit}
        prepare={nothingToPrepare}
        needsCode={false}
        hasFactor={false}
        submitLabel={props.confirmLabel ?? props.label}
        danger
        returnPath="/"
        onDone={() => setOpen(false)}
        onCancel={() => setOpen(false)}
      >
        {Object.entries(props.fields).map(([name, value]) => (
          <input key={name} type="hidden" name={name} value={value} />
        ))}
        {props.children}
      </ProtectedForm>
    </Dialog>
  );
}
