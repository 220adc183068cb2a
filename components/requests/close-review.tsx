import { ConfirmButton } from "@/components/ui/confirm-button";
import { CheckField, TextAreaField } from "@/components/ui/forms/dialog-fields";
import { principalText } from "@/lib/domain/people/principal-identity";
import { breakGlassOutcomes, breakGlassOutcomeWords } from "@/lib/domain/requests/break-glass";
import { isolated } from "@/lib/domain/text/visible-text";
import type { EmergencyReview } from "@/lib/queries/requests/break-glass";
import type { FormOutcome } from "@/lib/web/form-outcome";

/** **Close review**: whether the emergency was justified, what the review found, and whether the activation ends now. */
export function CloseReview(props: {
  readonly review: Pick<EmergencyReview, "requestId" | "member" | "roleName" | "resourceName" | "active">;
  readonly close: (form: FormData) => Promise<FormOutcome>;
}) {
  const { review } = props;
  const what = `${isolated(review.roleName)} on ${isolated(review.resourceName)}`;
  return (
    <ConfirmButton
      label="Close review"
      subject={`${what} of ${principalText(review.member)}`}
      title="Close this review?"
      description={`${principalText(review.member)} approved their own request for ${what}. The outcome and your note stay in the log and cannot be changed.`}
      submit={props.close}
      fields={{ requestId: review.requestId }}
    >
      <fieldset>
        <legend className="label">Outcome</legend>
        <div className="chips">
          {breakGlassOutcomes.map((outcome) => (
            <label key={outcome} className="chip">
              <input type="radio" className="sr-only" name="outcome" value={outcome} />
              {breakGlassOutcomeWords[outcome]}
            </label>
          ))}
        </div>
      </fieldset>
      <TextAreaField name="justification" label="What the review found" maxLength={2000} required />
      {review.active ? <CheckField name="endActivation" label="End the activation now" /> : null}
    </ConfirmButton>
  );
}
