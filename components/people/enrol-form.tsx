"use client";

import { useRouter } from "next/navigation";
import { useEffect, useRef, useState } from "react";
import { Step } from "@/components/people/enrol-steps";
import { FirstFactorFields, type FirstFactorProof } from "@/components/people/first-factor-fields";
import type { PassNeeded } from "@/components/people/pass-field";
import { RecoveryCodes } from "@/components/people/recovery-codes";
import { TextField } from "@/components/ui/forms/field";
import { ProtectedForm } from "@/components/ui/forms/protected-form";
import { Icon } from "@/components/ui/icon";
import { toast } from "@/components/ui/toast";
import type { FormOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

type NewKey = NonNullable<Extract<FormOutcome, { ok: true }>["key"]>;

/**
 * Sets up an authenticator app in three steps: scan or type the key, type a code, and keep the recovery codes. Before
 * the key is shown, the person proves their identity with the current app or the password. Only this form keeps the
 * key. Leaving the page starts again.
 */
export function EnrolForm(props: {
  begin: (form: FormData) => Promise<FormOutcome>;
  confirm: (form: FormData) => Promise<FormOutcome>;
  /** Requests the challenge of a code, if a factor confirms the new one. */
  prepare?: (form: FormData) => Promise<PreparedChallenge>;
  hasFactor: boolean;
  /** Whether there is an app to replace. A person with only a passkey has a factor, too. */
  replaces: boolean;
  /** A first factor may require a one-time pass; null if it does not. */
  pass: PassNeeded | null;
  proof: FirstFactorProof;
  email: string;
  /** The password was typed just before, so it is not requested again. */
  passwordTyped?: boolean;
  next: string;
}) {
  const router = useRouter();
  const [key, setKey] = useState<NewKey | null>(null);
  const [codes, setCodes] = useState<readonly string[] | null>(null);
  const step = useRef<HTMLParagraphElement>(null);
  useEffect(() => {
    if (key !== null) step.current?.focus({ preventScroll: true });
  }, [key]);
  const leave = () => {
    router.push(props.next);
    router.refresh();
  };
  const confirm = async (form: FormData) => {
    const outcome = await props.confirm(form);
    if (!outcome.ok) return outcome;
    if (!outcome.message.includes("\n")) {
      leave();
      return outcome;
    }
    setCodes(outcome.message.split("\n"));
    return { ok: true as const, message: "Keep the recovery codes safe." };
  };
  const firstState = key === null ? "now" : "done";
  return (
    <ol className="grid">
      <Step number={1} title="Scan or type the key" state={codes ? "done" : "now"}>
        {codes ? null : key === null ? (
          <ProtectedForm
            submit={props.begin}
            prepare={props.hasFactor ? props.prepare : undefined}
            needsCode={props.hasFactor}
            hasFactor={props.hasFactor}
            submitLabel={props.passwordTyped && !props.pass ? "Show the key" : "Continue"}
            returnPath="/account/security#enrol"
            onDone={(outcome) => setKey(outcome.key ?? null)}
          >
            {props.hasFactor ? null : (
              <FirstFactorFields
                email={props.email}
                pass={props.pass}
                proof={props.proof}
                then="Then the key is shown."
                passwordTyped={props.passwordTyped}
              />
            )}
          </ProtectedForm>
        ) : (
          <div className="flex flex-wrap items-start gap-5">
            {/* The image is embedded as data, so that nothing in it can run. */}
            <img
              alt="QR code of the key below"
              width={180}
              height={180}
              className="rounded-md border border-line bg-white"
              src={`data:image/svg+xml;base64,${btoa(key.image)}`}
            />
            <div className="grid min-w-0 flex-1 basis-60 gap-3">
              {/* The button that had the focus has disappeared, so the focus moves here and the content is read out. */}
              <p tabIndex={-1} ref={step} className="outline-none">
                Scan this with an authenticator app, or type the key. The key is valid for ten minutes and is
                not shown again.
              </p>
              <a className="button hidden justify-self-start pointer-coarse:inline-flex" href={key.uri}>
                Open in an authenticator app on this device
              </a>
              <p>
                Key: <code>{key.secret.replaceAll(/(.{4})(?=.)/g, "$1 ")}</code>
              </p>
              <button
                type="button"
                className="button justify-self-start"
                onClick={() => {
                  navigator.clipboard.writeText(key.secret).then(
                    () => toast.success("Copied."),
                    () => toast.error("The browser did not allow copying. Select the key and copy it."),
                  );
                }}
              >
                <Icon name="copy" size={15} /> Copy key
              </button>
            </div>
          </div>
        )}
      </Step>
      <Step number={2} title="Type a code" state={codes ? "done" : firstState === "done" ? "now" : "later"}>
        {codes || key === null ? null : (
          <ProtectedForm
            submit={confirm}
            submitLabel="Confirm"
            onCancel={() => setKey(null)}
            cancelLabel="Start again"
            returnPath="/account/security"
          >
            <TextField
              label={props.replaces ? "Code of the new app" : "Verification code"}
              name="newCode"
              inputMode="numeric"
              autoComplete="one-time-code"
              maxLength={40}
              hint="The six digits that the new app shows now."
            />
          </ProtectedForm>
        )}
      </Step>
      <Step number={3} title="Keep the recovery codes" state={codes ? "now" : "later"}>
        {codes ? (
          <RecoveryCodes codes={codes} onStored={leave} />
        ) : (
          <p className="text-muted">
            {props.replaces ? "Your existing codes stay valid." : "For when you do not have the app at hand."}
          </p>
        )}
      </Step>
    </ol>
  );
}
