"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { ProtectedForm } from "@/components/step-up/protected-form";
import { CheckField, SelectField, TextField } from "@/components/ui/field";
import type { FormOutcome, PreparedChallenge } from "@/lib/domain/form-outcome";
import {
  activeMaximumDaysChoices,
  eligibleMaximumDaysChoices,
  type RoleSettings,
  weakenedSettings,
} from "@/lib/domain/role-settings";

const periods: Record<number, string> = {
  15: "15 days",
  30: "1 month",
  90: "3 months",
  180: "6 months",
  365: "1 year",
};

/** What the form says at this moment, to know whether it weakens protection; the server judges for itself. */
function readSettings(form: HTMLFormElement, before: RoleSettings): RoleSettings {
  const data = new FormData(form);
  const days = (name: string) => (data.get(name) === "permanent" ? null : Number(data.get(name)));
  const on = (name: string) => data.get(name) === "on";
  return {
    ...before,
    activationMaximumMinutes: Number(data.get("activationMaximumHours")) * 60,
    activationRequiresMfa: on("activationRequiresMfa"),
    activationRequiresJustification: on("activationRequiresJustification"),
    activationRequiresTicket: on("activationRequiresTicket"),
    eligibleMaximumDays: days("eligibleMaximumDays"),
    activeMaximumDays: days("activeMaximumDays"),
    assignmentRequiresMfa: on("assignmentRequiresMfa"),
    assignmentRequiresJustification: on("assignmentRequiresJustification"),
  };
}

/** The edit page of role settings: **Save** and **Cancel**. */
export function EditRoleSettings(props: {
  settings: RoleSettings;
  version: number;
  roleDefinitionId: string;
  resourceId: string;
  hasFactor: boolean;
  back: string;
  save: (form: FormData) => Promise<FormOutcome>;
  prepare: (form: FormData) => Promise<PreparedChallenge>;
}) {
  const router = useRouter();
  const [weakens, setWeakens] = useState(false);
  const { settings } = props;
  return (
    <div
      className="card max-w-2xl"
      onChange={(event) => {
        const form = event.target instanceof HTMLElement ? event.target.closest("form") : null;
        if (form) setWeakens(weakenedSettings(settings, readSettings(form, settings)).length > 0);
      }}
    >
      <ProtectedForm
        submit={props.save}
        prepare={props.prepare}
        needsCode={weakens}
        hasFactor={props.hasFactor}
        submitLabel="Save"
        returnPath={`${props.back}/edit`}
        onDone={() => router.push(props.back)}
        onCancel={() => router.push(props.back)}
      >
        <input type="hidden" name="roleDefinitionId" value={props.roleDefinitionId} />
        <input type="hidden" name="resourceId" value={props.resourceId} />
        <input type="hidden" name="expectedVersion" value={props.version} />
        <h2>Activation</h2>
        <TextField
          label="Activation maximum duration (hours)"
          name="activationMaximumHours"
          type="number"
          min={0.5}
          max={24}
          step={0.5}
          defaultValue={settings.activationMaximumMinutes / 60}
          hint="0.5 to 24, in steps of half an hour."
        />
        <CheckField
          label="Require Multi-Factor Authentication on activation"
          name="activationRequiresMfa"
          defaultChecked={settings.activationRequiresMfa}
        />
        <CheckField
          label="Require justification on activation"
          name="activationRequiresJustification"
          defaultChecked={settings.activationRequiresJustification}
        />
        <CheckField
          label="Require ticket information on activation"
          name="activationRequiresTicket"
          defaultChecked={settings.activationRequiresTicket}
        />
        <h2>Assignment</h2>
        <SelectField
          label="Expire eligible assignments after"
          name="eligibleMaximumDays"
          defaultValue={settings.eligibleMaximumDays ?? "permanent"}
        >
          <option value="permanent">Allow permanent eligible assignment</option>
          {eligibleMaximumDaysChoices.map((days) => (
            <option key={days} value={days}>
              {periods[days]}
            </option>
          ))}
        </SelectField>
        <SelectField
          label="Expire active assignments after"
          name="activeMaximumDays"
          defaultValue={settings.activeMaximumDays ?? "permanent"}
        >
          <option value="permanent">Allow permanent active assignment</option>
          {activeMaximumDaysChoices.map((days) => (
            <option key={days} value={days}>
              {periods[days]}
            </option>
          ))}
        </SelectField>
        <CheckField
          label="Require Multi-Factor Authentication on direct assignment"
          name="assignmentRequiresMfa"
          defaultChecked={settings.assignmentRequiresMfa}
        />
        <CheckField
          label="Require justification on direct assignment"
          name="assignmentRequiresJustification"
          defaultChecked={settings.assignmentRequiresJustification}
        />
      </ProtectedForm>
    </div>
  );
}
