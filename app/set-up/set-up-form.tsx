"use client";

import { useActionState } from "react";
import { FieldErrors, TextField } from "@/components/ui/forms/field";
import { passwordHint } from "@/lib/domain/people/password-rules";
import { type SetUpState, setUp } from "./actions";

export function SetUpForm({ token, shortest }: { token: string; shortest: number }) {
  const [state, act, pending] = useActionState<SetUpState, FormData>(setUp, {
    message: null,
    fieldErrors: {},
    displayName: "",
    email: "",
  });
  return (
    <form action={act} className="grid gap-4" noValidate>
      <input type="hidden" name="token" value={token} />
      <FieldErrors value={state.fieldErrors}>
        <TextField
          label="Name"
          name="displayName"
          autoComplete="name"
          defaultValue={state.displayName}
          required
        />
        <TextField
          label="Email"
          name="email"
          type="email"
          autoComplete="username"
          defaultValue={state.email}
          required
        />
        <TextField
          label="Password"
          name="password"
          type="password"
          autoComplete="new-password"
          hint={passwordHint(shortest)}
          required
        />
      </FieldErrors>
      {state.message ? (
        <p role="alert" className="rounded-md bg-danger-tint px-3 py-2 text-danger">
          {state.message}
        </p>
      ) : null}
      <button type="submit" className="button button-primary" aria-busy={pending}>
        Create the first Owner
      </button>
    </form>
  );
}
