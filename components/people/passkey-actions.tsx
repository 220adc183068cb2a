"use client";

import { useState } from "react";
import { Dialog } from "@/components/ui/dialog";
import { TextField } from "@/components/ui/forms/dialog-fields";
import { DialogForm } from "@/components/ui/forms/dialog-form";
import { longestPasskeyName } from "@/lib/domain/people/passkey";
import type { FormOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

interface Passkey {
  readonly id: string;
  readonly name: string;
}

export interface PasskeyActions {
  readonly rename: (form: FormData) => Promise<FormOutcome>;
  readonly remove: (form: FormData) => Promise<FormOutcome>;
  readonly prepareRemoval: (form: FormData) => Promise<PreparedChallenge>;
}

const nothingToPrepare = async () => ({ ok: false as const, message: "" });

export function RenamePasskey({ passkey, rename }: { passkey: Passkey } & Pick<PasskeyActions, "rename">) {
  const [open, setOpen] = useState(false);
  return (
    <Dialog
      open={open}
      onOpenChange={setOpen}
      title="Rename the passkey"
      description="Its name is for you alone, and in the log."
      trigger={
        <button type="button" className="button">
          Rename
        </button>
      }
    >
      <DialogForm
        submit={rename}
        prepare={nothingToPrepare}
        needsCode={false}
        hasFactor={false}
        submitLabel="Rename"
        returnPath="/account/security"
        focusOn="first"
        onDone={() => setOpen(false)}
        onCancel={() => setOpen(false)}
      >
        <input type="hidden" name="passkeyId" value={passkey.id} />
        <TextField label="Name" name="name" defaultValue={passkey.name} maxLength={longestPasskeyName} />
      </DialogForm>
    </Dialog>
  );
}

export function RemovePasskey({
  passkey,
  remove,
  prepareRemoval,
}: { passkey: Passkey } & Omit<PasskeyActions, "rename">) {
  const [open, setOpen] = useState(false);
  return (
    <Dialog
      open={open}
      onOpenChange={setOpen}
      title="Remove the passkey?"
      description="It no longer signs you in or confirms anything. Delete it on the device that keeps it as well."
      trigger={
        <button type="button" className="button button-danger">
          Remove
        </button>
      }
    >
      <DialogForm
        submit={remove}
        prepare={prepareRemoval}
        needsCode
        hasFactor
        submitLabel="Remove"
        danger
        returnPath="/account/security"
        onDone={() => setOpen(false)}
        onCancel={() => setOpen(false)}
      >
        <input type="hidden" name="passkeyId" value={passkey.id} />
      </DialogForm>
    </Dialog>
  );
}
