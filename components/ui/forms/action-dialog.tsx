"use client";

import { useState } from "react";
import { Dialog } from "@/components/ui/dialog";
import { DialogForm } from "@/components/ui/forms/dialog-form";
import { ShownOnce } from "@/components/ui/forms/shown-once";
import type { FormOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

/** What a protected action of a page hands to the dialog that confirms it. */
export interface ConfirmedAction {
  readonly submit: (form: FormData) => Promise<FormOutcome>;
  readonly prepare: (form: FormData) => Promise<PreparedChallenge>;
  readonly hasFactor: boolean;
}

/**
 * A button that opens a dialog with a form, which takes a code where required. It closes when that is done; a secret in the
 * answer is shown once first.
 */
export function ActionDialog(
  props: ConfirmedAction & {
    label: string;
    /** What the button is about, for whoever hears it among others of the same label. */
    subject?: string;
    title: string;
    description: string;
    needsCode: boolean;
    /** Where enrolling a second factor leads back to. */
    returnPath: string;
    buttonClass?: string;
    danger?: boolean;
    children?: React.ReactNode;
  },
) {
  const [open, setOpen] = useState(false);
  const [made, setMade] = useState<Extract<FormOutcome, { ok: true }> | null>(null);
  const submit = async (form: FormData) => {
    const result = await props.submit(form);
    if (result.ok && result.secret) setMade(result);
    return result;
  };
  const close = () => {
    setOpen(false);
    setMade(null);
  };
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => (next ? setOpen(true) : close())}
      title={props.title}
      description={props.description}
      trigger={
        <button
          type="button"
          className={`button ${props.buttonClass ?? ""}`}
          aria-label={props.subject ? `${props.label} ${props.subject}` : undefined}
        >
          {props.label}
        </button>
      }
    >
      {made?.secret ? (
        <ShownOnce {...made.secret}>
          <button type="button" className="button button-primary" onClick={close}>
            I have stored it
          </button>
        </ShownOnce>
      ) : (
        <DialogForm
          submit={submit}
          prepare={props.prepare}
          needsCode={props.needsCode}
          hasFactor={props.hasFactor}
          submitLabel={props.label}
          danger={props.danger}
          returnPath={props.returnPath}
          onDone={(outcome) => {
            if (!outcome.secret) close();
          }}
          onCancel={close}
        >
          {props.children}
        </DialogForm>
      )}
    </Dialog>
  );
}
