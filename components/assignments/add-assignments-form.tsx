"use client";

import { AssignmentTypeField } from "@/components/assignments/assignment-type-field";
import { type Choice, choicesOf, MultiSelect } from "@/components/assignments/multi-select";
import { TermFields } from "@/components/assignments/term-fields";
import { DialogForm } from "@/components/ui/forms/dialog-fields";
import { TextAreaField } from "@/components/ui/forms/field";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import type { AssignmentRules } from "@/lib/domain/roles/assignment-rules";
import {
  assigningTakesCode,
  assigningTakesResistant,
  whyEligibleTakesCode,
} from "@/lib/domain/roles/factors-asked";
import type { FormOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

export interface AddAssignmentsFormProps {
  readonly roleDefinitionId: string;
  readonly resourceId: string;
  readonly settings: AssignmentRules;
  readonly hasFactor: boolean;
  readonly submit: (form: FormData) => Promise<FormOutcome>;
  readonly prepare: (form: FormData) => Promise<PreparedChallenge>;
  readonly search: (resourceId: string, search: string) => Promise<PrincipalIdentity[]>;
  readonly returnPath: string;
  readonly type: "Eligible" | "Active";
  readonly onType: (type: "Eligible" | "Active") => void;
  readonly chosen: readonly Choice[];
  readonly onChosen: (chosen: readonly Choice[]) => void;
  readonly onDone: () => void;
  readonly onCancel: () => void;
}

/** The form of `AddAssignments`. */
export function AddAssignmentsForm(props: AddAssignmentsFormProps) {
  const { type } = props;
  const maximumDays =
    type === "Active" ? props.settings.activeMaximumDays : props.settings.eligibleMaximumDays;
  return (
    <DialogForm
      submit={props.submit}
      prepare={props.prepare}
      needsCode={assigningTakesCode(type, props.settings)}
      why={type === "Eligible" ? whyEligibleTakesCode : undefined}
      resistantOnly={assigningTakesResistant(type, props.settings)}
      hasFactor={props.hasFactor}
      submitLabel="Assign"
      returnPath={props.returnPath}
      onDone={props.onDone}
      onCancel={props.onCancel}
    >
      <input type="hidden" name="roleDefinitionId" value={props.roleDefinitionId} />
      <input type="hidden" name="resourceId" value={props.resourceId} />
      <MultiSelect
        name="principalIds"
        label="Members"
        hint="Search users and groups by name or email, then choose."
        chosen={props.chosen}
        onChange={props.onChosen}
        search={async (text) => choicesOf(await props.search(props.resourceId, text))}
      />
      <AssignmentTypeField value={type} onChange={props.onType} />
      <TermFields type={type} maximum={maximumDays} />
      <TextAreaField name="justification" label="Justification" maxLength={2000} />
    </DialogForm>
  );
}
