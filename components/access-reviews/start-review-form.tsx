"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { PeopleField } from "@/components/access-reviews/people-field";
import { ReviewerFields } from "@/components/access-reviews/reviewer-fields";
import { RoleBoxes } from "@/components/access-reviews/role-boxes";
import { SeriesEndFields } from "@/components/access-reviews/series-end-fields";
import { CheckField, SelectField, TextAreaField, TextField } from "@/components/ui/forms/field";
import { MomentField } from "@/components/ui/forms/moment-field";
import { ProtectedForm } from "@/components/ui/forms/protected-form";
import {
  longestReviewDescription,
  maximumInactiveDays,
  maximumReviewDays,
  type ReviewRecurrence,
  reviewRecurrences,
  withoutAnswers,
} from "@/lib/domain/access-reviews/access-review";
import {
  groupReviews,
  groupReviewWords,
  informedHint,
  informedLabel,
  recurrenceWords,
  withoutAnswerWords,
} from "@/lib/domain/access-reviews/access-review-words";
import type { NamedPrincipal } from "@/lib/domain/people/named-principal";
import { isolated } from "@/lib/domain/text/visible-text";
import type { RoleInUse } from "@/lib/queries/access-reviews/roles-in-use";
import type { FormOutcome } from "@/lib/web/form-outcome";

/** **New access review**: what is reviewed, by whom, when, and what happens at the end. */
export function StartReviewForm(props: {
  readonly resourceId: string;
  readonly resourceName: string;
  readonly back: string;
  readonly roles: readonly RoleInUse[];
  readonly submit: (form: FormData) => Promise<FormOutcome>;
  readonly search: (resourceId: string, text: string) => Promise<readonly NamedPrincipal[]>;
  readonly findPeople: (resourceId: string, text: string) => Promise<readonly NamedPrincipal[]>;
}) {
  const router = useRouter();
  const [below, setBelow] = useState(false);
  const [recurrence, setRecurrence] = useState<ReviewRecurrence>("None");
  const [days, setDays] = useState("14");
  return (
    <div className="card max-w-2xl">
      <ProtectedForm
        submit={props.submit}
        submitLabel="Start"
        returnPath={`${props.back}/new`}
        onDone={() => router.push(props.back)}
        onCancel={() => router.push(props.back)}
      >
        <input type="hidden" name="resourceId" value={props.resourceId} />
        <TextField label="Name" name="name" maxLength={100} autoComplete="off" />
        <TextAreaField
          label="Description (optional)"
          name="description"
          maxLength={longestReviewDescription}
          hint="Shown to the reviewers."
        />
        <h2 className="mt-2">What is reviewed</h2>
        <SelectField label="Whose assignments" name="covers" defaultValue="Both">
          <option value="Both">Eligible and active ones</option>
          <option value="Eligible">Eligible ones only</option>
          <option value="Active">Active ones only</option>
        </SelectField>
        <SelectField
          label="Access held by groups"
          name="groups"
          defaultValue="AsOne"
          hint="Individually: a denied member is removed from the group, and loses everything that it gives."
        >
          {groupReviews.map((each) => (
            <option key={each} value={each}>
              {groupReviewWords[each]}
            </option>
          ))}
        </SelectField>
        <CheckField
          label={`Include everything below ${isolated(props.resourceName)}`}
          name="includeBelow"
          checked={below}
          onChange={(event) => setBelow(event.currentTarget.checked)}
        />
        <TextField
          label="Only access unused for (days, optional)"
          name="inactiveDays"
          type="number"
          inputMode="numeric"
          min={1}
          max={maximumInactiveDays}
          hint="Eligible: not activated for that long. Active: no sign-in for that long. Leave empty to review all."
        />
        <RoleBoxes roles={props.roles} below={below} />
        <h2 className="mt-2">Who reviews</h2>
        <ReviewerFields search={(text) => props.search(props.resourceId, text)} />
        <CheckField label="Require a reason for each decision" name="justificationRequired" defaultChecked />
        <h2 className="mt-2">When</h2>
        <MomentField name="startsAt" label="Start" hint="Leave empty to start now." />
        <div className="grid gap-4 sm:grid-cols-2">
          <TextField
            label="Length (days)"
            name="durationDays"
            type="number"
            min={1}
            max={maximumReviewDays[recurrence]}
            value={days}
            onChange={(event) => setDays(event.currentTarget.value)}
            hint={`1 to ${maximumReviewDays[recurrence]}.`}
          />
          <SelectField
            label="Recurrence"
            name="recurrence"
            value={recurrence}
            onChange={(event) => {
              const chosen = reviewRecurrences.find((each) => each === event.currentTarget.value);
              if (!chosen) return;
              setRecurrence(chosen);
              setDays(String(Math.min(Number(days), maximumReviewDays[chosen])));
            }}
          >
            {reviewRecurrences.map((each) => (
              <option key={each} value={each}>
                {recurrenceWords[each]}
              </option>
            ))}
          </SelectField>
        </div>
        {recurrence === "None" ? null : <SeriesEndFields />}
        <h2 className="mt-2">At the end</h2>
        <SelectField label="If nobody answers" name="withoutAnswer" defaultValue="Keep">
          {withoutAnswers.map((each) => (
            <option key={each} value={each}>
              {withoutAnswerWords[each]}
            </option>
          ))}
        </SelectField>
        <CheckField label="Apply the results automatically" name="applyAutomatically" />
        <p className="text-muted">
          Results are applied in your name, if you may remove assignments at that time. Otherwise another
          administrator applies them by hand.
        </p>
        <PeopleField
          name="informedIds"
          label={informedLabel}
          hint={informedHint}
          placeholder="Search people"
          initial={[]}
          search={(text) => props.findPeople(props.resourceId, text)}
        />
      </ProtectedForm>
    </div>
  );
}
