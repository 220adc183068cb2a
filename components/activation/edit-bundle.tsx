"use client";

import { ActionDialog } from "@/components/ui/forms/action-dialog";
import { TextField } from "@/components/ui/forms/dialog-fields";
import { Sentence } from "@/components/ui/name";
import { longestBundleName } from "@/lib/domain/preferences/bundle";
import { isolated } from "@/lib/domain/text/visible-text";
import type { FormOutcome } from "@/lib/web/form-outcome";

/** Renames a bundle and removes roles from it. */
export function EditBundle(props: {
  bundleId: string;
  name: string;
  version: number;
  roles: readonly {
    readonly id: string;
    readonly roleName: string;
    readonly resourceName: string;
    /** Whether the person is still eligible for it. */
    readonly eligible: boolean;
  }[];
  submit: (form: FormData) => Promise<FormOutcome>;
}) {
  return (
    <ActionDialog
      label="Edit"
      subject={isolated(props.name)}
      title={`Edit ${isolated(props.name)}`}
      description="To add roles, select them in Eligible roles and choose Save as bundle."
      submit={props.submit}
      submitLabel="Save"
      returnPath="/my-roles"
      focusOn="first"
    >
      <input type="hidden" name="bundleId" value={props.bundleId} />
      <input type="hidden" name="expectedVersion" value={props.version} />
      <TextField label="Name" name="name" maxLength={longestBundleName} defaultValue={props.name} />
      <fieldset>
        <legend className="label">Roles</legend>
        <ul className="grid max-h-[45dvh] gap-1 overflow-y-auto">
          {props.roles.map((role) => (
            <li key={role.id}>
              <label className="flex items-start gap-2 py-1">
                <input
                  type="checkbox"
                  name="keep"
                  value={role.id}
                  defaultChecked
                  className="mt-0.5 size-4 shrink-0 accent-(--accent)"
                />
                <span className="min-w-0 wrap-anywhere">
                  <Sentence of={`${isolated(role.roleName)} on ${isolated(role.resourceName)}`} />
                  {role.eligible ? null : <span className="block text-muted">No longer eligible</span>}
                </span>
              </label>
            </li>
          ))}
        </ul>
      </fieldset>
    </ActionDialog>
  );
}
