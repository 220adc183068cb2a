"use client";

import { TextField } from "@/components/ui/forms/field";
import { ProtectedForm } from "@/components/ui/forms/protected-form";
import { limits } from "@/lib/domain/text/limits";
import type { FormOutcome } from "@/lib/web/form-outcome";

/** The form for the name that people see. */
export function RenameResourceForm(props: {
  resource: { readonly id: string; readonly displayName: string };
  submit: (form: FormData) => Promise<FormOutcome>;
}) {
  const { id, displayName } = props.resource;
  return (
    <ProtectedForm submit={props.submit} submitLabel="Rename" returnPath={`/resources/${id}/manage`}>
      <input type="hidden" name="resourceId" value={id} />
      <input type="hidden" name="expectedName" value={displayName} />
      <TextField
        label="Name"
        name="displayName"
        required
        autoComplete="off"
        maxLength={limits.resourceName}
        defaultValue={displayName}
        hint="What people see. The path stays, so that files and other programs still find it."
      />
    </ProtectedForm>
  );
}
