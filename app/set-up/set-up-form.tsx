"use client";

import { useActionState, useEffect, useState } from "react";
import { TimeZoneField } from "@/components/notifications/organisation-form";
import { EnrolForm } from "@/components/people/enrol-form";
import { FieldErrors, TextField } from "@/components/ui/forms/field";
import { passwordHint } from "@/lib/domain/people/password-rules";
import { presentZone } from "@/lib/domain/time/zone-names";
import type { FormOutcome } from "@/lib/web/form-outcome";
import {
  beginOwnersApp,
  confirmOwnersApp,
  nameTheOrganisation,
  resumeTheSetUp,
  type SetUpState,
  setUp,
} from "./actions";

const untouched: SetUpState = { message: null, fieldErrors: {}, typed: {} };

/** One step of the set-up. Works without scripts. */
function StepForm(props: {
  token: string;
  step: (before: SetUpState, form: FormData) => Promise<SetUpState>;
  submitLabel: string;
  /** The fields, given what was typed before. */
  children: (typed: SetUpState["typed"]) => React.ReactNode;
}) {
  const [state, act, pending] = useActionState(props.step, untouched);
  return (
    <form action={act} className="grid gap-4" noValidate>
      <input type="hidden" name="token" value={props.token} />
      <FieldErrors value={state.fieldErrors}>{props.children(state.typed)}</FieldErrors>
      {state.message ? (
        <p role="alert" className="rounded-md bg-danger-tint px-3 py-2 text-danger">
          {state.message}
        </p>
      ) : null}
      <button type="submit" className="button button-primary" aria-busy={pending}>
        {props.submitLabel}
      </button>
    </form>
  );
}

/** Step 1. The browser's time zone is proposed, unless one was chosen before. */
export function OrganisationStep(props: {
  token: string;
  organisation: string;
  timeZone: string;
  timeZones: readonly string[];
}) {
  const [zone, setZone] = useState(presentZone(props.timeZone));
  useEffect(() => {
    const own = presentZone(Intl.DateTimeFormat().resolvedOptions().timeZone);
    if (props.timeZone === "UTC" && props.timeZones.includes(own)) setZone(own);
  }, [props.timeZone, props.timeZones]);
  return (
    <StepForm token={props.token} step={nameTheOrganisation} submitLabel="Continue">
      {(typed) => (
        <>
          <TextField
            label="Organisation"
            name="organisation"
            autoComplete="organization"
            defaultValue={typed.organisation ?? props.organisation}
            required
          />
          <TimeZoneField
            timeZones={props.timeZones}
            value={zone}
            onChange={(event) => setZone(event.target.value)}
            hint="Usual hours and the days of reminders follow it."
          />
        </>
      )}
    </StepForm>
  );
}

/** Step 2. `owner` is the first Owner if an unattended set-up created them. Then they only choose a password. */
export function OwnerStep(props: {
  token: string;
  shortest: number;
  owner: { readonly displayName: string; readonly email: string } | null;
}) {
  const { owner } = props;
  return (
    <StepForm token={props.token} step={setUp} submitLabel="Continue">
      {(typed) => (
        <>
          <TextField
            label="Name"
            name="displayName"
            autoComplete="name"
            defaultValue={owner?.displayName ?? typed.displayName ?? ""}
            readOnly={owner !== null}
            required
          />
          <TextField
            label="Email"
            name="email"
            type="email"
            autoComplete="username"
            defaultValue={owner?.email ?? typed.email ?? ""}
            readOnly={owner !== null}
            required
          />
          <TextField
            label="Password"
            name="password"
            type="password"
            autoComplete="new-password"
            hint={passwordHint(props.shortest)}
            required
          />
        </>
      )}
    </StepForm>
  );
}

/** Step 3 for somebody who returns to it: the password first. */
export function PasswordAgain(props: { token: string; email: string }) {
  return (
    <StepForm token={props.token} step={resumeTheSetUp} submitLabel="Continue">
      {() => (
        <>
          <TextField label="Email" name="email" autoComplete="username" defaultValue={props.email} readOnly />
          <TextField
            label="Password"
            name="password"
            type="password"
            autoComplete="current-password"
            required
          />
        </>
      )}
    </StepForm>
  );
}

const nothingYet: FormOutcome = { ok: true, message: "" };

/** Step 3: the authenticator app, whose code signs in. */
export function FactorStep({ token, email }: { token: string; email: string }) {
  const withToken = (form: FormData) => {
    form.set("token", token);
    return form;
  };
  return (
    <EnrolForm
      begin={(form) => beginOwnersApp(nothingYet, withToken(form))}
      confirm={(form) => confirmOwnersApp(nothingYet, withToken(form))}
      hasFactor={false}
      replaces={false}
      pass={null}
      proof="Password"
      passwordTyped
      email={email}
      next="/"
    />
  );
}
