"use client";

import { useState } from "react";
import type { DecisionActions, OpenedDecision } from "@/components/requests/decision";
import { DialogForm, TextAreaField } from "@/components/ui/forms/dialog-fields";
import { leaveOutOf } from "@/components/ui/lists/kept-selection";
import { OutcomeList } from "@/components/ui/outcome-list";
import type { FormOutcome, ItemOutcome } from "@/lib/web/form-outcome";

/** The form that decides requests, and the report if some of it did not go through. */
export function DecideRequests(
  props: DecisionActions &
    OpenedDecision & {
      readonly list: string;
      readonly onClose: () => void;
    },
) {
  const { decision, requests, onClose } = props;
  const [outcomes, setOutcomes] = useState<readonly ItemOutcome[] | null>(null);
  const [reported, setReported] = useState(false);
  const went = outcomes?.filter((each) => each.ok).length ?? 0;
  const named = requests.map(({ id, title, former, reason }) => ({
    id,
    name: [title, former].filter(Boolean).join(". "),
    note: reason,
  }));
  const decide = async (form: FormData): Promise<FormOutcome> => {
    const outcome = await props.decide(form);
    const { items = [] } = outcome;
    setOutcomes(items.length > 1 ? items : null);
    // Refused requests are deselected too, since somebody else decided them, or the reader no longer may.
    if (outcome.ok)
      leaveOutOf(
        props.list,
        requests.map((each) => each.id),
      );
    return outcome;
  };
  if (outcomes && reported)
    return (
      <div className="grid gap-4">
        <p role="alert" className="font-semibold">
          {outcomes.length === 1
            ? "It did not go through:"
            : `${went} of ${outcomes.length} went through. The ${outcomes.length - went === 1 ? "other" : "others"} did not:`}
        </p>
        <OutcomeList label="Requests" rows={named} items={outcomes} />
        <div className="dialog-actions">
          <button type="button" className="button button-primary" onClick={onClose}>
            Close
          </button>
        </div>
      </div>
    );
  return (
    <DialogForm
      submit={decide}
      prepare={props.prepare}
      needsCode={requests.some((each) => each.requiresStepUp)}
      hasFactor={props.hasFactor}
      submitLabel={decision}
      danger={decision === "Deny"}
      returnPath="/approvals"
      focusOn="first"
      onDone={({ items = [] }) => {
        if (items.every((item) => item.ok)) return onClose();
        setOutcomes(items);
        setReported(true);
      }}
      onCancel={onClose}
    >
      <input type="hidden" name="decision" value={decision} />
      <input type="hidden" name="requestIds" value={requests.map((each) => each.id).join(",")} />
      <OutcomeList label="Requests" rows={named} items={outcomes} />
      <TextAreaField
        name="justification"
        label="Justification"
        hint="Shown to the member and kept in the log."
        maxLength={2000}
      />
    </DialogForm>
  );
}
