"use client";

import { ActionDialog } from "@/components/ui/forms/action-dialog";
import { TextField } from "@/components/ui/forms/dialog-fields";
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

export function RenamePasskey({ passkey, rename }: { passkey: Passkey } & Pick<PasskeyActions, "rename">) {
  return (
    <ActionDialog
      label="Rename"
      title="Rename the passkey"
      description="Only you see its name. The log has it as well."
      submit={rename}
      returnPath="/account/security"
      focusOn="first"
    >
      <input type="hidden" name="passkeyId" value={passkey.id} />
      <TextField label="Name" name="name" defaultValue={passkey.name} maxLength={longestPasskeyName} />
    </ActionDialog>
  );
}

export function RemovePasskey({
  passkey,
  remove,
  prepareRemoval,
}: { passkey: Passkey } & Omit<PasskeyActions, "rename">) {
  return (
    <ActionDialog
      label="Remove"
      buttonClass="button-danger"
      title="Remove the passkey?"
      description="It no longer signs you in or confirms anything. Delete it on the device that keeps it as well."
      submit={remove}
      prepare={prepareRemoval}
      needsCode
      hasFactor
      danger
      returnPath="/account/security"
    >
      <input type="hidden" name="passkeyId" value={passkey.id} />
    </ActionDialog>
  );
}
