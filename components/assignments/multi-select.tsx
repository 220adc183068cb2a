"use client";

import { useContext, useEffect, useRef, useState } from "react";
import { PrincipalWithFormer } from "@/components/ui/former-names";
import { FieldErrors, TextField } from "@/components/ui/forms/field";
import { useDraftedChoices } from "@/components/ui/forms/form-draft";
import { Icon } from "@/components/ui/icon";
import { Sentence } from "@/components/ui/name";
import { type PrincipalIdentity, principalText } from "@/lib/domain/people/principal-identity";
import type { AssignmentRules } from "@/lib/domain/roles/assignment-rules";
import { visibleSentence } from "@/lib/domain/text/visible-text";

export interface Choice {
  readonly id: string;
  /** The name, in plain text. */
  readonly label: string;
  /** The principal, or null for anything else. */
  readonly principal: PrincipalIdentity | null;
  /** The rules of a role, if it is assigned here. */
  readonly rules?: AssignmentRules;
}

/** Turns found members into choices, with what distinguishes people of the same name. */
export function choicesOf(found: readonly PrincipalIdentity[]): Choice[] {
  return found.map((principal) => ({ id: principal.id, label: principalText(principal), principal }));
}

/** The search text that finds a choice again. */
const wordsFor = ({ label, principal }: Choice) => principal?.email ?? principal?.displayName ?? label;

function ChoiceName({ choice }: { choice: Choice }) {
  return choice.principal ? (
    <PrincipalWithFormer of={choice.principal} inline />
  ) : (
    <Sentence of={choice.label} />
  );
}

/**
 * Chooses several results of a search. The field named `name` contains their ids, separated by commas. Choices
 * stay while the search changes, and each can be removed. Enter chooses the first result of the present text,
 * waits for it if it has not arrived, and empties the search, so that another Enter chooses nothing. The error of
 * `name` is shown beside the field.
 */
export function MultiSelect(props: {
  name: string;
  label: string;
  hint: string;
  chosen: readonly Choice[];
  /** What is offered before anything is typed, under this heading. */
  suggested?: {
    readonly label: string;
    readonly choices: readonly Choice[];
    /** Where the focus goes next, since the chosen button disappears. */
    readonly onChosen: () => void;
  };
  onChange: (chosen: readonly Choice[]) => void;
  search: (text: string) => Promise<readonly Choice[]>;
}) {
  /** The results, and the text that found them. */
  const [found, setFound] = useState<{ text: string; choices: readonly Choice[] } | null>(null);
  /** The field in which Enter was pressed, until the first result of its text is chosen. */
  const [entered, setEntered] = useState<HTMLInputElement | null>(null);
  const latest = useRef(0);
  const searchName = `${props.name}Search`;
  const error = useContext(FieldErrors)[props.name];
  const field = useRef<HTMLInputElement>(null);
  const { chosen, onChange } = props;
  const offered = found?.choices.filter((each) => !chosen.some((other) => other.id === each.id)).slice(0, 8);

  const suggested = (props.suggested?.choices ?? []).filter(
    (each) => !chosen.some((other) => other.id === each.id),
  );

  useDraftedChoices(field, (kept) => {
    const again = kept.map(async ({ id, words }) =>
      (await props.search(words)).find((each) => each.id === id),
    );
    Promise.all(again)
      .then((choices) => onChange(choices.filter((each) => each !== undefined)))
      .catch(() => undefined);
  });

  useEffect(() => {
    if (!entered || found?.text !== entered.value.trim()) return;
    setEntered(null);
    const first = offered?.[0];
    if (!first) return;
    entered.value = "";
    latest.current += 1;
    setFound(null);
    onChange([...chosen, first]);
  }, [entered, found, offered, chosen, onChange]);

  function look(text: string) {
    latest.current += 1;
    const asked = latest.current;
    setEntered(null);
    if (text.length < 2) return setFound(null);
    props
      .search(text)
      .catch(() => [])
      .then((choices) => {
        // Drops the answer if a newer search has started.
        if (asked === latest.current) setFound({ text, choices });
      });
  }

  return (
    <div className="grid grid-cols-[minmax(0,1fr)] gap-2">
      <input
        ref={field}
        type="hidden"
        name={props.name}
        value={chosen.map((each) => each.id).join(",")}
        data-found-by={JSON.stringify(chosen.map((each) => [each.id, wordsFor(each)]))}
      />
      <FieldErrors value={error ? { [searchName]: error } : {}}>
        <TextField
          name={searchName}
          label={props.label}
          type="search"
          autoComplete="off"
          hint={props.hint}
          onChange={(event) => look(event.currentTarget.value.trim())}
          onKeyDown={(event) => {
            if (event.key !== "Enter") return;
            event.preventDefault();
            if (event.currentTarget.value.trim().length >= 2) setEntered(event.currentTarget);
          }}
        />
      </FieldErrors>
      <p role="status" className="sr-only">
        {offered ? `${offered.length} found` : ""}
      </p>
      {offered ? (
        <ul className="grid gap-0.5 rounded-lg border border-line p-1" aria-label={`Found: ${props.label}`}>
          {offered.length === 0 ? <li className="px-3 py-1.5 text-muted">Nothing more found.</li> : null}
          {offered.map((each) => (
            <li key={each.id}>
              <button
                type="button"
                className="pane-link found-link"
                onClick={() => onChange([...chosen, each])}
              >
                Add <ChoiceName choice={each} />
              </button>
            </li>
          ))}
        </ul>
      ) : null}
      {chosen.length > 0 ? (
        <ul className="flex flex-wrap gap-2" aria-label={`Chosen: ${props.label}`}>
          {chosen.map((each) => (
            <li key={each.id} className="badge max-w-full py-0.5 whitespace-normal wrap-anywhere">
              <span>
                <ChoiceName choice={each} />
              </span>
              <button
                type="button"
                className="grid place-items-center rounded p-0.5 touch:-my-2 touch:-mr-2 touch:size-[2.9rem]"
                aria-label={`Leave out ${visibleSentence(each.label)}`}
                onClick={() => onChange(chosen.filter((other) => other.id !== each.id))}
              >
                <Icon name="x" size={13} />
              </button>
            </li>
          ))}
        </ul>
      ) : null}
      {!offered && suggested.length > 0 ? (
        <div className="chips">
          <span className="text-muted">{props.suggested?.label}</span>
          {suggested.map((each) => (
            <button
              key={each.id}
              type="button"
              className="chip"
              aria-label={`Add ${visibleSentence(each.label)}`}
              onClick={() => {
                onChange([...chosen, each]);
                props.suggested?.onChosen();
              }}
            >
              <span className="truncate">
                <Sentence of={each.label} />
              </span>
            </button>
          ))}
        </div>
      ) : null}
    </div>
  );
}
