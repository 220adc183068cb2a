import { useId } from "react";

export interface Choice {
  readonly value: string;
  readonly label: string;
  readonly disabled?: boolean;
}

/** One of a few choices, as chips in a line: a group of radio buttons. `children` follow them. */
export function ChoiceChips(props: {
  readonly label: string;
  readonly name: string;
  readonly choices: readonly Choice[];
  /** The chosen value, if the parent stores it. */
  readonly value?: string;
  readonly defaultValue?: string;
  readonly onChange?: (value: string) => void;
  readonly hint?: string;
  readonly children?: React.ReactNode;
}) {
  const hint = useId();
  const { value, defaultValue, onChange } = props;
  return (
    <fieldset aria-describedby={props.hint ? hint : undefined}>
      <legend className="label">{props.label}</legend>
      <div className="chips">
        {props.choices.map((choice) => (
          <label key={choice.value} className="chip">
            <input
              type="radio"
              className="sr-only"
              name={props.name}
              value={choice.value}
              disabled={choice.disabled}
              checked={value === undefined ? undefined : value === choice.value}
              defaultChecked={value === undefined ? defaultValue === choice.value : undefined}
              onChange={onChange ? () => onChange(choice.value) : undefined}
            />
            {choice.label}
          </label>
        ))}
        {props.children}
      </div>
      {props.hint ? (
        <p id={hint} className="mt-1 text-muted">
          {props.hint}
        </p>
      ) : null}
    </fieldset>
  );
}
