"use client";

import { Sentence } from "@/components/ui/name";

/** How many are named. The rest is counted. */
const named = 3;

function inWords(names: readonly string[]): string {
  const rest = names.length - named;
  return `${names.slice(0, named).join(", ")}${rest > 0 ? `, and ${rest} more` : ""}`;
}

/**
 * What is selected and what can be done with it, at the bottom of the screen while the list scrolls. Its
 * buttons stay on the page while nothing is selected, since one of their dialogs may still be open.
 */
export function SelectionBar(props: {
  readonly label: string;
  /** The names of what is selected. */
  readonly names: readonly string[];
  /** Shown after the number, such as "1 not on this page". */
  readonly notes: readonly string[];
  readonly buttons: React.ReactNode;
  readonly onClear: () => void;
}) {
  const { names } = props;
  const count = [`${names.length} selected`, ...props.notes].join(", ");
  return (
    <fieldset aria-label={props.label} className="selection-bar" data-shown={names.length > 0 || undefined}>
      <p role="status" className="selection-words">
        {names.length > 0 ? (
          <>
            <b>{count}: </b>
            <Sentence of={inWords(names)} />
          </>
        ) : null}
      </p>
      <button
        type="button"
        hidden={names.length === 0}
        className="button button-quiet"
        onClick={props.onClear}
      >
        <span>
          Clear<span className="max-sm:sr-only"> selection</span>
        </span>
      </button>
      <div hidden={names.length === 0} className="selection-buttons">
        {props.buttons}
      </div>
    </fieldset>
  );
}
