"use client";

import { useState } from "react";
import { type Choice, choicesOf, MultiSelect } from "@/components/assignments/multi-select";
import { Dialog } from "@/components/ui/dialog";
import { DialogForm } from "@/components/ui/forms/dialog-form";
import { TextAreaField } from "@/components/ui/forms/field";
import { type PrincipalIdentity, principalText } from "@/lib/domain/people/principal-identity";
import type { FormOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

/** **Add members** to a group: several at once, with a reason, and a code where the group's access requires it. */
export function AddMembers(props: {
  group: PrincipalIdentity;
  hasFactor: boolean;
  submit: (form: FormData) => Promise<FormOutcome>;
  prepare: (form: FormData) => Promise<PreparedChallenge>;
  search: (groupId: string, search: string) => Promise<PrincipalIdentity[]>;
}) {
  const [open, setOpen] = useState(false);
  const [chosen, setChosen] = useState<readonly Choice[]>([]);
  const close = () => {
    setOpen(false);
    setChosen([]);
  };
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => (next ? setOpen(true) : close())}
      title={`Add members to ${principalText(props.group)}`}
      description="They get the group's access and decision rights. You need the same rights and codes as for granting these directly."
      trigger={
        <button type="button" className="button">
          Add members
        </button>
      }
    >
      <DialogForm
        submit={props.submit}
        prepare={props.prepare}
        needsCode={false}
        hasFactor={props.hasFactor}
        submitLabel="Add"
        returnPath={`/people/${props.group.id}`}
        onDone={close}
        onCancel={close}
      >
        <input type="hidden" name="groupId" value={props.group.id} />
        <MultiSelect
          name="memberIds"
          label="Members"
          hint="Search users, groups and service principals by name or email, then choose."
          chosen={chosen}
          onChange={setChosen}
          search={async (text) => choicesOf(await props.search(props.group.id, text))}
        />
        <TextAreaField label="Justification" name="justification" maxLength={2000} />
      </DialogForm>
    </Dialog>
  );
}
