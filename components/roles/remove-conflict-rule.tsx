"use client";

import { useRouter } from "next/navigation";
import { ActionDialog } from "@/components/ui/forms/action-dialog";
import { TextAreaField } from "@/components/ui/forms/dialog-fields";
import { isolated } from "@/lib/domain/text/visible-text";
import type { FormOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

/** **Remove rule**: asks for a reason and a code, then returns to the list. */
export function RemoveConflictRule(props: {
  rule: { readonly id: string; readonly name: string; readonly version: number };
  hasFactor: boolean;
  back: string;
  returnPath: string;
  submit: (form: FormData) => Promise<FormOutcome>;
  prepare: (form: FormData) => Promise<PreparedChallenge>;
}) {
  const router = useRouter();
  const { rule } = props;
  return (
    <ActionDialog
      label="Remove rule"
      buttonClass="button-danger"
      title={`Remove ${isolated(rule.name)}`}
      description="From then on people may hold these roles together."
      submit={props.submit}
      prepare={props.prepare}
      needsCode
      hasFactor={props.hasFactor}
      danger
      returnPath={props.returnPath}
      onDone={() => router.push(props.back)}
    >
      <input type="hidden" name="ruleId" value={rule.id} />
      <input type="hidden" name="expectedVersion" value={rule.version} />
      <TextAreaField label="Justification" name="justification" maxLength={2000} />
    </ActionDialog>
  );
}
