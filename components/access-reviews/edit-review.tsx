"use client";

import { PeopleField } from "@/components/access-reviews/people-field";
import { ActionDialog } from "@/components/ui/forms/action-dialog";
import { MomentField, TextAreaField } from "@/components/ui/forms/dialog-fields";
import { longestReviewDescription } from "@/lib/domain/access-reviews/access-review";
import { informedHint, informedLabel } from "@/lib/domain/access-reviews/access-review-words";
import type { NamedPrincipal } from "@/lib/domain/people/named-principal";
import { isolated } from "@/lib/domain/text/visible-text";
import type { FormOutcome } from "@/lib/web/form-outcome";

interface Edited {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly description: string;
  /** Null for a review that is not running. */
  readonly endsAt: string | null;
  readonly reviewers: readonly NamedPrincipal[];
  readonly informed: readonly NamedPrincipal[];
}

/** **Edit** for a review that is not over: the reviewers, the end, the description and who is notified of the end. */
export function EditReview(props: {
  readonly review: Edited;
  readonly resourceId: string;
  readonly submit: (form: FormData) => Promise<FormOutcome>;
  readonly search: (resourceId: string, text: string) => Promise<readonly NamedPrincipal[]>;
  readonly findPeople: (resourceId: string, text: string) => Promise<readonly NamedPrincipal[]>;
}) {
  const { review } = props;
  return (
    <ActionDialog
      label="Edit"
      title={`Edit ${isolated(review.name)}`}
      description="Reviewers you add are asked now. Decisions of a reviewer whom you remove stay, with their name."
      submit={props.submit}
      submitLabel="Save"
    >
      <input type="hidden" name="reviewId" value={review.id} />
      <input type="hidden" name="expectedVersion" value={review.version} />
      <PeopleField
        name="reviewerIds"
        label="Reviewers"
        initial={review.reviewers}
        search={(text) => props.search(props.resourceId, text)}
      />
      {review.endsAt === null ? null : <MomentField name="endsAt" label="End" initial={review.endsAt} />}
      <TextAreaField
        label="Description (optional)"
        name="description"
        maxLength={longestReviewDescription}
        defaultValue={review.description}
      />
      <PeopleField
        name="informedIds"
        label={informedLabel}
        hint={informedHint}
        placeholder="Search people"
        initial={review.informed}
        search={(text) => props.findPeople(props.resourceId, text)}
      />
    </ActionDialog>
  );
}
