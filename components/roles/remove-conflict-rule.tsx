"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { Dialog } from "@/components/ui/dialog";
import { DialogForm } from "@/components/ui/forms/dialog-form";
import { TextAreaField } from "@/components/ui/forms/field";
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
  const [open, setOpen] = useState(false);
  const { rule } = props;
  return (
    <Dialog
      open={open}
      onOpenChange={setOpen}
      title={`Remove ${isolated(rule.name)}`}
      description="From then on people may hold these roles together."
      trigger={
        <button type="button" className="button button-danger">
          Remove rule
        </button>
      }
    >
      <DialogForm
        submit={props.submit}
        prepare={props.prepare}
        needsCode
        hasFactor={props.hasFactor}
        submitLabel="Remove rule"
        danger
        returnPath={props.returnPath}
        onDone={() => router.push(props.back)}
        onCancel={() => setOpen(false)}
      >
        <input type="hidden" name="ruleId" value={rule.id} />
        <input type="hidden" name="expectedVersion" value={rule.version} />
        <TextAreaField label="Justification" name="justification" maxLength={2000} />
      </DialogForm>
    </Dialog>
  );
}
