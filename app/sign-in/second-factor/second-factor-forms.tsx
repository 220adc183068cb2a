"use client";

import { useActionState } from "react";
import { AddPasskeyForm } from "@/components/people/add-passkey-form";
import { EnrolForm } from "@/components/people/enrol-form";
import type { PassNeeded } from "@/components/people/pass-field";
import type { FormOutcome } from "@/lib/web/form-outcome";
import {
  beginFirstApp,
  beginFirstPasskey,
  confirmFirstApp,
  confirmFirstPasskey,
  showSecondFactor,
} from "../actions";
import { SignInEnd, SignInField } from "../sign-in-field";

/** Asks for a code after the password. Works without scripts. */
export function CodeForm({ returnPath }: { returnPath: string }) {
  const [state, act, pending] = useActionState<{ message: string | null }, FormData>(showSecondFactor, {
    message: null,
  });
  return (
    <form action={act} className="grid gap-4">
      <input type="hidden" name="return" value={returnPath} />
      <SignInField
        label="Verification code"
        name="code"
        inputMode="numeric"
        autoComplete="one-time-code"
        autoCapitalize="none"
        spellCheck={false}
        autoFocus
        maxLength={40}
      />
      <SignInEnd message={state.message} pending={pending} />
    </form>
  );
}

const untouched: FormOutcome = { ok: true, message: "" };

/** Sets up a first authenticator app while signing in. */
export function FirstApp(props: { email: string; pass: PassNeeded | null; next: string }) {
  return (
    <EnrolForm
      proof="Password"
      begin={(form) => beginFirstApp(untouched, form)}
      confirm={(form) => confirmFirstApp(untouched, form)}
      hasFactor={false}
      replaces={false}
      passwordTyped
      {...props}
    />
  );
}

/** Adds a first passkey while signing in, if authenticator apps do not count. */
export function FirstPasskey(props: { email: string; pass: PassNeeded | null; next: string }) {
  return (
    <AddPasskeyForm
      proof="Password"
      begin={(form) => beginFirstPasskey(untouched, form)}
      confirm={(form) => confirmFirstPasskey(untouched, form)}
      hasFactor={false}
      passwordTyped
      {...props}
    />
  );
}
