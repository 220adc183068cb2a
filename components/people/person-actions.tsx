"use client";

import { useState } from "react";
import { ShownOnce } from "@/components/people/shown-once";
import { Dialog } from "@/components/ui/dialog";
import { DialogForm } from "@/components/ui/forms/dialog-form";
import { SelectField, TextAreaField } from "@/components/ui/forms/field";
import { FormerNames } from "@/components/ui/principal-name";
import { passHours } from "@/lib/domain/people/factor-pass";
import { type PrincipalIdentity, principalText } from "@/lib/domain/people/principal-identity";
import { minutesInWords } from "@/lib/domain/time/schedule";
import type { FormOutcome, PreparedChallenge } from "@/lib/web/form-outcome";

type Submit = (form: FormData) => Promise<FormOutcome>;
type Prepare = (form: FormData) => Promise<PreparedChallenge>;

export interface ActionProps {
  readonly principal: PrincipalIdentity;
  readonly submit: Submit;
  readonly prepare: Prepare;
  readonly hasFactor: boolean;
}

/** A dialog for one principal, with a reason, a code where required, and a secret that is shown once. */
export function ActionDialog(
  props: ActionProps & {
    label: string;
    title: string;
    description: string;
    needsCode: boolean;
    danger?: boolean;
    /** Stays open after success, to show a secret once. */
    showsSecret?: boolean;
    children?: React.ReactNode;
  },
) {
  const [open, setOpen] = useState(false);
  const [made, setMade] = useState<Extract<FormOutcome, { ok: true }> | null>(null);
  const submit: Submit = async (form) => {
    const result = await props.submit(form);
    if (result.ok && result.secret) setMade(result);
    return result;
  };
  const close = () => {
    setOpen(false);
    setMade(null);
  };
  return (
    <Dialog
      open={open}
      onOpenChange={(next) => (next ? setOpen(true) : close())}
      title={props.title}
      description={props.description}
      trigger={
        <button type="button" className={`button ${props.danger ? "button-danger" : ""}`}>
          {props.label}
        </button>
      }
    >
      {made?.secret ? (
        <ShownOnce {...made.secret}>
          <button type="button" className="button button-primary" onClick={close}>
            I have stored it
          </button>
        </ShownOnce>
      ) : (
        <DialogForm
          submit={submit}
          prepare={props.prepare}
          needsCode={props.needsCode}
          hasFactor={props.hasFactor}
          submitLabel={props.label}
          danger={props.danger}
          returnPath={`/people/${props.principal.id}`}
          onDone={props.showsSecret ? undefined : close}
          onCancel={close}
        >
          <input type="hidden" name="principalId" value={props.principal.id} />
          <FormerNames of={props.principal} />
          {props.children}
          <TextAreaField label="Justification" name="justification" maxLength={2000} />
        </DialogForm>
      )}
    </Dialog>
  );
}

export function DisablePrincipal(props: ActionProps) {
  return (
    <ActionDialog
      {...props}
      label="Disable"
      title={`Disable ${principalText(props.principal)}`}
      description="Access and sessions end immediately. Activations do not come back. Assignments and eligibilities stay, and take effect again once enabled."
      needsCode={false}
      danger
    />
  );
}

export function EnablePrincipal(props: ActionProps) {
  return (
    <ActionDialog
      {...props}
      label="Enable"
      title={`Enable ${principalText(props.principal)}`}
      description="All assignments that have not ended take effect again, under the same rules as new assignments."
      needsCode={false}
    />
  );
}

export function ResetAuthenticator(props: ActionProps) {
  return (
    <ActionDialog
      {...props}
      label="Reset second factors"
      title={`Reset the second factors of ${principalText(props.principal)}`}
      description="The authenticator app, the recovery codes and all passkeys stop working, and all sessions end. First make sure that the request really comes from this person."
      needsCode
      danger
    />
  );
}

export function IssueFactorPass(props: ActionProps) {
  return (
    <ActionDialog
      {...props}
      label="Make one-time pass"
      title={`Make a one-time pass for ${principalText(props.principal)}`}
      description="With it and their password they can set up a first second factor, once. First make sure that the request really comes from this person. A newer pass replaces it."
      needsCode
      showsSecret
    >
      <SelectField label="Valid for" name="hours" defaultValue={passHours.usual}>
        {[1, 4, 8, passHours.usual, 48, passHours.most].map((hours) => (
          <option key={hours} value={hours}>
            {minutesInWords(hours * 60)}
          </option>
        ))}
      </SelectField>
    </ActionDialog>
  );
}

export function RevokeFactorPass(props: ActionProps) {
  return (
    <ActionDialog
      {...props}
      label="Revoke one-time pass"
      title={`Revoke the one-time pass of ${principalText(props.principal)}`}
      description="It can no longer be used to set up a second factor."
      needsCode={false}
      danger
    />
  );
}

export function IssueSignIn(props: ActionProps) {
  return (
    <ActionDialog
      {...props}
      label="Issue sign-in"
      title={`Issue a new sign-in to ${principalText(props.principal)}`}
      description="It replaces their password and ends all their sessions. They must choose a new password first."
      needsCode
      showsSecret
    >
      <SelectField label="Sign-in" name="signIn" defaultValue="Invitation">
        <option value="Invitation">Invitation link</option>
        <option value="OneTimePassword">One-time password</option>
      </SelectField>
    </ActionDialog>
  );
}

/** Hands over the right to link an account at a provider. Offered only where providers are configured. */
export function IssueIdentityLink(
  props: ActionProps & { providers: readonly { readonly id: string; readonly name: string }[] },
) {
  return (
    <ActionDialog
      {...props}
      label="Issue provider link"
      title={`Link a provider to ${principalText(props.principal)}`}
      description="Whoever opens the link can sign in as this person with their account at the provider. Their password stays as it is."
      needsCode
      showsSecret
    >
      <SelectField label="Provider" name="provider" defaultValue={props.providers[0]?.id}>
        {props.providers.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </SelectField>
    </ActionDialog>
  );
}
