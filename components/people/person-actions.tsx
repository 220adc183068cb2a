"use client";

import { type ActionProps, PrincipalDialog } from "@/components/people/principal-dialog";
import { SelectField } from "@/components/ui/forms/dialog-fields";
import { passHours } from "@/lib/domain/people/factor-pass";
import { principalText } from "@/lib/domain/people/principal-identity";
import { minutesInWords } from "@/lib/domain/time/schedule";

export function DisablePrincipal(props: ActionProps) {
  return (
    <PrincipalDialog
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
    <PrincipalDialog
      {...props}
      label="Enable"
      title={`Enable ${principalText(props.principal)}`}
      description="All assignments that have not ended take effect again, under the same rules as new assignments."
      needsCode={false}
    />
  );
}

export function ResetAuthenticator(props: ActionProps & { effect: string }) {
  return (
    <PrincipalDialog
      {...props}
      label="Reset second factors"
      title={`Reset the second factors of ${principalText(props.principal)}`}
      description={`The authenticator app, the recovery codes and all passkeys stop working, and all sessions end. Takes effect: ${props.effect}. First make sure that the request really comes from this person.`}
      needsCode
      danger
    />
  );
}

export function IssueFactorPass(props: ActionProps) {
  return (
    <PrincipalDialog
      {...props}
      label="Make one-time pass"
      title={`Make a one-time pass for ${principalText(props.principal)}`}
      description="With it and their password they can set up a first second factor, once. First make sure that the request really comes from this person. A newer pass replaces it."
      needsCode
    >
      <SelectField label="Valid for" name="hours" defaultValue={passHours.usual}>
        {[1, 4, 8, passHours.usual, 48, passHours.most].map((hours) => (
          <option key={hours} value={hours}>
            {minutesInWords(hours * 60)}
          </option>
        ))}
      </SelectField>
    </PrincipalDialog>
  );
}

export function RevokeFactorPass(props: ActionProps) {
  return (
    <PrincipalDialog
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
    <PrincipalDialog
      {...props}
      label="Issue sign-in"
      title={`Issue a new sign-in to ${principalText(props.principal)}`}
      description="It replaces their password and ends all their sessions. They must choose a new password first."
      needsCode
    >
      <SelectField label="Sign-in" name="signIn" defaultValue="Invitation">
        <option value="Invitation">Invitation link</option>
        <option value="OneTimePassword">One-time password</option>
      </SelectField>
    </PrincipalDialog>
  );
}

/** Issues the right to link an account at a provider. Offered only if providers are configured. */
export function IssueIdentityLink(
  props: ActionProps & { providers: readonly { readonly id: string; readonly name: string }[] },
) {
  return (
    <PrincipalDialog
      {...props}
      label="Issue provider link"
      title={`Link a provider to ${principalText(props.principal)}`}
      description="Whoever opens the link can sign in as this person with their account at the provider. Their password stays as it is."
      needsCode
    >
      <SelectField label="Provider" name="provider" defaultValue={props.providers[0]?.id}>
        {props.providers.map(({ id, name }) => (
          <option key={id} value={id}>
            {name}
          </option>
        ))}
      </SelectField>
    </PrincipalDialog>
  );
}
