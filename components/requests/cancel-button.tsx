import { ConfirmButton } from "@/components/ui/confirm-button";
import { TextAreaField } from "@/components/ui/field";
import type { FormOutcome } from "@/lib/domain/form-outcome";

/** **Cancel** of a request that waits; somebody else's with a reason for whoever asked. */
export function CancelButton(props: {
  requestId: string;
  roleName: string;
  resourceName: string;
  /** Whose request it is, when not one's own. */
  memberName?: string;
  submit: (form: FormData) => Promise<FormOutcome>;
}) {
  const what = `${props.roleName} on ${props.resourceName}`;
  return (
    <ConfirmButton
      label="Cancel"
      subject={props.memberName ? `${what} for ${props.memberName}` : what}
      confirmLabel="Cancel the request"
      title="Cancel this request?"
      description={
        props.memberName
          ? `${props.memberName} will not get ${what} by this request, and can ask again.`
          : `You will not get ${what} by this request. You can ask again.`
      }
      submit={props.submit}
      fields={{ requestId: props.requestId }}
    >
      {props.memberName ? (
        <TextAreaField name="justification" label="Reason (optional)" maxLength={2000} />
      ) : null}
    </ConfirmButton>
  );
}
