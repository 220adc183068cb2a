"use client";

import { useState } from "react";
import { PeopleField } from "@/components/access-reviews/people-field";
import { ActionDialog } from "@/components/ui/forms/action-dialog";
import { SelectField } from "@/components/ui/forms/dialog-fields";
import {
  type ExportContents,
  type ExportFrequency,
  exportContents,
  exportLimits,
  weekdays,
} from "@/lib/domain/notifications/export-schedule";
import type { NamedPrincipal } from "@/lib/domain/people/named-principal";
import type { FormOutcome } from "@/lib/web/form-outcome";

/** The initial values of a scheduled export's form. */
export interface EditedSchedule {
  readonly id: string;
  readonly version: number;
  readonly contents: ExportContents;
  readonly includeBelow: boolean;
  readonly frequency: ExportFrequency;
  readonly day: number | null;
  readonly hour: number;
  readonly recipients: readonly NamedPrincipal[];
}

/** **Schedule export** or, for an existing one, **Edit**. */
export function ExportScheduleDialog(props: {
  readonly resourceId: string;
  readonly schedule: EditedSchedule | null;
  /** What an edit is about, for screen readers. */
  readonly about?: string;
  /** The zone of the hour, in words. */
  readonly zone: string;
  readonly submit: (form: FormData) => Promise<FormOutcome>;
  readonly search: (resourceId: string, text: string) => Promise<readonly NamedPrincipal[]>;
}) {
  const { schedule } = props;
  return (
    <ActionDialog
      label={schedule ? "Edit" : "Schedule export"}
      subject={schedule ? props.about : undefined}
      buttonClass={schedule ? undefined : "button-primary"}
      title={schedule ? "Edit scheduled export" : "Schedule an export"}
      description="Each recipient is sent by mail what they may read themselves at that time."
      submit={props.submit}
      submitLabel={schedule ? "Save" : "Schedule"}
      fields={
        schedule
          ? { scheduleId: schedule.id, expectedVersion: schedule.version }
          : { resourceId: props.resourceId }
      }
    >
      <WhatFields schedule={schedule} />
      <WhenFields schedule={schedule} zone={props.zone} />
      <PeopleField
        name="recipientIds"
        label="Recipients"
        placeholder="Search people"
        hint={`Up to ${exportLimits.recipients} people. Nobody is sent what they may not read.`}
        initial={schedule?.recipients ?? []}
        search={(text) => props.search(props.resourceId, text)}
      />
    </ActionDialog>
  );
}

function WhatFields({ schedule }: { schedule: EditedSchedule | null }) {
  return (
    <div className="grid gap-3 sm:grid-cols-2">
      <SelectField label="Export" name="contents" defaultValue={schedule?.contents ?? "Assignments"}>
        {Object.entries(exportContents).map(([value, words]) => (
          <option key={value} value={value}>
            {words}
          </option>
        ))}
      </SelectField>
      <SelectField label="Where" name="where" defaultValue={schedule?.includeBelow ? "below" : "here"}>
        <option value="here">This resource</option>
        <option value="below">With everything below</option>
      </SelectField>
    </div>
  );
}

function WhenFields({ schedule, zone }: { schedule: EditedSchedule | null; zone: string }) {
  const [frequency, setFrequency] = useState<string>(schedule?.frequency ?? "Weekly");
  const dayOf = (of: ExportFrequency) => (schedule?.frequency === of ? (schedule.day ?? 1) : 1);
  const hidden = (name: string, value: number) => <input type="hidden" name={name} value={value} />;
  return (
    <div className="grid gap-3 sm:grid-cols-3">
      <SelectField
        label="How often"
        name="frequency"
        value={frequency}
        onChange={(event) => setFrequency(event.target.value)}
      >
        <option value="Daily">Every day</option>
        <option value="Weekly">Every week</option>
        <option value="Monthly">Every month</option>
      </SelectField>
      {frequency === "Weekly" ? (
        <SelectField label="Day" name="weekday" defaultValue={dayOf("Weekly")}>
          {weekdays.map((name, index) => (
            <option key={name} value={index + 1}>
              {name}
            </option>
          ))}
        </SelectField>
      ) : (
        hidden("weekday", 1)
      )}
      {frequency === "Monthly" ? (
        <SelectField label="Day of the month" name="dayOfMonth" defaultValue={dayOf("Monthly")}>
          {Array.from({ length: exportLimits.dayOfMonth }, (_, index) => index + 1).map((day) => (
            <option key={day} value={day}>
              {day}
            </option>
          ))}
        </SelectField>
      ) : (
        hidden("dayOfMonth", 1)
      )}
      <SelectField label="Hour" name="hour" hint={zone} defaultValue={schedule?.hour ?? 7}>
        {Array.from({ length: 24 }, (_, hour) => `${String(hour).padStart(2, "0")}:00`).map((words, hour) => (
          <option key={words} value={hour}>
            {words}
          </option>
        ))}
      </SelectField>
    </div>
  );
}
