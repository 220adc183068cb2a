import { SelectField } from "@/components/ui/forms/field";
import { periodInWords } from "@/lib/domain/time/period";

/** After how long assignments end, or that they may be permanent (null). */
export function PeriodField(props: {
  readonly name: string;
  readonly label: string;
  readonly permanent: string;
  readonly choices: readonly number[];
  readonly days: number | null;
  readonly onChange: (days: number | null) => void;
}) {
  return (
    <SelectField
      label={props.label}
      name={props.name}
      value={props.days ?? "permanent"}
      onChange={({ currentTarget: { value } }) =>
        props.onChange(value === "permanent" ? null : Number(value))
      }
    >
      <option value="permanent">{props.permanent}</option>
      {props.choices.map((days) => (
        <option key={days} value={days}>
          {periodInWords(days)}
        </option>
      ))}
    </SelectField>
  );
}
