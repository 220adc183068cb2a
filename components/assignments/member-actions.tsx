"use client";

import { useState } from "react";
import { AssignmentTypeField } from "@/components/assignments/assignment-type-field";
import { type Choice, choicesOf, MultiSelect } from "@/components/assignments/multi-select";
import { TermFields } from "@/components/assignments/term-fields";
import { Dialog } from "@/components/ui/dialog";
import { DialogForm } from "@/components/ui/forms/dialog-form";
import { CheckField, TextAreaField } from "@/components/ui/forms/field";
import { MomentField } from "@/components/ui/forms/moment-field";
import type { PrincipalIdentity } from "@/lib/domain/people/principal-identity";
import type { AssignmentRules } from "@/lib/domain/roles/role-settings";
import { isolated } from "@/lib/domain/text/visible-text";
import { periodInWords } from "@/lib/domain/time/period";
import type { FormOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

interface Shared {
  readonly settings: AssignmentRules;
  readonly hasFactor: boolean;
  readonly submit: (form: FormData) => Promise<FormOutcome>;
  readonly prepare: (form: FormData) => Promise<PreparedChallenge>;
  readonly returnPath: string;
}

export function EndFields({ maximumDays, initial }: { maximumDays: number | null; initial?: string }) {
  return (
    <>
      <MomentField
        key={String(maximumDays)}
        name="endsAt"
        label="End"
        initial={initial}
        hint={maximumDays === null ? undefined : `At most ${periodInWords(maximumDays)} after the start.`}
      />
      {maximumDays === null ? <CheckField name="permanently" label="Permanently" /> : null}
    </>
  );
}

/** **Add assignments**: members, type, time and reason, with the administrator's code where the settings require it. */
export function AddAssignments(
  props: Shared & {
    roleDefinitionId: string;
    resourceId: string;
    roleName: string;
    search: (resourceId: string, search: string) => Promise<PrincipalIdentity[]>;
  },
) {
  const [open, setOpen] = useState(false);
  const [type, setType] = useState<"Eligible" | "Active">("Eligible");
  const [chosen, setChosen] = useState<readonly Choice[]>([]);
  const maximumDays =
    type === "Active" ? props.settings.activeMaximumDays : props.settings.eligibleMaximumDays;
  return (
    <Dialog
      open={open}
      onOpenChange={setOpen}
      title="Add assignments"
      description={`Members of ${isolated(props.roleName)}. Eligible members activate it when they need it.`}
      trigger={
        <button type="button" className="button button-primary">
          Add assignments
        </button>
      }
    >
      <DialogForm
        submit={props.submit}
        prepare={props.prepare}
        needsCode={type === "Active" && props.settings.assignmentRequiresMfa}
        hasFactor={props.hasFactor}
        submitLabel="Assign"
        returnPath={props.returnPath}
        onDone={() => {
          setOpen(false);
          setChosen([]);
        }}
        onCancel={() => setOpen(false)}
      >
        <input type="hidden" name="roleDefinitionId" value={props.roleDefinitionId} />
        <input type="hidden" name="resourceId" value={props.resourceId} />
        <MultiSelect
          name="principalIds"
          label="Members"
          hint="Search users and groups by name or email, then choose."
          chosen={chosen}
          onChange={setChosen}
          search={async (text) => choicesOf(await props.search(props.resourceId, text))}
        />
        <AssignmentTypeField value={type} onChange={setType} />
        <TermFields type={type} maximum={maximumDays} />
        <TextAreaField name="justification" label="Justification" maxLength={2000} />
      </DialogForm>
    </Dialog>
  );
}
