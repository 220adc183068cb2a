"use client";

import Link from "next/link";
import { useRouter } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { toast } from "sonner";
import { ConfirmedWords } from "@/components/ui/confirmed-words";
import { FieldErrors, TextField } from "@/components/ui/field";
import { Sentence } from "@/components/ui/name";
import { visibleSentence } from "@/lib/domain/visible-text";
import type { FormOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

export interface ProtectedFormProps {
  readonly submit: (form: FormData) => Promise<FormOutcome>;
  readonly prepare: (form: FormData) => Promise<PreparedChallenge>;
  /** Whether a second factor is known to be wanted; the server decides anyway. */
  readonly needsCode: boolean;
  readonly hasFactor: boolean;
  readonly submitLabel: string;
  readonly danger?: boolean;
  /** Where to come back to after setting up an authenticator app; what was typed is kept until then. */
  readonly returnPath: string;
  /** Where the focus goes when the form appears: where it was, its first field, or past all to the code. */
  readonly focusOn?: "first" | "code";
  readonly onDone?: (outcome: Extract<FormOutcome, { ok: true }>) => void;
  readonly onCancel?: () => void;
  /** What the button beside the submit says; **Cancel** when not given. */
  readonly cancelLabel?: string;
  readonly children?: React.ReactNode;
}

const ownFields = new Set(["code", "challengeId", "proofId"]);
const typed = (form: FormData) =>
  [...form]
    .filter(([name, value]) => !ownFields.has(name) && typeof value === "string")
    .map(([name, value]) => [name, String(value)] as const);

/** Whether a refusal says no more than the error beside one of the fields that are on screen. */
function saidAtField(form: HTMLFormElement, { message, fieldErrors }: Extract<FormOutcome, { ok: false }>) {
  return Object.entries(fieldErrors).some(([name, error]) => {
    const field = form.elements.namedItem(name);
    return error === message && field instanceof HTMLInputElement && field.type !== "hidden";
  });
}

/** A form whose operation may ask for a second factor, typed in the same dialog, for what the server describes. */
export function ProtectedForm(props: ProtectedFormProps) {
  const form = useRef<HTMLFormElement>(null);
  const prepared = useRef<{ key: string; challengeId: string } | null>(null);
  const proofId = useRef<string | null>(null);
  const [outcome, setOutcome] = useState<FormOutcome | null>(null);
  const [standsAtField, setStandsAtField] = useState(false);
  const [asked, setAsked] = useState<Extract<PreparedChallenge, { ok: true }> | null>(null);
  const submitting = useRef(false);
  const [pending, setPending] = useState(false);
  const refusedOutcome = outcome?.ok === false ? outcome : null;
  const needsCode = (props.needsCode || (refusedOutcome?.needsCode ?? false)) && !refusedOutcome?.proofId;
  const draftKey = `postern-draft:${props.returnPath}`;
  const router = useRouter();
  const refusedLast = useRef(false);

  // What was refused and given up is often gone, or otherwise now: the page behind is shown as it is.
  useEffect(
    () => () => {
      if (refusedLast.current) router.refresh();
    },
    [router],
  );

  useEffect(() => {
    const draft = sessionStorage.getItem(draftKey);
    if (!draft || !form.current) return;
    sessionStorage.removeItem(draftKey);
    for (const [name, value] of JSON.parse(draft) as [string, string][]) {
      const element = form.current.elements.namedItem(name);
      if (element instanceof HTMLInputElement && element.type === "checkbox") element.checked = true;
      else if (
        element instanceof RadioNodeList ||
        element instanceof HTMLInputElement ||
        element instanceof HTMLTextAreaElement ||
        element instanceof HTMLSelectElement
      )
        element.value = value;
    }
  }, [draftKey]);

  useEffect(() => {
    if (refusedOutcome)
      form.current?.querySelector<HTMLElement>("[aria-invalid=true]:not([name=code])")?.focus();
  }, [refusedOutcome]);

  const { focusOn } = props;
  useEffect(() => {
    if (!focusOn || !form.current) return;
    const fields = [...form.current.querySelectorAll<HTMLElement>("input, select, textarea, button")];
    const wanted =
      focusOn === "code"
        ? fields.find((field) => field.matches("[name=code], [type=submit]"))
        : fields.find((field) => !field.matches("[type=hidden]"));
    wanted?.focus();
  }, [focusOn]);

  // What the code confirms grows above it: on a small screen the field being typed in stays in sight.
  useEffect(() => {
    const { activeElement } = document;
    if (asked && activeElement?.matches("[name=code]")) activeElement.scrollIntoView({ block: "nearest" });
  }, [asked]);

  async function challenge(data: FormData): Promise<string | null> {
    const key = JSON.stringify(typed(data));
    if (prepared.current?.key === key) return prepared.current.challengeId;
    const answer = await props.prepare(data);
    if (!answer.ok) {
      setAsked(null);
      return null;
    }
    prepared.current = { key, challengeId: answer.challengeId };
    setAsked(answer);
    return answer.challengeId;
  }

  function onSubmit(event: React.FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (submitting.current) return;
    submitting.current = true;
    setPending(true);
    const data = new FormData(event.currentTarget);
    const work = async () => {
      if (proofId.current) data.set("proofId", proofId.current);
      else if (needsCode && data.get("code")) {
        const challengeId = await challenge(data);
        if (challengeId) data.set("challengeId", challengeId);
      }
      const result = await props.submit(data);
      prepared.current = null;
      proofId.current = result.ok ? null : result.proofId;
      refusedLast.current = !result.ok;
      setOutcome(result);
      setStandsAtField(!result.ok && form.current !== null && saidAtField(form.current, result));
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
    };
    work()
      .catch(() => toast.error("The server did not answer. Nothing you typed is lost: try again."))
      .finally(() => {
        submitting.current = false;
        setPending(false);
      });
  }

  function describe() {
    if (!needsCode || !props.hasFactor || !form.current) return;
    const data = new FormData(form.current);
    challenge(data).catch(() => setAsked(null));
  }

  return (
    <form ref={form} onSubmit={onSubmit} className="grid grid-cols-[minmax(0,1fr)] gap-4" noValidate>
      <FieldErrors value={refusedOutcome?.fieldErrors ?? {}}>
        {props.children}
        {needsCode && props.hasFactor ? (
          <fieldset className="grid gap-2 rounded-lg border border-line bg-sunken p-3">
            <legend className="float-left font-semibold">Verify your identity before proceeding</legend>
            {asked ? (
              <ConfirmedWords of={asked} />
            ) : (
              <p className="text-muted">The code confirms exactly what is entered above, once.</p>
            )}
            <TextField
              label="Verification code"
              name="code"
              inputMode="numeric"
              autoComplete="one-time-code"
              maxLength={40}
              hint="Six digits from your authenticator app, or a recovery code."
              onFocus={describe}
              onChange={(event) => {
                // Apps show the six digits in two groups, so they are pasted with a space in between, too.
                if (/^\s*\d{3}\s?\d{3}\s*$/.test(event.currentTarget.value))
                  event.currentTarget.form?.requestSubmit();
              }}
            />
          </fieldset>
        ) : null}
        {needsCode && !props.hasFactor ? (
          <p className="banner">
            <span className="grow">
              This asks for a second factor, and you have no authenticator app yet.
            </span>
            <Link
              className="button"
              href={`/account/security?return=${encodeURIComponent(props.returnPath)}`}
              onClick={() =>
                form.current &&
                sessionStorage.setItem(draftKey, JSON.stringify(typed(new FormData(form.current))))
              }
            >
              Set up authenticator app
            </Link>
          </p>
        ) : null}
      </FieldErrors>
      <div aria-live="polite" className="empty:absolute">
        {refusedOutcome ? (
          // What stands at its field already is only said.
          <p
            role="alert"
            className={
              standsAtField || (needsCode && refusedOutcome.fieldErrors.code === refusedOutcome.message)
                ? "sr-only"
                : "rounded-md bg-danger-tint px-3 py-2 text-danger"
            }
          >
            <Sentence of={refusedOutcome.message} />{" "}
            {refusedOutcome.signedOut ? (
              <a href="/sign-in" target="_blank" rel="noreferrer">
                Sign in
              </a>
            ) : null}
          </p>
        ) : null}
      </div>
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
