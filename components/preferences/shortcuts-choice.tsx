"use client";

import { CheckField } from "@/components/ui/forms/field";
import { ProtectedForm } from "@/components/ui/forms/protected-form";
import type { FormOutcome } from "@/lib/web/form-outcome";

/** Whether single keys are shortcuts. People who dictate, or press keys by accident, turn them off. */
export function ShortcutsChoice(props: { enabled: boolean; save: (form: FormData) => Promise<FormOutcome> }) {
  return (
    <ProtectedForm submit={props.save} submitLabel="Save" returnPath="/account/preferences">
      <CheckField label="Use single keys as shortcuts" name="shortcuts" defaultChecked={props.enabled} />
    </ProtectedForm>
  );
}
