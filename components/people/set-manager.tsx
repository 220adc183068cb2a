"use client";

import { useState } from "react";
import { PrincipalPicker } from "@/components/people/principal-picker";
import { Dialog } from "@/components/ui/dialog";
import { DialogForm } from "@/components/ui/forms/dialog-form";
import type { NamedPrincipal } from "@/lib/domain/people/named-principal";
import { isolated } from "@/lib/domain/text/visible-text";
import type { FormOutcome } from "@/lib/web/form-outcome";

const nothingToPrepare = async () => ({ ok: false as const, message: "" });

/** **Set manager**: the person who reviews a user's access when an access review asks managers. */
export function SetManager(props: {
  readonly principal: { readonly id: string; readonly displayName: string };
  readonly manager: NamedPrincipal | null;
  readonly submit: (form: FormData) => Promise<FormOutcome>;
  readonly search: (userId: string, text: string) => Promise<readonly NamedPrincipal[]>;
}) {
  const { principal } = props;
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState<readonly NamedPrincipal[]>(props.manager ? [props.manager] : []);
  return (
    <Dialog
      open={open}
      onOpenChange={setOpen}
      title={`Manager of ${isolated(principal.displayName)}`}
      description="Access reviews that ask managers ask this person whether access is still needed."
      trigger={
        <button type="button" className="button">
          Set manager
        </button>
      }
    >
      <DialogForm
        submit={props.submit}
        prepare={nothingToPrepare}
        needsCode={false}
        hasFactor={false}
        submitLabel="Save"
        returnPath={`/people/${principal.id}`}
        onDone={() => setOpen(false)}
        onCancel={() => setOpen(false)}
      >
        <input type="hidden" name="userId" value={principal.id} />
        <input type="hidden" name="managerId" value={chosen[0]?.id ?? ""} />
        <PrincipalPicker
          label="Manager"
          hint="One person. Leave empty for none. The named reviewers are then asked instead."
          chosen={chosen}
          search={(text) => props.search(principal.id, text)}
          onChange={(all) => setChosen(all.slice(-1))}
        />
      </DialogForm>
    </Dialog>
  );
}
