"use client";

import { RecentReasons } from "@/components/activation/recent-reasons";
import { SummaryLine } from "@/components/activation/summary-line";
import { TextAreaField, TextField } from "@/components/ui/forms/field";
import { MomentField } from "@/components/ui/forms/moment-field";
import type { RoleSettings } from "@/lib/domain/roles/role-settings";

/** **Start**: now, or at a chosen time. */
export function StartFields(props: {
  later: boolean;
  onChange: (later: boolean) => void;
  /** ISO 8601 in UTC. */
  initial?: string;
}) {
  return (
    <SummaryLine label="Start" value={props.later ? "Later" : "Now"} open={props.later}>
      <fieldset>
        <legend className="sr-only">Start</legend>
        <div className="chips">
          {(["now", "later"] as const).map((when) => (
            <label key={when} className="chip">
              <input
                type="radio"
                className="sr-only"
                name="when"
                value={when}
                checked={props.later === (when === "later")}
                onChange={() => props.onChange(when === "later")}
              />
              {when === "now" ? "Now" : "Later"}
            </label>
          ))}
        </div>
      </fieldset>
      {props.later ? (
        <div className="mt-2">
          <MomentField
            name="startsAt"
            label="Start time"
            hint="The wait does not count against the duration."
            initial={props.initial}
          />
        </div>
      ) : null}
    </SummaryLine>
  );
}

/** **Reason** with recent ones, and **Ticket number** and **Ticket system** where required. */
export function ReasonFields(props: {
  settings: Pick<RoleSettings, "activationRequiresJustification" | "activationRequiresTicket">;
  reasons: readonly string[];
  justification?: string | null;
  ticketNumber?: string | null;
  ticketSystem?: string | null;
}) {
  return (
    <>
      <div>
        <TextAreaField
          label={props.settings.activationRequiresJustification ? "Reason" : "Reason (optional)"}
          name="justification"
          maxLength={2000}
          defaultValue={props.justification ?? ""}
        />
        <RecentReasons reasons={props.reasons} />
      </div>
      {props.settings.activationRequiresTicket ? (
        <div className="grid gap-3 sm:grid-cols-2">
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
