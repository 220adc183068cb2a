import { optionOf } from "@/components/roles/take-settings";
import { SelectField, TextField } from "@/components/ui/forms/field";
import { Name } from "@/components/ui/name";
import { periodInWords } from "@/lib/domain/time/period";
import type { SettingsSource } from "@/lib/queries/roles/settings-to-take";
import { type SharedChange, type sharedFlags, sharedPeriods } from "@/lib/web/change-address";

const flags: Readonly<Record<(typeof sharedFlags)[number], string>> = {
  activationRequiresMfa: "Require Multi-Factor Authentication on activation",
  activationPhishingResistant: "Only phishing-resistant factors on activation",
  activationRequiresJustification: "Require justification on activation",
  activationRequiresTicket: "Require ticket information on activation",
  assignmentRequiresMfa: "Require Multi-Factor Authentication on direct assignment",
  assignmentPhishingResistant: "Only phishing-resistant factors on direct assignment",
  assignmentRequiresJustification: "Require justification on direct assignment",
};
const periods: Readonly<Record<keyof typeof sharedPeriods, readonly [label: string, permanent: string]>> = {
  eligibleMaximumDays: ["Expire eligible assignments after", "Allow permanent eligible assignment"],
  activeMaximumDays: ["Expire active assignments after", "Allow permanent active assignment"],
};
const asItIs = <option value="">As it is</option>;

/** Chooses roles and what is changed for all of them. Sends both as an address, so that it works without scripts. */
export function SharedChangeForm(props: {
  readonly action: string;
  readonly roles: readonly { readonly id: string; readonly roleName: string }[];
  readonly change: SharedChange;
  /** What all of them can start from, and the key of the chosen start. */
  readonly sources: readonly SettingsSource[];
  readonly start: string | null;
  readonly chosen: ReadonlySet<string>;
  /** What is missing before anything can be replayed, once a replay was requested. */
  readonly missing: string | null;
}) {
  const { change } = props;
  return (
    <form method="get" action={`${props.action}#replayed`} className="card mb-5 grid gap-5">
      <fieldset>
        <legend className="mb-2 font-semibold">Roles</legend>
        {props.roles.length === 0 ? (
          <p className="text-muted">No role is in use here, and none of their settings was edited.</p>
        ) : (
          <div className="grid gap-x-6 gap-y-1.5 sm:grid-cols-2 xl:grid-cols-3">
            {props.roles.map(({ id, roleName }) => (
              <label key={id} className="tap flex items-center gap-2">
                <input
                  type="checkbox"
                  name="role"
                  value={id}
                  defaultChecked={props.chosen.has(id)}
                  className="size-4 accent-(--accent)"
                />
                <span className="min-w-0 wrap-anywhere">
                  <Name of={roleName} />
                </span>
              </label>
            ))}
          </div>
        )}
      </fieldset>
      <fieldset>
        <legend className="mb-2 font-semibold">Change</legend>
        <div className="mb-4 max-w-md">
          <SelectField label="Start from" name="take" defaultValue={props.start ?? ""}>
            <option value="">Each role's settings as they are</option>
            {props.sources.map((source) => (
              <option key={source.key} value={source.key}>
                {optionOf(source)}
              </option>
            ))}
          </SelectField>
        </div>
        <div className="grid items-end gap-4 sm:grid-cols-2 xl:grid-cols-3">
          <TextField
            label="Activation maximum duration (hours)"
            name="activationMaximumMinutes"
            type="number"
            min={0.5}
            max={24}
            step={0.5}
            placeholder="As it is"
            defaultValue={
              change.activationMaximumMinutes === undefined ? "" : change.activationMaximumMinutes / 60
            }
          />
          {(Object.keys(flags) as (keyof typeof flags)[]).map((name) => (
            <SelectField
              key={name}
              label={flags[name]}
              name={name}
              defaultValue={change[name] === undefined ? "" : change[name] ? "yes" : "no"}
            >
              {asItIs}
              <option value="yes">Yes</option>
              <option value="no">No</option>
            </SelectField>
          ))}
          {(Object.keys(periods) as (keyof typeof periods)[]).map((name) => (
            <SelectField
              key={name}
              label={periods[name][0]}
              name={name}
              defaultValue={change[name] === undefined ? "" : (change[name] ?? "permanent")}
            >
              {asItIs}
              <option value="permanent">{periods[name][1]}</option>
              {sharedPeriods[name].map((days) => (
                <option key={days} value={days}>
                  {periodInWords(days)}
                </option>
              ))}
            </SelectField>
          ))}
        </div>
      </fieldset>
      <div className="flex flex-wrap items-center gap-3">
        <button type="submit" name="replay" value="1" className="button button-primary">
          Replay
        </button>
        {props.missing ? (
          <p role="alert" className="error-text">
            {props.missing}
          </p>
        ) : (
          <p className="text-muted">
            Approval and notifications are taken from what you start from, and otherwise stay as they are.
          </p>
        )}
      </div>
    </form>
  );
}
