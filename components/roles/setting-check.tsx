"use client";

import { CheckField } from "@/components/ui/forms/field";
import type { RoleSettings } from "@/lib/domain/roles/role-settings";

type Flag = {
  [Name in keyof RoleSettings]: RoleSettings[Name] extends boolean ? Name : never;
}[keyof RoleSettings];

interface Props {
  readonly settings: RoleSettings;
  readonly change: (changes: Partial<RoleSettings>) => void;
  /** Shown under a setting that the edit weakens. */
  readonly mark: (name: keyof RoleSettings) => React.ReactNode;
}

/** A requirement of role settings. Under a requirement of Multi-Factor Authentication, the accepted factors follow. */
export function SettingCheck({
  name,
  label,
  concerned,
  ...edit
}: Props & {
  readonly name: Flag;
  readonly label: string;
  /** The people whom the choice of factors affects. */
  readonly concerned?: React.ReactNode;
}) {
  return (
    <div className="grid gap-1">
      <CheckField
        label={label}
        name={name}
        checked={edit.settings[name]}
        onChange={(event) => edit.change({ [name]: event.currentTarget.checked })}
      />
      {edit.mark(name)}
      {name === "activationRequiresMfa" ? <AcceptedFactors {...edit} of="activation" /> : null}
      {name === "assignmentRequiresMfa" ? <AcceptedFactors {...edit} of="assignment" /> : null}
      {concerned ? <div className="ml-6">{concerned}</div> : null}
    </div>
  );
}

const choices = [
  { value: "no", words: "Accept any factor", resistant: false },
  { value: "yes", words: "Only phishing-resistant factors (passkey)", resistant: true },
];

/** The accepted factors. Without effect, and disabled, while none is required. */
function AcceptedFactors({
  settings,
  change,
  mark,
  of,
}: Props & { readonly of: "activation" | "assignment" }) {
  const name = `${of}PhishingResistant` as const;
  return (
    <fieldset className="ml-6 grid gap-1" disabled={!settings[`${of}RequiresMfa`]}>
      <legend className="sr-only">Factors accepted on {of}</legend>
      {choices.map(({ value, words, resistant }) => (
        <label key={value} className="tap flex items-center gap-2 has-disabled:text-muted">
          <input
            type="radio"
            name={name}
            value={value}
            className="size-4 accent-(--accent)"
            checked={settings[name] === resistant}
            onChange={() => change({ [name]: resistant })}
          />
          {words}
        </label>
      ))}
      {mark(name)}
    </fieldset>
  );
}
