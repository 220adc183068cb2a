"use client";

import { useState } from "react";
import { ActionDialog, type ConfirmedAction } from "@/components/ui/forms/action-dialog";
import { CheckField, SelectField, TextAreaField, TextField } from "@/components/ui/forms/dialog-fields";
import type { ImportSchedulePlan, ImportSource } from "@/lib/domain/gate/import-schedule-plan";
import {
  type ConfiguredSources,
  importIntervals,
  importScheduleLimits,
} from "@/lib/domain/imports/import-schedule";
import { isolated } from "@/lib/domain/text/visible-text";

/** The initial values of a scheduled import's form. */
interface EditedImport extends ImportSchedulePlan {
  readonly id: string;
  readonly version: number;
  readonly pausedAt: Date | null;
}

/** **Schedule import** or, for an existing one, **Edit** or **Resume**. It always requires a code. */
export function ImportScheduleDialog({
  schedule,
  configured,
  ...action
}: ConfirmedAction & { readonly schedule: EditedImport | null; readonly configured: ConfiguredSources }) {
  const resumes = schedule?.pausedAt != null;
  return (
    <ActionDialog
      {...action}
      needsCode
      returnPath="/import/schedules"
      label={schedule ? (resumes ? "Resume" : "Edit") : "Schedule import"}
      subject={schedule ? isolated(schedule.name) : undefined}
      buttonClass={schedule ? undefined : "button-primary"}
      title={
        schedule ? (resumes ? "Resume scheduled import" : "Edit scheduled import") : "Schedule an import"
      }
      description="It runs for you, with the rights that you have at each run. Anyone who can change what it reads can act through it."
      submitLabel={schedule ? (resumes ? "Resume" : "Save") : "Schedule"}
      fields={{
        ...(schedule ? { scheduleId: schedule.id } : {}),
        expectedVersion: schedule?.version ?? 0,
      }}
    >
      <SourceFields schedule={schedule} configured={configured} />
      <RemovalFields schedule={schedule} />
      <CheckField
        label="Let assignments end after the longest time allowed"
        hint="Otherwise assignments longer than role settings allow are skipped."
        name="capToMaximum"
        defaultChecked={schedule?.capToMaximum ?? false}
      />
      <ApplyFields schedule={schedule} />
    </ActionDialog>
  );
}

function SourceFields(props: {
  readonly schedule: EditedImport | null;
  readonly configured: ConfiguredSources;
}) {
  const { schedule, configured } = props;
  const [source, setSource] = useState<ImportSource>(
    schedule?.source ?? (configured.folder ? "Folder" : "Address"),
  );
  return (
    <>
      <TextField
        label="Name"
        name="name"
        required
        maxLength={importScheduleLimits.nameCharacters}
        autoComplete="off"
        placeholder="Azure, every night"
        defaultValue={schedule?.name}
      />
      <div className="grid gap-3 sm:grid-cols-2">
        <SelectField
          label="Source"
          name="source"
          value={source}
          onChange={(event) => setSource(event.target.value === "Address" ? "Address" : "Folder")}
        >
          <option value="Folder">Folder on the server</option>
          <option value="Address">Address</option>
        </SelectField>
        <SelectField label="How often" name="everyMinutes" defaultValue={schedule?.everyMinutes ?? 1440}>
          {Object.entries(importIntervals).map(([minutes, words]) => (
            <option key={minutes} value={minutes}>
              {words}
            </option>
          ))}
        </SelectField>
      </div>
      <TextField
        label={source === "Folder" ? "Folder" : "Address"}
        name="location"
        maxLength={importScheduleLimits.locationCharacters}
        autoComplete="off"
        placeholder={source === "Folder" ? "azure/nightly" : "https://exports.contoso.example/azure.json"}
        hint={
          source === "Folder"
            ? "Relative to the folder for imports. Leave empty for that folder itself. All its files that end in .json or .csv are read."
            : `One file. Allowed hosts: ${configured.hosts.join(", ") || "none"}.`
        }
        defaultValue={schedule?.location}
      />
    </>
  );
}

function RemovalFields({ schedule }: { schedule: EditedImport | null }) {
  const [removes, setRemoves] = useState(schedule?.removeMembers ?? false);
  const { removalPercent, removals } = schedule ?? importScheduleLimits;
  return (
    <>
      <CheckField
        label="Remove members that the files do not name"
        hint="Only from groups that the files name. Otherwise they stay."
        name="removeMembers"
        checked={removes}
        onChange={(event) => setRemoves(event.target.checked)}
      />
      <div className={removes ? "grid gap-3 sm:grid-cols-2" : "hidden"}>
        <TextField
          label="Most removals (%)"
          name="removalPercent"
          type="number"
          min={0}
          max={100}
          hint="Of all members of these groups, within a day."
          defaultValue={removalPercent}
        />
        <TextField
          label="Most removals (members)"
          name="removals"
          type="number"
          min={0}
          max={10_000}
          hint="If a run exceeds either limit, nothing of it is applied."
          defaultValue={removals}
        />
      </div>
    </>
  );
}

function ApplyFields({ schedule }: { schedule: EditedImport | null }) {
  const [applies, setApplies] = useState(schedule?.applies ?? false);
  return (
    <>
      <CheckField
        label="Apply changes that need no code automatically"
        hint="Changes that need a code wait for you to confirm them. Otherwise all changes wait."
        name="applies"
        checked={applies}
        onChange={(event) => setApplies(event.target.checked)}
      />
      {applies ? (
        <TextAreaField
          label="Justification"
          name="justification"
          maxLength={importScheduleLimits.reasonCharacters}
          hint="The reason for everything that gives access."
          defaultValue={schedule?.justification ?? ""}
        />
      ) : null}
    </>
  );
}
