"use client";

import { useContext, useRef, useState } from "react";
import { askPasskey } from "@/components/ui/forms/ask-passkey";
import { CodeFields, SetUpFirst } from "@/components/ui/forms/code-fields";
import { codeRequest, namesFields } from "@/components/ui/forms/code-request";
import { DialogResult } from "@/components/ui/forms/dialog-result";
import { useEarlyInput } from "@/components/ui/forms/early-input";
import { FieldErrors } from "@/components/ui/forms/field";
import { FormButtons, type FormButtonsProps } from "@/components/ui/forms/form-buttons";
import { type Prepare, useChallenge } from "@/components/ui/forms/form-challenge";
import { useDraft } from "@/components/ui/forms/form-draft";
import {
  type FocusOn,
  focusCode,
  useFirstFocus,
  useFocusOnAskedCode,
  useFocusOnFault,
  useFocusWhenGone,
} from "@/components/ui/forms/form-focus";
import { FormRefusal, standsAtField } from "@/components/ui/forms/form-refusal";
import { newSubmissions } from "@/components/ui/forms/form-submission";
import { rememberFactor, useLastFactor } from "@/components/ui/forms/last-factor";
import { factorsFor, type OwnProvider, useOwnFactors } from "@/components/ui/forms/own-factors";
import { type ProviderWindow, useProviderWindow } from "@/components/ui/forms/provider-window";
import { useRefreshAfterRefusal } from "@/components/ui/forms/refresh-after-refusal";
import { carriesProof, clearCode, withoutCode } from "@/components/ui/forms/typed-fields";
import { toast } from "@/components/ui/toast";
import { useScripted } from "@/components/ui/use-scripted";
import { codeOf, isAppCode } from "@/lib/domain/people/typed-code";
import { visibleSentence } from "@/lib/domain/text/visible-text";
import { type FormOutcome, refused, type Success } from "@/lib/web/form-outcome";
import { noWindow, unanswered } from "@/lib/web/form-sentences";

export interface ProtectedFormProps extends FormButtonsProps {
  /** For buttons elsewhere on the page that belong to it. */
  readonly id?: string;
  readonly submit: (form: FormData) => Promise<FormOutcome>;
  /** Requests the challenge that a code answers. Without it none is requested. */
  readonly prepare?: Prepare;
  /** Whether a second factor is likely to be required. The server decides. */
  readonly needsCode?: boolean;
  /** Why it is, where the form says more than that the code confirms it. */
  readonly why?: string;
  readonly hasFactor?: boolean;
  /** Whether a phishing-resistant factor is likely to be required. The server decides. */
  readonly resistantOnly?: boolean;
  /** The page to return to after setting up a factor. What was typed is kept until then. */
  readonly returnPath: string;
  /** In which of several dialogs that lead back to the same page it is (`draftOfDialog`). */
  readonly dialog?: string;
  readonly focusOn?: FocusOn;
  readonly onDone?: (outcome: Success) => void;
  readonly children?: React.ReactNode;
}

