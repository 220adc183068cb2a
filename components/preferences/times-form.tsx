"use client";

import { useActionState } from "react";
import { FieldErrors, SelectField } from "@/components/ui/forms/field";
import { SaveLine } from "@/components/ui/forms/save-line";
import { ZoneOptions } from "@/components/ui/forms/zone-options";
import { type ChosenTimes, type TimesLanguage, usualLanguage } from "@/lib/domain/time/reader-times";
import { presentZone } from "@/lib/domain/time/zone-names";
import type { FormOutcome } from "@/lib/web/form-outcome";

interface Props {
  readonly chosen: ChosenTimes;
  readonly timeZones: readonly string[];
  /** Each language with a time in it. */
  readonly examples: readonly { readonly language: TimesLanguage; readonly words: string }[];
  readonly save: (before: FormOutcome | null, form: FormData) => Promise<FormOutcome>;
}

/** In which zone and language the reader sees times. It works without a script. */
export function TimesForm({ chosen, timeZones, examples, save }: Props) {
  const [outcome, act, pending] = useActionState(save, null);
  const zone = presentZone(chosen.zone ?? "");
  const language = chosen.language ?? usualLanguage;
  return (
    <FieldErrors value={outcome?.ok === false ? outcome.fieldErrors : {}}>
      <form action={act} className="grid gap-4">
        <SelectField
          key={`zone ${zone}`}
          label="Time zone"
          name="zone"
          defaultValue={zone}
          hint="For times on pages and in mail, and for times that you enter."
        >
          <option value="">The browser's</option>
          <ZoneOptions names={timeZones} />
        </SelectField>
        <SelectField
          key={`language ${language}`}
          label="Language of times"
          name="language"
          defaultValue={language}
        >
          {examples.map((each) => (
            <option key={each.language} value={each.language}>
              {each.words}
            </option>
          ))}
        </SelectField>
        <SaveLine outcome={outcome} pending={pending} />
      </form>
    </FieldErrors>
  );
}
