"use client";

import { useState } from "react";
import { type Choice, choicesOf, MultiSelect } from "@/components/assignments/multi-select";
import { ActionDialog } from "@/components/ui/forms/action-dialog";
import { TextAreaField } from "@/components/ui/forms/dialog-fields";
import { type PrincipalIdentity, principalText } from "@/lib/domain/people/principal-identity";
import type { FormOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

/** **Add members** to a group: several at once, with a reason, and a code if the group's access requires it. */
export function AddMembers(props: {
  group: PrincipalIdentity;
  hasFactor: boolean;
  submit: (form: FormData) => Promise<FormOutcome>;
  prepare: (form: FormData) => Promise<PreparedChallenge>;
  search: (groupId: string, search: string) => Promise<PrincipalIdentity[]>;
}) {
  const [chosen, setChosen] = useState<readonly Choice[]>([]);
  return (
    <ActionDialog
      label="Add members"
      title={`Add members to ${principalText(props.group)}`}
      description="They get the group's access and decision rights. You need the same rights and codes as for granting these directly."
      submit={props.submit}
      prepare={props.prepare}
      hasFactor={props.hasFactor}
      submitLabel="Add"
      returnPath={`/people/${props.group.id}`}
      onClose={() => setChosen([])}
      fields={{ groupId: props.group.id }}
    >
      <MultiSelect
        name="memberIds"
        label="Members"
        hint="Search users, groups and service principals by name or email, then choose."
        chosen={chosen}
        onChange={setChosen}
        search={async (text) => choicesOf(await props.search(props.group.id, text))}
      />
      <TextAreaField label="Justification" name="justification" maxLength={2000} />
    </ActionDialog>
  );
}
