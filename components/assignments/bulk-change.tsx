"use client";

import { BatchFlow } from "@/components/assignments/batch-flow";
import {
  type BulkActions,
  type BulkVerb,
  countOf,
  type SelectableMember,
} from "@/components/assignments/bulk-changes";
import { MakeEligible } from "@/components/assignments/make-eligible-dialog";
import { MomentField, TextAreaField } from "@/components/ui/forms/dialog-fields";

/** The content of the dialog that changes several assignments. */
export function BulkChange(
  props: BulkActions & {
    readonly verb: BulkVerb;
    readonly rows: readonly SelectableMember[];
    readonly onClose: () => void;
  },
) {
  const { verb, rows } = props;
  if (verb === "Make eligible") return <MakeEligible {...props} />;
  const remove = verb === "Remove";
  return (
    <BatchFlow
      {...props}
      named={rows}
      submitLabel={(ready) => `${verb} ${countOf(ready)}`}
      danger={remove}
      closeLabel="Cancel"
      onClose={props.onClose}
    >
      <input type="hidden" name="change" value={verb} />
      <input
        type="hidden"
        name="rows"
        value={JSON.stringify(rows.map(({ id, assignmentType }) => ({ id, assignmentType })))}
      />
      {verb === "Renew" ? (
        <MomentField name="startsAt" label="Start" hint="Leave empty to start now." />
      ) : null}
      {remove ? null : (
        <MomentField name="endsAt" label="End" hint="Each within the maximum of its role settings." />
      )}
      <TextAreaField
        name="justification"
        label={remove ? "Justification (optional)" : "Justification"}
        maxLength={2000}
      />
    </BatchFlow>
  );
}
