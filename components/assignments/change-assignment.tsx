"use client";

import { useState } from "react";
import { EndFields } from "@/components/assignments/end-fields";
import { Dialog } from "@/components/ui/dialog";
import { FormerNames } from "@/components/ui/former-names";
import { DialogForm } from "@/components/ui/forms/dialog-fields";
import { TextAreaField } from "@/components/ui/forms/field";
import { MomentField } from "@/components/ui/forms/moment-field";
import { type PrincipalIdentity, principalText } from "@/lib/domain/people/principal-identity";
import { whyEligibleTakesCode } from "@/lib/domain/roles/factors-asked";
import { isolated } from "@/lib/domain/text/visible-text";
import type { FormOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

/** The changes to an assignment, each with its own form. */
export type AssignmentChange = "Update" | "Extend" | "Renew";

/** The times of an assignment, in ISO 8601. An empty end means permanent. */
interface ShownTimes {
  readonly startsAt: string;
  readonly endsAt: string;
}

/** The outcome of a change, with the current times if the assignment was changed meanwhile. */
export type ChangeOutcome = FormOutcome & { readonly newer?: ShownTimes };

const words = {
  Update: {
    title: "Update the assignment of",
    description: "Choose when it ends. The change is logged with your reason.",
    submit: "Save",
  },
  Extend: {
    title: "Extend the assignment of",
    description: "It continues without a gap until the end you choose.",
    submit: "Extend",
  },
  Renew: {
    title: "Renew the assignment of",
    description: "They get a new assignment, which starts now or later.",
    submit: "Renew",
  },
} as const;

/** **Update**, **Extend** or **Renew**: sets a new end for an eligible or active assignment. Rendered while it is open. */
export function ChangeAssignment(props: {
  change: AssignmentChange;
  assignmentType: "Eligible" | "Active";
  id: string;
  member: PrincipalIdentity;
  roleName: string;
  /** The times that the row showed. */
  shown: ShownTimes;
  /** ISO 8601; empty for permanent. */
  initialEnd: string;
  maximumDays: number | null;
  needsCode: boolean;
  resistantOnly: boolean;
  hasFactor: boolean;
  submit: (form: FormData) => Promise<ChangeOutcome>;
  prepare: (form: FormData) => Promise<PreparedChallenge>;
  returnPath: string;
  onClose: () => void;
}) {
  // The times when the form was opened, even if the page behind has changed. After a refusal, the times from
  // the refusal.
  const [shown, setShown] = useState(props.shown);
  const { title, description, submit } = words[props.change];
  return (
    <Dialog
      open
      onOpenChange={(open) => {
        if (!open) props.onClose();
      }}
      title={`${title} ${principalText(props.member)}`}
      description={`${isolated(props.roleName)}, ${props.assignmentType.toLowerCase()}. ${description}`}
    >
      <DialogForm
        submit={async (form) => {
          const outcome = await props.submit(form);
          if (outcome.newer) setShown(outcome.newer);
          return outcome;
        }}
        prepare={props.prepare}
        needsCode={props.needsCode}
        why={props.assignmentType === "Eligible" ? whyEligibleTakesCode : undefined}
        resistantOnly={props.resistantOnly}
        hasFactor={props.hasFactor}
        submitLabel={submit}
        returnPath={props.returnPath}
        focusOn="first"
        onDone={props.onClose}
        onCancel={props.onClose}
      >
        <input type="hidden" name="change" value={props.change} />
        <FormerNames of={props.member} />
        <input type="hidden" name="assignmentType" value={props.assignmentType} />
        <input type="hidden" name="id" value={props.id} />
        <input type="hidden" name="expectedStart" value={shown.startsAt} />
        <input type="hidden" name="expectedEnd" value={shown.endsAt} />
        {props.change === "Renew" ? (
          <MomentField name="startsAt" label="Start" hint="Leave empty to start now." />
        ) : null}
        <EndFields maximumDays={props.maximumDays} initial={props.initialEnd} />
        <TextAreaField name="justification" label="Justification" maxLength={2000} />
      </DialogForm>
    </Dialog>
  );
}
