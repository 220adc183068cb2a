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
      {props.withFactor ? (
        <div className={props.withPassword ? "border-t border-line pt-4" : undefined}>
          <ProtectedForm
            {...props.withFactor}
            id="prove-with-factor"
            needsCode
            hasFactor
            submitLabel={props.withPassword ? "Use your second factor" : "Continue"}
            returnPath={props.returnPath}
          />
        </div>
      ) : null}
    </div>
  );
}
