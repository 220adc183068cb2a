"use client";

import { type BatchActions, BatchFlow } from "@/components/assignments/batch-flow";
import { TextAreaField } from "@/components/ui/forms/dialog-fields";

/** An active assignment by name. */
export interface NamedAssignment {
  readonly id: string;
  readonly name: string;
  readonly parts: readonly string[];
}

const count = (rows: number) => `${rows} ${rows === 1 ? "assignment" : "assignments"}`;

/** What making assignments eligible does in general, before the preview describes each one. */
export const makeEligibleWords =
  "The role ends now, and the member activates it when they need it. You see a preview before anything changes.";

export const makeEligibleTitle = (rows: number) => `Make ${count(rows)} eligible`;

/** Makes direct assignments eligible: a reason, a preview of each, and a report. The content of a dialog. */
export function MakeEligible(
  props: BatchActions & {
    rows: readonly NamedAssignment[];
    hasFactor: boolean;
    returnPath: string;
    onClose: () => void;
  },
) {
  return (
    <BatchFlow
      {...props}
      named={props.rows}
      submitLabel={(ready) => `Make ${count(ready)} eligible`}
      closeLabel="Cancel"
    >
      <input type="hidden" name="rows" value={JSON.stringify(props.rows.map(({ id }) => ({ id })))} />
      <TextAreaField name="justification" label="Justification (optional)" maxLength={2000} />
    </BatchFlow>
  );
}
