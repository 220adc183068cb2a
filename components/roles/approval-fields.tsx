"use client";

import { useContext } from "react";
import { PrincipalPicker } from "@/components/people/principal-picker";
import { ErrorText } from "@/components/ui/forms/error-text";
import { CheckField, FieldErrors, TextField } from "@/components/ui/forms/field";
import type { NamedPrincipal } from "@/lib/domain/people/named-principal";
import {
  longestTimeoutHours,
  maximumApprovalStages,
  maximumApprovalsNeeded,
} from "@/lib/domain/roles/approval-limits";
import type { ApprovalStage } from "@/lib/domain/roles/approval-settings";
import { initialBreakGlassMinutes } from "@/lib/domain/roles/duration-choices";
import { emptyApprovalStage } from "@/lib/domain/roles/empty-approval-stage";
import type { RoleSettings } from "@/lib/domain/roles/role-settings";

type ApprovalPart = Pick<
  RoleSettings,
  | "approvalRequired"
  | "approvalStages"
  | "approvalRequiresStepUp"
  | "provisioningRequiresMfa"
  | "breakGlassMaximumMinutes"
>;

/** **Require approval to activate**, with its stages. */
export function ApprovalFields(props: {
  readonly settings: ApprovalPart & Pick<RoleSettings, "activationRequiresMfa">;
  /** Increases when all settings are replaced, so that number fields are reset. */
  readonly revision: number;
  readonly people: ReadonlyMap<string, NamedPrincipal>;
  readonly search: (text: string) => Promise<readonly NamedPrincipal[]>;
  readonly onMeet: (people: readonly NamedPrincipal[]) => void;
  readonly onChange: (changes: Partial<ApprovalPart>) => void;
}) {
  const { settings, onChange } = props;
  const { approvalStages: stages } = settings;
  const error = useContext(FieldErrors).approvalStages;
  // Stages are identified by position. The keys include the number of stages, so that removing one does not
  // pass its typed numbers to the next.
  const keys = stages.map((_, index) => `${stages.length}-${index}`);
  const replace = (index: number, stage: ApprovalStage) =>
    onChange({ approvalStages: stages.map((old, position) => (position === index ? stage : old)) });
  return (
    <div className="grid gap-4">
      <CheckField
        label="Require approval to activate"
        name="approvalRequired"
        checked={settings.approvalRequired}
        onChange={(event) =>
          onChange({
            approvalRequired: event.currentTarget.checked,
            ...(stages.length === 0 ? { approvalStages: [emptyApprovalStage] } : {}),
          })
        }
      />
      {settings.approvalRequired ? (
        <div className="grid gap-4 border-l-2 border-line pl-4">
          {stages.map((stage, index) => (
            <StageFields
              key={`${props.revision} ${keys[index]}`}
              stage={stage}
              title={stages.length === 1 ? "" : `, stage ${index + 1}`}
              invalid={error !== undefined}
              people={props.people}
              search={props.search}
              onMeet={props.onMeet}
              onChange={(changed) => replace(index, changed)}
              onRemove={
                stages.length > 1
                  ? () => onChange({ approvalStages: stages.filter((_, position) => position !== index) })
                  : null
              }
            />
          ))}
          <ErrorText of={error} />
          {stages.length < maximumApprovalStages ? (
            <button
              type="button"
              className="button justify-self-start"
              onClick={() => onChange({ approvalStages: [...stages, emptyApprovalStage] })}
            >
              Add stage
            </button>
          ) : null}
          <CheckField
            label="Require Multi-Factor Authentication on approval"
            name="approvalRequiresStepUp"
            checked={settings.approvalRequiresStepUp}
            onChange={(event) => onChange({ approvalRequiresStepUp: event.currentTarget.checked })}
          />
          <CheckField
            label="Require a new verification code after approval"
            name="provisioningRequiresMfa"
            checked={settings.provisioningRequiresMfa}
            disabled={!settings.activationRequiresMfa}
            hint={
              settings.activationRequiresMfa
                ? "The role starts when the member enters another code, within the time-out of the last stage and at most 24 hours."
                : "Only available with Multi-Factor Authentication on activation."
            }
            onChange={(event) => onChange({ provisioningRequiresMfa: event.currentTarget.checked })}
          />
          <BreakGlassFields
            minutes={settings.breakGlassMaximumMinutes}
            revision={props.revision}
            onChange={(breakGlassMaximumMinutes) => onChange({ breakGlassMaximumMinutes })}
          />
        </div>
      ) : null}
    </div>
  );
}

