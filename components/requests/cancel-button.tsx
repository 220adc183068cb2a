import { ConfirmButton } from "@/components/ui/confirm-button";
import { TextAreaField } from "@/components/ui/forms/dialog-fields";
import { type PrincipalIdentity, principalText } from "@/lib/domain/people/principal-identity";
import { isolated } from "@/lib/domain/text/visible-text";
import type { FormOutcome } from "@/lib/web/form-outcome";

/** **Cancel** for a waiting request. Canceling another person's request requires a reason, which the requestor reads. */
export function CancelButton(props: {
  requestId: string;
  roleName: string;
  resourceName: string;
  /** The member, if the request is not the reader's own. */
  member?: PrincipalIdentity;
  submit: (form: FormData) => Promise<FormOutcome>;
}) {
  const what = `${isolated(props.roleName)} on ${isolated(props.resourceName)}`;
  return (
    <ConfirmButton
      label="Cancel"
      subject={props.member ? `${what} for ${principalText(props.member)}` : what}
      confirmLabel="Cancel the request"
      title="Cancel this request?"
      description={
        props.member
          ? `${principalText(props.member)} will not get ${what} by this request, and can ask again.`
          : `You will not get ${what} by this request. You can ask again.`
      }
      submit={props.submit}
      fields={{ requestId: props.requestId }}
    >
      {props.member ? (
        <TextAreaField name="justification" label="Reason (optional)" maxLength={2000} />
      ) : null}
    </ConfirmButton>
  );
}
