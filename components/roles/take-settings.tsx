import { SelectField } from "@/components/ui/forms/field";
import { Sentence } from "@/components/ui/name";
import { isolated, visible } from "@/lib/domain/text/visible-text";
import type { SettingsSource, SettingsToTake } from "@/lib/queries/roles/settings-to-take";

/**
 * Starts the edit from other settings: the built-in default, another role's, or those of a level above. It is a
 * form of its own, which requests the page again, so that it works without scripts.
 */
export function TakeSettings({ of: { sources, taken }, same }: { of: SettingsToTake; same: boolean }) {
  return (
    <form method="get" className="mb-5 flex max-w-prose flex-wrap items-end gap-3">
      <div className="min-w-0 grow basis-64">
        <SelectField label="Start from" name="take" defaultValue={taken?.source.key ?? ""}>
          <option value="">The settings as they are</option>
          {sources.map((source) => (
            <option key={source.key} value={source.key}>
              {optionOf(source)}
            </option>
          ))}
        </SelectField>
      </div>
      <button type="submit" className="button">
        Take these settings
      </button>
      {taken ? (
        <p className="w-full" role="status">
          <Sentence of={takenInWords(taken.source, same)} />
        </p>
      ) : null}
    </form>
  );
}

/** What an edit can start from, as a choice. */
export function optionOf(source: SettingsSource): string {
  switch (source.kind) {
    case "Default":
      return "The built-in default";
    case "Role":
      return visible(source.roleName);
    case "Above":
      return `This role on ${visible(source.resourceName)}, above`;
  }
}

/** What an edit started from. It says that nothing is saved yet. */
export function takenInWords(source: SettingsSource, same: boolean): string {
  const filledIn = same
    ? "the same as those here."
    : "filled in below. Nothing is saved until you choose Save.";
  switch (source.kind) {
    case "Default":
      return `The built-in default is ${filledIn}`;
    case "Role":
      return `The settings of ${isolated(source.roleName)} are ${filledIn}`;
    case "Above":
      return `The settings on ${isolated(source.resourceName)} are ${filledIn}`;
  }
}