/** Whether members may approve their own requests in an emergency, and for how long at most. */
function BreakGlassFields(props: {
  readonly minutes: number | null;
  readonly revision: number;
  readonly onChange: (minutes: number | null) => void;
}) {
  const { minutes, onChange } = props;
  return (
    <>
      <CheckField
        label="Allow break-glass"
        name="breakGlass"
        checked={minutes !== null}
        hint="In an emergency, members approve their own request with a code and a reason. Approvers and administrators are notified, and a review stays open until one of them closes it."
        onChange={(event) => onChange(event.currentTarget.checked ? initialBreakGlassMinutes : null)}
      />
      {minutes === null ? null : (
        <TextField
          key={props.revision}
          label="Break-glass maximum duration (hours)"
          name="breakGlassMaximumMinutes"
          type="number"
          min={0.5}
          max={24}
          step={0.5}
          defaultValue={minutes / 60}
          onChange={(event) => onChange(event.currentTarget.valueAsNumber * 60)}
          hint="0.5 up to the maximum duration of an activation, in steps of half an hour."
        />
      )}
    </>
  );
}

function StageFields(props: {
  readonly stage: ApprovalStage;
  readonly title: string;
  readonly invalid: boolean;
  readonly people: ReadonlyMap<string, NamedPrincipal>;
  readonly search: (text: string) => Promise<readonly NamedPrincipal[]>;
  readonly onMeet: (people: readonly NamedPrincipal[]) => void;
  readonly onChange: (stage: ApprovalStage) => void;
  readonly onRemove: (() => void) | null;
}) {
  const { stage, title, people } = props;
  const named = (ids: readonly string[]) =>
    ids.map(
      (id): NamedPrincipal =>
        people.get(id) ?? {
          ...{ id, displayName: "Unknown principal", type: "User", email: null, externalId: null },
          ...{ former: [], disabled: true },
        },
    );
  const pick = (field: "approverIds" | "escalationApproverIds") => (chosen: readonly NamedPrincipal[]) => {
    props.onMeet(chosen);
    props.onChange({ ...stage, [field]: chosen.map((each) => each.id).sort() });
  };
  return (
    <fieldset className="grid gap-3">
      <legend className={title ? "label" : "sr-only"}>
        {title ? `Stage${title.slice(", stage".length)}` : "Who approves"}
      </legend>
      <PrincipalPicker
        label={`Approvers${title}`}
        hint="Users or groups. At least one. Two are recommended, in case one is away."
        chosen={named(stage.approverIds)}
        search={props.search}
        onChange={pick("approverIds")}
        invalid={props.invalid && stage.approverIds.length === 0}
      />
      <div className="grid gap-3 sm:grid-cols-2">
        <TextField
          label={`How many must approve${title}`}
          name="approvalsNeeded"
          type="number"
          min={1}
          max={maximumApprovalsNeeded}
          defaultValue={stage.approvalsNeeded}
          onChange={(event) =>
            props.onChange({ ...stage, approvalsNeeded: event.currentTarget.valueAsNumber })
          }
        />
        <TextField
          label={`Time-out (hours)${title}`}
          name="timeoutHours"
          type="number"
          min={1}
          max={longestTimeoutHours}
          defaultValue={stage.timeoutHours}
          onChange={(event) => props.onChange({ ...stage, timeoutHours: event.currentTarget.valueAsNumber })}
        />
      </div>
      <PrincipalPicker
        label={`Escalation approvers${title}`}
        hint="They can also decide after the time-out, for the same time again. Without any, the request times out."
        chosen={named(stage.escalationApproverIds)}
        search={props.search}
        onChange={pick("escalationApproverIds")}
      />
      {props.onRemove ? (
        <button type="button" className="button button-quiet justify-self-start" onClick={props.onRemove}>
          Remove this stage
        </button>
      ) : null}
    </fieldset>
  );
}
