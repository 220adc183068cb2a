"use client";

import { SelectField, TextAreaField, TextField } from "@/components/ui/forms/field";
import { ProtectedForm } from "@/components/ui/forms/protected-form";
import { ZoneOptions } from "@/components/ui/forms/zone-options";
import type { OrganisationSettings } from "@/lib/domain/notifications/organisation";
import { presentZone } from "@/lib/domain/time/zone-names";
import type { FormOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

/** The settings of the whole installation. Saving them always requires a code. */
export function OrganisationForm(props: {
  settings: OrganisationSettings;
  timeZones: readonly string[];
  version: number;
  hasFactor: boolean;
  save: (form: FormData) => Promise<FormOutcome>;
  prepare: (form: FormData) => Promise<PreparedChallenge>;
}) {
  const { displayName, timeZone, allowedMailDomains, alertAddresses } = props.settings;
  return (
    <div className="card max-w-3xl">
      <ProtectedForm
        submit={props.save}
        prepare={props.prepare}
        needsCode
        hasFactor={props.hasFactor}
        submitLabel="Save"
        returnPath="/organisation"
      >
        <input type="hidden" name="expectedVersion" value={props.version} />
        <TextField
          label="Name"
          name="displayName"
          defaultValue={displayName}
          hint="The root of all resources has this name."
          required
        />
        <TimeZoneField
          timeZones={props.timeZones}
          defaultValue={presentZone(timeZone)}
          hint="People's usual hours and the days of reminders follow this time zone, including summer time."
        />
        <TextAreaField
          label="Allowed mail domains"
          name="allowedMailDomains"
          rows={6}
          defaultValue={allowedMailDomains.join("\n")}
          placeholder="contoso.com"
          hint="One per line. Role settings can send notices to addresses in these domains without a code. Any other address needs a code. While the list is empty, every added address needs one. Subdomains are separate domains."
        />
        <div id="alert-addresses">
          <TextAreaField
            label="Also mail alerts to"
            name="alertAddresses"
            rows={3}
            defaultValue={alertAddresses.join("\n")}
            placeholder="security@contoso.com"
            hint="One per line, at most 10. Administrators get alerts of high severity by mail. These addresses get those of every resource as well. Include somebody who has no access here."
          />
        </div>
      </ProtectedForm>
    </div>
  );
}

/** The organisation's time zone, chosen from a list. */
export function TimeZoneField({
  timeZones,
  ...field
}: {
  timeZones: readonly string[];
  hint: string;
} & Pick<React.ComponentProps<"select">, "defaultValue" | "value" | "onChange">) {
  return (
    <SelectField label="Time zone" name="timeZone" {...field}>
      <ZoneOptions names={timeZones} />
    </SelectField>
  );
}
