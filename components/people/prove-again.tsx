"use client";

import { TextField } from "@/components/ui/forms/field";
import { ProtectedForm, type ProtectedFormProps } from "@/components/ui/forms/protected-form";

/** Asks for the password or a factor, whichever the reader has. */
export function ProveAgain(props: {
  /** Null without a password. */
  withPassword: ProtectedFormProps["submit"] | null;
  /** Null without a factor. */
  withFactor: Required<Pick<ProtectedFormProps, "submit" | "prepare">> | null;
  email: string;
  returnPath: string;
}) {
  return (
    <div className="grid gap-4">
      {props.withPassword ? (
        <ProtectedForm
          id="prove-with-password"
          submit={props.withPassword}
          submitLabel="Continue"
          returnPath={`${props.returnPath}#password`}
        >
          {/* Tells password managers which account the password belongs to. */}
          <input type="hidden" name="username" autoComplete="username" value={props.email} readOnly />
          <TextField label="Password" name="password" type="password" autoComplete="current-password" />
        </ProtectedForm>
      ) : null}
      {props.withFactor && !props.withPassword ? (
        <Factor {...props.withFactor} returnPath={props.returnPath} />
      ) : null}
      {props.withFactor && props.withPassword ? (
        <details className="border-t border-line pt-4">
          <summary className="mb-3 w-fit cursor-pointer text-muted">Use a second factor instead</summary>
          <Factor {...props.withFactor} returnPath={props.returnPath} />
        </details>
      ) : null}
    </div>
  );
}

function Factor(props: Required<Pick<ProtectedFormProps, "submit" | "prepare" | "returnPath">>) {
  return <ProtectedForm {...props} id="prove-with-factor" needsCode hasFactor submitLabel="Continue" />;
}
