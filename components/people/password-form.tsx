"use client";

import { useState } from "react";
import { TextField } from "@/components/ui/forms/field";
import { ProtectedForm } from "@/components/ui/forms/protected-form";
import { passwordHint } from "@/lib/domain/people/password-rules";
import type { FormOutcome } from "@/lib/web/form-outcome";

export function PasswordForm(props: {
  submit: (form: FormData) => Promise<FormOutcome>;
  email: string;
  /** The fewest characters that a password may have. */
  shortest: number;
}) {
  // A new key resets the form after each change.
  const [changes, setChanges] = useState(0);
  return (
    <ProtectedForm
      key={changes}
      submit={props.submit}
      secondary
      submitLabel="Change password"
      returnPath="/account/security#password"
      onDone={() => setChanges(changes + 1)}
    >
      {/* Tells password managers which account the password belongs to. */}
      <input type="hidden" name="username" autoComplete="username" value={props.email} readOnly />
      <TextField
        label="Current password"
        name="currentPassword"
        type="password"
        autoComplete="current-password"
      />
      <TextField
        label="New password"
        name="newPassword"
        type="password"
        autoComplete="new-password"
        hint={passwordHint(props.shortest)}
      />
    </ProtectedForm>
  );
}
