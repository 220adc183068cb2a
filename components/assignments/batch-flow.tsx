"use client";

import { useRef, useState } from "react";
import { useEarlyInput } from "@/components/ui/forms/early-input";
import { FieldErrors } from "@/components/ui/forms/field";
import { ProtectedForm } from "@/components/ui/forms/protected-form";
import { carriesProof } from "@/components/ui/forms/typed-fields";
import { Sentence } from "@/components/ui/name";
import { type Named, OutcomeList } from "@/components/ui/outcome-list";
import { useScripted } from "@/components/ui/use-scripted";
import type { FormOutcome, ItemOutcome, PreparedChallenge, PreviewOutcome } from "@/lib/web/form-outcome";
import { unanswered as noAnswer } from "@/lib/web/form-sentences";

export interface BatchActions {
  readonly preview: (form: FormData) => Promise<PreviewOutcome>;
  readonly prepare: (form: FormData) => Promise<PreparedChallenge>;
  readonly run: (form: FormData) => Promise<FormOutcome>;
}

interface Props extends BatchActions {
  /** The name of each row, in the order of the server's answer. */
  readonly named: readonly Named[];
  /** The label of the button for a number of rows. */
  readonly submitLabel: (count: number) => string;
  readonly danger?: boolean;
  readonly hasFactor: boolean;
  readonly returnPath: string;
  readonly onClose: () => void;
  readonly closeLabel: string;
  /** The batch's form fields. */
  readonly children: React.ReactNode;
}

export interface PreviewStep {
  readonly at: "preview";
  readonly entries: readonly (readonly [string, string])[];
  readonly named: readonly Named[];
  readonly items: readonly ItemOutcome[];
  readonly needsCode: boolean;
  readonly needsResistant: boolean;
}

export type BatchStep =
  | { readonly at: "fields" }
  | PreviewStep
  | { readonly at: "report"; readonly named: readonly Named[]; readonly items: readonly ItemOutcome[] };

/** The preview of a form, with the fields that are sent again when it is confirmed. */
export function previewOf(
  form: FormData,
  named: readonly Named[],
  outcome: Extract<PreviewOutcome, { ok: true }>,
): PreviewStep {
  const entries = [...form].flatMap(([name, value]) =>
    typeof value === "string" ? [[name, outcome.fields?.[name] ?? value] as const] : [],
  );
  return {
    at: "preview",
    entries,
    named,
    items: outcome.items,
    needsCode: outcome.needsCode,
    needsResistant: outcome.needsResistant ?? false,
  };
}

/**
 * A batch in three steps: fields, a preview of each row with one code for all, and a report. Going back keeps
 * what was typed.
 */
export function BatchFlow(props: Props) {
  const [step, setStep] = useState<BatchStep>({ at: "fields" });
  const [fault, setFault] = useState<Extract<FormOutcome, { ok: false }> | null>(null);
  const [pending, setPending] = useState(false);
  const busy = useRef(false);
  const scripted = useScripted();
  const fields = useRef<HTMLFormElement>(null);
  useEarlyInput(fields);

  function askPreview(event: React.FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (busy.current) return;
    busy.current = true;
    setPending(true);
    const form = new FormData(event.currentTarget);
    const { named } = props;
    props
      .preview(form)
      .then((outcome) => {
        setFault(outcome.ok ? null : outcome);
        if (!outcome.ok) return;
        setStep(previewOf(form, named, outcome));
      })
      .catch(() => setFault(unanswered))
      .finally(() => {
        busy.current = false;
        setPending(false);
      });
  }

  return (
    <>
      <form
        ref={fields}
        onSubmit={askPreview}
        className="grid grid-cols-[minmax(0,1fr)] gap-4"
        noValidate
        hidden={step.at !== "fields"}
      >
        <FieldErrors value={fault?.fieldErrors ?? {}}>{props.children}</FieldErrors>
        <div aria-live="polite" className="empty:absolute">
          {fault ? (
            <p role="alert" className="rounded-md bg-danger-tint px-3 py-2 text-danger">
              <Sentence of={fault.message} />
            </p>
          ) : null}
        </div>
        <div className="dialog-actions">
          <button type="button" className="button" onClick={props.onClose}>
            {props.closeLabel}
          </button>
          <button
            type="submit"
            className="button button-primary"
            disabled={!scripted}
            aria-disabled={pending}
            aria-busy={pending}
          >
            {pending ? "Working…" : "Preview"}
          </button>
        </div>
      </form>
      {step.at === "preview" ? (
        <BatchPreview
          {...props}
          step={step}
          onBack={() => setStep({ at: "fields" })}
          onReport={(items) => setStep({ at: "report", named: step.named, items })}
        />
      ) : null}
      {step.at === "report" ? <BatchReport {...step} onClose={props.onClose} /> : null}
    </>
  );
}

const unanswered: Extract<FormOutcome, { ok: false }> = {
  ok: false,
  message: noAnswer,
  fieldErrors: {},
  needsCode: false,
  needsResistant: false,
  proofId: null,
  signedOut: false,
  links: [],
};

const codeMissing: Extract<FormOutcome, { ok: false }> = {
  ...unanswered,
  message: "Verify your identity with a second factor.",
  fieldErrors: { code: "Enter a code." },
  needsCode: true,
};

export function BatchPreview(
  props: Pick<Props, "run" | "prepare" | "hasFactor" | "submitLabel" | "danger" | "returnPath"> & {
    step: PreviewStep;
    onBack: () => void;
    onReport: (items: readonly ItemOutcome[]) => void;
  },
) {
  const { step } = props;
  const count = step.items.filter((item) => item.ok).length;
  return (
    <div className="grid gap-4">
      <p role="status" className="font-semibold">
        {count === 0
          ? "None of this can be done:"
          : count === step.items.length
            ? `This will happen to ${count === 1 ? "the one row" : `all ${count} rows`}:`
            : `This will happen to ${count} of ${step.items.length} rows. The others do not change:`}
      </p>
      <OutcomeList label="Preview" rows={step.named} items={step.items} />
      {count === 0 ? (
        <div className="dialog-actions">
          <button type="button" className="button" onClick={props.onBack}>
            Back
          </button>
        </div>
      ) : (
        <ProtectedForm
          submit={async (form) => {
            if (step.needsCode && !carriesProof(form)) return codeMissing;
            const outcome = await props.run(form);
            if (outcome.items && (outcome.ok || !outcome.needsCode)) props.onReport(outcome.items);
            return outcome;
          }}
          prepare={props.prepare}
          needsCode={step.needsCode}
          resistantOnly={step.needsResistant}
          hasFactor={props.hasFactor}
          submitLabel={props.submitLabel(count)}
          danger={props.danger}
          returnPath={props.returnPath}
          focusOn="code"
          cancelLabel="Back"
          onCancel={props.onBack}
        >
          {step.entries.map(([name, value]) => (
            <input key={name} type="hidden" name={name} value={value} />
          ))}
        </ProtectedForm>
      )}
    </div>
  );
}

export function BatchReport(props: {
  named: readonly Named[];
  items: readonly ItemOutcome[];
  onClose: () => void;
}) {
  const count = props.items.filter((item) => item.ok).length;
  return (
    <div className="grid gap-4">
      <p role="status" className="font-semibold">
        {count === props.items.length
          ? "Everything is done:"
          : `${count} of ${props.items.length} are done. The others did not change:`}
      </p>
      <OutcomeList label="Report" rows={props.named} items={props.items} />
      <div className="dialog-actions">
        <button type="button" className="button button-primary" onClick={props.onClose}>
          Close
        </button>
      </div>
    </div>
  );
}
