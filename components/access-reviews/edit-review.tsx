"use client";

import { useContext, useState } from "react";
import { PrincipalPicker } from "@/components/people/principal-picker";
import { Dialog } from "@/components/ui/dialog";
import { DialogForm } from "@/components/ui/forms/dialog-form";
import { FieldErrors, TextAreaField } from "@/components/ui/forms/field";
import { MomentField } from "@/components/ui/forms/moment-field";
import { Sentence } from "@/components/ui/name";
import { longestReviewDescription } from "@/lib/domain/access-reviews/access-review";
import type { NamedPrincipal } from "@/lib/domain/people/named-principal";
import { isolated } from "@/lib/domain/text/visible-text";
import type { FormOutcome } from "@/lib/web/form-outcome";

const nothingToPrepare = async () => ({ ok: false as const, message: "" });

interface Edited {
  readonly id: string;
  readonly name: string;
  readonly version: number;
  readonly description: string;
  /** Null for a review that does not run. */
  readonly endsAt: string | null;
  readonly reviewers: readonly NamedPrincipal[];
}

/** **Edit**: the reviewers, the end and the description of a review that is not over. */
export function EditReview(props: {
  readonly review: Edited;
  readonly resourceId: string;
  readonly submit: (form: FormData) => Promise<FormOutcome>;
  readonly search: (resourceId: string, text: string) => Promise<readonly NamedPrincipal[]>;
}) {
  const [open, setOpen] = useState(false);
  const { review } = props;
  const close = () => setOpen(false);
  return (
    <Dialog
      open={open}
      onOpenChange={setOpen}
      title={`Edit ${isolated(review.name)}`}
      description="Whoever you add is asked now. What a reviewer you take out has decided stays, with their name."
      trigger={
        <button type="button" className="button">
          Edit
        </button>
      }
    >
      <DialogForm
        submit={props.submit}
        prepare={nothingToPrepare}
        needsCode={false}
        hasFactor={false}
        submitLabel="Save"
        returnPath="/"
        onDone={close}
        onCancel={close}
      >
        <input type="hidden" name="reviewId" value={review.id} />
        <input type="hidden" name="expectedVersion" value={review.version} />
        <Reviewers initial={review.reviewers} search={(text) => props.search(props.resourceId, text)} />
        {review.endsAt === null ? null : <MomentField name="endsAt" label="End" initial={review.endsAt} />}
        <TextAreaField
          label="Description (optional)"
          name="description"
          maxLength={longestReviewDescription}
          defaultValue={review.description}
        />
      </DialogForm>
    </Dialog>
  );
}

function Reviewers(props: {
  readonly initial: readonly NamedPrincipal[];
  readonly search: (text: string) => Promise<readonly NamedPrincipal[]>;
}) {
  const [chosen, setChosen] = useState(props.initial);
  const error = useContext(FieldErrors).reviewerIds;
  return (
    <div>
      <input type="hidden" name="reviewerIds" value={chosen.map((each) => each.id).join(",")} />
      <PrincipalPicker
        label="Reviewers"
        chosen={chosen}
        search={props.search}
        onChange={setChosen}
        invalid={error !== undefined}
      />
      {error ? (
        <p className="error-text">
          <Sentence of={error} />
        </p>
      ) : null}
    </div>
  );
}
