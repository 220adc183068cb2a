"use client";

import { useActionState } from "react";
import { type SignInState, signInAction } from "./actions";
import { SignInEnd, SignInField } from "./sign-in-field";

export function SignInForm({ returnPath }: { returnPath: string }) {
  const [state, act, pending] = useActionState<SignInState, FormData>(signInAction, {
    message: null,
    email: "",
  });
  return (
    <form action={act} className="grid gap-4">
      <input type="hidden" name="return" value={returnPath} />
      <SignInField
        label="Email"
        name="email"
        type="email"
        autoComplete="username"
        defaultValue={state.email}
        autoFocus={state.message === null}
        key={state.email}
      />
      <SignInField label="Password" name="password" type="password" autoComplete="current-password" />
      <SignInEnd message={state.message} pending={pending} />
    </form>
  );
}
