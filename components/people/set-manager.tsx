"use client";

import { useState } from "react";
import { PrincipalPicker } from "@/components/people/principal-picker";
import { ActionDialog, type ConfirmedAction } from "@/components/ui/forms/action-dialog";
import type { NamedPrincipal } from "@/lib/domain/people/named-principal";
import { isolated } from "@/lib/domain/text/visible-text";

/** **Set manager**: the person who reviews a user's access when an access review asks managers. */
export function SetManager({
  principal,
  manager,
  search,
  ...confirmed
}: ConfirmedAction & {
  readonly principal: { readonly id: string; readonly displayName: string };
  readonly manager: NamedPrincipal | null;
  readonly search: (userId: string, text: string) => Promise<readonly NamedPrincipal[]>;
}) {
  const [chosen, setChosen] = useState<readonly NamedPrincipal[]>(manager ? [manager] : []);
  const [named] = chosen;
  return (
    <ActionDialog
      {...confirmed}
      needsCode={named !== undefined && named.id !== manager?.id}
      label="Set manager"
      title={`Manager of ${isolated(principal.displayName)}`}
      description="Access reviews that ask managers ask this person whether access is still needed."
      submitLabel="Save"
      returnPath={`/people/${principal.id}`}
    >
      <input type="hidden" name="userId" value={principal.id} />
      <input type="hidden" name="managerId" value={named?.id ?? ""} />
      <PrincipalPicker
        label="Manager"
        hint="One person. Leave empty for none. The named reviewers are then asked instead."
        chosen={chosen}
        search={(text) => search(principal.id, text)}
        onChange={(all) => setChosen(all.slice(-1))}
        errorOf="managerId"
      />
    </ActionDialog>
  );
}
