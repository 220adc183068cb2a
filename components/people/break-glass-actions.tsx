"use client";

import { useState } from "react";
import { BreakGlassDialog, type Protected } from "@/components/people/break-glass-dialog";
import { TextAreaField } from "@/components/ui/forms/dialog-fields";
import { later } from "@/components/ui/later";
import type { NamedPrincipal } from "@/lib/domain/people/named-principal";
import { type PrincipalIdentity, principalText } from "@/lib/domain/people/principal-identity";

const PrincipalPicker = later(() =>
  import("@/components/people/principal-picker").then((module) => module.PrincipalPicker),
);

/** **Add account**: chooses a person and says what the account is for. Requires a code. */
export function NameBreakGlassAccount(
  props: Protected & { search: (text: string) => Promise<readonly NamedPrincipal[]> },
) {
  const [chosen, setChosen] = useState<readonly NamedPrincipal[]>([]);
  return (
    <BreakGlassDialog
      {...props}
      label="Add account"
      title="Add a break-glass account"
      description="Nothing disables it until it is taken off the list. All administrators are notified of each sign-in with it at once, and it is reviewed."
      submitLabel="Add account"
      needsCode
      comeNear={PrincipalPicker.comeNear}
    >
      <input type="hidden" name="principalId" value={chosen[0]?.id ?? ""} />
      <PrincipalPicker
        label="Account"
        hint="It needs a password and a second factor of its own, and a permanent role at the root that administers it."
        placeholder="Search users"
        chosen={chosen}
        search={props.search}
        onChange={(all) => setChosen(all.slice(-1))}
        errorOf="principalId"
      />
      <TextAreaField label="What it is for" name="justification" maxLength={2000} required />
    </BreakGlassDialog>
  );
}

/** **Remove** beside an account on the list. Requires a code. */
export function RemoveBreakGlassAccount(props: Protected & { account: PrincipalIdentity }) {
  const name = principalText(props.account);
  return (
    <BreakGlassDialog
      {...props}
      label="Remove"
      subject={name}
      title={`Take ${name} off the list`}
      description="It keeps its access, and is an account like any other from then on."
      submitLabel="Remove"
      needsCode
      danger
    >
      <input type="hidden" name="principalId" value={props.account.id} />
      <TextAreaField label="Justification" name="justification" maxLength={2000} />
    </BreakGlassDialog>
  );
}
