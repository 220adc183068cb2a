"use client";

import { useRef, useState } from "react";
import {
  RecommendedSummary,
  summaryOf,
  type TakenTogether,
  UndoTaken,
} from "@/components/access-reviews/recommended-summary";
import { useEarlyInput } from "@/components/ui/forms/early-input";
import { FieldErrors, TextAreaField } from "@/components/ui/forms/field";
import { Sentence } from "@/components/ui/name";
import { toast } from "@/components/ui/toast";
import { visibleSentence } from "@/lib/domain/text/visible-text";
import type { FormOutcome } from "@/lib/web/form-outcome";
import { unanswered } from "@/lib/web/form-sentences";

const decisions = [
  ["Approve", "Approve", "button-primary"],
  ["Deny", "Deny", "button-danger"],
  ["DontKnow", "Don't know", ""],
] as const;

type Submit = (form: FormData) => Promise<FormOutcome>;

/**
 * A table of items with a check box in each row, which has `data-recommendation` and, if somebody has answered,
 * `data-answered`. The decision form stays in sight below it, and folds to one line while no row is checked.
 */
export function DecideReviewForm(props: {
  readonly reviewId: string;
  readonly reasonRequired: boolean;
  readonly submit: Submit;
  readonly takeRecommended: Submit;
  readonly undoRecommended: Submit;
  /** The last time that the reader accepted recommendations, without those that were changed since. */
  readonly taken: TakenTogether | null;
  readonly children: React.ReactNode;
}) {
  const form = useRef<HTMLFormElement>(null);
  useEarlyInput(form);
  const submitting = useRef(false);
  const [chosen, setChosen] = useState(0);
  const [pending, setPending] = useState(false);
  const [outcome, setOutcome] = useState<FormOutcome | null>(null);
  const [asking, setAsking] = useState(false);
  const boxes = () => [...(form.current?.querySelectorAll<HTMLInputElement>("input[name=itemIds]") ?? [])];
  const count = () => {
    setChosen(boxes().filter((box) => box.checked).length);
    setAsking(false);
  };

  function tick(checked: boolean) {
    for (const box of boxes()) box.checked = checked;
    count();
  }

  function send(action: Submit, data: FormData) {
    if (submitting.current) return;
    submitting.current = true;
    setPending(true);
    action(data)
      .then((result) => {
        setOutcome(result);
        if (!result.ok) return;
        toast.success(visibleSentence(result.message));
        // React does not notice a form reset, so the boxes are unchecked one by one.
        tick(false);
      })
      .catch(() => toast.error(unanswered))
      .finally(() => {
        submitting.current = false;
        setPending(false);
      });
  }

  function onSubmit(event: React.SyntheticEvent<HTMLFormElement, SubmitEvent>) {
    event.preventDefault();
    const data = new FormData(event.currentTarget, event.nativeEvent.submitter);
    send(data.get("decision") === "Recommendation" ? props.takeRecommended : props.submit, data);
  }

  function undo({ actionId }: TakenTogether) {
    const data = new FormData();
    data.set("reviewId", props.reviewId);
    data.set("actionId", actionId);
    send(props.undoRecommended, data);
  }

  const refused = outcome?.ok === false ? outcome : null;
  const message = refused ? (
    <p
      role="alert"
      className={refused.fieldErrors.reason ? "sr-only" : "rounded-md bg-danger-tint px-3 py-2 text-danger"}
    >
      <Sentence of={refused.message} />
    </p>
  ) : null;
  return (
    <form
      ref={form}
      onSubmit={onSubmit}
      onChange={() => setChosen(boxes().filter((box) => box.checked).length)}
      noValidate
    >
      {/* Enter in a check box presses the first button of a form. This one decides nothing, and does nothing
          before the script runs. */}
      <button type="submit" disabled hidden aria-hidden tabIndex={-1} />
      <input type="hidden" name="reviewId" value={props.reviewId} />
      {props.children}
      <FieldErrors value={refused?.fieldErrors ?? {}}>
        <fieldset className="card sticky bottom-2 z-10 mt-3 grid gap-3 py-3 shadow-lg">
          <legend className="sr-only">Decide</legend>
          <div className="flex flex-wrap items-center gap-x-2">
            <p aria-live="polite" className="mr-auto font-medium">
              {chosen === 0 ? "Select what to decide on." : `${chosen} selected`}
            </p>
            <button type="button" className="button button-quiet" onClick={() => tick(true)}>
              <span>
                Select all<span className="max-sm:sr-only"> on this page</span>
              </span>
            </button>
            {chosen > 0 ? (
              <button type="button" className="button button-quiet" onClick={() => tick(false)}>
                Clear
              </button>
            ) : null}
          </div>
          {props.taken && chosen === 0 ? (
            <UndoTaken taken={props.taken} pending={pending} onUndo={undo} />
          ) : null}
          {chosen === 0 ? message : null}
          {chosen > 0 ? (
            <>
              <TextAreaField
                name="reason"
                label={props.reasonRequired ? "Reason" : "Reason (optional)"}
                maxLength={2000}
                rows={1}
              />
              {message}
              {asking ? (
                <RecommendedSummary
                  summary={summaryOf(boxes())}
                  pending={pending}
                  onBack={() => setAsking(false)}
                />
              ) : (
                <div className="grid grid-cols-3 gap-2 *:last:col-span-3 sm:flex">
                  {decisions.map(([value, label, look]) => (
                    <button
                      key={value}
                      type="submit"
                      name="decision"
                      value={value}
                      className={`button ${look}`}
                      aria-disabled={pending}
                    >
                      {label}
                    </button>
                  ))}
                  <button type="button" className="button" onClick={() => setAsking(true)}>
                    Accept the recommendations
                  </button>
                </div>
              )}
            </>
          ) : null}
        </fieldset>
      </FieldErrors>
    </form>
  );
}
