"use client";

import { useContext, useEffect, useId, useRef, useState } from "react";
import { PrincipalWithFormer } from "@/components/ui/former-names";
import { ErrorText } from "@/components/ui/forms/error-text";
import { FieldErrors } from "@/components/ui/forms/field";
import type { NamedPrincipal } from "@/lib/domain/people/named-principal";
import { principalText } from "@/lib/domain/people/principal-identity";
import { longestSearch } from "@/lib/domain/text/limits";

const searchDelayMilliseconds = 200;
const shownAtMost = 6;

/** Chooses users and groups by search. Choices are badges that can be removed. */
export function PrincipalPicker(props: {
  readonly label: string;
  readonly hint?: string;
  readonly chosen: readonly NamedPrincipal[];
  readonly search: (text: string) => Promise<readonly NamedPrincipal[]>;
  readonly onChange: (chosen: readonly NamedPrincipal[]) => void;
  readonly invalid?: boolean;
  /** The field whose error is shown beside it: the hidden one that the ids are posted in. */
  readonly errorOf?: string;
  /** What can be searched, if not users and groups. */
  readonly placeholder?: string;
}) {
  const id = useId();
  const error = useContext(FieldErrors)[props.errorOf ?? ""];
  const describedBy = [props.hint && `${id}-hint`, error && `${id}-error`].filter(Boolean).join(" ");
  const [found, setFound] = useState<readonly NamedPrincipal[]>([]);
  const [searched, setSearched] = useState("");
  const input = useRef<HTMLInputElement>(null);
  const waiting = useRef<ReturnType<typeof setTimeout>>(undefined);
  const newest = useRef("");
  useEffect(() => () => clearTimeout(waiting.current), []);

  function look(text: string) {
    clearTimeout(waiting.current);
    newest.current = text;
    if (text.length < 2) {
      setFound([]);
      setSearched("");
      return;
    }
    waiting.current = setTimeout(async () => {
      const answer = await props.search(text).catch(() => []);
      if (newest.current !== text) return;
      setFound(answer);
      setSearched(text);
    }, searchDelayMilliseconds);
  }

  function choose(each: NamedPrincipal) {
    props.onChange([...props.chosen, each]);
    if (input.current) input.current.value = "";
    look("");
    input.current?.focus();
  }

  const offered = found.filter((each) => !props.chosen.some((other) => other.id === each.id));
  return (
    <div>
      <label className="label" htmlFor={id}>
        {props.label}
      </label>
      <input
        ref={input}
        id={id}
        className="input"
        type="search"
        autoComplete="off"
        maxLength={longestSearch}
        placeholder={props.placeholder ?? "Search users and groups"}
        aria-invalid={props.invalid || error ? true : undefined}
        aria-describedby={describedBy || undefined}
        onKeyDown={(event) => {
          if (event.key === "Enter") event.preventDefault();
        }}
        onChange={(event) => look(event.currentTarget.value.trim())}
      />
      {props.hint ? (
        <p id={`${id}-hint`} className="mt-1 text-muted">
          {props.hint}
        </p>
      ) : null}
      <ErrorText id={`${id}-error`} of={error} />
      <div aria-live="polite">
        {searched && offered.length === 0 ? (
          <p className="mt-1 text-muted">Nobody else is called “{searched}”.</p>
        ) : null}
        {offered.length > 0 ? (
          <ul className="mt-1 rounded-md border border-line p-1" aria-label={`Found for ${props.label}`}>
            {offered.slice(0, shownAtMost).map((each) => (
              <li key={each.id}>
                <button type="button" className="pane-link found-link" onClick={() => choose(each)}>
                  Add <PrincipalWithFormer of={each} inline />
                </button>
              </li>
            ))}
          </ul>
        ) : null}
      </div>
      {props.chosen.length > 0 ? (
        <ul className="mt-2 flex flex-wrap gap-2" aria-label={`Chosen for ${props.label}`}>
          {props.chosen.map((each) => (
            <li
              key={each.id}
              className={`badge max-w-full whitespace-normal wrap-anywhere ${each.disabled ? "badge-warning" : ""}`}
            >
              <span>
                <PrincipalWithFormer of={each} inline />
                {each.disabled ? " (disabled)" : ""}
              </span>
              <button
                type="button"
                className="px-1 touch:-my-2 touch:-mr-2 touch:size-[2.9rem]"
                aria-label={`Leave out ${principalText(each)}`}
                onClick={() => props.onChange(props.chosen.filter((other) => other.id !== each.id))}
              >
                ×
              </button>
            </li>
          ))}
        </ul>
      ) : null}
    </div>
  );
}