/** A form whose operation may require a second factor. The code is typed in the same dialog, below what it confirms. */
export function ProtectedForm(props: ProtectedFormProps) {
  const form = useRef<HTMLFormElement>(null);
  const [outcome, setOutcome] = useState<FormOutcome | null>(null);
  const [asked, setAsked] = useState<string | null>(null);
  const [atField, setAtField] = useState(false);
  const [pending, setPending] = useState(false);
  const [submissions] = useState(newSubmissions);
  const challenge = useChallenge(props.prepare);
  const keepDraft = useDraft(form, props.returnPath, props.dialog ?? "");
  const succeed = useContext(DialogResult);
  const refusal = outcome?.ok === false ? outcome : null;
  const own = useOwnFactors();
  const resistantOnly = props.resistantOnly || (refusal?.needsResistant ?? false);
  const offered = factorsFor(own, resistantOnly);
  const hasFactor = (props.hasFactor && (offered.app || offered.passkeys)) || offered.providers.length > 0;
  const lastFactor = useLastFactor();
  const scripted = useScripted();
  const needsCode =
    (props.needsCode || asked !== null || (refusal?.needsCode ?? false)) &&
    !refusal?.proofId &&
    !props.blocked;
  useEarlyInput(form);
  useFocusOnFault(form, refusal);
  useFirstFocus(form, props.focusOn);
  useFocusWhenGone(form);
  const noteRefusal = useRefreshAfterRefusal();
  const { open: openWindow, waitingFor } = useProviderWindow((answer) => {
    if (!form.current) return;
    if (!answer.ok) {
      // A rejected answer has ended its challenge.
      challenge.forget();
      return show(unproved(answer.message, answer.signedOut));
    }
    const data = withoutCode(new FormData(form.current));
    data.set("confirmed", "1");
    start(send(data));
  });
  const unproved = (message: string, signedOut = false) =>
    refused(message, { needsCode: true, needsResistant: resistantOnly, signedOut });
  useFocusOnAskedCode(form, asked);

  function show(result: FormOutcome) {
    setOutcome(result);
    setAtField(!result.ok && form.current !== null && standsAtField(form.current, result));
  }

  async function send(data: FormData) {
    const typed = carriesProof(data);
    const result = await submissions.send(data, {
      challenge: async () => {
        if (!needsCode || !typed) return { id: null };
        const prepared = await challenge.describe(data);
        return prepared.refused
          ? { refused: prepared.refused }
          : { id: prepared.challenge?.challengeId ?? null };
      },
      submit: props.submit,
    });
    if (!result) return;
    challenge.forget();
    noteRefusal(!result.ok, data.has("passkey"));
    if (result.ok) {
      if (typed) rememberFactor(data.has("passkey") ? "passkey" : data.has("confirmed") ? "provider" : "app");
      setOutcome(result);
      succeed();
      if (result.message) toast.success(visibleSentence(result.message));
      props.onDone?.(result);
      return;
    }
    const request = typed ? null : codeRequest(result);
    // The code was completed before the answer to the submission without one arrived.
    const late = request && form.current ? new FormData(form.current) : null;
    if (late && isAppCode(codeOf(String(late.get("code") ?? "")))) return send(late);
    if (request) {
      setAsked(request.why);
      if (request.rest) show(request.rest);
      else setOutcome(null);
      if (!request.rest) focusCode(form.current);
      return;
    }
    if (namesFields(result)) challenge.clear();
    show(result);
    if (form.current && result.needsCode) focusCode(form.current, "");
    else clearCode(form.current);
  }

  function onSubmit(event: React.FormEvent<HTMLFormElement>) {
    event.preventDefault();
    if (props.blocked) return;
    const data = new FormData(event.currentTarget);
    // If no code would be accepted, the form's own button requests what would.
    if (needsCode && hasFactor && !offered.app) {
      const [provider] = offered.providers;
      if (provider && !offered.passkeys) confirmWith(provider);
      else if (!pending) start(sendWithPasskey(data));
      return;
    }
    // A second Enter, pressed out of habit, sends nothing and hides nothing, since the code is still missing.
    const missing = needsCode && hasFactor && String(data.get("code") ?? "").trim() === "";
    if (missing && (refusal?.fieldErrors.code || (asked !== null && !refusal))) {
      focusCode(form.current);
      return;
    }
    start(send(data));
  }

  function start(sending: Promise<void>) {
    setPending(true);
    sending.catch(() => toast.error(unanswered)).finally(() => setPending(submissions.underWay()));
  }

  async function sendWithPasskey(data: FormData) {
    const { challenge: prepared, refused: refusal } = await challenge.describe(data);
    if (refusal) return show(refusal);
    // If fields cannot be read yet, the form's own answer says so.
    if (!prepared?.passkey) return send(data);
    const answer = await askPasskey(prepared.passkey);
    if (!answer.ok) return show(unproved(answer.message));
    data.set("passkey", answer.answer);
    return send(data);
  }

  function confirmWith(provider: OwnProvider) {
    if (!form.current || pending || props.blocked) return;
    const opened = openWindow(provider, resistantOnly);
    if (!opened) return show(unproved(noWindow));
    start(leadToProvider(opened, withoutCode(new FormData(form.current))).finally(opened.closeUnlessLed));
  }

  async function leadToProvider(opened: ProviderWindow, data: FormData) {
    const { challenge: prepared, refused: refusal } = await challenge.describe(data);
    // If fields cannot be read yet, the form's own answer says so.
    if (!prepared) return refusal ? show(refusal) : send(data);
    // The result of an earlier window no longer matters.
    setOutcome(unproved(""));
    opened.leadTo(prepared);
  }

  function describe() {
    if (!form.current) return;
    challenge
      .describe(new FormData(form.current))
      .then(({ refused }) => {
        if (refused) show(refused);
      })
      .catch(challenge.clear);
  }

  return (
    <form
      ref={form}
      id={props.id}
      onSubmit={onSubmit}
      className="grid grid-cols-[minmax(0,1fr)] gap-3"
      noValidate
    >
      <FieldErrors value={refusal?.fieldErrors ?? {}}>
        {props.children}
        {needsCode && hasFactor ? (
          <CodeFields
            described={challenge.described}
            asked={asked !== null}
            why={asked ?? props.why ?? null}
            offered={offered}
            last={lastFactor}
            pending={pending}
            onFocus={describe}
            onPasskey={() => {
              if (form.current && !pending && !props.blocked)
                start(sendWithPasskey(withoutCode(new FormData(form.current))));
            }}
            onProvider={confirmWith}
            waitingFor={waitingFor}
          />
        ) : null}
        {needsCode && !hasFactor ? (
          <SetUpFirst
            returnPath={props.returnPath}
            own={own}
            resistantOnly={resistantOnly}
            onLeave={keepDraft}
          />
        ) : null}
      </FieldErrors>
      <FormButtons {...props} pending={pending} scripted={scripted}>
        <FormRefusal
          refusal={refusal?.message ? refusal : null}
          onScreen={atField || (needsCode && refusal?.fieldErrors.code === refusal?.message)}
        />
      </FormButtons>
    </form>
  );
}
