"use client";

import { useRouter } from "next/navigation";
import { useState } from "react";
import { Dialog } from "@/components/ui/dialog";
import { ProtectedForm } from "@/components/ui/protected-form";
import type { FormOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

type Submit = (form: FormData) => Promise<FormOutcome>;
type Prepare = (form: FormData) => Promise<PreparedChallenge>;

/** A form that may answer with recovery codes, which are shown once. */
export function CodesForm(props: {
  submit: Submit;
  prepare: Prepare;
  hasFactor: boolean;
  submitLabel: string;
  next: string;
  onCancel?: () => void;
  cancelLabel?: string;
  children?: React.ReactNode;
}) {
  const router = useRouter();
  const [codes, setCodes] = useState<string[] | null>(null);
  const submit: Submit = async (form) => {
    const result = await props.submit(form);
    if (result.ok && result.message.includes("\n")) {
      setCodes(result.message.split("\n"));
      return { ok: true, message: "Keep the recovery codes safe." };
    }
    return result;
  };
  if (codes) {
    return (
      <div role="status">
        <h3 className="font-semibold">Your recovery codes</h3>
        <p className="text-muted">
          Each works once, in place of a code. Print or store them now: they are not shown again.
        </p>
        <ul className="my-3 grid grid-cols-1 gap-1 font-mono sm:grid-cols-2">
          {codes.map((code) => (
            <li key={code}>{code}</li>
          ))}
        </ul>
        <button
          type="button"
          className="button button-primary"
          onClick={() => {
            router.push(props.next);
            router.refresh();
          }}
        >
          I have stored them
        </button>
      </div>
    );
  }
  return (
    <ProtectedForm
      submit={submit}
      prepare={props.prepare}
      needsCode={props.hasFactor}
      hasFactor={props.hasFactor}
      submitLabel={props.submitLabel}
      {...(props.onCancel ? { onCancel: props.onCancel } : {})}
      {...(props.cancelLabel ? { cancelLabel: props.cancelLabel } : {})}
      returnPath="/account/security"
    >
      {props.children}
    </ProtectedForm>
  );
}

export function RecoveryCodesForm(props: { submit: Submit; prepare: Prepare }) {
  return <CodesForm {...props} hasFactor submitLabel="Make new recovery codes" next="/account/security" />;
}

export function RemoveForm(props: { submit: Submit; prepare: Prepare }) {
  const [open, setOpen] = useState(false);
  return (
    <Dialog
      open={open}
      onOpenChange={setOpen}
      title="Remove the authenticator app?"
      description="You cannot activate roles that require a second factor until you set up another app. Its recovery codes stop working too."
      trigger={
        <button type="button" className="button button-danger">
          Remove
        </button>
      }
    >
      <ProtectedForm
        submit={props.submit}
        prepare={props.prepare}
        needsCode
        hasFactor
        submitLabel="Remove"
        danger
        returnPath="/account/security"
        onDone={() => setOpen(false)}
        onCancel={() => setOpen(false)}
      />
    </Dialog>
  );
}
