"use client";

import { useState } from "react";
import { Dialog } from "@/components/ui/dialog";
import { DialogForm, ShownOnce } from "@/components/ui/forms/dialog-fields";
import { draftOfDialog } from "@/components/ui/forms/draft-of-dialog";
import type { ProtectedFormProps } from "@/components/ui/forms/protected-form";
import type { Success } from "@/lib/web/form-outcome";

/** What a page passes to a dialog whose action may require a second factor. */
export type ConfirmedAction = Required<Pick<ProtectedFormProps, "submit" | "prepare" | "hasFactor">>;

/**
 * A button that opens a dialog with a form. The dialog closes when its action is done. A secret in the answer
 * is shown once before that.
 */
export function ActionDialog({
  label,
  subject,
  buttonClass,
  title,
  description,
  fields = {},
  submitLabel = label,
  returnPath = "/",
  onClose,
  comeNear,
  children,
  ...form
}: Omit<ProtectedFormProps, "submitLabel" | "returnPath" | "onCancel"> & {
  label: string;
  /** What the button is about, for screen readers, since others have the same label. */
  subject?: string;
  buttonClass?: "button-primary" | "button-danger" | "button-named";
  title: string;
  description: string;
  /** Hidden fields. */
  fields?: Readonly<Record<string, string | number>>;
  /** The default is the label. */
  submitLabel?: string;
  /** The page to return to after setting up a second factor. */
  returnPath?: string;
  /** Loads what else is rendered in the dialog (`later`). */
  comeNear?: () => void;
  /** Called when it closed, whatever the result. */
  onClose?: () => void;
}) {
  const [open, setOpen] = useState(false);
  const [made, setMade] = useState<Success | null>(null);
  const close = () => {
    setOpen(false);
    setMade(null);
    onClose?.();
  };
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => (next ? setOpen(true) : close())}
      title={title}
      description={description}
      comeNear={comeNear}
      trigger={
        <button
          type="button"
          className={buttonClass ? `button ${buttonClass}` : "button"}
          aria-label={subject ? `${label} ${subject}` : undefined}
        >
          {label}
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
          {...form}
          submitLabel={submitLabel}
          returnPath={returnPath}
          dialog={draftOfDialog(title, fields)}
          onDone={(outcome) => {
            if (outcome.secret) setMade(outcome);
            else close();
            form.onDone?.(outcome);
          }}
          onCancel={close}
        >
          <HiddenFields of={fields} />
          {children}
        </DialogForm>
      )}
    </Dialog>
  );
}

/** Fields that a form sends and nobody edits. */
export function HiddenFields({ of }: { of: Readonly<Record<string, string | number>> }) {
  return Object.entries(of).map(([name, value]) => (
    <input key={name} type="hidden" name={name} value={value} />
  ));
}
