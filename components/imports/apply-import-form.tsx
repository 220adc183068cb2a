"use client";

import { TextAreaField } from "@/components/ui/forms/field";
import { ProtectedForm } from "@/components/ui/forms/protected-form";
import type { FormOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

/** **Apply**: confirms the import, with a reason and a code where needed. The worker then applies it. */
export function ApplyImportForm(props: {
  importId: string;
  asksReason: boolean;
  needsCode: boolean;
  resistantOnly: boolean;
  hasFactor: boolean;
  confirm: (form: FormData) => Promise<FormOutcome>;
  prepare: (form: FormData) => Promise<PreparedChallenge>;
}) {
  return (
    <ProtectedForm
      submit={props.confirm}
      prepare={props.prepare}
      needsCode={props.needsCode}
      resistantOnly={props.resistantOnly}
      hasFactor={props.hasFactor}
      submitLabel="Apply"
      returnPath={`/import/${props.importId}`}
    >
      <input type="hidden" name="importId" value={props.importId} />
      {props.asksReason ? (
        <TextAreaField
          label="Justification"
          name="justification"
          maxLength={2000}
          hint="The reason for everything that gives access."
        />
      ) : null}
    </ProtectedForm>
  );
}
