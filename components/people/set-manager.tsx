"use client";

import { useState } from "react";
import { PrincipalPicker } from "@/components/people/principal-picker";
import { ActionDialog } from "@/components/ui/forms/action-dialog";
import type { NamedPrincipal } from "@/lib/domain/people/named-principal";
import { isolated } from "@/lib/domain/text/visible-text";
import type { FormOutcome } from "@/lib/web/form-outcome";

/** **Set manager**: the person who reviews a user's access when an access review asks managers. */
export function SetManager(props: {
  readonly principal: { readonly id: string; readonly displayName: string };
  readonly manager: NamedPrincipal | null;
  readonly submit: (form: FormData) => Promise<FormOutcome>;
  readonly search: (userId: string, text: string) => Promise<readonly NamedPrincipal[]>;
}) {
  const { principal } = props;
  const [chosen, setChosen] = useState<readonly NamedPrincipal[]>(props.manager ? [props.manager] : []);
  return (
    <ActionDialog
      label="Set manager"
      title={`Manager of ${isolated(principal.displayName)}`}
      description="Access reviews that ask managers ask this person whether access is still needed."
      submit={props.submit}
      submitLabel="Save"
      returnPath={`/people/${principal.id}`}
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
    </ActionDialog>
  );
}
