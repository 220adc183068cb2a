"use client";

import { useState } from "react";
import { PrincipalPicker } from "@/components/people/principal-picker";
import { Dialog } from "@/components/ui/dialog";
import { DialogForm } from "@/components/ui/forms/dialog-form";
import { TextAreaField } from "@/components/ui/forms/field";
import type { NamedPrincipal } from "@/lib/domain/people/named-principal";
import { type PrincipalIdentity, principalText } from "@/lib/domain/people/principal-identity";
import type { FormOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

type Submit = (form: FormData) => Promise<FormOutcome>;
type Prepare = (form: FormData) => Promise<PreparedChallenge>;

interface Protected {
  readonly submit: Submit;
  readonly prepare: Prepare;
  readonly hasFactor: boolean;
}

const page = "/organisation/sign-in";
const nothingToPrepare: Prepare = async () => ({ ok: false, message: "" });

function FormDialog(
  props: Protected & {
    label: string;
    /** Whom it is about, since several buttons have the same label. */
    subject?: string;
    title: string;
    description: string;
    submitLabel: string;
    needsCode: boolean;
    danger?: boolean;
    children: React.ReactNode;
  },
) {
  const [open, setOpen] = useState(false);
  return (
    <Dialog
      open={open}
      onOpenChange={setOpen}
      title={props.title}
      description={props.description}
      trigger={
        <button
          type="button"
          className={`button ${props.danger ? "button-danger" : ""}`}
          aria-label={props.subject ? `${props.label}: ${props.subject}` : undefined}
        >
          {props.label}
        </button>
      }
    >
      <DialogForm
        submit={props.submit}
        prepare={props.prepare}
        needsCode={props.needsCode}
        hasFactor={props.hasFactor}
        submitLabel={props.submitLabel}
        danger={props.danger}
        returnPath={page}
        onDone={() => setOpen(false)}
        onCancel={() => setOpen(false)}
      >
        {props.children}
      </DialogForm>
    </Dialog>
  );
}

/** **Add account**: chooses a person and says what the account is for. Requires a code. */
export function NameBreakGlassAccount(
  props: Protected & { search: (text: string) => Promise<readonly NamedPrincipal[]> },
) {
  const [chosen, setChosen] = useState<readonly NamedPrincipal[]>([]);
  return (
    <FormDialog
      {...props}
      label="Add account"
      title="Add a break-glass account"
      description="Nothing disables it until it is taken off the list. All administrators are notified of each sign-in with it at once, and it is reviewed."
      submitLabel="Add account"
      needsCode
    >
      <input type="hidden" name="principalId" value={chosen[0]?.id ?? ""} />
      <PrincipalPicker
        label="Account"
        hint="It needs a password and a second factor of its own, and a permanent role at the root that administers it."
        placeholder="Search users"
        chosen={chosen}
        search={props.search}
        onChange={(all) => setChosen(all.slice(-1))}
      />
      <TextAreaField label="What it is for" name="justification" maxLength={2000} required />
    </FormDialog>
  );
}

/** **Remove** beside an account on the list. Requires a code. */
export function RemoveBreakGlassAccount(props: Protected & { account: PrincipalIdentity }) {
  const name = principalText(props.account);
  return (
    <FormDialog
      {...props}
      label="Remove"
      subject={name}
      title={`Take ${name} off the list`}
      description="It keeps its access, and is an account like any other from then on."
      submitLabel="Remove"
      needsCode
      danger
    >
      <input type="hidden" name="principalId" value={props.account.id} />
      <TextAreaField label="Justification" name="justification" maxLength={2000} />
    </FormDialog>
  );
}

/** **Close review** of one sign-in, with a note. */
export function CloseBreakGlassReview(props: {
  submit: Submit;
  sessionId: string;
  account: PrincipalIdentity;
}) {
  const name = principalText(props.account);
  return (
    <FormDialog
      submit={props.submit}
      prepare={nothingToPrepare}
      hasFactor={false}
      needsCode={false}
      label="Close review"
      subject={name}
      title={`Close the review of a sign-in by ${name}`}
      description="Say who it was, why, and what was done. The log keeps it."
      submitLabel="Close review"
    >
      <input type="hidden" name="sessionId" value={props.sessionId} />
      <TextAreaField label="What the review found" name="justification" maxLength={2000} required />
    </FormDialog>
  );
}
