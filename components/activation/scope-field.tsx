"use client";

import { useRef, useState } from "react";
import { SummaryLine } from "@/components/activation/summary-line";
import { SelectField } from "@/components/ui/forms/field";
import { Name } from "@/components/ui/name";
import { longestSearch } from "@/lib/domain/text/limits";
import { isolated } from "@/lib/domain/text/visible-text";
import type { ActivationChoice } from "@/lib/queries/activation/activation-choices";

type Scope = Pick<ActivationChoice, "id" | "displayName" | "scope">;

interface Props {
  readonly choices: readonly Scope[];
  readonly chosen: Scope;
  readonly searchable: boolean;
  readonly onSearch: (search: string) => void;
  readonly onChoose: (resourceId: string) => void;
}

const searchDelayMilliseconds = 250;

/** **Scope**: the eligibility's own resource or one below it, with a search if there are many. */
export function ScopeField(props: Props) {
  const choice = props.choices.length > 1 || props.searchable;
  return (
    <>
      {choice ? null : <input type="hidden" name="resourceId" value={props.chosen.id} />}
      <SummaryLine label="Scope" value={<Name of={props.chosen.displayName} />}>
        {choice ? <ScopeChoice {...props} /> : null}
      </SummaryLine>
    </>
  );
}

function ScopeChoice(props: Props) {
  const waiting = useRef<ReturnType<typeof setTimeout>>(undefined);
  const [searched, setSearched] = useState(false);
  return (
    <div className="grid gap-2">
      <SelectField
        label="Scope"
        name="resourceId"
        value={props.chosen.id}
        onChange={(event) => props.onChoose(event.currentTarget.value)}
        hint={props.chosen.scope}
      >
        {props.choices.map((each) => (
          <option key={each.id} value={each.id}>
            {isolated(each.displayName)}
          </option>
        ))}
      </SelectField>
      {props.searchable ? (
        <label>
          <span className="sr-only">Find a scope</span>
          <input
            className="input"
            type="search"
            placeholder="Find a resource below"
            maxLength={longestSearch}
            onKeyDown={(event) => {
              if (event.key === "Enter") event.preventDefault();
            }}
            onChange={(event) => {
              const search = event.currentTarget.value;
              clearTimeout(waiting.current);
              waiting.current = setTimeout(() => {
                setSearched(search !== "");
                props.onSearch(search);
              }, searchDelayMilliseconds);
            }}
          />
          <span role="status" className={searched ? "mt-1 block text-muted" : "sr-only"}>
            {searched ? `${props.choices.length} to choose from under Scope.` : ""}
          </span>
        </label>
      ) : null}
    </div>
  );
}
