"use client";

import { useEffect, useState } from "react";
import { ProtectedForm } from "@/components/step-up/protected-form";
import { Dialog } from "@/components/ui/dialog";
import { SelectField, TextAreaField, TextField } from "@/components/ui/field";
import { MomentField } from "@/components/ui/moment-field";
import type { FormOutcome, PreparedChallenge } from "@/lib/domain/form-outcome";
import { activationStepMinutes, type RoleSettings } from "@/lib/domain/role-settings";

export interface ActivationActions {
  readonly activate: (form: FormData) => Promise<FormOutcome>;
  readonly prepare: (form: FormData) => Promise<PreparedChallenge>;
  readonly searchScopes: (
    eligibilityId: string,
    search: string,
  ) => Promise<{ id: string; displayName: string; scope: string; settings: RoleSettings }[]>;
}

interface Props extends ActivationActions {
  readonly eligibilityId: string;
  readonly roleName: string;
  readonly resourceName: string;
  readonly resourceId: string;
  readonly hasFactor: boolean;
  readonly open?: boolean;
}

/** The **Activate** button and the activation panel that it opens. */
export function ActivateButton(props: Props) {
  const [open, setOpen] = useState(props.open ?? false);
  const [choices, setChoices] = useState<Awaited<ReturnType<ActivationActions["searchScopes"]>>>([]);
  const [resourceId, setResourceId] = useState(props.resourceId);
  const [later, setLater] = useState(false);
  const { searchScopes, eligibilityId } = props;
  useEffect(() => {
    if (open) searchScopes(eligibilityId, "").then(setChoices);
  }, [open, searchScopes, eligibilityId]);
  const choice = choices.find((each) => each.id === resourceId) ?? choices[0];
  const settings = choice?.settings;
  const steps = settings ? settings.activationMaximumMinutes / activationStepMinutes : 0;
  const longest = settings ? settings.activationMaximumMinutes / 60 : 8;
  return (
    <Dialog
      open={open}
      onOpenChange={setOpen}
      title={`Activate ${props.roleName}`}
      description={`You will hold ${props.roleName} on ${choice?.displayName ?? props.resourceName}${settings ? ` for up to ${longest} hours` : ""}; it ends by itself.`}
      trigger={
        <button
          type="button"
          className="button button-primary"
          aria-label={`Activate ${props.roleName} on ${props.resourceName}`}
        >
          Activate
        </button>
      }
    >
      {settings ? (
        <ProtectedForm
          submit={props.activate}
          prepare={props.prepare}
          needsCode={settings.activationRequiresMfa}
          hasFactor={props.hasFactor}
          submitLabel="Activate"
          returnPath={`/my-roles?activate=${eligibilityId}`}
          onDone={() => setOpen(false)}
          onCancel={() => setOpen(false)}
        >
          <input type="hidden" name="eligibilityId" value={eligibilityId} />
          <SelectField
            label="Scope"
            name="resourceId"
            value={resourceId}
            onChange={(event) => setResourceId(event.currentTarget.value)}
            hint={choice?.scope}
          >
            {choices.map((each) => (
              <option key={each.id} value={each.id}>
                {each.displayName}
              </option>
            ))}
          </SelectField>
          <fieldset className="flex gap-4">
            <legend className="label">Start</legend>
            <label className="flex items-center gap-2">
              <input type="radio" name="when" value="now" checked={!later} onChange={() => setLater(false)} />{" "}
              Now
            </label>
            <label className="flex items-center gap-2">
              <input type="radio" name="when" value="later" checked={later} onChange={() => setLater(true)} />{" "}
              Later
            </label>
          </fieldset>
          {later ? (
            <MomentField
              name="startsAt"
              label="Start time"
              hint="The wait does not count against the duration."
            />
          ) : null}
          <SelectField label="Duration" name="duration" defaultValue={String(longest)} key={longest}>
            {Array.from({ length: steps }, (_, index) => ((index + 1) * activationStepMinutes) / 60).map(
              (hours) => (
                <option key={hours} value={hours}>
                  {hours} {hours === 1 ? "hour" : "hours"}
                </option>
              ),
            )}
          </SelectField>
          <TextAreaField
            label={settings.activationRequiresJustification ? "Reason" : "Reason (optional)"}
            name="justification"
            maxLength={2000}
          />
          {settings.activationRequiresTicket ? (
            <div className="grid gap-4 sm:grid-cols-2">
              <TextField label="Ticket number" name="ticketNumber" maxLength={200} />
              <TextField label="Ticket system" name="ticketSystem" maxLength={200} />
            </div>
          ) : null}
        </ProtectedForm>
      ) : (
        <p className="text-muted">Loading the role settings…</p>
      )}
    </Dialog>
  );
}
