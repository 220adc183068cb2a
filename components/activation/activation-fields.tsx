"use client";

import { SelectField, TextAreaField, TextField } from "@/components/ui/field";
import { MomentField } from "@/components/ui/moment-field";
import { activationStepMinutes, type RoleSettings } from "@/lib/domain/roles/role-settings";
import { hoursInWords } from "@/lib/domain/time/schedule";

/** **Start**: now, or at a chosen time. */
export function StartFields(props: {
  later: boolean;
  onChange: (later: boolean) => void;
  /** ISO 8601 in UTC. */
  initial?: string;
}) {
  return (
    <>
      <fieldset>
        <legend className="label">Start</legend>
        <div className="flex gap-5">
          {(["now", "later"] as const).map((when) => (
            <label key={when} className="flex items-center gap-2">
              <input
                type="radio"
                name="when"
                value={when}
                className="size-4 accent-(--accent)"
                checked={props.later === (when === "later")}
                onChange={() => props.onChange(when === "later")}
              />
              {when === "now" ? "Now" : "Later"}
            </label>
          ))}
        </div>
      </fieldset>
      {props.later ? (
        <MomentField
          name="startsAt"
          label="Start time"
          hint="The wait does not count against the duration."
          initial={props.initial}
        />
      ) : null}
    </>
  );
}

/** **Duration**, in half hours up to the maximum. */
export function DurationField(props: {
  hours: number;
  longestMinutes: number;
  onChange: (hours: number) => void;
  hint?: string;
}) {
  const steps = Math.floor(props.longestMinutes / activationStepMinutes);
  return (
    <SelectField
      label="Duration"
      name="duration"
      value={props.hours}
      onChange={(event) => props.onChange(Number(event.currentTarget.value))}
      hint={props.hint}
    >
      {Array.from({ length: steps }, (_, index) => ((index + 1) * activationStepMinutes) / 60).map(
        (hours) => (
          <option key={hours} value={hours}>
            {hoursInWords(hours)}
          </option>
        ),
      )}
    </SelectField>
  );
}

/** **Reason**, and **Ticket number** and **Ticket system** where required. */
export function ReasonFields(props: {
  settings: Pick<RoleSettings, "activationRequiresJustification" | "activationRequiresTicket">;
  justification?: string | null;
  ticketNumber?: string | null;
  ticketSystem?: string | null;
}) {
  return (
    <>
      <TextAreaField
        label={props.settings.activationRequiresJustification ? "Reason" : "Reason (optional)"}
        name="justification"
        maxLength={2000}
        defaultValue={props.justification ?? ""}
      />
      {props.settings.activationRequiresTicket ? (
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField
            label="Ticket number"
            name="ticketNumber"
            maxLength={200}
            defaultValue={props.ticketNumber ?? ""}
          />
          <TextField
            label="Ticket system"
            name="ticketSystem"
            maxLength={200}
            defaultValue={props.ticketSystem ?? ""}
          />
        </div>
      ) : null}
    </>
  );
}
