"use client";

import { useRouter } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { toast } from "sonner";
import { CodeFields, SetUpFirst } from "@/components/ui/code-fields";
import { FieldErrors } from "@/components/ui/field";
import { type Prepare, useChallenge } from "@/components/ui/form-challenge";
import { useDraft } from "@/components/ui/form-draft";
import { type FocusOn, useFirstFocus, useFocusOnFault } from "@/components/ui/form-focus";
import { FormRefusal, standsAtField } from "@/components/ui/form-refusal";
import { newSubmissions } from "@/components/ui/form-submission";
import { visibleSentence } from "@/lib/domain/text/visible-text";
import type { FormOutcome, Success } from "@/lib/web/form-outcome";
import { sentences } from "@/lib/web/form-sentences";

export interface ProtectedFormProps {
  readonly submit: (form: FormData) => Promise<FormOutcome>;
  readonly prepare: Prepare;
  /** Whether a second factor is likely to be required. The server decides. */
  readonly needsCode: boolean;
  readonly hasFactor: boolean;
  readonly submitLabel: string;
  readonly danger?: boolean;
  /** Where to return after setting up an authenticator app. What was typed is kept until then. */
  readonly returnPath: string;
  readonly focusOn?: FocusOn;
  readonly onDone?: (outcome: Success) => void;
  readonly onCancel?: () => void;
  /** The label of the other button. The default is **Cancel**. */
  readonly cancelLabel?: string;
  readonly children?: React.ReactNode;
}

/** A form whose operation may require a second factor. The code is typed in the same dialog, below what it confirms. */
export function ProtectedForm(props: ProtectedFormProps) {
  const form = useRef<HTMLFormElement>(null);
  const [outcome, setOutcome] = useState<FormOutcome | null>(null);
  const [atField, setAtField] = useState(false);
  const [pending, setPending] = useState(false);
  const [submissions] = useState(newSubmissions);
  const challenge = useChallenge(props.prepare);
  const keepDraft = useDraft(form, props.returnPath);
  const refusal = outcome?.ok === false ? outcome : null;
  const needsCode = (props.needsCode || (refusal?.needsCode ?? false)) && !refusal?.proofId;
  useFocusOnFault(form, refusal);
  useFirstFocus(form, props.focusOn);
  const refusedLast = useRefreshAfterRefusal();

  async function send(data: FormData) {
    const result = await submissions.send(data, {
      challengeId: async () => (needsCode && data.get("code") ? challenge.describe(data) : null),
      submit: props.submit,
    });
    if (!result) return;
    challenge.forget();
    refusedLast.current = !result.ok;
    setOutcome(result);
    setAtField(!result.ok && form.current !== null && standsAtField(form.current, result));
    if (result.ok) {
      if (result.message) toast.success(visibleSentence(result.message));
      props.onDone?.(result);
      return;
    }
    const code = form.current?.elements.namedItem("code");
    if (code instanceof HTMLInputElement) {
      code.value = "";
      if (result.needsCode) code.focus();
    }
  }

  function onSubmit(event: React.FormEvent<HTMLFormElement>) {
    event.preventDefault();
    setPending(true);
    send(new FormData(event.currentTarget))
      .catch(() => toast.error(sentences.unanswered))
      .finally(() => setPending(submissions.underWay()));
  }

  function describe() {
    if (form.current) challenge.describe(new FormData(form.current)).catch(challenge.clear);
  }

  return (
    <form ref={form} onSubmit={onSubmit} className="grid grid-cols-[minmax(0,1fr)] gap-4" noValidate>
      <FieldErrors value={refusal?.fieldErrors ?? {}}>
        {props.children}
        {needsCode && props.hasFactor ? (
          <CodeFields described={challenge.described} onFocus={describe} />
        ) : null}
        {needsCode && !props.hasFactor ? (
          <SetUpFirst returnPath={props.returnPath} onLeave={keepDraft} />
        ) : null}
      </FieldErrors>
      <FormRefusal
        refusal={refusal}
        onScreen={atField || (needsCode && refusal?.fieldErrors.code === refusal?.message)}
      />
      <div className="dialog-actions">
        {props.onCancel ? (
          <button type="button" className="button" onClick={props.onCancel}>
            {props.cancelLabel ?? "Cancel"}
          </button>
        ) : null}
        <button
          type="submit"
          className={`button ${props.danger ? "button-danger" : "button-primary"}`}
          aria-disabled={pending}
          aria-busy={pending}
        >
          {pending ? "Working…" : props.submitLabel}
        </button>
      </div>
    </form>
  );
}

/** What was refused may have changed or gone. When the form closes after a refusal, the page behind is read again. */
function useRefreshAfterRefusal() {
  const router = useRouter();
  const refusedLast = useRef(false);
  useEffect(
    () => () => {
      if (refusedLast.current) router.refresh();
    },
    [router],
  );
  return refusedLast;
}
