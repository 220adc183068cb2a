"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { ProtectedForm } from "@/components/step-up/protected-form";
import { TextAreaField } from "@/components/ui/field";
import type { FormOutcome, PreparedChallenge } from "@/lib/domain/form-outcome";

/** **Apply**: batch by batch until nothing is left, with how far it is. Cut off, it goes on from there another time. */
export function ApplyForm(props: {
  importId: string;
  asksReason: boolean;
  left: number;
  needsCode: boolean;
  hasFactor: boolean;
  apply: (form: FormData) => Promise<{ outcome: FormOutcome; left: number }>;
  prepare: (form: FormData) => Promise<PreparedChallenge>;
}) {
  const router = useRouter();
  const [left, setLeft] = useState<number | null>(null);

  async function submit(form: FormData): Promise<FormOutcome> {
    setLeft(props.left);
    for (;;) {
      const step = await props.apply(form);
      // A code is good for one batch; what needs another asks for it.
      for (const name of ["code", "challengeId", "proofId"]) form.delete(name);
      if (!step.outcome.ok || step.left === 0) {
        setLeft(null);
        router.refresh();
        return step.outcome;
      }
      setLeft(step.left);
    }
  }

  return (
    <>
      <ProtectedForm
        submit={submit}
        prepare={props.prepare}
        needsCode={props.needsCode}
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
            hint="The reason of every assignment that is made."
          />
        ) : null}
      </ProtectedForm>
      {left === null || props.left === 0 ? null : (
        <div className="mt-3">
          <label htmlFor="import-progress" className="text-muted">
            {props.left - left} of {props.left} rows
          </label>
          <progress
            id="import-progress"
            className="block w-full accent-(--accent)"
            max={props.left}
            value={props.left - left}
          />
        </div>
      )}
    </>
  );
}
