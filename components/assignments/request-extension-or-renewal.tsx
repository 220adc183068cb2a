"use client";

import { ActionDialog } from "@/components/ui/forms/action-dialog";
import { MomentField, TextAreaField } from "@/components/ui/forms/dialog-fields";
import { isolated } from "@/lib/domain/text/visible-text";
import { periodInWords } from "@/lib/domain/time/period";
import type { FormOutcome } from "@/lib/web/form-outcome";

/** **Extend** or **Renew**: a member's request for more time, with a reason and a proposed end. */
export function RequestExtensionOrRenewal(props: {
  offer: "Extend" | "Renew";
  assignmentType: "Eligible" | "Active";
  id: string;
  roleName: string;
  resourceName: string;
  /** ISO 8601. */
  proposedEnd: string;
  maximumDays: number | null;
  submit: (form: FormData) => Promise<FormOutcome>;
}) {
  const { offer, roleName, resourceName } = props;
  return (
    <ActionDialog
      label={offer}
      subject={`${isolated(roleName)} on ${isolated(resourceName)}`}
      title={`${offer} ${isolated(roleName)} on ${isolated(resourceName)}`}
      description="An administrator decides. The result appears here."
      submit={props.submit}
      submitLabel={offer === "Extend" ? "Request extension" : "Request renewal"}
      returnPath="/my-roles"
      focusOn="first"
    >
      <input type="hidden" name="offer" value={offer} />
      <input type="hidden" name="assignmentType" value={props.assignmentType} />
      <input type="hidden" name="id" value={props.id} />
      <MomentField
        name="endsAt"
        label="Needed until"
        initial={props.proposedEnd}
        hint={
          props.maximumDays === null ? undefined : `At most ${periodInWords(props.maximumDays)} from now.`
        }
      />
      <TextAreaField name="justification" label="Reason" maxLength={2000} />
    </ActionDialog>
  );
}
