"use client";

import { BreakGlassDialog, type Protected } from "@/components/people/break-glass-dialog";
import { TextAreaField } from "@/components/ui/forms/dialog-fields";
import { type PrincipalIdentity, principalText } from "@/lib/domain/people/principal-identity";

const nothingToPrepare: Protected["prepare"] = async () => ({ ok: false, message: "" });

/** **Close review** of one sign-in, with a note. */
export function CloseBreakGlassReview(props: {
  submit: Protected["submit"];
  sessionId: string;
  account: PrincipalIdentity;
}) {
  const name = principalText(props.account);
  return (
    <BreakGlassDialog
      submit={props.submit}
      prepare={nothingToPrepare}
      hasFactor={false}
      needsCode={false}
      label="Close review"
      subject={name}
      title={`Close the review of a sign-in by ${name}`}
      description="Say who it was, why, and what was done. The log keeps it."
      submitLabel="Close review"
    >
      <input type="hidden" name="sessionId" value={props.sessionId} />
      <TextAreaField label="What the review found" name="justification" maxLength={2000} required />
    </BreakGlassDialog>
  );
}
