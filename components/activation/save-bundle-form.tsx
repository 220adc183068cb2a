"use client";

import { useEffect, useState } from "react";
import { SelectField, TextField } from "@/components/ui/forms/field";
import { ProtectedForm } from "@/components/ui/forms/protected-form";
import { longestBundleName } from "@/lib/domain/preferences/bundle";
import { visible } from "@/lib/domain/text/visible-text";
import type { FormOutcome } from "@/lib/web/form-outcome";

export interface SaveBundleActions {
  /** The person's bundles, by name. */
  readonly readBundles: () => Promise<readonly { readonly id: string; readonly name: string }[]>;
  readonly saveBundle: (form: FormData) => Promise<FormOutcome>;
  readonly addToBundle: (form: FormData) => Promise<FormOutcome>;
}

/** The form of **Save as bundle**. If there are bundles, it offers to add to one of them. */
export function SaveBundleForm(
  props: SaveBundleActions & { eligibilityIds: readonly string[]; onClose: () => void },
) {
  // When the page is read again, the same action is a new function.
  const [readBundles] = useState(() => props.readBundles);
  const [bundles, setBundles] = useState<Awaited<ReturnType<typeof readBundles>>>();
  const [chosen, setChosen] = useState("");
  useEffect(() => {
    readBundles()
      .catch(() => [])
      .then(setBundles);
  }, [readBundles]);
  if (bundles === undefined)
    return (
      <p role="status" className="min-h-40 text-muted">
        Loading your bundles…
      </p>
    );
  return (
    <ProtectedForm
      submit={chosen === "" ? props.saveBundle : props.addToBundle}
      submitLabel={chosen === "" ? "Save" : "Add"}
      returnPath="/my-roles"
      focusOn="first"
      onDone={props.onClose}
      onCancel={props.onClose}
    >
      <input type="hidden" name="eligibilityIds" value={props.eligibilityIds.join(",")} />
      {bundles.length > 0 ? (
        <SelectField
          label="Bundle"
          name="bundleId"
          value={chosen}
          onChange={(event) => setChosen(event.target.value)}
        >
          <option value="">New bundle</option>
          {bundles.map(({ id, name }) => (
            <option key={id} value={id}>
              {visible(name)}
            </option>
          ))}
        </SelectField>
      ) : null}
      {chosen === "" ? <TextField label="Name" name="name" maxLength={longestBundleName} /> : null}
    </ProtectedForm>
  );
}
