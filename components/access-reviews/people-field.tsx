"use client";

import { useState } from "react";
import { PrincipalPicker } from "@/components/people/principal-picker";
import type { NamedPrincipal } from "@/lib/domain/people/named-principal";

/** A choice of principals, posted as their ids under one name, with the errors of that field. */
export function PeopleField(props: {
  readonly name: string;
  readonly label: string;
  readonly hint?: string;
  readonly placeholder?: string;
  readonly initial: readonly NamedPrincipal[];
  readonly search: (text: string) => Promise<readonly NamedPrincipal[]>;
}) {
  const [chosen, setChosen] = useState(props.initial);
  return (
    <div>
      <input type="hidden" name={props.name} value={chosen.map((each) => each.id).join(",")} />
      <PrincipalPicker
        label={props.label}
        hint={props.hint}
        placeholder={props.placeholder}
        chosen={chosen}
        search={props.search}
        onChange={setChosen}
        errorOf={props.name}
      />
    </div>
  );
}
