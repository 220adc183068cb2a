"use client";

import { useActionState } from "react";
import { type SignInState, signInAction } from "./actions";

export function SignInForm({ returnPath }: { returnPath: string }) {
  const [state, act, pending] = useActionState<SignInState, FormData>(signInAction, {
    message: null,
    email: "",
  });
  return (
    <form action={act} className="grid gap-4">
      <input type="hidden" name="return" value={returnPath} />
      <div>
        <label className="label" htmlFor="email">
          Email
        </label>
        <input
          className="input"
          id="email"
          name="email"
          type="email"
          autoComplete="username"
          required
          defaultValue={state.email}
          key={state.email}
        />
      </div>
      <div>
        <label className="label" htmlFor="password">
          Password
        </label>
        <input
          className="input"
          id="password"
          name="password"
          type="password"
          autoComplete="current-password"
          required
        />
      </div>
      {state.message ? (
        <p role="alert" className="rounded-md bg-danger-tint px-3 py-2 text-danger">
          {state.message}
        </p>
      ) : null}
      <button type="submit" className="button button-primary" aria-busy={pending}>
        Sign in
      </button>
    </form>
  );
}
