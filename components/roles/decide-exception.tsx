"use client";

import { ActionDialog } from "@/components/ui/forms/action-dialog";
import { TextAreaField } from "@/components/ui/forms/dialog-fields";
import { exceptionLimits } from "@/lib/domain/roles/conflict-exception";
import type { FormOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

type Submit = (form: FormData) => Promise<FormOutcome>;

const words = {
  Deny: { description: "It allows nothing. It can be requested again.", required: true },
  Withdraw: { description: "Nobody will decide on it.", required: false },
  Revoke: {
    description: "It allows nothing from then on. Roles that are held together stay, and the alert returns.",
    required: false,
  },
} as const;
export type EndOfException = keyof typeof words;

/** **Deny**, **Withdraw** or **Revoke** for an exception, with a reason. */
export function EndException(props: {
  how: EndOfException;
  exceptionId: string;
  /** The principal for whom it is. */
  name: string;
  submit: Submit;
}) {
  const { how, exceptionId, name } = props;
  const { description, required } = words[how];
  return (
    <ActionDialog
      label={how}
      subject={`the exception for ${name}`}
      title={`${how} the exception for ${name}?`}
      description={description}
      submit={props.submit}
      danger
      fields={{ exceptionId, how }}
    >
      <TextAreaField
        label="Justification"
        name="justification"
        maxLength={exceptionLimits.reason}
        required={required}
      />
    </ActionDialog>
  );
}

/** **Approve** for an exception, with a reason and a code. */
export function ApproveException(props: {
  exceptionId: string;
  name: string;
  /** Until when, in the reader's zone. */
  until: string;
  hasFactor: boolean;
  returnPath: string;
  submit: Submit;
  prepare: (form: FormData) => Promise<PreparedChallenge>;
}) {
  const { exceptionId, name, until } = props;
  return (
    <ActionDialog
      label="Approve"
      subject={`the exception for ${name}`}
      title={`Approve the exception for ${name}`}
      description={`The roles of this rule may be held together until ${until}.`}
      submit={props.submit}
      prepare={props.prepare}
      needsCode
      hasFactor={props.hasFactor}
      returnPath={props.returnPath}
      fields={{ exceptionId }}
    >
      <TextAreaField label="Justification" name="justification" maxLength={exceptionLimits.reason} required />
    </ActionDialog>
  );
}
