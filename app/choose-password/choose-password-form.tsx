"use client";

import { useActionState } from "react";
import { FieldErrors, TextField } from "@/components/ui/forms/field";
import { passwordHint } from "@/lib/domain/people/password-rules";
import { type ChoosePasswordState, setOwnPassword } from "./actions";

export function ChoosePasswordForm({
  token,
  email,
  shortest,
}: {
  token: string;
  email: string;
  shortest: number;
}) {
  const [state, act, pending] = useActionState<ChoosePasswordState, FormData>(setOwnPassword, {
    message: null,
    fieldErrors: {},
  });
  return (
    <form action={act} className="grid gap-4" noValidate>
      <input type="hidden" name="token" value={token} />
      <input type="hidden" name="username" autoComplete="username" value={email} readOnly />
      <FieldErrors value={state.fieldErrors}>
        <TextField
          label="New password"
          name="password"
          type="password"
          autoComplete="new-password"
          hint={passwordHint(shortest)}
          required
        />
        <TextField
          label="New password again"
          name="repeated"
          type="password"
          autoComplete="new-password"
          required
        />
      </FieldErrors>
      {state.message ? (
        <p role="alert" className="rounded-md bg-danger-tint px-3 py-2 text-danger">
          {state.message}
        </p>
      ) : null}
      <button type="submit" className="button button-primary" aria-busy={pending}>
        Set password
      </button>
    </form>
  );
}
