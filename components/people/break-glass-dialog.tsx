"use client";

import { useState } from "react";
import { Dialog } from "@/components/ui/dialog";
import { DialogForm } from "@/components/ui/forms/dialog-fields";
import type { FormOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

type Submit = (form: FormData) => Promise<FormOutcome>;
type Prepare = (form: FormData) => Promise<PreparedChallenge>;

/** What a page passes to such a dialog. */
export interface Protected {
  readonly submit: Submit;
  readonly prepare: Prepare;
  readonly hasFactor: boolean;
}

const page = "/organisation/sign-in";

/** A button with a dialog about a break-glass account. */
export function BreakGlassDialog(
  props: Protected & {
    label: string;
    /** Whom it is about, since several buttons have the same label. */
    subject?: string;
    title: string;
    description: string;
    submitLabel: string;
    needsCode: boolean;
    /** Loads what else is rendered in the dialog (`later`). */
    comeNear?: () => void;
    danger?: boolean;
    children: React.ReactNode;
  },
) {
  const [open, setOpen] = useState(false);
  return (
    <Dialog
      open={open}
      onOpenChange={setOpen}
      title={props.title}
      description={props.description}
      comeNear={props.comeNear}
      trigger={
        <button
          type="button"
          className={`button ${props.danger ? "button-danger" : ""}`}
          aria-label={props.subject ? `${props.label}: ${props.subject}` : undefined}
        >
          {props.label}
        </button>
      }
    >
      <DialogForm
        submit={props.submit}
        prepare={props.prepare}
        needsCode={props.needsCode}
        hasFactor={props.hasFactor}
        submitLabel={props.submitLabel}
        danger={props.danger}
        returnPath={page}
        onDone={() => setOpen(false)}
        onCancel={() => setOpen(false)}
      >
        {props.children}
      </DialogForm>
    </Dialog>
  );
}
